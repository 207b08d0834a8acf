/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: the control socket answers each request as docs/control-protocol.md
 * says, and no client can make it wait, grow or stop: not one that sends
 * garbage, nor one that is silent, nor one that does not read. The server is
 * the real one; only what it tells is made up.
 */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <jansson.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/control.h"

#define ANSWER_MAX ((size_t)16 << 20)

static char directory[64], path[96];
static struct control *server;

/* What the source tells. */
static size_t session_total, opening_total;
static bool terminated; /* the sessions */
static const char *config_path = "/etc/pinholed/pinholed.conf";

static struct endpoint
make_endpoint(const char *bytes, uint16_t port)
{
	return (struct endpoint){
		.addr = addr_make(ADDR_V4, (const uint8_t *)bytes),
		.port = port,
	};
}

static const char *const more_counters[] = {
	"queue_overruns",      "packets_copied", "copy_overruns",
	"verdict_errors",      "transactions",	 "transactions_failed",
	"marks_failed",	       "news_lost",	 "log_lines_lost",
};

static void
tell_status(void *arg, struct control_status *out)
{
	assert_ptr_equal(arg, &session_total);
	out->config = config_path;
	out->uptime_ms = 93784000;
	out->workers = 4;
	out->queue_first = 2100;
	out->queue_count = 4;
	out->ruleset_loaded = true;
	out->gate.packets = 123456789012;
	out->exposure[OPENING_PINHOLE] = (struct exposure){ 2, 4100 };
	out->classes[CLASS_CLEAR] = 3;
	out->range_servers = 2;
	out->range_ports = 200;
	/* As in daemon/source.c. */
	for (size_t i = 0; i < sizeof(more_counters) / sizeof(more_counters[0]); i++)
		out->counters[out->counter_count++] =
			(struct control_counter){ more_counters[i], 7 };
}

static size_t
tell_sessions(void *arg, struct control_cursor *cursor,
	      struct session_view out[static CONTROL_BATCH])
{
	size_t n = 0;

	(void)arg;
	while (n < CONTROL_BATCH && cursor->entry < session_total) {
		out[n++] = (struct session_view){
			.id = (1ULL << 48) | cursor->entry,
			.client = make_endpoint("\x0a\0\0\x02", 40000),
			.server = make_endpoint("\xc0\0\x02\x01", 21),
			.class = CLASS_CLEAR,
			.logged_in = true,
			.age_ms = 61000,
			.idle_ms = 5,
			.pinholes = 1,
			.data_connections = 3,
			.exposed_ms = 4200,
			.range_ports = 100,
		};
		if (terminated && cursor->entry == 1) {
			out[n - 1].class = CLASS_TERMINATED;
			strcpy(out[n - 1].tls[0], "TLSv1.3 A");
			memset(out[n - 1].tls[1], 'B', SESSION_TLS_MAX);
		}
		cursor->entry++;
	}
	return n;
}

static size_t
tell_openings(void *arg, struct control_cursor *cursor,
	      struct opening_view out[static CONTROL_BATCH])
{
	size_t n = 0;

	(void)arg;
	while (n < CONTROL_BATCH && cursor->entry < opening_total) {
		static const enum opening_kind kinds[] = {
			OPENING_PINHOLE, OPENING_GRANT_PASSIVE,
			OPENING_WINDOW_PASSIVE
		};
		enum opening_kind kind = kinds[cursor->entry % 3];

		out[n++] = (struct opening_view){
			.session = 42,
			.opening = {
				.kind = kind,
				.source = make_endpoint("\x0a\0\0\x02", 0).addr,
				.destination =
					make_endpoint("\xc0\0\x02\x01", 0).addr,
				/* A window's is its lane, nothing to tell. */
				.port = kind == OPENING_PINHOLE	       ? 50001 :
					kind == OPENING_WINDOW_PASSIVE ? 1 :
									 0,
			},
			.holders = kind == OPENING_GRANT_PASSIVE ? 2 : 1,
			.age_ms = 1500,
			.left_ms = 58500,
		};
		cursor->entry++;
	}
	return n;
}

