/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `watch`: the live view, and the stream of events. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pinholectl/verbs.h"
#include "pinholectl/watch_data.h"
#include "pinholectl/watch_screen.h"

#define TURN_MS 1000

static volatile sig_atomic_t stopped;

static void
stop(int number)
{
	(void)number;
	stopped = 1;
}

static int
print_stream(const struct options *options)
{
	FILE *stream = ask_open(options->path, "watch", 0);
	char *line = NULL;
	size_t size = 0;
	int code = EXIT_SUCCESS;

	if (stream == NULL)
		return EXIT_UNREACHABLE;
	while (code == EXIT_SUCCESS && getline(&line, &size, stream) > 0) {
		fputs(line, stdout);
		code = ask_flush();
	}
	free(line);
	fclose(stream);
	if (code == EXIT_SUCCESS)
		fputs("pinholectl: the stream has ended: pinholed stopped, or "
		      "was not read fast enough\n", stderr);
	return EXIT_ANSWER;
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Until a key or a signal ends it. */
static void
view(struct watch_data *d)
{
	int64_t due = 0;

	while (!stopped) {
		struct pollfd fds[2] = {
			{ .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = d->stream, .events = POLLIN },
		};
		int64_t left = due - now_ms();

		if (left <= 0) {
			watch_data_ask(d);
			due = now_ms() + TURN_MS;
			screen_draw(d);
			continue;
		}
		/* A new size interrupts, and comes as a key. */
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return;
		if ((fds[0].revents & (POLLHUP | POLLERR)) != 0 ||
		    !screen_keys())
			return;
		if (fds[1].revents != 0)
			watch_data_read(d);
		screen_draw(d);
	}
}

int
verb_watch(const struct options *options, int argc, char **argv)
{
	struct sigaction action = { .sa_handler = stop };
	struct watch_data *d;
	json_t *status;
	int code;

	(void)argc;
	(void)argv;
	if (options->json)
		return print_stream(options);
	/* Says what is wrong while it can be read. */
	code = ask_objects(options->path, "status", &status);
	if (code != EXIT_SUCCESS)
		return code;
	json_decref(status);
	d = malloc(sizeof(*d));
	if (d == NULL || !screen_open()) {
		free(d);
		return EXIT_ANSWER;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	watch_data_init(d, options->path);
	view(d);
	watch_data_fini(d);
	screen_close();
	free(d);
	return EXIT_SUCCESS;
}
