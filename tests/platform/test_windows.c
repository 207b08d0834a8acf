/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: a window lets in one connection, to where it leads, which then has to show
 * what it is; without one pinholed is asked, and what it says goes; and nobody else
 * can say so.
 */
#include "openings.h"

#include "core/packet.h"
#include "netfilter/pktq.h"

#define QUEUE 2100 /* as nft/pinholed.nft has it */

static const char *const here[] = { HERE4, HERE6 };
static const char *const peer[] = { PEER4, PEER6 };

static void
begin(void)
{
	static struct policy policy;

	policy.explicit_ports[0] = 21;
	policy.explicit_count = 1;
	policy.deny[0] = (struct port_range){ 3306, 3306 };
	policy.deny_count = 1;
	policy.servers[0] = server(HERE4, 32, 50000, 50010);
	policy.servers[1] = server(HERE6, 128, 50000, 50010);
	policy.server_count = 2;
	sync_policy(&policy);
	assert_int_equal(fwset_flush(fw), 0);
	must_run("conntrack -F >/dev/null 2>&1");
}

static void
open_for(enum opening_kind kind, int family)
{
	assert_int_equal(apply(ACTION_OPEN, kind, peer[family], here[family], 0,
			       30), 0);
}

static void
test_a_passive_window_lets_one_in(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		begin();
		assert_false(peer_reaches(here[i], 50005));
		open_for(OPENING_WINDOW_PASSIVE, i);
		assert_false(peer_reaches(here[i], 49999));
		assert_false(peer_reaches(here[i], 50011));
		assert_true(peer_reaches(here[i], 50005));
		assert_int_equal(count_marked(CLASS_DATA_UNPROVEN), 1);
		assert_false(peer_reaches(here[i], 50005));
	}
}

static void
test_an_active_window_lets_one_in(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		begin();
		open_for(OPENING_WINDOW_ACTIVE, i);
		assert_false(peer_reaches(here[i], 1023));
		assert_true(peer_reaches(here[i], 5000));
		assert_int_equal(count_marked(CLASS_DATA_UNPROVEN), 1);
		assert_false(peer_reaches(here[i], 5000));

		open_for(OPENING_WINDOW_FTP_DATA, i);
		assert_false(peer_reaches(here[i], 5000));
		assert_true(peer_reaches_from(20, here[i], 5000));
		assert_int_equal(count_marked(CLASS_DATA_UNPROVEN), 2);
		assert_false(peer_reaches_from(989, here[i], 5000));
	}
}

/* What is to come may take a while on a slow machine; what is not to come is given
 * less time. */
enum { SOON_MS = 2000, NEVER_MS = 150 };

/* What the queue has, for up to @ms, goes on. With @stop only up to a connection's
 * first packet: that one is left to the caller, and the answer is true. With @fd not
 * -1 only until that can be written to. */
static bool
pump(struct pktq *q, bool stop, int fd, int ms)
{
	struct pollfd p[2] = { { .fd = pktq_fd(q), .events = POLLIN },
			       { .fd = fd, .events = POLLOUT } };
	struct span packets[PKTQ_BATCH];

	while (poll(p, 2, ms) > 0 && p[1].revents == 0) {
		int count = pktq_receive(q, packets);
		struct segment seg;

		if (stop && count == 1 &&
		    packet_parse(packets[0], &seg) == PACKET_OK &&
		    seg.flags == TCP_SYN)
			return true;
		assert_int_equal(pktq_accept_batch(q), 0);
	}
	return false;
}

/* Whether pinholed is asked when the peer connects to @port. *@fd is the peer's end. */
static bool
asks(struct pktq *q, int family, uint16_t port, int ms, int *fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_from(&ss, here[family], port);

	*fd = tcp_socket(netns_peer, peer[family], 0);
	connect(*fd, (struct sockaddr *)&ss, len);
	return pump(q, true, -1, ms);
}

enum outcome { NOTHING, CONNECTED, RESET };

static enum outcome
outcome(struct pktq *q, int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	pump(q, false, fd, ms);
	if (poll(&p, 1, 0) != 1)
		return NOTHING;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error == 0 ? CONNECTED : RESET;
}