static size_t
tell_servers(void *arg, struct control_cursor *cursor,
	     struct server_view out[static CONTROL_BATCH])
{
	(void)arg;
	if (cursor->entry == 3)
		return 0;
	/* The same server from two workers, and one that was never used. */
	for (unsigned i = 0; i < 2; i++)
		out[i] = (struct server_view){
			.addr = make_endpoint("\xc0\0\x02\x01", 0).addr,
			.announced = { 50010, 50040, 7 },
			.connected = { i == 0 ? 50003 : 0, 50009, i == 0 },
			.configured = { 50000, 50030 },
			.range_ports = 31,
			.passive = { 40, 1, 0, 32 },
			.window = POLICY_WINDOW_STRICT,
			.proof = POLICY_PROOF_RESUME,
		};
	out[2] = (struct server_view){
		.addr = make_endpoint("\xc0\0\x02\x02", 0).addr,
	};
	cursor->entry = 3;
	return 3;
}

static const struct control_source source = {
	.arg = &session_total,
	.status = tell_status,
	.sessions = tell_sessions,
	.openings = tell_openings,
	.servers = tell_servers,
};

static uint64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static int
dial(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	assert_return_code(connect(fd, (struct sockaddr *)&address,
				   sizeof(address)), errno);
	return fd;
}

/* Lets the server work as a poll() loop would, until it rests. */
static void
step(void)
{
	struct pollfd pfd = { .fd = control_fd(server), .events = POLLIN };

	while (poll(&pfd, 1, 0) == 1)
		control_step(server);
}

/* Reads to the end, the server working meanwhile. The answer as text. */
static char *
read_all(int fd, unsigned limit_ms)
{
	uint64_t deadline = clock_ms() + limit_ms;
	char *answer = calloc(1, ANSWER_MAX);
	size_t len = 0;
	ssize_t n;

	do {
		control_step(server);
		n = recv(fd, answer + len, ANSWER_MAX - 1 - len, 0);
		if (n > 0)
			len += (size_t)n;
		if (n < 0 && errno == ECONNRESET)
			break;
		assert_true(clock_ms() < deadline);
	} while (n != 0);
	close(fd);
	return answer;
}

static char *
ask(const char *request)
{
	int fd = dial();

	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL),
			 strlen(request));
	return read_all(fd, 60000); /* valgrind is slow */
}

