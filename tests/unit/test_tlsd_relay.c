/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A relayed data connection between real OpenSSL peers, over the loopback device:
 * what is resumed, what arrives, and above all how it ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "terminator/loop.h"
#include "terminator/relay.h"
#include "tlsd_peers.h"

static char base[] = "/tmp/pinholed-relay-XXXXXX";
static char cert[PATH_MAX_HERE], key[PATH_MAX_HERE];
static char other_cert[PATH_MAX_HERE], other_key[PATH_MAX_HERE];
static struct program program;
static struct service service;
static struct control control;
static struct tls_conf conf;
static LIST_HEAD(, relay) relays = LIST_HEAD_INITIALIZER(relays);
static struct peer client, server;
static int client_version, server_version;

/* --- the surroundings ----------------------------------------------------- */

static SSL_CTX *
peer_ctx(bool is_server, int version, const char *c, const char *k)
{
	SSL_CTX *ctx = SSL_CTX_new(is_server ? TLS_server_method() :
					       TLS_client_method());

	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"x", 1);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_BOTH);
	if (!is_server)
		return ctx;
	assert_int_equal(SSL_CTX_use_certificate_chain_file(ctx, c), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey_file(ctx, k, SSL_FILETYPE_PEM),
			 1);
	return ctx;
}

static void
load_identity(void)
{
	const struct identity_protocol any = { TLS1_2_VERSION, TLS1_3_VERSION,
					       "", "" };
	struct identity_settings settings = { .pair_count = 1,
					      .client = any,
					      .server = any };
	char error[300];

	strcpy(settings.pairs[0].certificate, cert);
	strcpy(settings.pairs[0].key, key);
	if (identity_load(&settings, &service.identity, error, sizeof(error)))
		fail_msg("%s", error);
}

/* One leg's handshake against a peer in a thread; the peer closes. */
static void
shake(struct leg *leg, struct peer *peer)
{
	pthread_t thread;
	enum leg_status status;

	pthread_create(&thread, NULL, peer_run, peer);
	while ((status = leg_handshake(leg)) == LEG_AGAIN) {
		struct pollfd fd = { .fd = leg->fd, .events = POLLIN };

		assert_int_equal(poll(&fd, 1, 5000), 1);
	}
	assert_int_equal(status, LEG_DONE);
	if (peer->server) { /* its tickets, and its end */
		uint8_t byte;
		size_t len;

		do {
			struct pollfd fd = { .fd = leg->fd, .events = POLLIN };

			assert_int_equal(poll(&fd, 1, 5000), 1);
			status = leg_read(leg, &byte, 1, &len);
		} while (status == LEG_AGAIN);
	} else {
		leg_say_end(leg);
	}
	pthread_join(thread, NULL);
	leg_close(leg);
}

static SSL_SESSION *client_session;

static int
keep_client_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	SSL_SESSION_free(client_session);
	client_session = session;
	return 1;
}

/* The control connection: afterwards the client has a session of ours, and we
 * have one of the server's. */
static void
control_connection(const uint8_t binding[static LEG_BINDING])
{
	static struct leg leg;
	const struct leg_hello hello = { .name = "" };
	int pair[2];

	SSL_CTX_sess_set_new_cb(client.ctx, keep_client_session);
	make_pair(pair);
	leg_open(&leg, pair[0]);
	client.fd = pair[1];
	client.reads = true;
	assert_int_equal(leg_start_client(&leg, service.identity, binding,
					  false, false), 0);
	shake(&leg, &client);
	client.session = client_session;
	assert_non_null(client_session);

	make_pair(pair);
	leg_open(&leg, pair[0]);
	server.fd = pair[1];
	server.says_end = true;
	assert_int_equal(leg_start_server(&leg, service.identity, &hello, NULL,
					  &control.tickets, false), 0);
	shake(&leg, &server);
	assert_non_null(control.tickets.newest);
}

static int
set_up(void **state)
{
	(void)state;
	memset(&program, 0, sizeof(program));
	memset(&control, 0, sizeof(control));
	program.conf = &conf;
	conf.data_timeout_s = conf.handshake_timeout_s = 30;
	program.loop = loop_new();
	program.table = table_new();
	service.holders = 100;
	service.reuse = REUSE_PREFER;
	service.unclean = false;
	control.p = &program;
	control.service = &service;
	control.prot_known = control.prot_p = true;
	memset(control.binding, 7, sizeof(control.binding));
	LIST_INIT(&control.relays);
	client = (struct peer){
		.ctx = peer_ctx(false, client_version, NULL, NULL) };
	server = (struct peer){
		.ctx = peer_ctx(true, server_version, cert, key),
		.server = true };
	load_identity();
	control_connection(control.binding);
	client = (struct peer){ .ctx = client.ctx, .session = client.session };
	server = (struct peer){ .ctx = server.ctx, .server = true };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	tickets_clear(&control.tickets);
	identity_drop(service.identity);
	SSL_CTX_free(client.ctx);
	SSL_CTX_free(server.ctx);
	SSL_SESSION_free(client_session);
	client_session = NULL;
	table_free(program.table);
	loop_free(program.loop);
	return 0;
}

