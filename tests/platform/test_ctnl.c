/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: classes in real connections' marks, and news of exactly those. */
#include "netns.h"

#include "netfilter/ctnl.h"

#define OTHERS_BITS 0x0abc1234u /* the admin's part of the mark */

static struct ctnl *ct;

/* A connected control connection from the peer to port 21 here. */
struct pair {
	int listener, client, server;
	struct endpoint from, to;
};

static struct pair
connect_to(const char *from, const char *to, uint16_t port)
{
	struct pair p = { .to = { addr_from(to), port } };

	p.listener = tcp_listen(netns_here, to, port);
	p.client = tcp_connect(netns_peer, from, 0, to, port, 1000);
	assert_true(p.client >= 0);
	p.server = tcp_accept(p.listener, &p.from.port);
	p.from.addr = addr_from(from);
	return p;
}

/* Closes with RST, so that conntrack lets go of it soon, and deletes it. */
static void
disconnect(struct pair *p)
{
	close(p->client);
	close(p->server);
	close(p->listener);
	must_run("conntrack -D -p tcp --sport %u >/dev/null 2>&1; "
		 "conntrack -D -f ipv6 -p tcp --sport %u >/dev/null 2>&1; true",
		 p->from.port, p->from.port);
}

/* The connection's mark as conntrack(8) shows it; its port is unique. */
static uint32_t
mark_of(const struct pair *p)
{
	unsigned long mark = 0;
	char command[256];
	FILE *f;

	snprintf(command, sizeof(command),
		 "conntrack -L -f %s -p tcp --sport %u 2>/dev/null | "
		 "sed -n 's/.*mark=\\([0-9]*\\).*/\\1/p'",
		 p->from.addr.family == ADDR_V4 ? "ipv4" : "ipv6",
		 p->from.port);
	f = popen(command, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lu", &mark), 1);
	pclose(f);
	return (uint32_t)mark;
}

static void
drain(void)
{
	struct event event;

	while (ctnl_receive(ct, &event) != 0)
		;
}

/* The next piece of news, within a second. */
static struct event
next_event(void)
{
	struct pollfd p = { .fd = ctnl_fd(ct), .events = POLLIN };
	struct event event;

	assert_int_equal(poll(&p, 1, 1000), 1);
	assert_int_equal(ctnl_receive(ct, &event), 1);
	return event;
}

static bool
is_quiet(void)
{
	struct pollfd p = { .fd = ctnl_fd(ct), .events = POLLIN };

	return poll(&p, 1, 100) == 0;
}

static void
test_class_is_written_beside_other_bits(void **state)
{
	static const char *const here[] = { HERE4, HERE6 };
	static const char *const peer[] = { PEER4, PEER6 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct pair p = connect_to(peer[i], here[i], 21);
		struct endpoint wrong = p.from;

		/* The ruleset gave it class 1, the admin's rules the rest. */
		assert_int_equal(mark_of(&p), 0x10000000 | OTHERS_BITS);
		for (unsigned class = CLASS_NOT_FTP; class > CLASS_NONE;
		     class--) {
			assert_int_equal(ctnl_set_class(ct, &p.from, &p.to,
							class), 0);
			assert_int_equal(mark_of(&p),
					 class << 28 | OTHERS_BITS);
		}
		wrong.port ^= 1;
		assert_int_equal(ctnl_set_class(ct, &wrong, &p.to, CLASS_CLEAR),
				 -ENOENT);
		disconnect(&p);
		assert_int_equal(ctnl_set_class(ct, &p.from, &p.to,
						CLASS_CLEAR), -ENOENT);
	}
	drain();
}

static void
test_end_of_control_connection_is_news(void **state)
{
	static const char *const here[] = { HERE4, HERE6 };
	static const char *const peer[] = { PEER4, PEER6 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct pair p = connect_to(peer[i], here[i], 990);
		struct event event;

		assert_int_equal(ctnl_set_class(ct, &p.from, &p.to,
						CLASS_OPAQUE), 0);
		/* Its beginning is none: the queue tells of that. */
		assert_int_equal(ctnl_receive(ct, &event), 0);
		disconnect(&p);
		event = next_event();
		assert_int_equal(event.kind, EVENT_FLOW_ENDED);
		assert_true(endpoint_equal(&event.flow.client, &p.from));
		assert_true(endpoint_equal(&event.flow.server, &p.to));
		assert_true(is_quiet());
	}
}

static void
test_data_connection_is_news(void **state)
{
	struct event event;
	struct pair p;

	(void)state;
	must_run("nft add element inet pinholed pin4 "
		 "'{ " PEER4 " . " HERE4 " . 5000 timeout 30s }'");
	must_run("nft add element inet pinholed active6 "
		 "'{ " PEER6 " . " HERE6 " timeout 30s }'");
	p = connect_to(PEER4, HERE4, 5000);
	assert_int_equal(mark_of(&p), 0x80000000 | OTHERS_BITS);
	event = next_event();
	assert_int_equal(event.kind, EVENT_DATA_BEGAN);
	assert_true(addr_equal(&event.data.source, &p.from.addr));
	assert_true(addr_equal(&event.data.destination, &p.to.addr));
	assert_int_equal(event.data.port, 5000);
	disconnect(&p);

	p = connect_to(PEER6, HERE6, 5001);
	assert_int_equal(mark_of(&p), 0x90000000 | OTHERS_BITS);
	event = next_event();
	assert_int_equal(event.kind, EVENT_DATA_BEGAN);
	assert_true(addr_equal(&event.data.source, &p.from.addr));
	assert_int_equal(event.data.port, 5001);
	disconnect(&p);
	drain();
	must_run("nft flush set inet pinholed active6");
}

static void
test_other_connections_never_reach_us(void **state)
{
	struct pair p;

	(void)state;
	must_run("nft insert rule inet admin input tcp dport 7000 accept");
	p = connect_to(PEER4, HERE4, 7000);
	/* With a mark, but not of ours. */
	assert_int_equal(mark_of(&p), OTHERS_BITS);
	disconnect(&p);
	/* The kernel sent nothing: not even something to skip. */
	assert_true(is_quiet());
	must_run("nft delete rule inet admin input handle "
		 "$(nft -a list chain inet admin input | "
		 "sed -n 's/.*dport 7000.*handle //p')");
}

static void
collect(const struct event *event, void *arg)
{
	struct event **next = arg;

	*(*next)++ = *event;
}

static void
test_dump_finds_control_connections(void **state)
{
	struct event found[8], *end = found;
	struct pair a = connect_to(PEER4, HERE4, 21);
	struct pair b = connect_to(PEER6, HERE6, 21), data;

	(void)state;
	must_run("nft add element inet pinholed pin4 "
		 "'{ " PEER4 " . " HERE4 " . 5000 timeout 30s }'");
	data = connect_to(PEER4, HERE4, 5000);
	assert_int_equal(ctnl_set_class(ct, &a.from, &a.to, CLASS_CLEAR_CCC),
			 0);
	assert_int_equal(ctnl_dump(ct, collect, &end), 0);
	assert_int_equal(end - found, 2);
	for (int i = 0; i < 2; i++) {
		bool v4 = found[i].flow.client.addr.family == ADDR_V4;
		struct pair *p = v4 ? &a : &b;

		assert_int_equal(found[i].kind, EVENT_FLOW_FOUND);
		assert_true(endpoint_equal(&found[i].flow.client, &p->from));
		assert_true(endpoint_equal(&found[i].flow.server, &p->to));
		assert_int_equal(found[i].flow.class,
				 v4 ? CLASS_CLEAR_CCC : CLASS_GREETING);
	}
	disconnect(&a);
	disconnect(&b);
	disconnect(&data);
	end = found;
	assert_int_equal(ctnl_dump(ct, collect, &end), 0);
	assert_int_equal(end - found, 0);
	drain();
}

/* Goal: a connection that has ended is not found, though conntrack has it still. */
struct flow_list {
	struct ctnl_flow all[16];
	unsigned count;
};

static void
collect_flow(const struct ctnl_flow *flow, void *arg)
{
	struct flow_list *list = arg;

	if (list->count < 16)
		list->all[list->count++] = *flow;
}

/* Every established connection, also one without a class. */
static void
test_dump_of_all_flows(void **state)
{
	struct flow_list list = { .count = 0 };
	struct pair a = connect_to(PEER4, HERE4, 21);
	struct pair b = connect_to(PEER6, HERE6, 21);
	unsigned seen = 0;

	(void)state;
	must_run("conntrack -U -f ipv6 -p tcp --sport %u --mark 0 >/dev/null 2>&1",
		 b.from.port);
	assert_int_equal(ctnl_dump_flows(ct, collect_flow, &list), 0);
	for (unsigned i = 0; i < list.count; i++) {
		const struct ctnl_flow *f = &list.all[i];
		bool v4 = f->client.addr.family == ADDR_V4;
		struct pair *p = v4 ? &a : &b;

		if (!endpoint_equal(&f->client, &p->from))
			continue;
		seen++;
		assert_true(endpoint_equal(&f->server, &p->to));
		assert_int_equal(f->class, v4 ? CLASS_GREETING : CLASS_NONE);
		assert_false(f->offloaded);
		assert_in_range(f->left_s, 60, 432000);
	}
	assert_int_equal(seen, 2);
	disconnect(&a);
	disconnect(&b);
	drain();
}

static void
test_dump_leaves_out_what_has_ended(void **state)
{
	struct event found[8], *end = found;
	struct pair p = connect_to(PEER4, HERE4, 21);
	char byte;

	(void)state;
	shutdown(p.client, SHUT_WR);
	assert_int_equal(recv(p.server, &byte, 1, 0), 0);
	assert_int_equal(mark_of(&p) >> MARK_SHIFT, CLASS_GREETING);
	assert_int_equal(ctnl_dump(ct, collect, &end), 0);
	assert_int_equal(end - found, 0);
	disconnect(&p);
	drain();
}

/* Goal: the ends are the real ones behind a translated destination. */
static void
test_destination_nat_shows_the_real_server(void **state)
{
	struct pair p = { .to = { addr_from(HERE4), 21 } };
	struct event event;

	(void)state;
	must_run("nft 'table ip test_nat { chain c { type nat hook prerouting "
		 "priority dstnat; ip daddr 10.99.0.9 tcp dport 2100 "
		 "dnat to " HERE4 ":21; }; }'");
	must_run("ip addr add 10.99.0.9/24 dev v0");
	p.listener = tcp_listen(netns_here, HERE4, 21);
	p.client = tcp_connect(netns_peer, PEER4, 0, "10.99.0.9", 2100, 1000);
	assert_true(p.client >= 0);
	p.server = tcp_accept(p.listener, &p.from.port);
	p.from.addr = addr_from(PEER4);
	assert_int_equal(ctnl_set_class(ct, &p.from, &p.to, CLASS_CLEAR), 0);
	assert_int_equal(mark_of(&p), 0x20000000 | OTHERS_BITS);
	drain();
	disconnect(&p);
	event = next_event();
	assert_int_equal(event.kind, EVENT_FLOW_ENDED);
	assert_true(endpoint_equal(&event.flow.client, &p.from));
	assert_true(endpoint_equal(&event.flow.server, &p.to));
	must_run("nft delete table ip test_nat");
}

static void
test_lost_news_is_told(void **state)
{
	struct event event;
	struct pair p = connect_to(PEER4, HERE4, 21);
	int fd = ctnl_fd(ct), size = 1, err = 0;

	(void)state;
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
				    sizeof(size)), 0);
	disconnect(&p);
	for (int i = 0; i < 20 && err != -ENOBUFS; i++) {
		p = connect_to(PEER4, HERE4, 21);
		disconnect(&p);
	}
	do
		err = ctnl_receive(ct, &event);
	while (err == 1);
	assert_int_equal(err, -ENOBUFS);
	drain();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_class_is_written_beside_other_bits),
		cmocka_unit_test(test_end_of_control_connection_is_news),
		cmocka_unit_test(test_data_connection_is_news),
		cmocka_unit_test(test_other_connections_never_reach_us),
		cmocka_unit_test(test_dump_finds_control_connections),
		cmocka_unit_test(test_dump_leaves_out_what_has_ended),
		cmocka_unit_test(test_dump_of_all_flows),
		cmocka_unit_test(test_destination_nat_shows_the_real_server),
		cmocka_unit_test(test_lost_news_is_told),
	};
	int failed;

	netns_begin("ctnl");
	netns_need("ctnl", "conntrack", "command -v conntrack");
	netns_load_ruleset();
	/* The admin has a mark of his own on everything. */
	if (run("nft 'table inet marks { chain c { type filter hook input "
		"priority mangle; ct mark set ct mark and 0xf0000000 or %u; "
		"}; }'", OTHERS_BITS) != 0 || ctnl_open(&ct) != 0)
		return 1;
	failed = cmocka_run_group_tests_name("ctnl", tests, NULL, NULL);
	ctnl_close(ct);
	ctnl_close(NULL);
	return failed;
}