/* The lines of @answer as objects, the last one checked to be the end. */
static json_t *
objects_of(char *answer)
{
	json_t *objects = json_array(), *last;
	char *save = NULL;

	for (char *line = strtok_r(answer, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		json_t *object = json_loads(line, 0, NULL);

		assert_non_null(object);
		json_array_append_new(objects, object);
	}
	free(answer);
	assert_true(json_array_size(objects) > 0);
	last = json_array_get(objects, json_array_size(objects) - 1);
	assert_string_equal(json_string_value(json_object_get(last, "type")),
			    "end");
	json_array_remove(objects, json_array_size(objects) - 1);
	return objects;
}

static void
expect_json(const json_t *object, const char *text)
{
	char *got = json_dumps(object, JSON_COMPACT);

	assert_string_equal(got, text);
	free(got);
}

static int
set_up(void **state)
{
	(void)state;
	session_total = 2;
	opening_total = 2;
	strcpy(directory, "/tmp/test_control.XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/run/control.sock", directory);
	assert_int_equal(control_open(path, "", &source, &server), 0);
	return 0;
}

static int
tear_down(void **state)
{
	char inner[96];
	struct stat st;

	(void)state;
	control_close(server);
	assert_int_equal(lstat(path, &st), -1);
	snprintf(inner, sizeof(inner), "%s/run", directory);
	assert_return_code(rmdir(inner), errno);
	assert_return_code(rmdir(directory), errno);
	return 0;
}

static void
test_status(void **state)
{
	json_t *objects = objects_of(ask("status\n"));
	json_t *status = json_array_get(objects, 0), *counters;

	(void)state;
	assert_int_equal(json_array_size(objects), 1);
	counters = json_object_get(status, "counters");
	assert_int_equal(
		json_integer_value(json_object_get(counters, "packets")),
		123456789012);
	assert_int_equal(json_integer_value(
		json_object_get(counters, "queue_overruns")), 7);
	json_object_del(status, "counters");
	expect_json(status,
		    "{\"type\":\"status\",\"version\":\"" PINHOLED_VERSION
		    "\",\"config\":\"/etc/pinholed/pinholed.conf\","
		    "\"uptime_ms\":93784000,\"workers\":4,"
		    "\"queues\":[2100,2103],\"ruleset\":\"loaded\","
		    "\"sessions\":{\"greeting\":0,\"clear\":3,"
		    "\"tls-wanted\":0,\"opaque\":0,\"clear-after-ccc\":0,"
		    "\"terminated\":0,\"not-ftp\":0},"
		    "\"exposure\":{"
		    "\"pinholes\":{\"pairs\":2,\"pair_ms\":4100},"
		    "\"relays\":{\"pairs\":0,\"pair_ms\":0},"
		    "\"passive_grants\":{\"pairs\":0,\"pair_ms\":0},"
		    "\"active_grants\":{\"pairs\":0,\"pair_ms\":0},"
		    "\"active_ftp_data_grants\":{\"pairs\":0,\"pair_ms\":0},"
		    "\"passive_windows\":{\"pairs\":0,\"pair_ms\":0},"
		    "\"active_windows\":{\"pairs\":0,\"pair_ms\":0},"
		    "\"active_ftp_data_windows\":{\"pairs\":0,\"pair_ms\":0},"
		    "\"static_range\":{\"servers\":2,\"ports\":200,"
		    "\"port_ms\":18756800000}}}");
	json_decref(objects);
}

static void
test_config_path_not_utf8(void **state)
{
	json_t *objects;

	(void)state;
	config_path = "/etc/\xff";
	objects = objects_of(ask("status\n"));
	assert_true(json_is_null(
		json_object_get(json_array_get(objects, 0), "config")));
	config_path = "/etc/pinholed/pinholed.conf";
	json_decref(objects);
}

static void
test_sessions(void **state)
{
	json_t *objects = objects_of(ask("sessions\r\n"));

	(void)state;
	assert_int_equal(json_array_size(objects), 2);
	expect_json(json_array_get(objects, 1),
		    "{\"type\":\"session\",\"id\":\"1-1\","
		    "\"client\":\"10.0.0.2:40000\",\"server\":\"192.0.2.1:21\","
		    "\"class\":\"clear\",\"logged_in\":true,"
		    "\"picked_up\":false,"
		    "\"age_ms\":61000,\"idle_ms\":5,\"pinholes\":1,"
		    "\"windows\":0,"
		    "\"data_connections\":3,\"exposed_ms\":4200,"
		    "\"range_ports\":100,\"static_ms\":6100000}");
	json_decref(objects);
}

static void
test_terminated_session(void **state)
{
	json_t *objects, *session;

	(void)state;
	terminated = true;
	objects = objects_of(ask("sessions\r\n"));
	terminated = false;
	session = json_array_get(objects, 0);
	assert_null(json_object_get(session, "client_tls"));
	session = json_array_get(objects, 1);
	assert_string_equal(json_string_value(json_object_get(session,
							      "client_tls")),
			    "TLSv1.3 A");
	assert_int_equal(json_string_length(json_object_get(session,
							    "server_tls")),
			 SESSION_TLS_MAX);
	json_decref(objects);
}

static void
test_pinholes(void **state)
{
	json_t *objects;

	(void)state;
	opening_total = 3;
	objects = objects_of(ask("pinholes\n"));
	assert_int_equal(json_array_size(objects), 3);
	expect_json(json_array_get(objects, 0),
		    "{\"type\":\"pinhole\",\"kind\":\"pinhole\","
		    "\"session\":\"0-42\",\"source\":\"10.0.0.2\","
		    "\"destination\":\"192.0.2.1\",\"age_ms\":1500,"
		    "\"left_ms\":58500,\"holders\":1,\"port\":50001}");
	expect_json(json_array_get(objects, 1),
		    "{\"type\":\"grant\",\"kind\":\"passive-grant\","
		    "\"session\":\"0-42\",\"source\":\"10.0.0.2\","
		    "\"destination\":\"192.0.2.1\",\"age_ms\":1500,"
		    "\"left_ms\":58500,\"holders\":2}");
	expect_json(json_array_get(objects, 2),
		    "{\"type\":\"window\",\"kind\":\"passive-window\","
		    "\"session\":\"0-42\",\"source\":\"10.0.0.2\","
		    "\"destination\":\"192.0.2.1\",\"age_ms\":1500,"
		    "\"left_ms\":58500,\"holders\":1}");
	json_decref(objects);
}

static void
test_servers(void **state)
{
	json_t *objects = objects_of(ask("servers\n"));

	(void)state;
	assert_int_equal(json_array_size(objects), 3);
	expect_json(json_array_get(objects, 0),
		    "{\"type\":\"server\",\"server\":\"192.0.2.1\","
		    "\"configured\":[50000,50030],\"range_ports\":31,"
		    "\"announced\":{\"low\":50010,\"high\":50040,\"count\":7},"
		    "\"connected\":{\"low\":50003,\"high\":50009,"
		    "\"count\":1},\"window\":\"strict\",\"proof\":\"resume\","
		    "\"passive\":{\"foreseen\":40,\"missed\":1,"
		    "\"unused\":0,\"streak\":32},"
		    "\"active\":{\"foreseen\":0,\"missed\":0,"
		    "\"unused\":0,\"streak\":0}}");
	expect_json(json_array_get(objects, 2),
		    "{\"type\":\"server\",\"server\":\"192.0.2.2\","
		    "\"configured\":[0,0],\"range_ports\":0,"
		    "\"announced\":null,\"connected\":null,"
		    "\"window\":\"off\",\"proof\":\"auto\","
		    "\"passive\":{\"foreseen\":0,\"missed\":0,"
		    "\"unused\":0,\"streak\":0},"
		    "\"active\":{\"foreseen\":0,\"missed\":0,"
		    "\"unused\":0,\"streak\":0}}");
	json_decref(objects);
}

static void
test_nothing(void **state)
{
	(void)state;
	session_total = 0;
	json_decref(objects_of(ask("sessions\n")));
}

static void
test_many_sessions(void **state)
{
	json_t *objects;

	(void)state;
	session_total = 20000;
	objects = objects_of(ask("sessions\n"));
	assert_int_equal(json_array_size(objects), 20000);
	json_decref(objects);
}

static void
expect_error(char *answer)
{
	json_t *object = json_loads(answer, JSON_DISABLE_EOF_CHECK, NULL);

	assert_non_null(object);
	assert_string_equal(json_string_value(json_object_get(object, "type")),
			    "error");
	assert_null(strstr(answer, "\"end\""));
	json_decref(object);
	free(answer);
}

static void
test_unknown_requests(void **state)
{
	(void)state;
	expect_error(ask("\n"));
	expect_error(ask("statu\n"));
	expect_error(ask("status please\n"));
	expect_error(ask("STATUS\n"));
	expect_error(ask("\x16\x03\x01\xff\n"));
}

static void
test_request_in_pieces(void **state)
{
	const char *request = "sessions\n";
	int fd = dial();

	(void)state;
	for (size_t i = 0; request[i] != '\0'; i++) {
		assert_int_equal(send(fd, request + i, 1, 0), 1);
		step();
	}
	json_decref(objects_of(read_all(fd, 5000)));
}

static void
test_flood_without_newline(void **state)
{
	static char flood[1 << 20];
	int fd = dial();

	(void)state;
	memset(flood, 'A', sizeof(flood));
	send(fd, flood, sizeof(flood), MSG_NOSIGNAL);
	expect_error(read_all(fd, 5000));
}

static void
test_too_many_clients(void **state)
{
	int fds[64];
	unsigned refused = 0;

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		fds[i] = dial();
		step();
	}
	for (unsigned i = 0; i < 64; i++) {
		char answer[256] = "";

		if (recv(fds[i], answer, sizeof(answer) - 1, 0) > 0 &&
		    strstr(answer, "too many clients") != NULL)
			refused++;
	}
	assert_in_range(refused, 32, 63);
	for (unsigned i = 0; i < 64; i++)
		close(fds[i]);
	step();
	json_decref(objects_of(ask("sessions\n")));
}

