/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pinholed-tls.conf(5): what is taken, what is refused with which words, and that
 * what is printed is read again as the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminator/conf.h"

static struct tls_conf conf, again;
static char errors[4096];

static unsigned
parse_into(struct tls_conf *out, const char *text)
{
	FILE *stream = fmemopen(errors, sizeof(errors), "w");
	unsigned count;

	memset(errors, 0, sizeof(errors));
	assert_non_null(stream);
	count = tls_conf_parse("f", span_make(text, strlen(text)), out, stream);
	fclose(stream);
	return count;
}

static void
assert_refused(const char *text, const char *message)
{
	assert_int_not_equal(parse_into(&conf, text), 0);
	if (strstr(errors, message) == NULL)
		fail_msg("`%s` gave `%s`, not `%s`", text, errors, message);
}

static const struct server_settings *
settings_of(const char *address)
{
	struct addr addr = { .family = ADDR_V4 };
	const struct server_conf *s;
	unsigned b[4];

	sscanf(address, "%u.%u.%u.%u", &b[0], &b[1], &b[2], &b[3]);
	for (int i = 0; i < 4; i++)
		addr.bytes[i] = (uint8_t)b[i];
	s = tls_conf_server(&conf, &addr);
	return s != NULL ? &s->settings : NULL;
}

static void
test_defaults(void **state)
{
	(void)state;
	assert_int_equal(parse_into(&conf, "# nothing\n\nport 2121 # as ever\n"),
			 0);
	assert_int_equal(conf.port, 2121);
	assert_int_equal(conf.stop_timeout_s, 30);
	assert_int_equal(conf.fallback.tls.verify, IDENTITY_VERIFY_PIN);
	assert_int_equal(conf.fallback.tls.client.low, TLS1_2_VERSION);
	assert_int_equal(conf.fallback.reuse, REUSE_PREFER);
	assert_true(conf.fallback.relay);
	assert_false(conf.fallback.unclean);
	assert_true(conf.fallback.ccc);
	assert_false(conf.fallback.sscn);
}

static void
test_server_takes_from_directives(void **state)
{
	(void)state;
	/* Also from those that stand behind it. */
	assert_int_equal(parse_into(&conf,
				    "server 10.0.0.1 reuse require\n"
				    "server 10.0.0.0/24 data direct "
				    "certificate /a /b certificate /c /d\n"
				    "certificate /x /y\n"
				    "reuse off\n"
				    "server-tls 1.2\n"),
			 0);
	assert_int_equal(settings_of("10.0.0.1")->reuse, REUSE_REQUIRE);
	assert_true(settings_of("10.0.0.1")->relay);
	assert_int_equal(settings_of("10.0.0.1")->tls.pair_count, 1);
	assert_string_equal(settings_of("10.0.0.1")->tls.pairs[0].key, "/y");
	assert_int_equal(settings_of("10.0.0.2")->reuse, REUSE_OFF);
	assert_false(settings_of("10.0.0.2")->relay);
	assert_int_equal(settings_of("10.0.0.2")->tls.pair_count, 2);
	assert_string_equal(settings_of("10.0.0.2")->tls.pairs[1].certificate,
			    "/c");
	assert_int_equal(settings_of("10.0.0.2")->tls.server.high,
			 TLS1_2_VERSION);
	assert_int_equal(settings_of("10.0.0.2")->tls.client.high,
			 TLS1_3_VERSION);
	assert_null(settings_of("10.0.1.1"));
}

