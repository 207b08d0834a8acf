/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: openings as the kernel's sets and real connections see them. */
#include "openings.h"

#include <time.h>

static int
apply_pin(enum action_kind kind, uint16_t port, uint32_t timeout_s)
{
	return apply(kind, OPENING_PINHOLE, PEER4, HERE4, port, timeout_s);
}

static bool
in_table_set(const char *table, const char *set, const char *element)
{
	return run("nft get element inet %s %s '{ %s }' >/dev/null 2>&1",
		   table, set, element) == 0;
}

static bool
in_set(const char *set, const char *element)
{
	return in_table_set("pinholed", set, element);
}

static bool
in_tls_set(const char *set, const char *element)
{
	return in_table_set("pinholed_tls", set, element);
}

static void
test_missing_ruleset_is_named(void **state)
{
	const char *missing = NULL;

	(void)state;
	must_run("nft delete table inet pinholed");
	assert_int_equal(fwset_check(fw, &missing), -ENOENT);
	assert_string_equal(missing, "table inet pinholed");
	assert_int_equal(apply_pin(ACTION_OPEN, 5000, 30), -ENOENT);
	assert_int_equal(fwset_flush(fw), -ENOENT);

	must_run("nft 'table inet pinholed { set pin4 { "
		 "type ipv4_addr . ipv4_addr . inet_service; }; }'");
	assert_int_equal(fwset_check(fw, &missing), -ENOENT);
	assert_string_equal(missing, "set pin6 in table inet pinholed");

	must_run("nft delete table inet pinholed");
	netns_load_shipped();
	assert_int_equal(fwset_check(fw, &missing), 0);

	must_run("nft delete table inet pinholed_tls");
	assert_int_equal(fwset_check(fw, &missing), -ENOENT);
	assert_string_equal(missing, "table inet pinholed_tls");
	netns_load_shipped();
	assert_int_equal(fwset_check(fw, &missing), 0);
}

static bool
tls_sleeps(void)
{
	return run("nft list table inet pinholed_tls | grep -q 'flags dormant'") ==
	       0;
}

/* Goal: no packet passes the chain for pinholed-tls where that has nothing to do;
 * and it is awake wherever somebody can need it. */
static void
test_tls_table_sleeps(void **state)
{
	static struct policy none, policy;

	(void)state;
	policy.servers[0] = server(HERE4, 32, 50000, 50010);
	policy.servers[0].terminate = true;
	policy.server_count = 1;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fwset_sync_policy(fw, &policy, false), 0);
		assert_false(tls_sleeps());
		assert_int_equal(fwset_sync_policy(fw, &none, false), 0);
		assert_false(tls_sleeps());
		for (int n = 0; n < 2; n++) {
			assert_int_equal(fwset_sleep_tls(fw), 0);
			assert_true(tls_sleeps());
			assert_int_equal(fwset_sync_policy(fw, &none, false),
					 0);
			assert_true(tls_sleeps());
		}
	}
	netns_load_shipped();
	assert_false(tls_sleeps());
}

static void
test_pinhole_lets_one_connection_in(void **state)
{
	static const char *const here[] = { HERE4, HERE6 };
	static const char *const peer[] = { PEER4, PEER6 };
	static const char *const other[] = { "10.99.0.3", "fd00:99::3" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_false(peer_reaches(here[i], 5000));
		assert_int_equal(apply(ACTION_OPEN, OPENING_PINHOLE, peer[i],
				       here[i], 5000, 30), 0);
		assert_false(peer_reaches(here[i], 5001));
		assert_true(peer_reaches(here[i], 5000));
		assert_false(peer_reaches(here[i], 5000));
		/* Nor for another source, */
		assert_int_equal(apply(ACTION_OPEN, OPENING_PINHOLE, other[i],
				       here[i], 5000, 30), 0);
		assert_false(peer_reaches(here[i], 5000));
		/* nor below 1024, whatever asks for it. */
		assert_int_equal(apply(ACTION_OPEN, OPENING_PINHOLE, peer[i],
				       here[i], 1023, 30), 0);
		assert_false(peer_reaches(here[i], 1023));
	}
	must_run("nft list ruleset | grep -q expires");
	assert_int_equal(fwset_flush(fw), 0);
	must_run("! nft list ruleset | grep -q expires");
}

