/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: pinholed is asked about each connection that can be a transfer of an encrypted
 * session, and what it says goes; what it let in has to show what it is; and nobody
 * else can say so.
 */
#include "openings.h"

#include "core/packet.h"
#include "netfilter/ctnl.h"
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

/* What is to come may take a while on a slow machine; what is not to come is given
 * less time. */
enum { SOON_MS = 2000, NEVER_MS = 150 };

/* A packet that one waits for. */
enum packet { NO_PACKET, FIRST_PACKET, BYTES };

static bool
is_it(enum packet what, struct span packet)
{
	struct segment seg;

	assert_int_equal(packet_parse(packet, &seg), PACKET_OK);
	return (what == FIRST_PACKET && seg.flags == TCP_SYN) ||
	       (what == BYTES && seg.payload.len != 0);
}

/* What the queue has, for up to @ms, goes on. Only up to @stop: that one is left to
 * the caller, and the answer is true. With @fd not -1 only until that can be written
 * to. */
static bool
pump(struct pktq *q, enum packet stop, int fd, int ms)
{
	struct pollfd p[2] = { { .fd = pktq_fd(q), .events = POLLIN },
			       { .fd = fd, .events = POLLOUT } };
	struct span packets[PKTQ_BATCH];

	while (poll(p, 2, ms) > 0 && p[1].revents == 0) {
		if (pktq_receive(q, packets) == 1 && is_it(stop, packets[0]))
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
	return pump(q, FIRST_PACKET, -1, ms);
}

enum outcome { NOTHING, CONNECTED };

static enum outcome
outcome(struct pktq *q, int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	pump(q, NO_PACKET, fd, ms);
	if (poll(&p, 1, 0) != 1)
		return NOTHING;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error == 0 ? CONNECTED : NOTHING;
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
		{ 0, NOTHING, CLASS_NONE },
	};
	static const enum opening_kind kinds[] = { OPENING_ASK_PASSIVE,
						   OPENING_ASK_ACTIVE };
	struct pktq *q;

	(void)state;
	assert_int_equal(pktq_open(QUEUE, 1024, &q), 0);
	for (int i = 0; i < 12; i++) {
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
		if (said[n].outcome == CONNECTED)
			assert_int_equal(count_marked(said[n].class), 1);
		close(fd);
		close(listener);
		pump(q, NO_PACKET, -1, NEVER_MS);
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

/* Both ends of a connection that has still to show what it is: the peer's, ours. */
static void
let_in(struct pktq *q, int family, int ends[static 2])
{
	int listener = tcp_listen(netns_here, here[family], 50005);
	uint16_t port;

	open_for(OPENING_ASK_PASSIVE, family);
	assert_true(asks(q, family, 50005, SOON_MS, &ends[0]));
	assert_int_equal(pktq_accept_marked(q, 0, VERDICT_UNPROVEN,
					    VERDICT_MASK), 0);
	assert_int_equal(outcome(q, ends[0], SOON_MS), CONNECTED);
	pump(q, NO_PACKET, -1, NEVER_MS);
	ends[1] = tcp_accept(listener, &port);
	close(listener);
	assert_int_equal(count_marked(CLASS_DATA_UNPROVEN), 1);
}

static void
say(int fd)
{
	assert_int_equal(send(fd, "hello", 5, MSG_NOSIGNAL), 5);
}

static bool
hears(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char bytes[5];

	return poll(&p, 1, ms) == 1 && recv(fd, bytes, 5, 0) == 5;
}

/* Whoever speaks. */
static void
test_what_it_shows_is_read_until_it_is_proven(void **state)
{
	struct pktq *q;
	int ends[2];

	(void)state;
	assert_int_equal(pktq_open(QUEUE, 1024, &q), 0);
	for (int i = 0; i < 4; i++) {
		int family = i % 2, from = i / 2;

		begin();
		let_in(q, family, ends);
		for (int n = 0; n < 2; n++) {
			say(ends[from]);
			assert_true(pump(q, BYTES, -1, SOON_MS));
			assert_false(hears(ends[1 - from], NEVER_MS));
			if (n == 0)
				assert_int_equal(pktq_accept_batch(q), 0);
			else
				pktq_accept_marked(q, 0, VERDICT_PROVEN,
						   VERDICT_MASK);
			assert_true(hears(ends[1 - from], SOON_MS));
		}
		assert_int_equal(count_marked(CLASS_DATA_GRANT), 1);
		say(ends[0]);
		say(ends[1]);
		assert_false(pump(q, BYTES, -1, NEVER_MS));
		assert_true(hears(ends[0], SOON_MS));
		assert_true(hears(ends[1], SOON_MS));
		close(ends[0]);
		close(ends[1]);
		pump(q, NO_PACKET, -1, NEVER_MS);
	}
	pktq_close(q);
}

static int
last_error(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 ? errno : 0;
}

/* What is dropped reaches nobody; when it comes again its sender is told, and the
 * other end when it says something itself. */
static void
test_what_does_not_fit_is_cut(void **state)
{
	struct pktq *q;
	struct ctnl *ct;
	int ends[2];

	(void)state;
	assert_int_equal(ctnl_open_requests(&ct), 0);
	assert_int_equal(pktq_open(QUEUE, 1024, &q), 0);
	for (int i = 0; i < 4; i++) {
		int family = i % 2, from = i / 2;
		struct endpoint a = { addr_from(peer[family]), 0 },
				b = { addr_from(here[family]), 50005 };
		struct sockaddr_storage ss;
		socklen_t len = sizeof(ss);

		begin();
		let_in(q, family, ends);
		getsockname(ends[0], (struct sockaddr *)&ss, &len);
		a.port = ntohs(((struct sockaddr_in *)(void *)&ss)->sin_port);
		say(ends[from]);
		assert_true(pump(q, BYTES, -1, SOON_MS));
		assert_int_equal(pktq_drop(q, 0), 0);
		assert_false(hears(ends[1 - from], NEVER_MS));
		assert_true(pump(q, BYTES, -1, SOON_MS));
		/* The two ends as the packet has them. */
		assert_int_equal(ctnl_set_class(ct, from == 0 ? &a : &b,
						from == 0 ? &b : &a, CLASS_CUT),
				 0);
		assert_int_equal(pktq_drop(q, 0), 0);
		assert_false(pump(q, BYTES, -1, SOON_MS / 2));
		assert_int_equal(last_error(ends[from]), ECONNRESET);
		assert_int_equal(last_error(ends[1 - from]), EAGAIN);
		say(ends[1 - from]);
		assert_false(pump(q, BYTES, -1, NEVER_MS));
		assert_int_equal(last_error(ends[1 - from]), ECONNRESET);
		close(ends[0]);
		close(ends[1]);
		pump(q, NO_PACKET, -1, NEVER_MS);
	}
	pktq_close(q);
	ctnl_close(ct);
}

/* Neither a packet mark that comes with the packet, nor one that a rule of the admin's
 * makes of the conntrack mark, which has 11 in it. */
static void
test_nobody_else_says_so(void **state)
{
	static const char *const rules[] = {
		"prerouting priority raw; meta mark set 0x40000000",
		"input priority mangle + 5; meta mark set ct mark",
		"output priority mangle + 5; meta mark set ct mark",
	};
	struct pktq *q;
	int ends[2];

	(void)state;
	for (int i = 0; i < 6; i++) {
		int family = i % 2;
		const char *rule = rules[i / 2];

		begin();
		/* Nobody answers. */
		open_for(OPENING_ASK_PASSIVE, family);
		must_run("nft 'table inet other { chain c { type filter hook "
			 "%s; }; }'", rule);
		assert_false(peer_reaches(here[family], 50005));
		must_run("nft delete table inet other");

		assert_int_equal(pktq_open(QUEUE, 1024, &q), 0);
		let_in(q, family, ends);
		must_run("nft 'table inet other { chain c { type filter hook "
			 "%s; }; }'", rule);
		for (int n = 0; n < 2; n++) {
			say(ends[n]);
			assert_true(pump(q, BYTES, -1, SOON_MS));
			assert_int_equal(pktq_accept_batch(q), 0);
			assert_true(hears(ends[1 - n], SOON_MS));
		}
		assert_int_equal(count_marked(CLASS_DATA_UNPROVEN), 1);
		must_run("nft delete table inet other");
		close(ends[0]);
		close(ends[1]);
		pktq_close(q);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_pinholed_says_goes),
		cmocka_unit_test(test_nobody_is_asked_needlessly),
		cmocka_unit_test(test_what_it_shows_is_read_until_it_is_proven),
		cmocka_unit_test(test_what_does_not_fit_is_cut),
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