static void
test_refusals(void **state)
{
	static char line[512];

	(void)state;
	assert_refused("reuse maybe\n", "f:1: reuse: \"maybe\" is unknown here; "
					"write require, prefer or off");
	assert_refused("\nresue off\n", "f:2: \"resue\": no such directive; did "
					"you mean reuse?");
	assert_refused("reuse off\nreuse off\n", "f:2: reuse: line 1 gives it");
	assert_refused("client-tls 1.3-1.2\n", "is no version or range");
	assert_refused("client-tls 1.4\n", "is no version or range");
	assert_refused("certificate /a\n", "certificate: a value is missing; "
					   "write: certificate "
					   "CERTIFICATE-FILE KEY-FILE");
	assert_refused("certificate a b\n", "is not a usable path");
	assert_refused("server 10.0.0.1 certificate /a\n", "a value is missing");
	assert_refused("server 10.0.0.1 ccc\n", "a value is missing");
	assert_refused("server 10.0.0.1 ccc allow ccc refuse\n", "twice");
	assert_refused("server 10.0.0.1 colour red\n", "no setting of a server");
	assert_refused("server 10.0.0.1/24\n", "bits behind the prefix");
	assert_refused("server 10.0.0.1\nserver 10.0.0.1\n",
		       "has its entry at line 1 already");
	assert_refused("audit maybe\n", "write on or off");
	assert_refused("deny-commands DELE RMD\n", "too many values");
	assert_refused("deny-commands DELE,\n", "is no list of commands; "
						 "write names");
	assert_refused("allow-commands ,DELE\n", "is no list of commands");
	assert_refused("server 10.0.0.1 allow-commands US=ER\n",
		       "is no list of commands");
	assert_refused("server ten\n", "is no address or network");
	assert_refused("server\n", "a value is missing");
	assert_refused("port 0\n", "is not a whole number from 1 to 65534");
	assert_refused("stop-timeout -1\n", "is not a whole number from 0 to "
					   "86400");
	assert_refused("sandbox yes\n", "write on, trap or off");
	assert_refused("port 1 2\n", "too many values");
	assert_refused("passphrase-file /p\n",
		       "f:1: passphrase-file: passphrase-file belongs behind "
		       "the key");
	assert_refused("certificate /a /b passphrase-file\n",
		       "f:1: certificate: a value is missing");
	assert_refused("certificate /a /b passphrase-file p\n",
		       "f:1: certificate: \"p\" is not a usable path");
	assert_refused("verify none passphrase-file /p\n",
		       "belongs behind the key");
	assert_refused("client-certificate /a\n", "a value is missing");
	assert_refused("client-certificate /a b\n",
		       "write client-certificate /path");
	assert_refused("client-certificate /a /b\nclient-certificate /a /b\n",
		       "f:2: client-certificate: line 1 gives it already");
	assert_refused("server 10.0.0.1 client-certificate /a /b "
		       "client-certificate /c /d\n",
		       "twice");
	/* Not to one of another line. */
	assert_refused("certificate /a /b\nserver 10.0.0.1 passphrase-file /p\n",
		       "f:2: server: passphrase-file belongs behind the key");
	assert_refused("server 10.0.0.1 certificate /a /b passphrase-file /p "
		       "passphrase-file /q\n",
		       "once");
#define FOUR                                                                  \
	"certificate /a /b\ncertificate /a /b\ncertificate /a /b\n"           \
	"certificate /a /b\n"
	assert_int_equal(parse_into(&conf, FOUR FOUR), 0);
	assert_refused(FOUR FOUR "certificate /a /b\n",
		       "f:9: certificate: more than 8 certificates");
#undef FOUR
	memset(line, ' ', sizeof(line) - 1);
	memcpy(line, "server 10.0.0.1", 15);
	for (int i = 0; i < 128; i++)
		memcpy(line + 20 + 3 * i, "x", 1);
	assert_refused(line, "f:1: \"server\": more than 128 values");
}