static void
test_close_never_fails(void **state)
{
	(void)state;
	assert_int_equal(apply_pin(ACTION_OPEN, 5000, 30), 0);
	assert_int_equal(apply_pin(ACTION_CLOSE, 5000, 30), 0);
	assert_false(in_set("pin4", PEER4 " . " HERE4 " . 5000"));
	assert_false(peer_reaches(HERE4, 5000));
	assert_int_equal(apply_pin(ACTION_CLOSE, 5000, 30), 0);
	/* Used up. */
	assert_int_equal(apply_pin(ACTION_OPEN, 5000, 30), 0);
	assert_true(peer_reaches(HERE4, 5000));
	assert_int_equal(apply_pin(ACTION_CLOSE, 5000, 30), 0);
	/* Expired. */
	assert_int_equal(apply_pin(ACTION_OPEN, 5000, 1), 0);
	usleep(1300 * 1000);
	assert_false(peer_reaches(HERE4, 5000));
	assert_int_equal(apply_pin(ACTION_CLOSE, 5000, 1), 0);
}

static void
test_refresh_renews_the_timeout(void **state)
{
	(void)state;
	/* Longer than the first timeout in all. */
	assert_int_equal(apply_pin(ACTION_OPEN, 5000, 2), 0);
	usleep(1200 * 1000);
	assert_int_equal(apply_pin(ACTION_REFRESH, 5000, 2), 0);
	usleep(1200 * 1000);
	assert_true(peer_reaches(HERE4, 5000));
	/* And where it has gone. */
	assert_int_equal(apply_pin(ACTION_REFRESH, 5000, 30), 0);
	assert_true(peer_reaches(HERE4, 5000));
}

static void
test_open_finds_nothing_there(void **state)
{
	(void)state;
	assert_int_equal(apply_pin(ACTION_OPEN, 5000, 1), 0);
	assert_int_equal(apply_pin(ACTION_OPEN, 5000, 30), -EEXIST);
	usleep(1300 * 1000);
	/* The failed one changed nothing; what has expired is not there. */
	assert_false(peer_reaches(HERE4, 5000));
	assert_int_equal(apply_pin(ACTION_OPEN, 5000, 30), 0);
	assert_true(peer_reaches(HERE4, 5000));
	assert_int_equal(fwset_flush(fw), 0);
}

static void
test_failed_transaction_changes_nothing(void **state)
{
	struct action a = action(ACTION_OPEN, OPENING_PINHOLE, PEER4, HERE4,
				 5000, 30);
	struct action b = action(ACTION_OPEN, OPENING_GRANT_ACTIVE, HERE4,
				 PEER4, 0, 30);

	(void)state;
	must_run("nft 'flush chain inet pinholed data; "
		 "delete set inet pinholed active4'");
	assert_int_equal(fwset_add(fw, &a), 0);
	assert_int_equal(fwset_add(fw, &b), 0);
	assert_int_equal(fwset_commit(fw), -ENOENT);
	assert_false(in_set("pin4", PEER4 " . " HERE4 " . 5000"));
	assert_int_equal(fwset_commit(fw), 0);
	assert_int_equal(fwset_add(fw, &a), 0);
	assert_int_equal(fwset_commit(fw), 0);
	assert_true(in_set("pin4", PEER4 " . " HERE4 " . 5000"));
	/* The ruleset loads again over what is there, and that stays. */
	netns_load_shipped();
	assert_true(in_set("pin4", PEER4 " . " HERE4 " . 5000"));
	assert_true(peer_reaches(HERE4, 5000));
}