static void
on_timer(void *arg, bool readable, bool writable)
{
	(void)readable;
	(void)writable;
	if (relay_judge_doubtful(arg))
		relay_turn(arg);
}

static void
on_tick(void *arg, bool readable, bool writable)
{
	(void)arg;
	(void)readable;
	(void)writable;
	if (!SLIST_EMPTY(&program.dead))
		loop_stop(program.loop);
}

/* Ends the loop when the relay has ended. */
static void
on_reaper(void *arg, bool readable, bool writable)
{
	on_tick(arg, readable, writable);
}

/* Relays between the two peers until all three have ended. */
static void
run(void)
{
	struct relay *r = calloc(1, sizeof(*r));
	struct loop_source *tick = loop_add(program.loop, LOOP_TICK, -1,
					    on_tick, NULL);
	pthread_t threads[2];
	int pair[2];

	program.reaper = loop_add(program.loop, LOOP_TIMER, -1, on_reaper,
				  NULL);
	SLIST_INIT(&program.dead);
	r->p = &program;
	r->control = &control;
	r->service = &service;
	r->protected_p = !client.clear;
	r->go = true;
	r->timer = loop_add(program.loop, LOOP_TIMER, -1, on_timer, r);
	LIST_INSERT_HEAD(&control.relays, r, in_control);
	LIST_INSERT_HEAD(&relays, r, in_program);
	control.phase = PHASE_DEAD; /* there is no control connection to pump */
	make_pair(pair);
	client.fd = pair[1];
	assert_int_equal(wire_open(&r->wire[FROM_CLIENT], program.loop, pair[0],
				   false, relay_turn, r), 0);
	make_pair(pair);
	server.fd = pair[1];
	assert_int_equal(wire_open(&r->wire[FROM_SERVER], program.loop, pair[0],
				   false, relay_turn, r), 0);
	pthread_create(&threads[0], NULL, peer_run, &client);
	pthread_create(&threads[1], NULL, peer_run, &server);
	loop_run(program.loop);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	assert_true(r->dead);
	assert_false(r->service == NULL);
	r->mortal.free(&r->mortal);
	loop_drop(program.reaper);
	loop_drop(tick);
}

/* --- what must hold ------------------------------------------------------- */

#define FILE_SIZE ((size_t)3000001)

static void
test_upload(void **state)
{
	(void)state;
	client.writes = FILE_SIZE;
	client.says_end = true;
	server.reads = true;
	run();
	assert_int_equal(server.got, FILE_SIZE);
	assert_true(server.intact);
	assert_int_equal(server.end, END_CLOSE_NOTIFY);
	assert_true(server.resumed);
	assert_true(client.resumed);
	assert_int_equal(program.counters.truncated, 0);
	assert_int_equal(program.counters.bytes_up, FILE_SIZE);
}

static void
test_download(void **state)
{
	(void)state;
	server.writes = FILE_SIZE;
	server.says_end = true;
	client.reads = true;
	run();
	assert_int_equal(client.got, FILE_SIZE);
	assert_true(client.intact);
	assert_int_equal(client.end, END_CLOSE_NOTIFY);
	assert_true(server.resumed);
	assert_int_equal(program.counters.truncated, 0);
}

/* The reader is slower than the writer: nothing is lost, nothing piles up. */
static void
test_slow_reader(void **state)
{
	(void)state;
	server.writes = 8 * FILE_SIZE;
	server.says_end = true;
	client.reads = client.slow = true;
	run();
	assert_int_equal(client.got, 8 * FILE_SIZE);
	assert_true(client.intact);
	assert_int_equal(client.end, END_CLOSE_NOTIFY);
}

static void
test_empty_upload(void **state)
{
	(void)state;
	client.says_end = true;
	server.reads = true;
	run();
	assert_int_equal(server.got, 0);
	assert_int_equal(server.end, END_CLOSE_NOTIFY);
}

/* The one thing that must never be made good: half an upload. */
static void
test_upload_truncated(void **state)
{
	(void)state;
	client.writes = FILE_SIZE;
	server.reads = true;
	run();
	assert_int_equal(server.end, END_RESET);
	assert_int_equal(program.counters.truncated, 1);
}

static void
test_empty_upload_truncated(void **state)
{
	(void)state;
	server.reads = true;
	run();
	/* A server that was just writing its tickets has met the reset there. */
	assert_int_not_equal(server.end, END_CLOSE_NOTIFY);
	assert_int_equal(program.counters.truncated, 1);
}

static void
test_download_truncated(void **state)
{
	(void)state;
	server.writes = FILE_SIZE;
	client.reads = true;
	run();
	assert_int_equal(client.end, END_RESET);
	assert_int_equal(program.counters.truncated, 1);
}

/* By configuration it goes on as it came: without close_notify. */
static void
test_unclean_end_passes(void **state)
{
	(void)state;
	service.unclean = true;
	client.writes = FILE_SIZE;
	server.reads = true;
	run();
	assert_int_equal(server.got, FILE_SIZE);
	assert_true(server.intact);
	assert_int_equal(server.end, END_FIN);
}

