/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pinholectl: asks a running pinholed what it does. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pinholectl/text.h"

#define DEFAULT_SOCKET "/run/pinholed/control.sock"

/* Exit codes, as in pinholectl(1). */
enum { EXIT_USAGE = 1, EXIT_UNREACHABLE = 2, EXIT_ANSWER = 3 };

struct request {
	const char *word;
	void (*print)(const json_t *objects);
};

static const struct request requests[] = {
	{ "status", text_print_status },
	{ "sessions", text_print_sessions },
	{ "pinholes", text_print_pinholes },
};

static void
print_help(FILE *out)
{
	fputs("usage: pinholectl [--socket PATH] [--json] "
	      "status|sessions|pinholes\n"
	      "\n"
	      "  status      version, uptime, ruleset and all counters\n"
	      "  sessions    the control connections that are followed\n"
	      "  pinholes    what is open in the firewall now\n"
	      "\n"
	      "  -s, --socket PATH  the daemon's control socket\n"
	      "                     (default " DEFAULT_SOCKET ")\n"
	      "  -j, --json         one JSON object per line\n"
	      "  -h, --help         this text\n"
	      "  -V, --version      the version\n",
	      out);
}

/* The socket, or -1 after saying what is wrong and what helps. */
static int
reach(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 10 };
	const char *cure = "";
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "pinholectl: %s: longer than a socket's path "
			"can be\n", path);
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address,
			       sizeof(address)) == 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			   sizeof(patience));
		return fd;
	}
	if (errno == EACCES || errno == EPERM)
		cure = "; run as root, or as a member of the socket's group "
		       "(socket-group in pinholed.conf)";
	else if (errno == ENOENT || errno == ECONNREFUSED)
		cure = "; is pinholed running (systemctl status pinholed)? "
		       "--socket names another socket";
	fprintf(stderr, "pinholectl: cannot reach pinholed at %s: %s%s\n",
		path, strerror(errno), cure);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Says what is wrong with the answer. Never true. */
static bool
give_up(const char *problem, const char *detail)
{
	fprintf(stderr, "pinholectl: %s%s\n", problem, detail);
	return false;
}

/* Puts the objects of the answer into @objects, or prints them when it is NULL.
 * True when the end came. */
static bool
read_answer(FILE *stream, json_t *objects)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	bool more = true, ok = false;

	while (more && (len = getline(&line, &size, stream)) > 0) {
		json_t *object = json_loadb(line, (size_t)len, 0, NULL);
		const char *type = json_string_value(
			json_object_get(object, "type"));
		const char *message = json_string_value(
			json_object_get(object, "message"));

		more = false;
		if (type == NULL) {
			give_up("the answer is not understood", "");
		} else if (strcmp(type, "error") == 0) {
			give_up("pinholed says: ",
				message != NULL ? message : "error");
		} else if (strcmp(type, "end") == 0) {
			ok = true;
		} else {
			more = true;
			if (objects != NULL)
				json_array_append(objects, object);
			else
				fputs(line, stdout);
		}
		json_decref(object);
	}
	free(line);
	return more ? give_up("the answer broke off", "") : ok;
}

static int
ask(const struct request *request, const char *path, bool as_json)
{
	json_t *objects = as_json ? NULL : json_array();
	int fd = reach(path);
	char line[32];
	FILE *stream;
	bool ok;

	if (fd < 0)
		return EXIT_UNREACHABLE;
	/* Where this fails the answer says why, or breaks off. */
	snprintf(line, sizeof(line), "%s\n", request->word);
	send(fd, line, strlen(line), MSG_NOSIGNAL);
	stream = fdopen(fd, "r");
	if (stream == NULL || (objects == NULL && !as_json)) {
		fputs("pinholectl: out of memory\n", stderr);
		return EXIT_ANSWER;
	}
	ok = read_answer(stream, objects);
	fclose(stream);
	if (ok && !as_json)
		request->print(objects);
	json_decref(objects);
	if (fflush(stdout) != 0) {
		fprintf(stderr, "pinholectl: cannot write: %s\n",
			strerror(errno));
		return EXIT_ANSWER;
	}
	return ok ? EXIT_SUCCESS : EXIT_ANSWER;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	const char *path = DEFAULT_SOCKET;
	bool as_json = false;
	int option;

	while ((option = getopt_long(argc, argv, "s:jhV", options, NULL)) !=
	       -1) {
		switch (option) {
		case 's':
			path = optarg;
			break;
		case 'j':
			as_json = true;
			break;
		case 'h':
			print_help(stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("pinholectl " PINHOLED_VERSION);
			return EXIT_SUCCESS;
		default:
			print_help(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind + 1 == argc)
		for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]);
		     i++)
			if (strcmp(argv[optind], requests[i].word) == 0)
				return ask(&requests[i], path, as_json);
	if (optind + 1 == argc)
		fprintf(stderr, "pinholectl: no request \"%s\" is known\n\n",
			argv[optind]);
	print_help(stderr);
	return EXIT_USAGE;
}