static void
test_full_transaction_says_so(void **state)
{
	unsigned count = 0;

	(void)state;
	for (;;) {
		struct action a = action(ACTION_OPEN, OPENING_PINHOLE, PEER6,
					 HERE6, (uint16_t)(2000 + count), 30);
		int err = fwset_add(fw, &a);

		if (err != 0) {
			assert_int_equal(err, -ENOSPC);
			break;
		}
		count++;
	}
	assert_true(count >= ACTIONS_MAX);
	assert_int_equal(fwset_commit(fw), 0);
	assert_true(in_set("pin6", PEER6 " . " HERE6 " . 2000"));
	assert_int_equal(fwset_flush(fw), 0);
}

static bool
in_range(const char *address, uint16_t port)
{
	char element[64];

	snprintf(element, sizeof(element), "%s . %u", address, port);
	return in_set(strchr(address, ':') != NULL ? "range6" : "range4",
		      element);
}

static void
test_policy_is_flattened(void **state)
{
	static struct policy policy;

	(void)state;
	policy.explicit_ports[0] = 21;
	policy.explicit_ports[1] = 2121;
	policy.explicit_count = 2;
	policy.implicit_ports[0] = 990;
	policy.implicit_count = 1;
	policy.deny[0] = (struct port_range){ 3306, 3307 };
	policy.deny[1] = (struct port_range){ 60000, 65535 };
	policy.deny_count = 2;
	policy.fallback = server("0.0.0.0", 0, 40000, 40100);
	policy.servers[0] = server("10.0.0.0", 8, 50000, 50100);
	policy.servers[1] = server("10.1.2.3", 32, 51000, 51000);
	policy.servers[2] = server("10.2.0.0", 16, 52000, 52100);
	policy.servers[2].opaque = POLICY_OPAQUE_REFUSE;
	policy.servers[3] = server("255.255.255.255", 32, 53000, 53100);
	policy.servers[4] = server("2001:db8::", 32, 54000, 54100);
	policy.servers[5] = server("2001:db8:0:1::7", 64, 55000, 55100);
	policy.servers[6] = server("10.3.0.0", 16, 0, 0);
	/* Neighbours, one of them the last address of all. */
	policy.servers[2].terminate = policy.servers[3].terminate = true;
	policy.servers[6].terminate = policy.servers[5].terminate = true;
	policy.servers[3].terminate_required = true;
	policy.servers[5].terminate_required = true;
	policy.server_count = 7;
	for (int round = 0; round < 2; round++) {
		sync_policy(&policy);
		assert_true(in_range("0.0.0.0", 40000));
		assert_true(in_range("9.255.255.255", 40100));
		assert_false(in_range("9.255.255.255", 40101));
		assert_false(in_range("10.0.0.0", 40000));
		assert_true(in_range("10.0.0.0", 50000));
		assert_true(in_range("10.1.2.2", 50100));
		assert_false(in_range("10.1.2.3", 50000));
		assert_true(in_range("10.1.2.3", 51000));
		assert_true(in_range("10.1.2.4", 50000));
		assert_true(in_range("10.1.255.255", 50000));
		assert_false(in_range("10.2.0.0", 52000));
		assert_false(in_range("10.2.255.255", 50000));
		assert_false(in_range("10.3.0.1", 50000));
		assert_true(in_range("10.255.255.255", 50000));
		assert_true(in_range("11.0.0.0", 40000));
		assert_true(in_range("255.255.255.254", 40000));
		assert_false(in_range("255.255.255.255", 40000));
		assert_true(in_range("255.255.255.255", 53100));
		assert_true(in_range("::", 40000));
		assert_true(in_range("2001:db8::1", 54000));
		assert_true(in_range("2001:db8:0:1::1", 55000));
		assert_false(in_range("2001:db8:0:1::1", 54000));
		assert_true(in_range("2001:db8:0:2::", 54100));
		assert_true(in_range("2001:db9::", 40000));
		assert_true(in_range("ffff:ffff::ffff", 40000));
		assert_false(in_tls_set("terminate4", "10.1.255.255"));
		assert_true(in_tls_set("terminate4", "10.2.0.0"));
		assert_true(in_tls_set("terminate4", "10.2.255.255"));
		assert_true(in_tls_set("terminate4", "10.3.0.0"));
		assert_true(in_tls_set("terminate4", "10.3.255.255"));
		assert_false(in_tls_set("terminate4", "10.4.0.0"));
		assert_false(in_tls_set("terminate4", "255.255.255.254"));
		assert_true(in_tls_set("terminate4", "255.255.255.255"));
		assert_false(in_tls_set("terminate6", "2001:db8::1"));
		assert_true(in_tls_set("terminate6", "2001:db8:0:1::1"));
		assert_false(in_tls_set("terminate6", "2001:db8:0:2::"));
		assert_false(in_tls_set("required4", "10.3.255.255"));
		assert_true(in_tls_set("required4", "255.255.255.255"));
		assert_true(in_tls_set("required6", "2001:db8:0:1::1"));
		assert_false(in_tls_set("required6", "2001:db8:0:2::"));
		assert_true(in_set("ports", "21"));
		assert_true(in_set("ports", "2121"));
		assert_true(in_set("ports", "990"));
		assert_true(in_set("denied", "2121"));
		assert_false(in_set("denied", "2120"));
		assert_false(in_set("denied", "2122"));
		assert_true(in_set("denied", "3306"));
		assert_true(in_set("denied", "3307"));
		assert_false(in_set("denied", "3308"));
		assert_false(in_set("denied", "59999"));
		assert_true(in_set("denied", "60000"));
		assert_true(in_set("denied", "65535"));
		/* And where pinholed-tls's table asks. */
		assert_true(in_tls_set("ports", "2121"));
		assert_true(in_tls_set("denied", "3306"));
		assert_false(in_tls_set("denied", "3308"));
	}
	/* Copies only where somebody reads them, and what begins in clear text. */
	assert_false(in_set("copied_ports", "21"));
	assert_int_equal(fwset_sync_policy(fw, &policy, true), 0);
	assert_true(in_set("copied_ports", "21"));
	assert_true(in_set("copied_ports", "2121"));
	assert_false(in_set("copied_ports", "990"));
	/* The ruleset loads over it. */
	netns_load_shipped();
	assert_true(in_range("10.1.2.3", 51000));

	/* A denied port stays shut, a pinhole for it or not. */
	assert_int_equal(apply_pin(ACTION_OPEN, 3306, 30), 0);
	assert_false(peer_reaches(HERE4, 3306));

	memset(&policy, 0, sizeof(policy));
	sync_policy(&policy);
	assert_false(in_range("10.1.2.3", 51000));
	assert_false(in_tls_set("terminate4", "10.2.0.0"));
	assert_false(in_tls_set("required4", "255.255.255.255"));
	assert_false(in_set("ports", "21"));
	assert_false(in_set("denied", "3306"));
	assert_true(peer_reaches(HERE4, 3306));
}