static void
test_what_pinholed_says_goes(void **state)
{
	static const struct {
		uint32_t verdict; /* 0: a plain accept */
		enum outcome outcome;
		enum session_class class;
	} said[] = {
		{ VERDICT_UNPROVEN, CONNECTED, CLASS_DATA_UNPROVEN },
		{ VERDICT_PROVEN, CONNECTED, CLASS_DATA_GRANT },
		{ VERDICT_CUT, RESET, CLASS_CUT },
		{ 0, NOTHING, CLASS_NONE },
	};
	static const enum opening_kind kinds[] = { OPENING_ASK_PASSIVE,
						   OPENING_ASK_ACTIVE };
	struct pktq *q;

	(void)state;
	assert_int_equal(pktq_open(QUEUE, 1024, &q), 0);
	for (int i = 0; i < 16; i++) {
		int family = i % 2, n = i / 4, listener, fd;
		uint32_t verdict = said[n].verdict;

		begin();
		listener = tcp_listen(netns_here, here[family], 50005);
		open_for(kinds[i / 2 % 2], family);
		assert_true(asks(q, family, 50005, SOON_MS, &fd));
		if (verdict == 0)
			assert_int_equal(pktq_accept_batch(q), 0);
		else
			assert_int_equal(pktq_accept_marked(q, 0, verdict,
							    VERDICT_MASK), 0);
		assert_int_equal(outcome(q, fd, said[n].outcome == NOTHING ?
							NEVER_MS : SOON_MS),
				 said[n].outcome);
		/* Of one that was reset nothing is left. */
		if (said[n].outcome == CONNECTED)
			assert_int_equal(count_marked(said[n].class), 1);
		close(fd);
		close(listener);
		pump(q, false, -1, NEVER_MS);
	}
	pktq_close(q);
}

static void
test_nobody_is_asked_needlessly(void **state)
{
	struct pktq *q;
	int fd;

	(void)state;
	assert_int_equal(pktq_open(QUEUE, 1024, &q), 0);
	for (int i = 0; i < 2; i++) {
		begin();
		assert_false(asks(q, i, 50005, NEVER_MS, &fd));
		close(fd);
		open_for(OPENING_ASK_PASSIVE, i);
		assert_false(asks(q, i, 49999, NEVER_MS, &fd));
		close(fd);
		/* It is open. */
		assert_int_equal(apply(ACTION_OPEN, OPENING_PINHOLE, peer[i],
				       here[i], 50005, 30), 0);
		assert_false(asks(q, i, 50005, NEVER_MS, &fd));
		close(fd);
		assert_true(asks(q, i, 50005, SOON_MS, &fd));
		assert_int_equal(pktq_accept_batch(q), 0);
		close(fd);
		/* Never open, whoever asks. */
		open_for(OPENING_ASK_ACTIVE, i);
		assert_false(asks(q, i, 1023, NEVER_MS, &fd));
		close(fd);
		assert_false(asks(q, i, 3306, NEVER_MS, &fd));
		close(fd);
		assert_true(asks(q, i, 5000, SOON_MS, &fd));
		assert_int_equal(pktq_accept_batch(q), 0);
		close(fd);
	}
	pktq_close(q);
}

static void
test_nobody_else_says_so(void **state)
{
	(void)state;
	must_run("nft 'table inet forger { chain c { type filter hook prerouting "
		 "priority raw; tcp dport 50000-50010 meta mark set "
		 "0x80000000; }; }'");
	for (int i = 0; i < 2; i++) {
		begin();
		assert_false(peer_reaches(here[i], 50005));
		/* Nor of what a window let in. */
		open_for(OPENING_WINDOW_PASSIVE, i);
		assert_true(peer_reaches(here[i], 50005));
		assert_int_equal(count_marked(CLASS_DATA_UNPROVEN), 1);
		assert_int_equal(count_marked(CLASS_DATA_GRANT), 0);
	}
	must_run("nft delete table inet forger");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_passive_window_lets_one_in),
		cmocka_unit_test(test_an_active_window_lets_one_in),
		cmocka_unit_test(test_what_pinholed_says_goes),
		cmocka_unit_test(test_nobody_is_asked_needlessly),
		cmocka_unit_test(test_nobody_else_says_so),
	};
	int failed;

	netns_begin("windows");
	netns_need("windows", "conntrack", "command -v conntrack");
	netns_need("windows", "a queue for nft or iptables-nft",
		   "tests/lab/load-ruleset.sh -");
	netns_load_admin();
	if (fwset_open("pinholed", &fw) != 0)
		return 1;
	failed = cmocka_run_group_tests_name("windows", tests, NULL, NULL);
	fwset_close(fw);
	return failed;
}
