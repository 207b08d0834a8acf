/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: every directive does what pinholed.conf(5) says, every mistake is named
 * with its line, its directive and what to do, and what is printed can be read
 * back as the same configuration. Whatever the bytes, nothing worse happens.
 */
#include "support.h"

#include <fcntl.h>
#include <unistd.h>

#include "io/conf.h"
#include "io/products.h"

static char messages[65536];

static unsigned
parse(const char *text, struct conf *conf)
{
	FILE *errors = fmemopen(messages, sizeof(messages), "w");
	unsigned count;

	messages[0] = '\0';
	count = conf_parse("f", guard_text(text), conf, errors);
	fclose(errors);
	return count;
}

/* Static: it is large, and a test needs it for a moment only. */
static struct conf *
good(const char *text)
{
	static struct conf conf;

	memset(&conf, 0xa5, sizeof(conf));
	if (parse(text, &conf) != 0)
		fail_msg("%s", messages);
	return &conf;
}

/* @text has @count mistakes; the messages are exactly @expected. */
static void
bad(const char *text, unsigned count, const char *expected)
{
	static struct conf conf;

	assert_int_equal(parse(text, &conf), count);
	assert_string_equal(messages, expected);
}

static const struct policy_server *
server(const struct conf *conf, unsigned index)
{
	assert_true(index < conf->policy.server_count);
	return &conf->policy.servers[index];
}

static void
test_empty_is_default(void **state)
{
	static struct conf defaults;
	const char *texts[] = { "", "\n", "# only\r\n\t # comments", "\r\n\n" };

	(void)state;
	conf_defaults(&defaults);
	for (unsigned i = 0; i < 4; i++) {
		assert_memory_equal(good(texts[i]), &defaults,
				    sizeof(defaults));
		assert_string_equal(messages, "");
	}
	assert_int_equal(defaults.policy.explicit_ports[0], 21);
	assert_int_equal(defaults.policy.implicit_ports[0], 990);
	assert_int_equal(defaults.policy.fallback.opaque, POLICY_OPAQUE_GRANT);
	assert_int_equal(defaults.policy.fallback.opaque_active,
			 POLICY_ACTIVE_REFUSE);
	assert_true(defaults.policy.fallback.clear_active);
	assert_false(defaults.policy.starttls_cut);
	assert_int_equal(defaults.policy.fallback.passive.high, 0);
}