static void
test_grants_open_the_range_only(void **state)
{
	static struct policy policy;

	(void)state;
	policy.servers[0] = server(HERE4, 32, 50000, 50010);
	policy.servers[1] = server(HERE6, 128, 50000, 50010);
	policy.server_count = 2;
	sync_policy(&policy);
	assert_false(peer_reaches(HERE4, 50005));
	assert_int_equal(apply(ACTION_OPEN, OPENING_GRANT_PASSIVE, PEER4, HERE4,
			       0, 30), 0);
	assert_int_equal(apply(ACTION_OPEN, OPENING_GRANT_PASSIVE, PEER6, HERE6,
			       0, 30), 0);
	assert_true(peer_reaches(HERE4, 50000));
	assert_true(peer_reaches(HERE4, 50010));
	assert_true(peer_reaches(HERE6, 50005));
	assert_false(peer_reaches(HERE4, 50011));
	assert_false(peer_reaches(HERE6, 49999));
	assert_int_equal(apply(ACTION_CLOSE, OPENING_GRANT_PASSIVE, PEER4,
			       HERE4, 0, 30), 0);
	assert_false(peer_reaches(HERE4, 50005));

	/* Active: the peer is the server. */
	assert_int_equal(apply(ACTION_OPEN, OPENING_GRANT_ACTIVE, PEER4, HERE4,
			       0, 30), 0);
	assert_true(peer_reaches(HERE4, 1024));
	assert_true(peer_reaches(HERE4, 60000));
	assert_false(peer_reaches(HERE4, 1023));
	assert_int_equal(fwset_flush(fw), 0);
	assert_false(peer_reaches(HERE4, 1024));

	assert_int_equal(apply(ACTION_OPEN, OPENING_GRANT_FTP_DATA, PEER4,
			       HERE4, 0, 30), 0);
	assert_false(peer_reaches(HERE4, 5000));
	assert_true(peer_reaches_from(20, HERE4, 5000));
	assert_int_equal(apply(ACTION_OPEN, OPENING_GRANT_FTP_DATA, PEER6,
			       HERE6, 0, 30), 0);
	assert_false(peer_reaches(HERE6, 5000));
	assert_true(peer_reaches_from(989, HERE6, 5000));
	assert_int_equal(fwset_flush(fw), 0);
}

