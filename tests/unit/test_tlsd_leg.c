/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A leg against a real OpenSSL peer: what a hello says and what is answered, which
 * tickets are given and kept, and that no byte is read that belongs to clear text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tls/leg.h"
#include "tlsd_peers.h"

static char base[] = "/tmp/pinholed-leg-XXXXXX";
static char cert[PATH_MAX_HERE], key[PATH_MAX_HERE];
static struct identity *identity;
static const uint8_t binding[LEG_BINDING] = { 1 };
static struct leg leg;
static struct tickets tickets;
static SSL_CTX *ctx;
static SSL *peer;
static int pair[2], version;
static unsigned sessions_given;
static char asked_name[64];
static unsigned char asked_alpn[64];
static unsigned asked_alpn_len;

static void
wait_for_bytes(void)
{
	struct pollfd fd = { .fd = pair[0], .events = POLLIN };

	assert_int_equal(poll(&fd, 1, 5000), 1);
}

static int
count_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	(void)session;
	sessions_given++;
	return 0;
}

static int
note_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	(void)arg;
	snprintf(asked_name, sizeof(asked_name), "%s", name ? name : "");
	return SSL_TLSEXT_ERR_OK;
}

static int
note_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
	  const unsigned char *in, unsigned in_len, void *arg)
{
	(void)ssl;
	(void)arg;
	memcpy(asked_alpn, in, in_len);
	asked_alpn_len = in_len;
	*out = in + 1; /* the first */
	*out_len = in[0];
	return SSL_TLSEXT_ERR_OK;
}

static void
begin(bool peer_is_server)
{
	ctx = SSL_CTX_new(peer_is_server ? TLS_server_method() :
					   TLS_client_method());
	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	if (peer_is_server) {
		SSL_CTX_use_certificate_chain_file(ctx, cert);
		SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM);
		SSL_CTX_set_tlsext_servername_callback(ctx, note_name);
		SSL_CTX_set_alpn_select_cb(ctx, note_alpn, NULL);
	} else {
		SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT);
		SSL_CTX_sess_set_new_cb(ctx, count_session);
	}
	sessions_given = 0;
	make_pair(pair);
	leg_open(&leg, pair[0]);
	peer = SSL_new(ctx);
	SSL_set_fd(peer, pair[1]);
}

static void
end(void)
{
	SSL_free(peer);
	close(pair[1]);
	leg_close(&leg);
	SSL_CTX_free(ctx);
	tickets_clear(&tickets);
}

static void *
peer_handshake(void *arg)
{
	SSL_do_handshake(peer);
	return arg;
}

/* Both to the end of the handshake, or us to the client's hello. */
static enum leg_status
shake(pthread_t *thread)
{
	enum leg_status status;

	if (thread != NULL)
		pthread_create(thread, NULL, peer_handshake, NULL);
	while ((status = leg_handshake(&leg)) == LEG_AGAIN)
		wait_for_bytes();
	return status;
}

/* --- hellos --------------------------------------------------------------- */

static void
test_client_hello_is_read_before_it_is_answered(void **state)
{
	static const unsigned char offers[] = "\x0fx-filezilla-ftp\x03"
					      "ftp";
	const struct leg_alpn accept = { 4, "\x03"
					    "ftp" };
	const unsigned char *agreed;
	unsigned len;
	pthread_t thread;

	(void)state;
	begin(false);
	SSL_set_connect_state(peer);
	SSL_set_tlsext_host_name(peer, "ftp.example.org");
	SSL_set_alpn_protos(peer, offers, sizeof(offers) - 1);
	assert_int_equal(leg_start_client(&leg, identity, binding, false, true),
			 0);
	assert_int_equal(shake(&thread), LEG_HELLO);
	assert_string_equal(leg.hello.name, "ftp.example.org");
	assert_int_equal(leg.hello.alpn.len, sizeof(offers) - 1);
	assert_memory_equal(leg.hello.alpn.list, offers, sizeof(offers) - 1);
	/* Again without release: it still waits. */
	assert_int_equal(leg_handshake(&leg), LEG_HELLO);
	leg_release_hello(&leg, &accept);
	assert_int_equal(shake(NULL), LEG_DONE);
	pthread_join(thread, NULL);
	SSL_get0_alpn_selected(peer, &agreed, &len);
	assert_int_equal(len, 3);
	assert_memory_equal(agreed, "ftp", 3);
	end();
}

