/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: the shipped ruleset queues what must be read, and nothing else. */
#include "netns.h"

#include "core/packet.h"
#include "netfilter/ctnl.h"
#include "netfilter/pktq.h"

#define QUEUE 2100 /* as nft/pinholed.nft has it */

static const char *const here[] = { HERE4, HERE6 };
static const char *const peer[] = { PEER4, PEER6 };

static struct ctnl *ct;

/* What came out of the queue, both directions together. */
struct seen {
	unsigned syns, acks, fins, data;
};

static struct seen
pump(struct pktq *q)
{
	struct pollfd p = { .fd = pktq_fd(q), .events = POLLIN };
	struct span packets[PKTQ_BATCH];
	struct seen seen = { 0 };

	while (poll(&p, 1, 150) == 1) {
		int count = pktq_receive(q, packets);

		assert_true(count >= 0);
		for (int i = 0; i < count; i++) {
			struct segment seg;

			assert_int_equal(packet_parse(packets[i], &seg),
					 PACKET_OK);
			if (seg.flags & TCP_SYN)
				seen.syns++;
			else if (seg.flags & (TCP_FIN | TCP_RST))
				seen.fins++;
			else if (seg.payload.len != 0)
				seen.data++;
			else
				seen.acks++;
		}
		assert_int_equal(pktq_accept_batch(q), 0);
	}
	return seen;
}

/* Both ends of a connection between the peer and here, with the queue read. */
static void
connect_read(struct pktq *q, int ns, const char *from, const char *to,
	     uint16_t port, int ends[2], struct seen *seen)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_from(&ss, to, port);
	int listener = tcp_listen(ns == netns_peer ? netns_here : netns_peer,
				  to, port);

	ends[0] = tcp_socket(ns, from, 0);
	assert_int_equal(connect(ends[0], (struct sockaddr *)&ss, len), -1);
	*seen = pump(q);
	ends[1] = tcp_accept(listener, &port);
	close(listener);
}

static void
remember(const struct event *event, void *arg)
{
	*(struct event *)arg = *event;
}

/* The one control connection that there is, with its class. */
static struct event
find_control(void)
{
	struct event found = { .flow.class = CLASS_NONE };

	assert_int_equal(ctnl_dump(ct, remember, &found), 0);
	return found;
}

static void
set_class(enum session_class class)
{
	struct event found = find_control();

	assert_int_equal(ctnl_set_class(ct, &found.flow.client,
					&found.flow.server, class), 0);
	assert_int_equal(find_control().flow.class, class);
}

static void
exchange(struct pktq *q, int ends[2], struct seen *seen)
{
	assert_int_equal(send(ends[1], "220 ready\r\n", 11, 0), 11);
	*seen = pump(q);
}

static void
test_control_is_queued_both_ways_without_acks(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		bool to_us = i < 2;
		struct pktq *q;
		struct seen seen;
		int ends[2];

		must_run("conntrack -F >/dev/null 2>&1");
		assert_int_equal(pktq_open(QUEUE, 1024, &q), 0);
		if (to_us)
			connect_read(q, netns_peer, peer[i % 2], here[i % 2],
				     21, ends, &seen);
		else
			connect_read(q, netns_here, here[i % 2], peer[i % 2],
				     990, ends, &seen);
		assert_int_equal(seen.syns, 2);
		assert_int_equal(seen.acks, 0);
		assert_int_equal(find_control().flow.class, CLASS_GREETING);

		exchange(q, ends, &seen);
		assert_int_equal(seen.data, 1);
		assert_int_equal(seen.acks, 0);

		/* Not FTP: read no more. */
		set_class(CLASS_NOT_FTP);
		exchange(q, ends, &seen);
		assert_int_equal(seen.data, 0);
		/* In other hands. */
		set_class(CLASS_TERMINATED);
		exchange(q, ends, &seen);
		assert_int_equal(seen.data, 0);
		set_class(CLASS_CLEAR);
		exchange(q, ends, &seen);
		assert_int_equal(seen.data, 1);
		close(ends[0]);
		seen = pump(q);
		assert_true(seen.fins >= 1);

		/* Nobody reads: control flows on. */
		pktq_close(q);
		close(ends[1]);
		assert_true(peer_reaches(here[i % 2], 21));
	}
}

/* True when @fd has been reset, soon. */
static bool
is_reset(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;

	return poll(&p, 1, 2000) == 1 && recv(fd, &byte, 1, 0) < 0 &&
	       errno == ECONNRESET;
}

/* Goal: the packet of a connection that is cut goes no further, and its sender is
 * told; the queue has seen it before. */
static void
test_a_cut_connection_is_reset(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		bool to_us = i < 2;
		struct pktq *q;
		struct seen seen;
		char byte;
		int ends[2];

		must_run("conntrack -F >/dev/null 2>&1");
		assert_int_equal(pktq_open(QUEUE, 1024, &q), 0);
		if (to_us)
			connect_read(q, netns_peer, peer[i % 2], here[i % 2],
				     21, ends, &seen);
		else
			connect_read(q, netns_here, here[i % 2], peer[i % 2],
				     990, ends, &seen);
		set_class(CLASS_CUT);
		exchange(q, ends, &seen);
		assert_int_equal(seen.data, 0);
		assert_int_equal(recv(ends[0], &byte, 1, MSG_DONTWAIT), -1);
		assert_int_equal(errno, EAGAIN);
		assert_true(is_reset(ends[1]));
		/* The other end learns it when it speaks. */
		assert_int_equal(send(ends[0], "NOOP\r\n", 6, 0), 6);
		assert_true(is_reset(ends[0]));
		close(ends[0]);
		close(ends[1]);
		pktq_close(q);
	}
}

static void
test_other_traffic_is_not_queued(void **state)
{
	struct pktq *q;
	int listener, fd;

	(void)state;
	assert_int_equal(pktq_open(QUEUE, 1024, &q), 0);
	/* Dropped by the admin's rules before they can be queued, */
	assert_false(peer_reaches(HERE4, 2121));
	/* no control port, */
	must_run("nft add element inet pinholed pin4 "
		 "'{ " PEER4 " . " HERE4 " . 5000 timeout 30s }'");
	assert_true(peer_reaches(HERE4, 5000));
	/* this machine talking to itself. */
	listener = tcp_listen(netns_here, "127.0.0.1", 21);
	fd = tcp_connect(netns_here, "127.0.0.1", 0, "127.0.0.1", 21, 500);
	assert_true(fd >= 0);
	close(fd);
	close(listener);
	assert_int_equal(pktq_counters(q)->packets, 0);
	assert_int_equal(pump(q).data, 0);
	assert_int_equal(pktq_counters(q)->packets, 0);
	pktq_close(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control_is_queued_both_ways_without_acks),
		cmocka_unit_test(test_a_cut_connection_is_reset),
		cmocka_unit_test(test_other_traffic_is_not_queued),
	};

	int failed;

	netns_begin("ruleset");
	netns_need("ruleset", "conntrack", "command -v conntrack");
	netns_need("ruleset", "a queue for nft or iptables-nft",
		   "tests/lab/load-ruleset.sh -");
	netns_load_admin();
	if (ctnl_open(&ct) != 0)
		return 1;
	failed = cmocka_run_group_tests_name("ruleset", tests, NULL, NULL);
	ctnl_close(ct);
	return failed;
}