/* Goal: what comes in the middle of a connection that conntrack does not know, and
 * is new to it, uses nothing up and gets in nowhere. */
static void
test_only_a_first_packet_uses_it(void **state)
{
	int listener = tcp_listen(netns_here, HERE4, 5000), fd, end;
	struct pollfd p = { .events = POLLIN };
	uint16_t from;

	(void)state;
	assert_int_equal(apply_pin(ACTION_OPEN, 5000, 30), 0);
	fd = tcp_connect(netns_peer, PEER4, 0, HERE4, 5000, 500);
	end = tcp_accept(listener, &from);
	must_run("conntrack -F >/dev/null 2>&1");
	assert_int_equal(apply_pin(ACTION_OPEN, 5000, 30), 0);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	p.fd = end;
	assert_int_equal(poll(&p, 1, 200), 0);
	assert_true(in_set("pin4", PEER4 " . " HERE4 " . 5000"));
	close(listener);
	close(fd);
	close(end);
	assert_int_equal(fwset_flush(fw), 0);
}

struct missed_list {
	struct fwset_missed all[16];
	unsigned count;
};

static void
collect_missed(const struct fwset_missed *missed, void *arg)
{
	struct missed_list *list = arg;

	assert_in_range(list->count, 0, 15);
	list->all[list->count++] = *missed;
}

static bool
has_missed(const struct missed_list *list, const char *source,
	   const char *destination, uint16_t port)
{
	struct addr from = addr_from(source), to = addr_from(destination);

	for (unsigned i = 0; i < list->count; i++)
		if (addr_equal(&list->all[i].source, &from) &&
		    addr_equal(&list->all[i].destination, &to) &&
		    list->all[i].port == port)
			return list->all[i].ago_ms < 5000;
	return false;
}

/* What two ends with a grant try in vain is noted, and nothing else: neither what
 * was open, nor what the admin's rules let through, nor ends without a grant. */
static void
test_missed_is_noted(void **state)
{
	static struct policy policy;
	struct missed_list list = { .count = 0 };

	(void)state;
	policy.servers[0] = server(HERE4, 32, 50000, 50010);
	policy.servers[1] = server(HERE6, 128, 50000, 50010);
	policy.server_count = 2;
	sync_policy(&policy);
	must_run("nft flush set inet pinholed missed4");
	must_run("nft flush set inet pinholed missed6");
	assert_false(peer_reaches(HERE4, 50011));
	assert_int_equal(apply(ACTION_OPEN, OPENING_GRANT_PASSIVE, PEER4, HERE4,
			       0, 30), 0);
	/* The other way round: an active connection. */
	assert_int_equal(apply(ACTION_OPEN, OPENING_GRANT_PASSIVE, HERE6, PEER6,
			       0, 30), 0);
	assert_true(peer_reaches(HERE4, 50005));
	assert_false(peer_reaches(HERE4, 50012));
	assert_false(peer_reaches(HERE4, 1023));
	assert_false(peer_reaches(HERE6, 40000));
	assert_int_equal(fwset_missed(fw, collect_missed, &list), 0);
	assert_int_equal(list.count, 2);
	assert_true(has_missed(&list, PEER4, HERE4, 50012));
	assert_true(has_missed(&list, PEER6, HERE6, 40000));

	/* What came too early, and is let in when it comes again. */
	assert_int_equal(apply(ACTION_OPEN, OPENING_PINHOLE, PEER6, HERE6,
			       40000, 30), 0);
	assert_true(peer_reaches(HERE6, 40000));
	list.count = 0;
	assert_int_equal(fwset_missed(fw, collect_missed, &list), 0);
	assert_int_equal(list.count, 1);
	assert_false(peer_reaches(HERE6, 40000));

	must_run("nft insert rule inet admin input tcp dport 50012 accept");
	assert_true(peer_reaches(HERE4, 50012));
	list.count = 0;
	assert_int_equal(fwset_missed(fw, collect_missed, &list), 0);
	assert_int_equal(list.count, 1);

	assert_int_equal(fwset_flush(fw), 0);
	must_run("nft delete table inet pinholed");
	list.count = 0;
	assert_int_equal(fwset_missed(fw, collect_missed, &list), -ENOENT);
	netns_load_shipped();
}