/* A client that says nothing, and one that asks and does not read: both are
 * dropped when their time is up, and others are served meanwhile. */
static void
test_lazy_clients(void **state)
{
	uint64_t start = clock_ms();
	int silent = dial(), deaf = dial();
	struct pollfd pfd = { .fd = control_fd(server), .events = POLLIN };
	char byte;

	(void)state;
	session_total = 100000;
	assert_int_equal(send(deaf, "sessions\n", 9, 0), 9);
	step();
	session_total = 2;
	json_decref(objects_of(ask("sessions\n")));
	assert_true(clock_ms() - start < 2000);
	/* Woken by the server's own timer only. */
	while (recv(silent, &byte, 1, 0) != 0) {
		assert_true(clock_ms() - start < 6000);
		if (poll(&pfd, 1, 500) == 1)
			control_step(server);
	}
	assert_true(clock_ms() - start > 2000);
	while (clock_ms() - start < 4500)
		if (poll(&pfd, 1, 500) == 1)
			control_step(server);
	/* What had been written is there to be read, and then no more. */
	free(read_all(deaf, 1000));
	close(silent);
}

static void
test_client_hangs_up(void **state)
{
	(void)state;
	session_total = 100000;
	for (unsigned i = 0; i < 100; i++) {
		int fd = dial();

		if (i % 2 == 0)
			send(fd, "sessions\n", 9, 0);
		if (i % 3 == 0)
			control_step(server);
		close(fd);
		step();
	}
	session_total = 2;
	json_decref(objects_of(ask("sessions\n")));
}