/* What the server did not agree on, the client does not get. */
static void
test_nothing_agreed(void **state)
{
	const struct leg_alpn none = { 0 };
	const unsigned char *agreed;
	unsigned len;
	pthread_t thread;

	(void)state;
	begin(false);
	SSL_set_connect_state(peer);
	SSL_set_alpn_protos(peer, (const unsigned char *)"\x03"
							 "ftp",
			    4);
	assert_int_equal(leg_start_client(&leg, identity, binding, false, true),
			 0);
	assert_int_equal(shake(&thread), LEG_HELLO);
	assert_string_equal(leg.hello.name, "");
	leg_release_hello(&leg, &none);
	assert_int_equal(shake(NULL), LEG_DONE);
	pthread_join(thread, NULL);
	SSL_get0_alpn_selected(peer, &agreed, &len);
	assert_int_equal(len, 0);
	end();
}

static void
test_server_gets_the_same_hello(void **state)
{
	const struct leg_hello hello = { .name = "ftp.example.org",
					 .alpn = { 4, "\x03"
						      "ftp" } };
	struct leg_alpn agreed;
	pthread_t thread;

	(void)state;
	begin(true);
	SSL_set_accept_state(peer);
	assert_int_equal(leg_start_server(&leg, identity, &hello, NULL,
					  &tickets, false),
			 0);
	assert_int_equal(shake(&thread), LEG_DONE);
	pthread_join(thread, NULL);
	assert_string_equal(asked_name, "ftp.example.org");
	assert_int_equal(asked_alpn_len, 4);
	leg_agreed(&leg, &agreed);
	assert_int_equal(agreed.len, 4);
	assert_memory_equal(agreed.list, "\x03"
					 "ftp",
			    4);
	end();
}

/* --- tickets -------------------------------------------------------------- */

static unsigned
sessions_given_on(bool data)
{
	pthread_t thread;
	char byte;

	begin(false);
	SSL_set_connect_state(peer);
	assert_int_equal(leg_start_client(&leg, identity, binding, data, false),
			 0);
	assert_int_equal(shake(&thread), LEG_DONE);
	pthread_join(thread, NULL);
	leg_say_end(&leg);
	SSL_read(peer, &byte, 1);
	end();
	return sessions_given;
}

static void
test_tickets(void **state)
{
	(void)state;
	assert_true(sessions_given_on(false) >= 1);
	/* Without tickets TLS 1.2 has a session id, which costs no record. */
	assert_int_equal(sessions_given_on(true),
			 version == TLS1_3_VERSION ? 0 : 1);
}

/* A server may give new ones all the time: the newest counts. */
static void
test_newest_ticket_first(void **state)
{
	const struct leg_hello hello = { .name = "" };
	const unsigned char *ticket, *copy_ticket;
	size_t len, copy_len;
	SSL_SESSION *first, *copy;
	pthread_t thread;
	uint8_t byte;

	(void)state;
	if (version != TLS1_3_VERSION)
		return;
	begin(true);
	SSL_set_accept_state(peer);
	assert_int_equal(leg_start_server(&leg, identity, &hello, NULL,
					  &tickets, false),
			 0);
	assert_int_equal(shake(&thread), LEG_DONE);
	pthread_join(thread, NULL);
	wait_for_bytes();
	assert_int_equal(leg_read(&leg, &byte, 1, &len), LEG_AGAIN);
	first = tickets.newest;
	assert_non_null(first);
	SSL_SESSION_up_ref(first);
	assert_int_equal(SSL_new_session_ticket(peer), 1);
	assert_int_equal(SSL_do_handshake(peer), 1);
	wait_for_bytes();
	assert_int_equal(leg_read(&leg, &byte, 1, &len), LEG_AGAIN);
	assert_ptr_not_equal(tickets.newest, first);
	copy = tickets_copy(&tickets);
	SSL_SESSION_get0_ticket(tickets.newest, &ticket, &len);
	SSL_SESSION_get0_ticket(copy, &copy_ticket, &copy_len);
	assert_int_equal(len, copy_len);
	assert_memory_equal(ticket, copy_ticket, len);
	SSL_SESSION_free(copy);
	SSL_SESSION_free(first);
	end();
}

/* --- clear text beside TLS ------------------------------------------------ */

static void
test_one_line_at_a_time(void **state)
{
	char line[64];
	bool urgent;
	size_t len;

	(void)state;
	begin(false);
	/* What begins TLS stands right behind the line. */
	send(pair[1], "AUTH TLS\r\n\x16\x03\x01", 13, 0);
	wait_for_bytes();
	assert_int_equal(leg_read_line(&leg, line, sizeof(line), &len, &urgent),
			 LEG_DONE);
	assert_int_equal(len, 10);
	assert_memory_equal(line, "AUTH TLS\r\n", 10);
	assert_false(urgent);
	assert_int_equal(leg_peek(&leg), 0x16);
	end();
}