static void
test_every_directive(void **state)
{
	const struct conf *c = good(
		"ports 21 2121\r\n"
		"implicit-ports none # no implicit TLS\n"
		"deny-ports 3306 5900-5910\n"
		"\tpinhole-timeout\t30\n"
		"grant-timeout 20\n"
		"idle-timeout 3600\n"
		"opaque refuse\n"
		"opaque-active ftp-data\n"
		"active refuse\n"
		"starttls-violation cut\n"
		"shadow on\n"
		"passive-range 50000-50099\n"
		"queues 10-13\n"
		"copies 7\n"
		"queue-length 1024\n"
		"max-sessions 7\n"
		"max-openings 8\n"
		"max-pinholes-per-session 3\n"
		"max-commands-per-session 5\n"
		"line-buffers 9\n"
		"segment-buffers 10\n"
		"table my_table\n"
		"socket /run/x/y#z.sock\n"
		"socket-group ftp-admins\n"
		"user nobody\n"
		"log-level debug\n"
		"log-to syslog\n"
		"sandbox trap");

	(void)state;
	assert_int_equal(c->policy.explicit_count, 2);
	assert_int_equal(c->policy.explicit_ports[1], 2121);
	assert_int_equal(c->policy.implicit_count, 0);
	assert_int_equal(c->policy.deny_count, 2);
	assert_int_equal(c->policy.deny[0].high, 3306);
	assert_int_equal(c->policy.deny[1].low, 5900);
	assert_int_equal(c->policy.deny[1].high, 5910);
	assert_int_equal(c->policy.pinhole_timeout_s, 30);
	assert_int_equal(c->policy.grant_timeout_s, 20);
	assert_int_equal(c->policy.idle_timeout_s, 3600);
	assert_int_equal(c->policy.fallback.opaque, POLICY_OPAQUE_REFUSE);
	assert_int_equal(c->policy.fallback.opaque_active,
			 POLICY_ACTIVE_FTP_DATA);
	assert_false(c->policy.fallback.clear_active);
	assert_true(c->policy.starttls_cut);
	assert_true(c->policy.shadow);
	assert_int_equal(c->policy.fallback.passive.low, 50000);
	assert_int_equal(c->policy.fallback.passive.high, 50099);
	assert_int_equal(c->queue_first, 10);
	assert_int_equal(c->queue_count, 4);
	assert_int_equal(c->copies, 7);
	assert_int_equal(c->queue_length, 1024);
	assert_int_equal(c->limits.sessions, 7);
	assert_int_equal(c->limits.openings, 8);
	assert_int_equal(c->policy.session_pinholes_max, 3);
	assert_int_equal(c->policy.session_commands_max, 5);
	assert_int_equal(c->limits.line_buffers, 9);
	assert_int_equal(c->limits.segment_buffers, 10);
	assert_string_equal(c->table, "my_table");
	assert_string_equal(c->socket_path, "/run/x/y#z.sock");
	assert_string_equal(c->socket_group, "ftp-admins");
	assert_string_equal(c->user, "nobody");
	assert_int_equal(c->log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(c->log_target, LOG_TARGET_SYSLOG);
	assert_int_equal(c->sandbox, CONF_SANDBOX_TRAP);
}

static void
test_servers_inherit(void **state)
{
	/* The global settings stand before, between and behind the servers. */
	const struct conf *c = good(
		"server 192.0.2.1\n"
		"opaque refuse\n"
		"server 192.0.2.0/24 opaque grant product sftpgo\n"
		"server 2001:db8::/32 passive-range none active allow "
		"opaque-active any\n"
		"passive-range 40000-40099\n"
		"active refuse\n"
		"opaque-active ftp-data\n");
	const struct policy_server *s = server(c, 0);

	(void)state;
	assert_false(s->terminate);
	assert_int_equal(s->net.family, ADDR_V4);
	assert_int_equal(s->prefix, 32);
	assert_int_equal(s->opaque, POLICY_OPAQUE_REFUSE);
	assert_int_equal(s->opaque_active, POLICY_ACTIVE_FTP_DATA);
	assert_false(s->clear_active);
	assert_int_equal(s->passive.low, 40000);
	s = server(c, 1);
	assert_int_equal(s->prefix, 24);
	assert_int_equal(s->opaque, POLICY_OPAQUE_GRANT);
	assert_int_equal(s->passive.low, 50000);
	assert_int_equal(s->passive.high, 50100);
	assert_false(s->clear_active);
	s = server(c, 2);
	assert_int_equal(s->net.family, ADDR_V6);
	assert_int_equal(s->prefix, 32);
	assert_int_equal(s->passive.high, 0);
	assert_int_equal(s->opaque_active, POLICY_ACTIVE_ANY);
	assert_true(s->clear_active);
	assert_string_equal(messages, "");
	/* The defaults are inherited, too. */
	s = server(good("server 192.0.2.1 product sftpgo\n"), 0);
	assert_int_equal(s->opaque, POLICY_OPAQUE_GRANT);
	assert_int_equal(s->opaque_active, POLICY_ACTIVE_REFUSE);
	assert_true(s->clear_active);
}

static void
test_products(void **state)
{
	char text[128];

	(void)state;
	for (size_t i = 0; product_at(i) != NULL; i++) {
		const struct product *p = product_at(i);
		const struct conf *c;

		assert_in_range(p->passive.low, POLICY_PORT_MIN,
				p->passive.high);
		snprintf(text, sizeof(text), "server ::1 product %s\n",
			 p->name);
		c = good(text);
		assert_int_equal(server(c, 0)->passive.low, p->passive.low);
		assert_int_equal(server(c, 0)->passive.high, p->passive.high);
	}
}

static void
test_words(void **state)
{
	(void)state;
	bad("prots 21\n", 1,
	    "f:1: \"prots\": no such directive; did you mean ports?\n");
	bad("\n\nfrobnicate\n", 1,
	    "f:3: \"frobnicate\": no such directive; pinholed.conf(5) lists "
	    "them all\n");
	bad("Ports 21\n", 1,
	    "f:1: \"Ports\": no such directive; did you mean ports?\n");
	bad("ports\n", 1,
	    "f:1: ports: a value is missing; write: ports PORT... | none\n");
	bad("opaque grant refuse\n", 1,
	    "f:1: opaque: too many values; write: opaque grant | refuse\n");
	bad("opaque maybe\n", 1,
	    "f:1: opaque: \"maybe\" is unknown here; write refuse or grant\n");
	bad("opaque-active grant\n", 1,
	    "f:1: opaque-active: \"grant\" is unknown here; write refuse, "
	    "ftp-data or any\n");
	bad("queues 5\nports 21\nqueues 6\n", 1,
	    "f:3: queues: line 1 gives it already; keep one of them\n");
	/* Every mistake, not only the first. */
	bad("a-a-a\nb-b-b\nports 0\n", 3,
	    "f:1: \"a-a-a\": no such directive; pinholed.conf(5) lists them "
	    "all\n"
	    "f:2: \"b-b-b\": no such directive; pinholed.conf(5) lists them "
	    "all\n"
	    "f:3: ports: \"0\" is not a port from 1 to 65535\n");
}

static void
test_hostile_words_are_escaped(void **state)
{
	char text[300] = "user ";

	(void)state;
	bad("\x1b[2J\"\\\xff\n", 1,
	    "f:1: \"\\x1b[2J\\x22\\x5c\\xff\": no such directive; "
	    "pinholed.conf(5) lists them all\n");
	memset(text + 5, '\a', 200);
	assert_int_equal(parse(text, good("")), 1);
	assert_true(strlen(messages) < 256);
	assert_non_null(strstr(messages, "\\x07...\" is not a name"));
}

static void
test_numbers(void **state)
{
	static const char *const wrong[] = {
		"",  "-1",  "+60", "060",  "60s",	  "0x3c",
		"6 0", "0", "3601", "4294967356", "18446744073709551676",
		"99999999999999999999999999999999",
	};
	char text[128];

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "pinhole-timeout %s\n", wrong[i]);
		assert_int_equal(parse(text, good("")), 1);
	}
	bad("pinhole-timeout 3601\n", 1,
	    "f:1: pinhole-timeout: \"3601\" is not a whole number from 1 to "
	    "3600\n");
	assert_int_equal(good("pinhole-timeout 1\n")->policy.pinhole_timeout_s,
			 1);
	assert_int_equal(
		good("pinhole-timeout 3600\n")->policy.pinhole_timeout_s, 3600);
}