static int
begin_watch(void)
{
	char first[256] = "";
	int fd = dial();

	assert_int_equal(send(fd, "watch\n", 6, 0), 6);
	step();
	assert_true(recv(fd, first, sizeof(first) - 1, 0) > 0);
	assert_non_null(strstr(first, "\"reason\":\"watching\"}\n"));
	return fd;
}

static void
test_watch(void **state)
{
	int one = begin_watch(), two = begin_watch();
	char got[64] = "";

	(void)state;
	assert_int_equal(control_watchers(server), 2);
	control_publish(server, "{\"n\":1}\n", 8);
	control_publish(server, "{\"n\":2}\n", 8);
	step();
	assert_int_equal(recv(one, got, sizeof(got), 0), 16);
	assert_memory_equal(got, "{\"n\":1}\n{\"n\":2}\n", 16);
	/* What a client says while it watches means nothing; half closed it
	 * still hears; it is gone when it hangs up. */
	send(one, "status\n", 7, 0);
	shutdown(one, SHUT_WR);
	control_publish(server, "{\"n\":3}\n", 8);
	step();
	assert_int_equal(recv(one, got, sizeof(got), 0), 8);
	close(one);
	step();
	assert_int_equal(control_watchers(server), 1);
	assert_int_equal(recv(two, got, sizeof(got), 0), 24);
	close(two);
	step();
	assert_int_equal(control_watchers(server), 0);
	json_decref(objects_of(ask("sessions\n")));
}

static void
test_too_many_watchers(void **state)
{
	int fds[8];

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		fds[i] = begin_watch();
	expect_error(ask("watch\n"));
	json_decref(objects_of(ask("sessions\n")));
	for (unsigned i = 0; i < 8; i++)
		close(fds[i]);
	step();
}

/* One that watches and does not read has a bounded buffer, and is dropped when
 * it is full; the others miss nothing. */
