/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who shows which certificate to whom: to clients by the name that they ask for,
 * to servers where they want one; and whom we believe. Against real OpenSSL peers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tls/leg.h"
#include "tlsd_peers.h"

static char base[] = "/tmp/pinholed-choice-XXXXXX";

/* The certificates at hand. */
enum which { A_RSA, A_EC, B_RSA, WILD, BARE, A_NEW, COUNT };

static const struct {
	const char *name, *names;
	bool rsa;
} made[COUNT] = {
	[A_RSA] = { "a-rsa", "DNS:a.example.org,DNS:ftp.example.org", true },
	[A_EC] = { "a-ec", "DNS:ftp.example.org,DNS:a.example.org", false },
	[B_RSA] = { "b-rsa", "DNS:b.example.org", true },
	[WILD] = { "wild", "DNS:*.example.net", false },
	[BARE] = { "bare.example.org", NULL, false },
	[A_NEW] = { "a-new", "DNS:a.example.org", true },
};

static char cert[COUNT][PATH_MAX_HERE], key[COUNT][PATH_MAX_HERE];
static struct identity *identity;
static const uint8_t binding[LEG_BINDING] = { 1 };
static struct leg leg;
static SSL_CTX *ctx;
static SSL *peer;
static SSL_SESSION *session; /* the newest that the peer was given */
static int pair[2], version;
static char shown[64];	     /* the name in the certificate that the peer saw */

static void
load(const struct identity_settings *settings)
{
	struct identity_settings s = *settings;
	char error[512];

	s.client.low = s.server.low = TLS1_2_VERSION;
	s.client.high = s.server.high = TLS1_3_VERSION;
	if (identity_load(&s, &identity, error, sizeof(error)) != 0)
		fail_msg("%s", error);
}

static void
add(struct identity_settings *s, enum which which)
{
	strcpy(s->pairs[s->pair_count].certificate, cert[which]);
	strcpy(s->pairs[s->pair_count++].key, key[which]);
}

static int
keep_session(SSL *ssl, SSL_SESSION *new)
{
	(void)ssl;
	SSL_SESSION_free(session);
	session = new;
	return 1;
}

static void
begin(bool peer_is_server)
{
	ctx = SSL_CTX_new(peer_is_server ? TLS_server_method() :
					   TLS_client_method());
	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	if (!peer_is_server) {
		/* What a context stores ends with it. */
		SSL_CTX_set_session_cache_mode(
			ctx, SSL_SESS_CACHE_CLIENT |
				     SSL_SESS_CACHE_NO_INTERNAL_STORE);
		SSL_CTX_sess_set_new_cb(ctx, keep_session);
	}
	make_pair(pair);
	leg_open(&leg, pair[0]);
}

static void
begin_peer(void)
{
	peer = SSL_new(ctx);
	SSL_set_fd(peer, pair[1]);
}

