/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control socket's client side. */
#include "pinholectl/ask.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_S 10

static const char *
cure_of(int error)
{
	if (error == EACCES || error == EPERM)
		return "; run as root, or as a member of the socket's group "
		       "(socket-group in pinholed.conf)";
	if (error == ENOENT || error == ECONNREFUSED)
		return "; is pinholed running (systemctl status pinholed)? "
		       "--socket names another socket";
	return "";
}

/* The socket, or -1 after saying what is wrong and what helps. */
static int
reach(const char *path, unsigned patience_s, bool quiet)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = patience_s };
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
	if (!quiet)
		fprintf(stderr,
			"pinholectl: cannot reach pinholed at %s: %s%s\n", path,
			strerror(errno), cure_of(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static int
put_question(const char *path, const char *word, unsigned patience_s,
	     bool quiet)
{
	int fd = reach(path, patience_s, quiet);
	char line[32];

	if (fd < 0)
		return -1;
	/* Where this fails the answer says why, or breaks off. */
	snprintf(line, sizeof(line), "%s\n", word);
	send(fd, line, strlen(line), MSG_NOSIGNAL);
	return fd;
}

int
ask_fd(const char *path, const char *word)
{
	return put_question(path, word, 0, true);
}

static FILE *
open_answer(const char *path, const char *word, unsigned patience_s, bool quiet)
{
	int fd = put_question(path, word, patience_s, quiet);
	FILE *stream;

	if (fd < 0)
		return NULL;
	stream = fdopen(fd, "r");
	if (stream == NULL) {
		fputs("pinholectl: out of memory\n", stderr);
		close(fd);
	}
	return stream;
}

FILE *
ask_open(const char *path, const char *word, unsigned patience_s)
{
	return open_answer(path, word, patience_s, false);
}

/* Says what is wrong with the answer. Never true. */
static bool
give_up(bool quiet, const char *problem, const char *detail)
{
	if (!quiet)
		fprintf(stderr, "pinholectl: %s%s\n", problem, detail);
	return false;
}

/* Puts up to @most objects of the answer into @objects, or prints them when it is
 * NULL. True when the end came, or enough. */
static bool
read_answer(FILE *stream, bool quiet, size_t most, json_t *objects)
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
			give_up(quiet, "the answer is not understood", "");
		} else if (strcmp(type, "error") == 0) {
			give_up(quiet, "pinholed says: ",
				message != NULL ? message : "error");
		} else if (strcmp(type, "end") == 0) {
			ok = true;
		} else if (objects != NULL &&
			   json_array_size(objects) == most) {
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
	return more ? give_up(quiet, "the answer broke off", "") : ok;
}

static int
ask(const char *path, const char *word, bool quiet, size_t most,
    json_t **objects)
{
	FILE *stream = open_answer(path, word, PATIENCE_S, quiet);
	bool ok;

	*objects = NULL;
	if (stream == NULL)
		return EXIT_UNREACHABLE;
	*objects = json_array();
	ok = *objects != NULL && read_answer(stream, quiet, most, *objects);
	fclose(stream);
	if (ok)
		return EXIT_SUCCESS;
	json_decref(*objects);
	*objects = NULL;
	return EXIT_ANSWER;
}

int
ask_objects(const char *path, const char *word, json_t **objects)
{
	return ask(path, word, false, SIZE_MAX, objects);
}

int
ask_some(const char *path, const char *word, size_t most, json_t **objects)
{
	return ask(path, word, true, most, objects);
}

int
ask_lines(const char *path, const char *word)
{
	FILE *stream = open_answer(path, word, PATIENCE_S, false);
	bool ok;
	int flushed;

	if (stream == NULL)
		return EXIT_UNREACHABLE;
	ok = read_answer(stream, false, SIZE_MAX, NULL);
	fclose(stream);
	flushed = ask_flush();
	return ok ? flushed : EXIT_ANSWER;
}

int
ask_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_SUCCESS;
	fprintf(stderr, "pinholectl: cannot write: %s\n", strerror(errno));
	return EXIT_ANSWER;
}
