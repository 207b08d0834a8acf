/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: pinholed-tls's requests come out as they went in, answers go back in
 * order, and nobody who speaks anything else, or says nothing, is served or
 * waited for. The server is the real one; only what comes of requests is made
 * up.
 */
#include "support.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/terminator.h"

static char directory[64], path[96];
static struct terminator *server;

/* What the handler was told. */
static struct event last;
static struct terminator_peer newest, gone;
static unsigned requests, arrivals, departures;
static const char *why;
static char told[2][TERMINATOR_TLS_MAX];

static void
note_arrived(void *arg, const struct terminator_peer *peer)
{
	assert_ptr_equal(arg, &last);
	newest = *peer;
	arrivals++;
}

static enum reason
note_request(void *arg, struct event *event, uint32_t *handle)
{
	(void)arg;
	last = *event;
	for (int i = 0; i < 2; i++)
		snprintf(told[i], sizeof(told[i]), "%.*s",
			 (int)event->request.tls[i].len,
			 (const char *)event->request.tls[i].data);
	requests++;
	if (event->request.port == 22)
		return REASON_PORT_PRIVILEGED;
	*handle = 1000u + event->request.port;
	return REASON_NONE;
}

static void
note_left(void *arg, const struct terminator_peer *peer, const char *reason)
{
	(void)arg;
	gone = *peer;
	why = reason;
	departures++;
}

static const struct terminator_handler handler = {
	.arg = &last,
	.arrived = note_arrived,
	.request = note_request,
	.left = note_left,
};

static int
start(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/test_terminator.XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/sub/socket", directory);
	requests = arrivals = departures = 0;
	return terminator_open(path, "", &handler, &server);
}

static int
stop(void **state)
{
	char sub[80];

	(void)state;
	terminator_close(server);
	server = NULL;
	assert_int_equal(access(path, F_OK), -1);
	snprintf(sub, sizeof(sub), "%s/sub", directory);
	return rmdir(sub) | rmdir(directory);
}

static int
dial(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	assert_return_code(connect(fd, (struct sockaddr *)&address,
				   sizeof(address)), errno);
	return fd;
}

/* Lets the server work as a poll() loop would, until it rests. */
static void
work(void)
{
	struct pollfd p = { .fd = terminator_fd(server), .events = POLLIN };

	for (int i = 0; i < 1000 && poll(&p, 1, 10) > 0; i++)
		terminator_step(server);
}

static struct terminator_request
make(uint32_t kind)
{
	struct terminator_request r;

	memset(&r, 0, sizeof(r));
	r.version = TERMINATOR_VERSION;
	r.kind = kind;
	r.serial = 0x1122334455667788;
	r.client.addr = addr_make(ADDR_V4, (const uint8_t *)"\x0a\0\0\x02");
	r.client.port = 40000;
	r.server.addr = addr_make(ADDR_V4, (const uint8_t *)"\xc0\0\x02\x01");
	r.server.port = 21;
	if (kind == TERMINATOR_OPEN) {
		r.port = 50000;
		r.reason = REASON_PASV;
		r.relay = 1;
	}
	if (kind == TERMINATOR_CLOSE)
		r.handle = 77;
	return r;
}

static bool
parses(const struct terminator_request *r)
{
	uint64_t serial;
	struct event event;
	bool answered;

	return terminator_parse(span_make(r, sizeof(*r)), 1, &event, &serial,
				&answered);
}

static void
ask(int fd, const struct terminator_request *r)
{
	assert_int_equal(send(fd, r, sizeof(*r), 0), sizeof(*r));
}

static struct terminator_answer
hear(int fd)
{
	struct terminator_answer a;

	assert_int_equal(recv(fd, &a, sizeof(a), 0), sizeof(a));
	assert_int_equal(a.version, TERMINATOR_VERSION);
	assert_int_equal(a.pad, 0);
	return a;
}