static void
end(void)
{
	/* So that its session stays one. */
	SSL_set_shutdown(peer, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(peer);
	close(pair[1]);
	leg_close(&leg);
	SSL_CTX_free(ctx);
}

static void
note_shown(void)
{
	X509 *x = SSL_get1_peer_certificate(peer);

	strcpy(shown, "nothing");
	if (x != NULL)
		X509_NAME_get_text_by_NID(X509_get_subject_name(x),
					  NID_commonName, shown, sizeof(shown));
	X509_free(x);
}

static void *
peer_handshake(void *arg)
{
	char byte;

	if (SSL_do_handshake(peer) == 1)
		SSL_read(peer, &byte, 1); /* tickets, and our goodbye */
	return arg;
}

/* The whole handshake. */
static enum leg_status
shake(void)
{
	struct pollfd fd = { .fd = pair[0], .events = POLLIN };
	enum leg_status status;
	pthread_t thread;

	pthread_create(&thread, NULL, peer_handshake, NULL);
	while ((status = leg_handshake(&leg)) == LEG_AGAIN ||
	       status == LEG_HELLO) {
		if (status == LEG_HELLO)
			leg_release_hello(&leg, NULL);
		else
			assert_int_equal(poll(&fd, 1, 5000), 1);
	}
	if (status == LEG_DONE)
		leg_say_end(&leg);
	shutdown(pair[0], SHUT_WR);
	pthread_join(thread, NULL);
	note_shown();
	return status;
}

/* --- to clients ----------------------------------------------------------- */

/* @name: asked for, or NULL. @before: of the control connection of these data. */
static enum leg_status
ask(const char *name, const char *sigalgs, const char *before,
    SSL_SESSION *resume)
{
	enum leg_status status;

	begin(false);
	begin_peer();
	SSL_set_connect_state(peer);
	if (name != NULL)
		SSL_set_tlsext_host_name(peer, name);
	if (sigalgs != NULL)
		SSL_set1_sigalgs_list(peer, sigalgs);
	if (resume != NULL)
		SSL_set_session(peer, resume);
	assert_int_equal(leg_start_client(&leg, identity, binding,
					  before != NULL, before == NULL),
			 0);
	if (before != NULL)
		strcpy(leg.hello.name, before);
	status = shake();
	return status;
}

static void
assert_shown(const char *name, const char *sigalgs, const char *wanted)
{
	assert_int_equal(ask(name, sigalgs, NULL, NULL), LEG_DONE);
	if (strcmp(shown, wanted) != 0)
		fail_msg("%s got %s, not %s", name ? name : "nobody", shown,
			 wanted);
	end();
}

#define RSA_ONLY "RSA-PSS+SHA256:RSA+SHA256"
#define EC_ONLY	 "ECDSA+SHA256"

static void
test_by_name(void **state)
{
	struct identity_settings s = { .pair_count = 0 };

	(void)state;
	add(&s, A_RSA);
	add(&s, WILD);
	add(&s, B_RSA);
	add(&s, A_EC);
	add(&s, BARE);
	load(&s);
	assert_shown("b.example.org", NULL, "b-rsa");
	assert_shown("B.EXAMPLE.ORG", NULL, "b-rsa");
	assert_shown("x.example.net", NULL, "wild");
	assert_shown("bare.example.org", NULL, "bare.example.org");
	/* RSA and ECDSA side by side. */
	assert_shown("a.example.org", RSA_ONLY, "a-rsa");
	assert_shown("a.example.org", EC_ONLY, "a-ec");
	/* Everybody else gets the first. */
	assert_shown(NULL, RSA_ONLY, "a-rsa");
	assert_shown(NULL, EC_ONLY, "a-ec");
	assert_shown("c.example.org", RSA_ONLY, "a-rsa");
	assert_shown("c.example.org", EC_ONLY, "a-ec");
	assert_shown("x.y.example.net", EC_ONLY, "a-ec");
	assert_shown(".example.org", EC_ONLY, "a-ec");
	/* Not that of another name, whatever it can do. */
	assert_int_equal(ask("b.example.org", EC_ONLY, NULL, NULL), LEG_BROKEN);
	end();
	identity_drop(identity);
}

/* Without any name in common they are the first's only where it is the same. */
static void
test_first(void **state)
{
	struct identity_settings s = { .pair_count = 0 };

	(void)state;
	add(&s, B_RSA);
	add(&s, A_EC);
	load(&s);
	assert_shown(NULL, NULL, "b-rsa");
	assert_int_equal(ask(NULL, EC_ONLY, NULL, NULL), LEG_BROKEN);
	end();
	identity_drop(identity);
	/* During a change: the first of a type. */
	s.pair_count = 0;
	add(&s, A_NEW);
	add(&s, A_RSA);
	load(&s);
	assert_shown("a.example.org", NULL, "a-new");
	assert_shown("ftp.example.org", NULL, "a-rsa");
	assert_shown(NULL, NULL, "a-new");
	identity_drop(identity);
}

/* Data connections: the same certificate, and the session of the control
 * connection is resumed. */
static void
test_data_connections(void **state)
{
	struct identity_settings s = { .pair_count = 0 };

	(void)state;
	add(&s, A_RSA);
	add(&s, B_RSA);
	load(&s);
	assert_shown("b.example.org", NULL, "b-rsa");
	assert_non_null(session);
	assert_int_equal(ask("b.example.org", NULL, "b.example.org", NULL),
			 LEG_DONE);
	assert_false(leg_resumed(&leg));
	assert_string_equal(shown, "b-rsa");
	end();
	assert_int_equal(ask(NULL, NULL, "b.example.org", NULL), LEG_DONE);
	assert_string_equal(shown, "b-rsa");
	end();
	assert_shown("b.example.org", NULL, "b-rsa");
	assert_int_equal(ask("b.example.org", NULL, "b.example.org", session),
			 LEG_DONE);
	assert_true(leg_resumed(&leg));
	end();
	SSL_SESSION_free(session);
	session = NULL;
	identity_drop(identity);
}

/* --- of servers ----------------------------------------------------------- */

static enum leg_status
meet(enum which server)
{
	const struct leg_hello hello = { .name = "other.example.org" };
	enum leg_status status;

	begin(true);
	SSL_CTX_use_certificate_chain_file(ctx, cert[server]);
	SSL_CTX_use_PrivateKey_file(ctx, key[server], SSL_FILETYPE_PEM);
	begin_peer();
	SSL_set_accept_state(peer);
	assert_int_equal(leg_start_server(&leg, identity, &hello, NULL, NULL,
					  false),
			 0);
	status = shake();
	return status;
}

static void
assert_met(enum which server, bool believed)
{
	assert_int_equal(meet(server), believed ? LEG_DONE : LEG_BROKEN);
	assert_int_equal(leg_certificate_refused(&leg), !believed);
	end();
}

static void
test_verify(void **state)
{
	struct identity_settings s = { .pair_count = 0 };

	(void)state;
	add(&s, A_RSA);
	add(&s, B_RSA);
	/* Each of ours, whatever name was asked for; and no other. */
	load(&s);
	assert_met(A_RSA, true);
	assert_met(B_RSA, true);
	assert_met(A_NEW, false);
	assert_met(BARE, false);
	identity_drop(identity);
	s.verify = IDENTITY_VERIFY_CA;
	strcpy(s.ca_file, cert[BARE]);
	load(&s);
	assert_met(BARE, true);
	assert_met(A_RSA, false);
	identity_drop(identity);
	s.verify = IDENTITY_VERIFY_NONE;
	load(&s);
	assert_int_equal(meet(WILD), LEG_DONE);
	end();
	identity_drop(identity);
}

/* --- to servers ----------------------------------------------------------- */

static int
believe(int good, X509_STORE_CTX *store)
{
	(void)good;
	(void)store;
	return 1;
}

/* A server that asks for a certificate, with or without naming who must have
 * signed it; @sigalgs: that it can read. */
static enum leg_status
meet_asking(const char *sigalgs, bool insists)
{
	const struct leg_hello hello = { .name = "" };
	enum leg_status status;

	begin(true);
	SSL_CTX_use_certificate_chain_file(ctx, cert[A_RSA]);
	SSL_CTX_use_PrivateKey_file(ctx, key[A_RSA], SSL_FILETYPE_PEM);
	SSL_CTX_set_verify(ctx,
			   SSL_VERIFY_PEER |
				   (insists ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT :
					      0),
			   believe);
	if (sigalgs != NULL)
		SSL_CTX_set1_client_sigalgs_list(ctx, sigalgs);
	begin_peer();
	SSL_set_accept_state(peer);
	assert_int_equal(leg_start_server(&leg, identity, &hello, NULL, NULL,
					  false),
			 0);
	status = shake();
	return status;
}

static void
test_own_certificate(void **state)
{
	struct identity_settings s = { .pair_count = 0 };

	(void)state;
	add(&s, A_RSA);
	load(&s);
	meet_asking(NULL, false);
	assert_true(leg.certificate_wanted);
	assert_string_equal(shown, "nothing");
	end();
	identity_drop(identity);
	strcpy(s.own.certificate, cert[BARE]);
	strcpy(s.own.key, key[BARE]);
	load(&s);
	assert_int_equal(meet_asking(NULL, true), LEG_DONE);
	assert_false(leg.certificate_wanted);
	assert_string_equal(shown, "bare.example.org");
	end();
	/* Who does not ask is shown none. */
	assert_met(A_RSA, true);
	assert_string_equal(shown, "nothing");
	/* One that the server cannot read is none. */
	meet_asking(RSA_ONLY, false);
	assert_true(leg.certificate_wanted);
	assert_string_equal(shown, "nothing");
	end();
	identity_drop(identity);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_data_connections),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_own_certificate),
	};
	int failed = 0;

	signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(base) == NULL)
		return 1;
	for (int i = 0; i < COUNT; i++)
		make_certificate_of(base, made[i].name, made[i].names,
				    made[i].rsa, cert[i], key[i]);
	for (version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++)
		failed += cmocka_run_group_tests_name(
			version == TLS1_2_VERSION ? "tlsd_choice TLS 1.2" :
						    "tlsd_choice TLS 1.3",
			tests, NULL, NULL);
	for (int i = 0; i < COUNT; i++) {
		unlink(cert[i]);
		unlink(key[i]);
	}
	rmdir(base);
	return failed;
}
