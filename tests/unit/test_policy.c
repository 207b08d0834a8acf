/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: the nearest server entry counts, and no port that must stay shut may
 * be a data port. */
#include "support.h"

#include <arpa/inet.h>

#include "pinholed/class.h"
#include "pinholed/policy.h"
#include "pinholed/reason.h"

static struct policy policy;

static struct addr
address(const char *text)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return addr_make(ADDR_V4, bytes);
	assert_int_equal(inet_pton(AF_INET6, text, bytes), 1);
	return addr_make(ADDR_V6, bytes);
}

static void
add_server(const char *net, uint8_t prefix)
{
	policy.servers[policy.server_count++] = (struct policy_server){
		.net = address(net),
		.prefix = prefix,
	};
}

/* The entry that holds for an address; -1 is the fallback. */
static int
entry(const char *server)
{
	struct addr a = address(server);
	const struct policy_server *s = policy_server(&policy, &a);

	return s == &policy.fallback ? -1 : (int)(s - policy.servers);
}

static void
test_server(void **state)
{
	(void)state;
	policy = (struct policy){ 0 };
	assert_int_equal(entry("10.0.0.1"), -1);
	add_server("10.0.0.0", 8);    /* 0 */
	add_server("10.77.2.11", 32); /* 1 */
	add_server("10.77.0.0", 16);  /* 2 */
	add_server("10.77.2.11", 32); /* 3: never reached */
	add_server("10.128.0.0", 9);  /* 4 */
	add_server("fd00:77::", 32);  /* 5 */
	add_server("fd00:77:2::11", 128); /* 6 */
	assert_int_equal(entry("10.0.0.1"), 0);
	assert_int_equal(entry("10.127.255.255"), 0);
	assert_int_equal(entry("10.128.0.0"), 4);
	assert_int_equal(entry("10.77.2.11"), 1);
	assert_int_equal(entry("10.77.2.10"), 2);
	assert_int_equal(entry("11.0.0.1"), -1);
	assert_int_equal(entry("fd00:77:2::11"), 6);
	assert_int_equal(entry("fd00:77:2::12"), 5);
	assert_int_equal(entry("fd00:78::"), -1);
	/* The same first bytes, the other family. */
	assert_int_equal(entry("a4d:20b::"), -1);
	add_server("0.0.0.0", 0); /* 7 */
	assert_int_equal(entry("11.0.0.1"), 7);
	assert_int_equal(entry("10.77.2.10"), 2);
	assert_int_equal(entry("fd00:78::"), -1);
}

static void
test_ports(void **state)
{
	(void)state;
	policy = (struct policy){
		.explicit_ports = { 21, 2121 },
		.implicit_ports = { 990, 9990, 7 },
		.explicit_count = 2,
		.implicit_count = 2,
		.deny = { { 3306, 3306 }, { 6000, 6063 }, { 0, 0 },
			  { 65535, 65535 }, { 5000, 5000 } },
		.deny_count = 4,
	};
	for (uint32_t port = 0; port <= 65535; port++) {
		bool shut = port < 1024 || port == 2121 || port == 9990 ||
			    port == 3306 || (port >= 6000 && port <= 6063) ||
			    port == 65535;

		assert_int_equal(policy_port_allowed(&policy, (uint16_t)port),
				 !shut);
		assert_int_equal(policy_is_explicit(&policy, (uint16_t)port),
				 port == 21 || port == 2121);
		assert_int_equal(policy_is_implicit(&policy, (uint16_t)port),
				 port == 990 || port == 9990);
		assert_int_equal(policy_is_control(&policy, (uint16_t)port),
				 port == 21 || port == 2121 || port == 990 ||
					 port == 9990);
	}
}

/* Goal: every reason has a word of its own, fit for logs and JSON. */
static void
test_reasons(void **state)
{
	(void)state;
	for (unsigned r = 0; r < REASON_COUNT; r++) {
		const char *word = reason_word((enum reason)r);

		assert_true(strlen(word) > 1);
		assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz-"
					      "0123456789"),
				 strlen(word));
		assert_true(strlen(reason_sentence((enum reason)r)) > 5);
		for (unsigned other = 0; other < r; other++)
			assert_string_not_equal(
				word, reason_word((enum reason)other));
	}
	assert_string_equal(reason_word(REASON_NUMBER_RANGE), "number-range");
	assert_string_equal(reason_word(REASON_COUNT), "unknown");
	assert_string_equal(reason_sentence(REASON_COUNT), "unknown");
	assert_string_equal(reason_word((enum reason)-1), "unknown");
}

static void
test_classes(void **state)
{
	static const char *const names[16] = {
		"none",	    "greeting", "clear",   "tls-wanted",
		"opaque",   "clear-after-ccc", "terminated", "not-ftp",
		"data",	    "data",	"data",	   "data",
		"unknown",  "unknown",	"unknown", "cut",
	};

	(void)state;
	for (unsigned c = 0; c < 16; c++)
		assert_string_equal(class_name((enum session_class)c),
				    names[c]);
}

/* Counted one by one. */
static uint32_t
count_ports(struct port_range range)
{
	uint32_t count = 0;

	for (uint32_t port = range.low; port <= range.high; port++)
		count += policy_port_allowed(&policy, (uint16_t)port);
	return range.high == 0 ? 0 : count;
}

static void
test_range_ports(void **state)
{
	static const struct port_range ranges[] = {
		{ 0, 0 },	  { 1024, 65535 },  { 1, 65535 },
		{ 50000, 50099 }, { 50010, 50010 }, { 50011, 50019 },
		{ 50021, 60000 }, { 65535, 65535 }, { 1, 1023 },
		{ 50000, 50010 }, { 50020, 50021 }, { 1024, 1024 },
	};

	(void)state;
	policy = (struct policy){
		.explicit_ports = { 21, 50050 },
		.explicit_count = 2,
		.implicit_ports = { 990, 65535 },
		.implicit_count = 2,
		/* They touch, overlap and hold each other. */
		.deny = { { 50010, 50020 }, { 50015, 50030 }, { 50031, 50031 },
			  { 50016, 50017 }, { 1024, 1024 }, { 3306, 3306 } },
		.deny_count = 6,
	};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		assert_int_equal(policy_range_ports(&policy, ranges[i]),
				 count_ports(ranges[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_range_ports),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