static void
test_slow_watcher(void **state)
{
	static char line[1000];
	int slow = begin_watch(), good = begin_watch();
	size_t sent = 0, got = 0;
	ssize_t n;

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	while (control_watchers(server) == 2) {
		char in[4096];

		control_publish(server, line, sizeof(line));
		sent += sizeof(line);
		assert_in_range(sent, 0, 4 << 20);
		step();
		while ((n = recv(good, in, sizeof(in), 0)) > 0)
			got += (size_t)n;
	}
	assert_int_equal(got, sent);
	assert_int_equal(control_watchers(server), 1);
	close(good);
	close(slow);
	step();
}

/* And when it stops reading with little waiting, when its time is up. */
static void
test_stuck_watcher(void **state)
{
	uint64_t start = clock_ms();
	static char line[1000];
	int fd = begin_watch();

	(void)state;
	memset(line, 'x', sizeof(line));
	for (unsigned i = 0; i < 200; i++)
		control_publish(server, line, sizeof(line)), step();
	while (control_watchers(server) == 1) {
		struct pollfd pfd = { control_fd(server), POLLIN, 0 };

		assert_true(clock_ms() - start < 6000);
		if (poll(&pfd, 1, 500) == 1)
			control_step(server);
	}
	assert_true(clock_ms() - start > 2000);
	close(fd);
	/* At rest there is no such time. */
	start = clock_ms();
	fd = begin_watch();
	while (clock_ms() - start < 4500) {
		struct pollfd pfd = { control_fd(server), POLLIN, 0 };

		if (poll(&pfd, 1, 500) == 1)
			control_step(server);
	}
	assert_int_equal(control_watchers(server), 1);
	close(fd);
	step();
}

static void
test_mode_and_group(void **state)
{
	struct control *other;
	char second[112];
	struct stat st;

	(void)state;
	assert_return_code(stat(path, &st), errno);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(st.st_gid, getegid());
	snprintf(second, sizeof(second), "%s/second.sock", directory);
	assert_int_equal(control_open(second, "no-such-group", &source, &other),
			 -ESRCH);
	if (geteuid() == 0) {
		assert_int_equal(control_open(second, "daemon", &source,
					      &other), 0);
		assert_return_code(stat(second, &st), errno);
		assert_int_equal(st.st_gid, getgrnam("daemon")->gr_gid);
		control_close(other);
	}
}