static void
test_urgent_byte(void **state)
{
	const int one = 1;
	char line[64];
	bool urgent;
	size_t len, all = 0;
	int seen = 0;

	(void)state;
	begin(false);
	setsockopt(pair[0], SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one));
	send(pair[1], "\xff\xf4\xff", 3, 0);
	send(pair[1], "\xf2", 1, MSG_OOB);
	send(pair[1], "ABOR\r\n", 6, 0);
	usleep(20000);
	while (all < 10) {
		wait_for_bytes();
		assert_int_equal(leg_read_line(&leg, line + all,
					       sizeof(line) - all, &len,
					       &urgent),
				 LEG_DONE);
		if (urgent)
			seen += line[all] == '\xf2' ? 1 : 100;
		all += len;
	}
	assert_int_equal(seen, 1);
	assert_memory_equal(line, "\xff\xf4\xff\xf2"
				  "ABOR\r\n",
			    10);
	end();
}

/* CCC: close_notify and the first clear line in one segment. */
static void
test_clear_text_behind_close_notify(void **state)
{
	uint8_t wire[4096];
	char bytes[64];
	BIO *out = BIO_new(BIO_s_mem());
	pthread_t thread;
	size_t len;
	int n;

	(void)state;
	begin(false);
	SSL_set_connect_state(peer);
	assert_int_equal(leg_start_client(&leg, identity, binding, false,
					  false),
			 0);
	assert_int_equal(shake(&thread), LEG_DONE);
	pthread_join(thread, NULL);
	SSL_set0_wbio(peer, out);
	SSL_write(peer, "CCC\r\n", 5);
	SSL_shutdown(peer);
	n = BIO_read(out, wire, sizeof(wire));
	memcpy(wire + n, "PWD\r\n", 5);
	send(pair[1], wire, (size_t)n + 5, 0);
	wait_for_bytes();
	assert_int_equal(leg_read(&leg, bytes, sizeof(bytes), &len), LEG_DONE);
	assert_int_equal(len, 5);
	assert_int_equal(leg_read(&leg, bytes, sizeof(bytes), &len), LEG_END);
	assert_int_equal(leg_say_end(&leg), LEG_DONE);
	leg_leave_tls(&leg, false);
	leg_leave_tls(&leg, true);
	assert_int_equal(leg_peek(&leg), 'P');
	assert_int_equal(leg_read(&leg, bytes, sizeof(bytes), &len), LEG_DONE);
	assert_int_equal(len, 5);
	assert_memory_equal(bytes, "PWD\r\n", 5);
	/* And the end of that is a FIN. */
	assert_int_equal(leg_say_end(&leg), LEG_DONE);
	assert_true(leg.fin);
	end();
}

static void
test_garbage(void **state)
{
	(void)state;
	begin(false);
	assert_int_equal(leg_start_client(&leg, identity, binding, false, true),
			 0);
	send(pair[1], "USER x\r\n", 8, 0);
	wait_for_bytes();
	assert_int_equal(leg_handshake(&leg), LEG_BROKEN);
	assert_true(strlen(leg_error(&leg)) > 0);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_client_hello_is_read_before_it_is_answered),
		cmocka_unit_test(test_nothing_agreed),
		cmocka_unit_test(test_server_gets_the_same_hello),
		cmocka_unit_test(test_tickets),
		cmocka_unit_test(test_newest_ticket_first),
		cmocka_unit_test(test_one_line_at_a_time),
		cmocka_unit_test(test_urgent_byte),
		cmocka_unit_test(test_clear_text_behind_close_notify),
		cmocka_unit_test(test_garbage),
	};
	struct identity_settings settings = { .pair_count = 1 };
	char error[300];
	int failed = 0;

	signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(base) == NULL)
		return 1;
	make_certificate(base, "one", cert, key);
	strcpy(settings.pairs[0].certificate, cert);
	strcpy(settings.pairs[0].key, key);
	settings.client.low = settings.server.low = TLS1_2_VERSION;
	settings.client.high = settings.server.high = TLS1_3_VERSION;
	if (identity_load(&settings, &identity, error, sizeof(error)) != 0)
		return 1;
	for (int i = 0; i < 2; i++) {
		version = i == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
		failed += cmocka_run_group_tests_name("tlsd_leg", tests, NULL,
						      NULL);
	}
	identity_drop(identity);
	unlink(cert);
	unlink(key);
	rmdir(base);
	return failed;
}