static void
test_ranges(void **state)
{
	static const char *const wrong[] = { "1023-2000", "2000-1999",
					     "2000-65536", "2000-", "-2000",
					     "2000--3000", "2000-3000-4000",
					     "0" };
	char text[128];

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "passive-range %s\n", wrong[i]);
		assert_int_equal(parse(text, good("")), 1);
		snprintf(text, sizeof(text),
			 "server 10.0.0.1 passive-range %s\n", wrong[i]);
		assert_int_equal(parse(text, good("")), 1);
	}
	assert_int_equal(
		good("passive-range 1024-65535\n")->policy.fallback.passive.low,
		1024);
	bad("queues 0-64\n", 1,
	    "f:1: queues: 65 queues are too many; write 64 at most, one per "
	    "processor is enough\n");
	assert_int_equal(good("queues 65472-65535\n")->queue_count, 64);
	assert_int_equal(good("copies none\n")->copies, CONF_NO_COPIES);
	assert_int_equal(good("copies 65535\n")->copies, 65535);
	assert_int_equal(good("")->copies, 2100);
	bad("copies 65536\n", 1,
	    "f:1: copies: \"65536\" is no NFLOG group; write 2100, or none\n");
	bad("queues 65535-65536\n", 1,
	    "f:1: queues: \"65535-65536\" is no queue number or range; write "
	    "2100 or 2100-2103\n");
}