static void
test_path_taken(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct control *other;
	char second[112], longer[256];
	int fd;

	(void)state;
	/* Somebody listens: this very server, which must not be harmed. */
	assert_int_equal(control_open(path, "", &source, &other), -EADDRINUSE);
	json_decref(objects_of(ask("sessions\n")));
	/* Left behind by a crash. */
	snprintf(second, sizeof(second), "%s/second.sock", directory);
	strcpy(address.sun_path, second);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_return_code(bind(fd, (struct sockaddr *)&address,
				sizeof(address)), errno);
	close(fd);
	assert_int_equal(control_open(second, "", &source, &other), 0);
	control_close(other);
	/* Something else is there. */
	fd = open(second, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(control_open(second, "", &source, &other),
			 -EADDRINUSE);
	assert_return_code(unlink(second), errno);
	/* No such place. */
	snprintf(second, sizeof(second), "%s/a/b/c.sock", directory);
	assert_int_equal(control_open(second, "", &source, &other), -ENOENT);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[0] = '/';
	longer[255] = '\0';
	assert_int_equal(control_open(longer, "", &source, &other),
			 -ENAMETOOLONG);
}

/* Every metric that the dashboard asks for exists. */
static void
check_dashboard(const char *metrics)
{
	FILE *in = fopen("docs/grafana-dashboard.json", "r");
	unsigned found = 0;
	static char text[1 << 16];
	size_t len;

	if (in == NULL) {
		print_message("docs/grafana-dashboard.json is not here\n");
		return;
	}
	len = fread(text, 1, sizeof(text) - 1, in);
	fclose(in);
	text[len] = '\0';
	json_decref(json_loads(text, 0, NULL));
	for (char *at = text; (at = strstr(at, "pinholed_")) != NULL; found++) {
		size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyz_0123456789");
		char sample[96];
		bool has;

		assert_in_range(n, 1, 80);
		snprintf(sample, sizeof(sample), "\n%.*s ", (int)n, at);
		has = strstr(metrics, sample) != NULL;
		snprintf(sample, sizeof(sample), "\n%.*s{", (int)n, at);
		if (!has && strstr(metrics, sample) == NULL)
			fail_msg("the dashboard uses %.*s", (int)n, at);
		at += n;
	}
	assert_in_range(found, 10, 1000);
}

/* Each family has its help and type above its samples, and comes once. */
static void
check_metrics(char *metrics)
{
	char family[80] = "", type[80] = "", *save = NULL;
	unsigned samples = 0;

	for (char *line = strtok_r(metrics, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		size_t n = strcspn(line, " {");
		char name[80] = "", kind[80] = "", *end;

		if (sscanf(line, "# HELP %79s", name) == 1) {
			assert_string_not_equal(name, family);
			strcpy(family, name);
			continue;
		}
		if (sscanf(line, "# TYPE %79s %79s", name, kind) == 2) {
			assert_string_equal(name, family);
			strcpy(type, kind);
			assert_int_equal(strcmp(kind, "counter") == 0,
					 strstr(name, "_total") != NULL);
			continue;
		}
		samples++;
		assert_int_equal(strlen(family), n);
		assert_memory_equal(line, family, n);
		strtod(strrchr(line, ' ') + 1, &end);
		assert_int_equal(*end, '\0');
	}
	assert_in_range(samples, 30, 1000);
}

/* Runs the real pinholectl against the server; its exit code, its output. */
static int
run_pinholectl(const char *option, const char *request, char *out, size_t size)
{
	char program[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 20);
	size_t len = 0;
	int fds[2], status = -1;
	pid_t pid;

	assert_true(n > 0);
	program[n] = '\0';
	slash = strrchr(program, '/');
	strcpy(slash, "/../pinholectl");
	if (access(program, X_OK) != 0)
		return -1;
	assert_return_code(pipe2(fds, O_NONBLOCK), errno);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		execl(program, "pinholectl", "--socket", path, request, option,
		      NULL);
		_exit(127);
	}
	close(fds[1]);
	do {
		control_step(server);
		n = read(fds[0], out + len, size - 1 - len);
		if (n > 0)
			len += (size_t)n;
	} while (n != 0);
	out[len] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void
test_pinholectl(void **state)
{
	static char out[65536];
	int code = run_pinholectl(NULL, "sessions", out, sizeof(out));

	(void)state;
	if (code == -1) {
		print_message("pinholectl is not built: run `make` first\n");
		skip();
	}
	assert_int_equal(code, 0);
	assert_string_equal(
		out,
		"SESSION  CLIENT          SERVER        CLASS  LOGIN  "
		"PICKED UP     AGE  IDLE  PINHOLES  WINDOWS  DATA  EXPOSED  "
		"STATIC\n"
		"1-0      10.0.0.2:40000  192.0.2.1:21  clear  yes    "
		"no         1m 01s   5ms         1        0     3      4.2  "
		"6100.0\n"
		"1-1      10.0.0.2:40000  192.0.2.1:21  clear  yes    "
		"no         1m 01s   5ms         1        0     3      4.2  "
		"6100.0\n");
	terminated = true;
	assert_int_equal(run_pinholectl(NULL, "sessions", out, sizeof(out)), 0);
	terminated = false;
	assert_non_null(strstr(out, "DATA  EXPOSED  STATIC  CLIENT'S TLS  SERVER'S TLS\n"));
	assert_non_null(strstr(out, "   3      4.2  6100.0  -             -\n"));
	assert_non_null(strstr(out, "   3      4.2  6100.0  TLSv1.3 A     BBBBB"));
	assert_int_equal(run_pinholectl(NULL, "pinholes", out, sizeof(out)), 0);
	assert_string_equal(
		out,
		"KIND           SOURCE    DESTINATION   PORT  AGE  LEFT  "
		"HOLDERS  SESSION\n"
		"pinhole        10.0.0.2  192.0.2.1    50001   1s   58s  "
		"      1  0-42\n"
		"passive-grant  10.0.0.2  192.0.2.1        -   1s   58s  "
		"      2  0-42\n");
	assert_int_equal(run_pinholectl(NULL, "status", out, sizeof(out)), 0);
	assert_non_null(strstr(out, "pinholed " PINHOLED_VERSION
				    ", up 1d 02h\n"));
	assert_non_null(strstr(out, "  workers        4 (queues 2100-2103)\n"));
	assert_non_null(strstr(out, "control packets read\n"));
	assert_non_null(strstr(out, "  pinholes                           4.1  "
				    "2 open now\n"));
	assert_non_null(strstr(out, "  static ranges instead       18756800.0  "
				    "open to everybody: 200 ports of 2 servers\n"));
	assert_int_equal(run_pinholectl(NULL, "metrics", out, sizeof(out)), 0);
	assert_non_null(strstr(out, "# HELP pinholed_packets_total control "
				    "packets read\n"
				    "# TYPE pinholed_packets_total counter\n"
				    "pinholed_packets_total 123456789012\n"));
	assert_non_null(strstr(out, "\npinholed_sessions{class=\"clear\"} 3\n"));
	assert_non_null(strstr(out, "\npinholed_exposed_pair_seconds_total"
				    "{kind=\"pinhole\"} 4.1\n"));
	check_dashboard(out);
	check_metrics(out);
	assert_int_equal(run_pinholectl(NULL, "windows", out, sizeof(out)), 0);
	assert_non_null(strstr(out,
			       "192.0.2.1  passive  strict  resume        40  "
			       "     1       0        32\n"));
	assert_null(strstr(out, "192.0.2.2"));
	assert_int_equal(run_pinholectl(NULL, "suggest", out, sizeof(out)), 0);
	assert_non_null(strstr(
		out,
		"# 192.0.2.1\n"
		"#   14 ports announced where it could be read: 50010-50040\n"
		"#   1 data connections of encrypted sessions: 50003-50009\n"
		"#   warning: the configured range 50000-50030 misses ports "
		"that the server announces\n"
		"#   warning: the configured range 50000-50030 is wider (31 "
		"ports, seen were 50003-50040)\n"
		"server 192.0.2.1 passive-range 50003-50040\n"
		"\n"
		"# 192.0.2.2\n"
		"#   no passive port seen yet\n"
		"#   no range is configured: encrypted sessions get no data "
		"connection\n"));
	assert_int_equal(run_pinholectl("--json", "sessions", out, sizeof(out)),
			 0);
	assert_non_null(strstr(out, "\"id\":\"1-1\""));
	assert_null(strstr(out, "\"end\""));
	session_total = opening_total = 0;
	assert_int_equal(run_pinholectl(NULL, "sessions", out, sizeof(out)), 0);
	assert_string_equal(out, "no sessions\n");
	assert_int_equal(run_pinholectl(NULL, "pinholes", out, sizeof(out)), 0);
	assert_string_equal(out, "nothing is open\n");
	assert_int_equal(run_pinholectl(NULL, "frobnicate", out, sizeof(out)),
			 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_status),
		T(test_config_path_not_utf8),
		T(test_sessions),
		T(test_terminated_session),
		T(test_pinholes),
		T(test_servers),
		T(test_nothing),
		T(test_many_sessions),
		T(test_unknown_requests),
		T(test_request_in_pieces),
		T(test_flood_without_newline),
		T(test_too_many_clients),
		T(test_lazy_clients),
		T(test_client_hangs_up),
		T(test_watch),
		T(test_too_many_watchers),
		T(test_slow_watcher),
		T(test_stuck_watcher),
		T(test_mode_and_group),
		T(test_path_taken),
		T(test_pinholectl),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