/* But not of a client that has lost its control connection, too. */
static void
test_killed_client(void **state)
{
	(void)state;
	service.unclean = true;
	control.pipe[FROM_CLIENT].ended = true;
	client.writes = FILE_SIZE;
	server.reads = true;
	run();
	assert_int_equal(server.end, END_RESET);
	assert_int_equal(program.counters.truncated, 1);
}

/* The client has enough: the server must not think that all has arrived. */
static void
test_client_leaves_download(void **state)
{
	(void)state;
	server.writes = 20 * FILE_SIZE;
	server.says_end = true;
	client.reads = true;
	client.reads_at_most = 100000;
	run();
	assert_true(server.write_failed);
	assert_int_equal(program.counters.truncated, 1);
}

/* Python's ftplib, Java, .NET: they cannot resume; the server asks for it. */
static void
test_client_cannot_resume(void **state)
{
	(void)state;
	client.session = NULL;
	client.writes = 1000;
	client.says_end = true;
	server.reads = true;
	run();
	assert_false(client.resumed);
	assert_true(server.resumed);
	assert_int_equal(server.got, 1000);
	assert_int_equal(server.end, END_CLOSE_NOTIFY);
}

static void
test_reuse_required(void **state)
{
	(void)state;
	service.reuse = REUSE_REQUIRE;
	client.session = NULL;
	client.writes = 1000;
	client.says_end = true;
	server.reads = true;
	run();
	assert_int_equal(server.got, 0);
	assert_int_not_equal(server.end, END_CLOSE_NOTIFY);
}

/* A session of another control connection is none. */
static void
test_foreign_session(void **state)
{
	(void)state;
	service.reuse = REUSE_REQUIRE;
	memset(control.binding, 8, sizeof(control.binding));
	client.writes = 1000;
	client.says_end = true;
	server.reads = true;
	run();
	assert_false(client.resumed);
	assert_int_equal(server.got, 0);
}

static void
test_own_session_is_required_and_there(void **state)
{
	(void)state;
	service.reuse = REUSE_REQUIRE;
	client.writes = 1000;
	client.says_end = true;
	server.reads = true;
	run();
	assert_true(client.resumed);
	assert_int_equal(server.got, 1000);
}

static void
test_reuse_off(void **state)
{
	(void)state;
	service.reuse = REUSE_OFF;
	client.writes = 1000;
	client.says_end = true;
	server.reads = true;
	run();
	assert_false(client.resumed);
	assert_int_equal(server.got, 1000);
}

/* The server is somebody else. */
static void
test_wrong_certificate(void **state)
{
	(void)state;
	SSL_CTX_free(server.ctx);
	server.ctx = peer_ctx(true, server_version, other_cert, other_key);
	tickets_clear(&control.tickets);
	client.writes = 1000;
	client.says_end = true;
	server.reads = true;
	run();
	assert_int_equal(server.got, 0);
	assert_int_equal(program.counters.handshakes_failed, 1);
}

/* PROT is not known, and the client speaks in clear text. */
static void
test_clear(void **state)
{
	(void)state;
	client.clear = server.clear = true;
	client.writes = FILE_SIZE;
	client.says_end = true;
	client.reads = true;
	server.reads = true;
	run();
	assert_int_equal(server.got, FILE_SIZE);
	assert_true(server.intact);
	assert_int_equal(server.end, END_FIN);
}

static void
test_clear_download(void **state)
{
	(void)state;
	client.clear = server.clear = true;
	server.writes = FILE_SIZE;
	server.says_end = true;
	client.reads = true;
	run();
	assert_int_equal(client.got, FILE_SIZE);
	assert_int_equal(client.end, END_FIN);
}

/* --- all of it with each version on each leg ------------------------------ */

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	const struct CMUnitTest tests[] = {
		TEST(test_upload),
		TEST(test_download),
		TEST(test_slow_reader),
		TEST(test_empty_upload),
		TEST(test_upload_truncated),
		TEST(test_empty_upload_truncated),
		TEST(test_download_truncated),
		TEST(test_unclean_end_passes),
		TEST(test_killed_client),
		TEST(test_client_leaves_download),
		TEST(test_client_cannot_resume),
		TEST(test_reuse_required),
		TEST(test_foreign_session),
		TEST(test_own_session_is_required_and_there),
		TEST(test_reuse_off),
		TEST(test_wrong_certificate),
		TEST(test_clear),
		TEST(test_clear_download),
	};
	int failed = 0;

	signal(SIGPIPE, SIG_IGN);
	log_init(LOG_TARGET_STDERR, LOG_LEVEL_ERR);
	if (mkdtemp(base) == NULL)
		return 1;
	make_certificate(base, "one", cert, key);
	make_certificate(base, "two", other_cert, other_key);
	for (int i = 0; i < 4; i++) {
		client_version = versions[i & 1];
		server_version = versions[i >> 1];
		failed += cmocka_run_group_tests_name("tlsd_relay", tests, NULL,
						      NULL);
	}
	unlink(cert);
	unlink(key);
	unlink(other_cert);
	unlink(other_key);
	rmdir(base);
	return failed;
}