static void
test_requests_and_answers(void **state)
{
	struct terminator_request r = make(TERMINATOR_BEGIN);
	struct terminator_answer a;
	int fd = dial();

	(void)state;
	work();
	assert_int_equal(arrivals, 1);
	assert_int_equal(newest.pid, getpid());
	assert_int_equal(newest.uid, getuid());
	ask(fd, &r);
	r = make(TERMINATOR_OPEN);
	r.serial = 2;
	ask(fd, &r);
	r.serial = 3;
	r.port = 22;
	ask(fd, &r);
	work();
	assert_int_equal(requests, 3);
	a = hear(fd);
	assert_true(a.serial == 0x1122334455667788);
	assert_int_equal(a.reason, REASON_NONE);
	a = hear(fd);
	assert_true(a.serial == 2);
	assert_int_equal(a.handle, 51000);
	a = hear(fd);
	assert_true(a.serial == 3);
	assert_int_equal(a.reason, REASON_PORT_PRIVILEGED);
	assert_int_equal(a.handle, 0);
	assert_int_equal(last.kind, EVENT_REQUEST);
	assert_int_equal(last.request.kind, REQUEST_OPEN);
	assert_int_equal(last.request.peer, newest.id);
	assert_true(last.request.relay);
	assert_false(last.request.active);
	assert_true(endpoint_equal(&last.request.client, &r.client));
	assert_true(endpoint_equal(&last.request.server, &r.server));

	r = make(TERMINATOR_CLOSE);
	ask(fd, &r);
	work();
	assert_int_equal(last.request.kind, REQUEST_CLOSE);
	assert_int_equal(last.request.handle, 77);
	r = make(TERMINATOR_TELL);
	strcpy(r.tls[0], "TLSv1.3 A");
	memset(r.tls[1], '~', TERMINATOR_TLS_MAX - 1);
	ask(fd, &r);
	work();
	assert_int_equal(last.request.kind, REQUEST_TELL);
	assert_string_equal(told[0], "TLSv1.3 A");
	assert_string_equal(told[1], r.tls[1]);
	r = make(TERMINATOR_END);
	ask(fd, &r);
	work();
	assert_int_equal(last.request.kind, REQUEST_END);
	assert_int_equal(recv(fd, &a, sizeof(a), 0), -1);
	assert_int_equal(departures, 0);
	close(fd);
	work();
	assert_int_equal(departures, 1);
	assert_int_equal(gone.id, newest.id);
}

#define REFUSES(kind, change)                                                 \
	do {                                                                  \
		struct terminator_request r = make(kind);                     \
		assert_true(parses(&r));                                      \
		change;                                                       \
		assert_false(parses(&r));                                     \
	} while (0)

static void
test_every_field_is_held_to_its_range(void **state)
{
	(void)state;
	for (uint32_t kind = TERMINATOR_BEGIN; kind <= TERMINATOR_TELL; kind++) {
		REFUSES(kind, r.version++);
		REFUSES(kind, r.kind = 0);
		REFUSES(kind, r.kind = 6);
		REFUSES(kind, r.pad = 1);
		REFUSES(kind, r.client.port = 0);
		REFUSES(kind, r.server.port = 0);
		REFUSES(kind, r.client.addr.family = ADDR_NONE);
		REFUSES(kind, r.client.addr.family = ADDR_V6);
		REFUSES(kind, r.server.addr.family = 5);
		REFUSES(kind, r.client.addr.bytes[4] = 1);
		REFUSES(kind, r.server.addr.bytes[15] = 1);
		REFUSES(kind, r.active = 2);
		REFUSES(kind, r.relay = 2);
		REFUSES(kind, r.tls[0][1] = 'x');
		REFUSES(kind, r.tls[1][TERMINATOR_TLS_MAX - 1] = 'x');
		REFUSES(kind, memset(r.tls[0], 'x', TERMINATOR_TLS_MAX));
		REFUSES(kind, r.tls[0][0] = '\n');
		REFUSES(kind, r.tls[0][0] = '\x80');
		if (kind != TERMINATOR_TELL)
			REFUSES(kind, r.tls[1][0] = 'x');
		if (kind != TERMINATOR_CLOSE)
			REFUSES(kind, r.handle = 1);
		if (kind == TERMINATOR_OPEN)
			continue;
		REFUSES(kind, r.port = 50000);
		REFUSES(kind, r.active = 1);
		REFUSES(kind, r.relay = 1);
		REFUSES(kind, r.reason = REASON_PASV);
	}
	REFUSES(TERMINATOR_OPEN, r.port = 0);
	REFUSES(TERMINATOR_OPEN, r.reason = 0);
	REFUSES(TERMINATOR_OPEN, r.reason = REASON_PORT);
	REFUSES(TERMINATOR_OPEN, r.reason = UINT32_MAX);
	REFUSES(TERMINATOR_OPEN, r.active = 1);
}