static void
test_port_lists(void **state)
{
	char text[1024] = "deny-ports";

	(void)state;
	bad("ports none\nimplicit-ports none\n", 1,
	    "f:2: implicit-ports: no control port is left; write ports 21\n");
	bad("ports 21 990\n", 1,
	    "f:1: ports: port 990 stands twice in ports and implicit-ports; "
	    "keep one of them\n");
	bad("ports 21 21\n", 1,
	    "f:1: ports: port 21 stands twice in ports and implicit-ports; "
	    "keep one of them\n");
	bad("ports 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n", 1,
	    "f:1: ports: too many values; write: ports PORT... | none\n");
	for (unsigned i = 0; i < 64; i++)
		strcat(text, " 3306");
	assert_int_equal(good(text)->policy.deny_count, 64);
	strcat(text, " 3306");
	bad(text, 1,
	    "f:1: deny-ports: too many values; write: deny-ports "
	    "PORT|LOW-HIGH... | none\n");
	assert_int_equal(good("deny-ports none\n")->policy.deny_count, 0);
}

static void
test_networks(void **state)
{
	(void)state;
	bad("server 192.0.2.5/24\n", 1,
	    "f:1: server: \"192.0.2.5/24\" has bits behind the prefix; write "
	    "192.0.2.0/24 for the network, or leave /24 out for the one "
	    "server\n");
	bad("server 2001:db8::1/127\n", 1,
	    "f:1: server: \"2001:db8::1/127\" has bits behind the prefix; "
	    "write 2001:db8::/127 for the network, or leave /127 out for the "
	    "one server\n");
	bad("server ::ffff:192.0.2.1\n", 1,
	    "f:1: server: \"::ffff:192.0.2.1\" is an IPv4 address in IPv6 "
	    "form, which no packet has; write the IPv4 address\n");
	for (unsigned i = 0; i < 8; i++) {
		static const char *const wrong[] = {
			"192.0.2.1/33", "192.0.2", "192.0.2.1/", "::/129",
			"ftp.example", "/24", "10.0.0.0/8/8", "fe80::1%eth0"
		};
		char text[128];

		snprintf(text, sizeof(text), "server %s opaque refuse\n",
			 wrong[i]);
		assert_int_equal(parse(text, good("")), 1);
		assert_non_null(strstr(messages, "is no address or network"));
	}
	assert_int_equal(server(good("server 0.0.0.0/0 opaque refuse\n"),
				0)->prefix, 0);
	assert_int_equal(server(good("server ::/0 opaque refuse\n"),
				0)->prefix, 0);
}

static void
test_server_twice(void **state)
{
	static struct conf conf;

	(void)state;
	bad("# one\nserver 10.0.0.0/8 opaque refuse\nserver 10.0.0.0/9 opaque "
	    "refuse\nserver 10.0.0.0/8 opaque refuse\n", 1,
	    "f:4: server: \"10.0.0.0/8\" has its entry at line 2 already; keep "
	    "one of them\n");
	assert_int_equal(parse("server 10.0.0.1 opaque refuse\n"
			       "server 10.0.0.1/32 opaque refuse\n", &conf), 1);
	/* The same bytes in the other family are another network. */
	good("server 0.0.0.0/0 opaque refuse\nserver ::/0 opaque refuse\n");
}