static void
test_printed_is_read_again(void **state)
{
	static const char text[] =
		"port 2122\nstop-timeout 0\nuser tls\nlog-level debug\nverify /ca.pem\n"
		"certificate /a /b passphrase-file /p\ncertificate /c /d\n"
		"server-ciphers HIGH\n"
		"unclean-end pass\nccc refuse\naudit on\ndeny-commands DELE,Rmd\n"
		"server 10.0.0.0/8 client-tls 1.3 certificate /e /f "
		"certificate /g /h passphrase-file /q\n"
		"server 10.0.0.1 client-certificate /i /j passphrase-file /r\n"
		"client-certificate /k /l\n"
		"server 2001:db8::1 verify none data direct sscn allow audit off "
		"deny-commands none allow-commands USER,PASS\n";
	char *printed = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&printed, &size);

	(void)state;
	assert_non_null(stream);
	assert_int_equal(parse_into(&conf, text), 0);
	tls_conf_print(&conf, stream);
	fclose(stream);
	assert_int_equal(parse_into(&again, printed), 0);
	/* Where a setting came from is all that may differ. */
	for (unsigned i = 0; i < conf.server_count; i++) {
		again.servers[i].line = conf.servers[i].line;
		again.servers[i].given = conf.servers[i].given;
	}
	assert_memory_equal(&conf, &again, sizeof(conf));
	free(printed);
}

static void
test_servers_without_certificate(void **state)
{
	static struct policy policy;
	FILE *stream;

	(void)state;
	policy.server_count = 2;
	policy.servers[0] = (struct policy_server){
		.net = { { 10, 0, 0, 1 }, ADDR_V4 }, .prefix = 32,
		.terminate = true };
	policy.servers[1] = (struct policy_server){
		.net = { { 10, 0, 0, 0 }, ADDR_V4 }, .prefix = 24 };
	assert_int_equal(parse_into(&conf, "server 10.0.0.2 certificate /a /b\n"),
			 0);
	memset(errors, 0, sizeof(errors));
	stream = fmemopen(errors, sizeof(errors), "w");
	assert_int_equal(tls_conf_check(&conf, "f", &policy, stream), 1);
	fclose(stream);
	assert_non_null(strstr(errors, "no certificate for 10.0.0.1/32"));
	assert_int_equal(parse_into(&conf, "server 10.0.0.1 certificate /a /b\n"),
			 0);
	stream = fmemopen(errors, sizeof(errors), "w");
	assert_int_equal(tls_conf_check(&conf, "f", &policy, stream), 0);
	fclose(stream);
}

static bool
may(const char *deny, const char *allow, const char *word)
{
	return commands_allow(deny, allow, span_make(word, strlen(word)));
}

static void
test_lists_of_commands(void **state)
{
	(void)state;
	assert_true(may("", "", "DELE"));
	assert_true(may("", "", "D\xff" "LE"));
	assert_false(may("DELE,RMD", "", "dele"));
	assert_false(may("DELE,RMD", "", "RMD"));
	assert_false(may("DELE,RMD", "", "XRMD"));
	assert_false(may("XMKD", "", "MKD"));
	assert_true(may("DELE,RMD", "", "DEL"));
	assert_true(may("DELE,RMD", "", "DELEX"));
	/* Servers that take Telnet's bytes out would see DELE. */
	assert_false(may("DELE,RMD", "", "D\xff\xf1" "ELE"));
	assert_true(may("", "USER,CWD", "user"));
	assert_true(may("", "USER,CWD", "XCWD"));
	assert_false(may("", "USER,CWD", "PASS"));
	assert_false(may("USER", "USER,CWD", "USER"));
}

/* Any bytes: an answer, and no more. */
static void
test_noise(void **state)
{
	static char text[400];
	static const char words[][16] = { "server ", "10.0.0.1 ", "certificate ",
					  "/a ", "\n", "passphrase-file ", "1.2-",
					  "reuse ", "\0 ", "# ", "\r\n", "-" };

	(void)state;
	srand(1);
	for (int round = 0; round < 20000; round++) {
		text[0] = '\0';
		for (int i = 0; i < 20; i++)
			strcat(text, words[rand() % 12]);
		parse_into(&conf, text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_server_takes_from_directives),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_printed_is_read_again),
		cmocka_unit_test(test_servers_without_certificate),
		cmocka_unit_test(test_lists_of_commands),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests_name("tls_conf", tests, NULL, NULL);
}