static void
test_largest_policy_fits(void **state)
{
	static struct policy policy;

	(void)state;
	policy.fallback = server("::", 0, 40000, 40001);
	for (unsigned i = 0; i < POLICY_SERVERS_MAX; i++) {
		char text[64];

		snprintf(text, sizeof(text), "2001:db8:%x::", 2 * i + 1);
		policy.servers[i] = server(text, 48, (uint16_t)(50000 + i),
					   (uint16_t)(50000 + i));
		policy.servers[i].terminate = true;
		policy.servers[i].terminate_required = true;
	}
	policy.server_count = POLICY_SERVERS_MAX;
	sync_policy(&policy);
	assert_true(in_range("2001:db8:7ff::1", 51023));
	assert_true(in_range("2001:db8:7fe::1", 40000));
	memset(&policy, 0, sizeof(policy));
	sync_policy(&policy);
}

static void
test_cost_is_small(void **state)
{
	struct timespec a, b;
	double us;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(apply_pin(ACTION_OPEN, (uint16_t)(2000 + i),
					   30), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	us = ((double)(b.tv_sec - a.tv_sec) * 1e9 +
	      (double)(b.tv_nsec - a.tv_nsec)) / 2000e3;
	print_message("# %.1f us to open a pinhole\n", us);
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (unsigned i = 0; i < 4000; i++)
		assert_int_equal(apply_pin(ACTION_CLOSE, (uint16_t)(2000 + i),
					   30), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	us = ((double)(b.tv_sec - a.tv_sec) * 1e9 +
	      (double)(b.tv_nsec - a.tv_nsec)) / 4000e3;
	print_message("# %.1f us to close one, half of them not there\n", us);
	/* A transaction that fails costs some 10 ms: none may. */
	assert_true(us < 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing_ruleset_is_named),
		cmocka_unit_test(test_tls_table_sleeps),
		cmocka_unit_test(test_pinhole_lets_one_connection_in),
		cmocka_unit_test(test_close_never_fails),
		cmocka_unit_test(test_refresh_renews_the_timeout),
		cmocka_unit_test(test_open_finds_nothing_there),
		cmocka_unit_test(test_failed_transaction_changes_nothing),
		cmocka_unit_test(test_full_transaction_says_so),
		cmocka_unit_test(test_policy_is_flattened),
		cmocka_unit_test(test_grants_open_the_range_only),
		cmocka_unit_test(test_only_a_first_packet_uses_it),
		cmocka_unit_test(test_missed_is_noted),
		cmocka_unit_test(test_largest_policy_fits),
		cmocka_unit_test(test_cost_is_small),
	};
	int failed;

	netns_begin("fwset");
	netns_load_ruleset();
	if (fwset_open("pinholed", &fw) != 0)
		return 1;
	failed = cmocka_run_group_tests_name("fwset", tests, NULL, NULL);
	fwset_close(fw);
	return failed;
}