static void
test_sizes(void **state)
{
	struct terminator_request r = make(TERMINATOR_BEGIN);
	struct event event;
	uint64_t serial;
	bool answered;
	uint8_t bytes[256] = { 0 };

	(void)state;
	memcpy(bytes, &r, sizeof(r));
	for (size_t len = 0; len < sizeof(bytes); len++)
		assert_int_equal(terminator_parse(span_make(bytes, len), 1,
						  &event, &serial, &answered),
				 len == sizeof(r));
}

static void
test_who_says_something_else_is_dropped(void **state)
{
	struct terminator_request r = make(TERMINATOR_BEGIN);
	char bytes[200] = { 0 };
	int fd = dial(), other = dial();

	(void)state;
	work();
	assert_int_equal(send(fd, bytes, sizeof(bytes), 0), sizeof(bytes));
	ask(other, &r);
	work();
	assert_int_equal(departures, 1);
	assert_string_equal(why, "it sent what is no request of this version");
	assert_int_equal(recv(fd, bytes, sizeof(bytes), 0), 0);
	assert_int_equal(hear(other).reason, REASON_NONE);
	/* An empty message is no request either. */
	assert_int_equal(send(other, bytes, 0, 0), 0);
	work();
	assert_int_equal(departures, 2);
	close(fd);
	close(other);
}

static void
test_who_does_not_listen_is_dropped(void **state)
{
	struct terminator_request r = make(TERMINATOR_OPEN);
	int fd = dial();

	(void)state;
	for (int i = 0; i < 100000 && departures == 0; i++) {
		if (send(fd, &r, sizeof(r), MSG_NOSIGNAL) < 0)
			terminator_step(server);
	}
	assert_int_equal(departures, 1);
	assert_string_equal(why, "it does not take its answers");
	close(fd);
}

static void
test_too_many(void **state)
{
	int fds[REQUEST_PEERS_MAX + 2];
	char byte;

	(void)state;
	for (int i = 0; i < REQUEST_PEERS_MAX + 2; i++) {
		fds[i] = dial();
		work();
	}
	assert_int_equal(arrivals, REQUEST_PEERS_MAX);
	assert_int_equal(recv(fds[REQUEST_PEERS_MAX], &byte, 1, 0), 0);
	close(fds[3]);
	work();
	assert_int_equal(departures, 1);
	fds[3] = dial();
	work();
	assert_int_equal(arrivals, REQUEST_PEERS_MAX + 1);
	/* Numbers are never used again. */
	assert_int_equal(newest.id, REQUEST_PEERS_MAX + 1);
	for (int i = 0; i < REQUEST_PEERS_MAX + 2; i++)
		close(fds[i]);
}

/* One that has much to say cannot keep the others waiting for long. */
static void
test_a_step_is_bounded(void **state)
{
	struct terminator_request r = make(TERMINATOR_OPEN);
	int fd = dial();
	unsigned sent = 0;

	(void)state;
	work();
	while (send(fd, &r, sizeof(r), 0) > 0)
		sent++;
	assert_true(sent > TERMINATOR_BATCH);
	terminator_step(server);
	assert_int_equal(requests, TERMINATOR_BATCH);
	close(fd);
}

static void
test_mode_and_path(void **state)
{
	struct terminator *second;
	struct stat st;

	(void)state;
	assert_return_code(stat(path, &st), errno);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(terminator_open(path, "", &handler, &second),
			 -EADDRINUSE);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(terminator_open(path, "no-such-group", &handler,
					 &second),
			 -ESRCH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_requests_and_answers,
						start, stop),
		cmocka_unit_test(test_every_field_is_held_to_its_range),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test_setup_teardown(
			test_who_says_something_else_is_dropped, start, stop),
		cmocka_unit_test_setup_teardown(
			test_who_does_not_listen_is_dropped, start, stop),
		cmocka_unit_test_setup_teardown(test_too_many, start, stop),
		cmocka_unit_test_setup_teardown(test_a_step_is_bounded, start,
						stop),
		cmocka_unit_test_setup_teardown(test_mode_and_path, start,
						stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