static void
test_server_settings(void **state)
{
	(void)state;
	bad("server 10.0.0.1 opaque\n", 1,
	    "f:1: server: opaque needs a value\n");
	bad("server 10.0.0.1 colour red\n", 1,
	    "f:1: server: \"colour\" is unknown here; write passive-range, "
	    "product, opaque, opaque-active, active, terminate, window or "
	    "proof\n");
	bad("server 10.0.0.1 terminate maybe\n", 1,
	    "f:1: server: \"maybe\" is unknown here; write no, yes or "
	    "required\n");
	bad("server 10.0.0.1 active allow active refuse\n", 1,
	    "f:1: server: active stands here twice; keep one of them\n");
	bad("server 10.0.0.1 product iis passive-range 5000-5001\n", 1,
	    "f:1: server: the passive range stands here twice; keep one of "
	    "them\n");
	assert_int_equal(parse("server 10.0.0.1 product wu-ftpd\n", good("")),
			 1);
	assert_non_null(strstr(messages, "f:1: server: no product \"wu-ftpd\" "
					 "is known; write aws-transfer, "));
	assert_non_null(strstr(messages, ", or passive-range LOW-HIGH\n"));
}

static void
test_too_many_servers(void **state)
{
	static struct conf conf;
	static char text[65536];
	size_t len = 0;

	(void)state;
	for (unsigned i = 0; i < 1024; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"server 10.0.%u.%u opaque refuse\n",
					i / 256, i % 256);
	assert_int_equal(good(text)->policy.server_count, 1024);
	strcat(text, "server 10.1.0.0 opaque refuse\n");
	assert_int_equal(parse(text, &conf), 1);
	assert_string_equal(messages, "f:1025: server: more than 1024 servers; "
				      "join them into networks\n");
}

static void
test_warnings_do_not_count(void **state)
{
	(void)state;
	good("server 10.0.0.1\n");
	assert_string_equal(
		messages,
		"f:1: server: warning: no passive range is known, so encrypted "
		"sessions get no passive data connection; add passive-range or "
		"product, or opaque refuse\n");
	good("\nserver 10.0.0.1 passive-range 3000-4000\n"
	     "deny-ports 2049 3306 9999\n");
	assert_string_equal(
		messages,
		"f:2: server: warning: 3000-4000 holds ports of deny-ports "
		"(3306); a grant leaves those closed, so configure a narrower "
		"range at the server and here\n");
	good("passive-range 1024-65535\n");
	assert_non_null(strstr(messages, "f:1: passive-range: warning: "));
	good("passive-range 1024-65535\nopaque refuse\n");
	assert_string_equal(messages, "");
}

static void
expect_round_trip(const struct conf *conf)
{
	static struct conf again;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	conf_print(conf, out);
	fclose(out);
	assert_int_equal(parse(text, &again), 0);
	assert_memory_equal(conf, &again, sizeof(again));
	free(text);
}

static void
test_print_round_trip(void **state)
{
	(void)state;
	expect_round_trip(good(""));
	expect_round_trip(good(
		"deny-ports none\nqueues 7\ncopies none\nsocket-group g\nuser u\n"
		"ports none\nlog-level err\nlog-to syslog\nactive refuse\n"
		"passive-range 2000\nopaque-active any\n"
		"server 10.0.0.0/8 passive-range none\n"
		"server 10.1.0.0/16 opaque refuse product vsftpd\n"
		"server 2001:db8::1 active allow opaque-active refuse\n"
		"server 10.0.0.1 terminate yes\n"
		"server 10.0.0.2 terminate required\n"
		"terminator-socket /run/t.sock\nterminator-group ftps\n"));
}

static void
test_restart_needed(void **state)
{
	static struct conf old;
	FILE *errors;

	(void)state;
	old = *good("queues 1-2\n");
	errors = fmemopen(messages, sizeof(messages), "w");
	assert_int_equal(conf_restart_needed(
		&old, good("queues 1-2\nports 2121\nlog-level debug\n"
			   "server 10.0.0.1 opaque refuse\n"), errors), 0);
	assert_int_equal(conf_restart_needed(
		&old, good("queues 1-3\nuser nobody\nsandbox off\n"), errors),
		3);
	fclose(errors);
	assert_string_equal(
		messages,
		"queues: changed from `queues 1-2` to `queues 1-3`; restart to "
		"make it so\n"
		"user: changed from `` to `user nobody`; restart to make it "
		"so\n"
		"sandbox: changed from `sandbox on` to `sandbox off`; restart "
		"to make it so\n");
}

