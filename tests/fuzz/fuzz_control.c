/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket, the real one, in a directory of its own: a request in
 * pieces, views whose fields are the rest of the input, a client that reads or
 * hangs up. Every line of an answer must be JSON, and the answer must end.
 */
#include <errno.h>
#include <jansson.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fuzz.h"

#include "io/control.h"

#define PIECES_MAX 8
#define STEPS_MAX 400
#define ANSWER_MAX ((size_t)1 << 20)
#define LINE_ROOM 64 /* a request without an end in it is too long */

static char directory[64];
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static struct control *server;
static struct span views; /* what the source tells; a batch takes from it */

static struct endpoint
draw_endpoint(void)
{
	uint8_t bytes[16] = { 0 };
	enum addr_family family = draw(&views, 2) == 0 ? ADDR_V4 : ADDR_V6;
	struct span drawn = draw_bytes(&views, addr_len(family));

	if (drawn.len != 0)
		memcpy(bytes, drawn.data, drawn.len);
	return (struct endpoint){ addr_make(family, bytes),
				  (uint16_t)draw(&views, 65536) };
}

static uint64_t
draw_long(void)
{
	return (uint64_t)draw(&views, UINT32_MAX) << 32 |
	       draw(&views, UINT32_MAX);
}

static void
tell_status(void *arg, struct control_status *out)
{
	static char config[40];
	struct span drawn = draw_bytes(&views, sizeof(config) - 1);

	(void)arg;
	memset(config, 0, sizeof(config));
	if (drawn.len != 0)
		memcpy(config, drawn.data, drawn.len);
	out->config = config;
	out->uptime_ms = draw_long();
	out->gate.packets = draw_long();
	out->queue_first = (uint16_t)draw(&views, 65536);
	out->queue_count = (uint16_t)draw(&views, 65536);
}

static size_t
tell_sessions(void *arg, struct control_cursor *cursor,
	      struct session_view out[static CONTROL_BATCH])
{
	size_t n = 0;

	(void)arg;
	(void)cursor;
	for (; views.len != 0 && n < CONTROL_BATCH; n++)
		out[n] = (struct session_view){
			.id = draw_long(),
			.class = (enum session_class)draw(&views, 256),
			.age_ms = draw_long(),
			.client = draw_endpoint(),
			.server = draw_endpoint(),
		};
	return n;
}

static size_t
tell_openings(void *arg, struct control_cursor *cursor,
	      struct opening_view out[static CONTROL_BATCH])
{
	size_t n = 0;

	(void)arg;
	(void)cursor;
	for (; views.len != 0 && n < CONTROL_BATCH; n++)
		out[n] = (struct opening_view){
			.session = draw_long(),
			.opening.kind = (enum opening_kind)draw(&views, 5),
			.opening.source = draw_endpoint().addr,
			.opening.destination = draw_endpoint().addr,
			.opening.port = (uint16_t)draw(&views, 65536),
			.left_ms = draw_long(),
		};
	return n;
}

static size_t
tell_servers(void *arg, struct control_cursor *cursor,
	     struct server_view out[static CONTROL_BATCH])
{
	size_t n = 0;

	(void)arg;
	(void)cursor;
	for (; views.len != 0 && n < CONTROL_BATCH; n++)
		out[n] = (struct server_view){
			.addr = draw_endpoint().addr,
			.connected.count = draw_long(),
			.announced.low = (uint16_t)draw(&views, 65536),
			.announced.count = draw(&views, 2),
		};
	return n;
}

static void
stop(void)
{
	control_close(server);
	rmdir(directory);
}

static void
start(void)
{
	const struct control_source source = {
		.status = tell_status,
		.sessions = tell_sessions,
		.openings = tell_openings,
		.servers = tell_servers,
	};

	strcpy(directory, "/tmp/pinholed-fuzz.XXXXXX");
	REQUIRE(mkdtemp(directory) != NULL);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket",
		 directory);
	REQUIRE(control_open(address.sun_path, "", &source, &server) == 0);
	atexit(stop);
}

/* What docs/control-protocol.md says of the first line of an answer. */
enum expected { EXPECT_SILENCE, EXPECT_ERROR, EXPECT_ANSWER };

static enum expected
expect(const char *request, size_t len)
{
	static const char *const words[] = { "status", "sessions", "pinholes",
					     "servers", "watch" };
	const char *end =
		memchr(request, '\n', len < LINE_ROOM ? len : LINE_ROOM);

	if (end == NULL)
		return len < LINE_ROOM ? EXPECT_SILENCE : EXPECT_ERROR;
	len = (size_t)(end - request);
	if (len != 0 && request[len - 1] == '\r')
		len--;
	for (int i = 0; i < 5; i++)
		if (len == strlen(words[i]) &&
		    memcmp(request, words[i], len) == 0)
			return EXPECT_ANSWER;
	return EXPECT_ERROR;
}

static void
check_line(const char *line, size_t len, bool error)
{
	json_t *object = json_loadb(line, len, 0, NULL);
	const char *type = json_string_value(json_object_get(object, "type"));

	REQUIRE(type != NULL);
	REQUIRE((strcmp(type, "error") == 0) == error);
	json_decref(object);
}

static void
check_answer(const char *answer, size_t len, enum expected expected)
{
	REQUIRE((len == 0) == (expected == EXPECT_SILENCE));
	while (len != 0) {
		const char *end = memchr(answer, '\n', len);
		size_t line;

		REQUIRE(end != NULL);
		line = (size_t)(end - answer);
		check_line(answer, line, expected == EXPECT_ERROR);
		answer += line + 1;
		len -= line + 1;
	}
}

/* Steps the server until it hangs up; the answer's length. */
static size_t
read_answer(int fd, char *answer)
{
	size_t len = 0;

	for (int i = 0; i < STEPS_MAX; i++) {
		ssize_t n;

		control_step(server);
		control_publish(server, "{\"type\":\"note\"}\n", 16);
		n = recv(fd, answer + len, ANSWER_MAX - len, MSG_DONTWAIT);
		/* It hung up; with bytes of ours unread that is a reset. */
		if (n == 0 || (n < 0 && errno != EAGAIN))
			return len;
		len += n > 0 ? (size_t)n : 0;
	}
	/* It watches; or half a request still waits for the rest. */
	REQUIRE((len == 0) == (control_watchers(server) == 0));
	return len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char answer[ANSWER_MAX], request[PIECES_MAX * 80];
	struct span in = span_make(data, size);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint32_t pieces, patience;
	size_t len = 0;

	if (server == NULL)
		start();
	REQUIRE(fd >= 0);
	REQUIRE(connect(fd, (const struct sockaddr *)&address,
			sizeof(address)) == 0);
	pieces = draw(&in, PIECES_MAX);
	patience = draw(&in, 4);
	for (uint32_t i = 0; i < pieces; i++) {
		struct span piece = draw_bytes(&in, draw(&in, 80));

		if (piece.len != 0)
			memcpy(request + len, piece.data, piece.len);
		len += piece.len;
		/* A server that has heard enough may have hung up. */
		if (send(fd, piece.data, piece.len, MSG_NOSIGNAL) < 0)
			break;
		control_step(server);
	}
	views = span_head(in, 8192);
	if (patience == 1)
		shutdown(fd, SHUT_WR);
	if (patience != 0)
		check_answer(answer, read_answer(fd, answer),
			     expect(request, len));
	close(fd);
	/* The server must notice, so that no client is left for the next. */
	views = (struct span){ 0 };
	for (int i = 0; i < PIECES_MAX + 4; i++)
		control_step(server);
	return 0;
}