static void
test_load(void **state)
{
	char name[] = "/tmp/test_conf.XXXXXX";
	static struct conf conf;
	int fd = mkstemp(name);
	FILE *errors = fmemopen(messages, sizeof(messages), "w");

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "ports 2121\n", 11), 11);
	assert_int_equal(conf_load(name, &conf, errors), 0);
	assert_int_equal(conf.policy.explicit_ports[0], 2121);
	assert_return_code(ftruncate(fd, (1 << 20) + 1), 0);
	assert_int_equal(conf_load(name, &conf, errors), 1);
	close(fd);
	unlink(name);
	assert_int_equal(conf_load(name, &conf, errors), 1);
	assert_int_equal(conf_load("/tmp", &conf, errors), 1);
	fclose(errors);
	assert_non_null(strstr(messages, ": cannot be read: larger than 1 "
					 "MiB\n"));
	assert_non_null(strstr(messages, ": cannot be read: No such file or "
					 "directory\n"));
	assert_non_null(strstr(messages, "/tmp: cannot be read: Is a "
					 "directory\n"));
}

/*
 * The installed file changes nothing as it is. With each `#directive` in it put
 * into force it is still a good one, and those that are not examples say the
 * default. Run from the top of the source tree, as `make` does.
 */
static void
test_installed_file(void **state)
{
	static struct conf defaults, conf;
	static char text[16384], line[1024];
	FILE *in = fopen("docs/pinholed.conf", "r");

	(void)state;
	if (in == NULL) {
		print_message("docs/pinholed.conf is not here\n");
		skip();
	}
	conf_defaults(&defaults);
	assert_int_equal(conf_load("docs/pinholed.conf", &conf, stderr), 0);
	assert_memory_equal(&conf, &defaults, sizeof(conf));
	while (fgets(line, sizeof(line), in) != NULL)
		if (line[0] == '#' && line[1] >= 'a' && line[1] <= 'z')
			strcat(text, line + 1);
	fclose(in);
	assert_int_equal(parse(text, &conf), 0);
	assert_string_equal(messages, "");
	assert_int_equal(conf.policy.server_count, 6);
	memset(conf.policy.servers, 0, sizeof(conf.policy.servers));
	conf.policy.server_count = 0;
	memset(conf.socket_group, 0, sizeof(conf.socket_group));
	memset(conf.terminator_group, 0, sizeof(conf.terminator_group));
	memset(conf.user, 0, sizeof(conf.user));
	assert_memory_equal(&conf, &defaults, sizeof(conf));
}

/* Lines put together of the language's own words, and of any bytes. */
static void
test_random_bytes(void **state)
{
	static const char *const words[] = {
		"ports", "server", "10.0.0.1", "product", "vsftpd", "opaque",
		"passive-range", "5-", "none", "#", "\n", "\r\n", "2001:db8::",
		"/64", "user", "queues", "1-9", "deny-ports", "\xff", "\x01",
	};
	static struct conf conf;
	FILE *errors = fopen("/dev/null", "w");

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		char text[256] = "";
		size_t len = 0;

		while (len < sizeof(text) - 20) {
			if (test_random(4) == 0)
				text[len++] = (char)test_random(256);
			else
				len += (size_t)sprintf(
					text + len, "%s%s",
					words[test_random(20)],
					test_random(4) == 0 ? "" : " ");
			if (test_random(40) == 0)
				break;
		}
		conf_parse("f", guard_span(text, len), &conf, errors);
	}
	fclose(errors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_is_default),
		cmocka_unit_test(test_every_directive),
		cmocka_unit_test(test_servers_inherit),
		cmocka_unit_test(test_products),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_hostile_words_are_escaped),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_port_lists),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_server_twice),
		cmocka_unit_test(test_server_settings),
		cmocka_unit_test(test_too_many_servers),
		cmocka_unit_test(test_warnings_do_not_count),
		cmocka_unit_test(test_print_round_trip),
		cmocka_unit_test(test_restart_needed),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_installed_file),
		cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
