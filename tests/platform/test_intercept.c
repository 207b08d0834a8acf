/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: what is to be terminated reaches pinholed-tls's socket and nobody
 * else's, once, and goes its own way where there is no such socket; and what
 * pinholed-tls sends in a client's name comes back to it.
 */
#include "openings.h"

#include "pinholed/terminator.h"

/* A server that is a part of this machine, so that a connection can come to it
 * past pinholed-tls; and addresses of others, far away, for which this machine
 * is the gateway. */
#define NEAR4 "10.98.0.1"
#define NEAR6 "fd00:98::1"
#define FAR4  "10.97.0.1"
#define FAR6  "fd00:97::1"

#define DENIED 3306

static const char *const peer[] = { PEER4, PEER6 };
static const char *const near_end[] = { NEAR4, NEAR6 };
static const char *const far_end[] = { FAR4, FAR6 };

static void
set_option(int fd, int level, int name, int value)
{
	assert_int_equal(setsockopt(fd, level, name, &value, sizeof(value)),
			 0);
}

static void
set_transparent(int fd, bool v6)
{
	if (v6)
		set_option(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1);
	else
		set_option(fd, IPPROTO_IP, IP_TRANSPARENT, 1);
}

/* A socket of pinholed-tls, for both families. */
static int
terminator_listen(uint16_t port)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);
	struct sockaddr_in6 any = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};

	assert_true(fd >= 0);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	set_transparent(fd, false);
	set_transparent(fd, true);
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

/* Takes a connection and checks the address that it was meant for. */
static int
terminator_accept(int listener, const char *to, uint16_t port)
{
	struct sockaddr_in6 in6;
	socklen_t len = sizeof(in6);
	char text[64];
	uint16_t from;
	int fd = tcp_accept(listener, &from);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&in6, &len), 0);
	assert_int_equal(ntohs(in6.sin6_port), port);
	assert_non_null(inet_ntop(AF_INET6, &in6.sin6_addr, text,
				  sizeof(text)));
	assert_string_equal(strchr(to, '.') != NULL ? text + 7 : text, to);
	return fd;
}

static bool
nobody_came(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	return poll(&p, 1, 100) == 0;
}

static void
sync_servers(bool terminate, bool required)
{
	static struct policy policy;

	memset(&policy, 0, sizeof(policy));
	policy.explicit_ports[policy.explicit_count++] = 21;
	policy.implicit_ports[policy.implicit_count++] = 990;
	policy.deny[policy.deny_count++] =
		(struct port_range){ DENIED, DENIED };
	for (int i = 0; i < 2; i++) {
		policy.servers[2 * i].net = addr_from(near_end[i]);
		policy.servers[2 * i].prefix = i == 0 ? 32 : 128;
		policy.servers[2 * i].terminate = terminate;
		policy.servers[2 * i].terminate_required = required;
		policy.servers[2 * i + 1].net = addr_from(far_end[i]);
		policy.servers[2 * i + 1].prefix = i == 0 ? 24 : 64;
		policy.servers[2 * i + 1].terminate = terminate;
	}
	policy.server_count = 4;
	sync_policy(&policy);
}

static void
open_relay(const char *from, const char *to, uint16_t port)
{
	assert_int_equal(apply(ACTION_OPEN, OPENING_RELAY, from, to, port, 30),
			 0);
}

/* A connection of the peer's that must end at @listener. */
static void
must_come(int listener, const char *from, const char *to, uint16_t port)
{
	int fd = tcp_connect(netns_peer, from, 0, to, port, 500), end;

	assert_true(fd >= 0);
	end = terminator_accept(listener, to, port);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	assert_int_equal(recv(end, &(char){ 0 }, 1, 0), 1);
	close(end);
	close(fd);
}

static void
test_control_is_intercepted(void **state)
{
	int tls = terminator_listen(TERMINATOR_DEFAULT_PORT);

	(void)state;
	for (int i = 0; i < 2; i++) {
		int server = tcp_listen(netns_here, near_end[i], 21), fd;

		must_run("conntrack -F >/dev/null 2>&1");
		must_come(tls, peer[i], near_end[i], 21);
		must_come(tls, peer[i], far_end[i], 21);
		must_come(tls, peer[i], far_end[i], 990);
		assert_int_equal(count_marked(CLASS_TERMINATED), 3);
		/* No control port, or no server that is terminated. */
		fd = tcp_connect(netns_peer, peer[i], 0, far_end[i], 22, 100);
		assert_int_equal(fd, -1);
		sync_servers(false, false);
		fd = tcp_connect(netns_peer, peer[i], 0, near_end[i], 21, 500);
		assert_true(fd >= 0);
		assert_true(nobody_came(tls));
		close(fd);
		sync_servers(true, false);
		close(server);
	}
	close(tls);
}

/* The promise for the time without pinholed-tls. */
static void
test_control_passes_when_nobody_listens(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		must_run("conntrack -F >/dev/null 2>&1");
		assert_true(peer_reaches(near_end[i], 21));
		assert_int_equal(count_marked(CLASS_TERMINATED), 0);
		assert_int_equal(count_marked(CLASS_GREETING), 1);
	}
}

/* A SYN to @to is answered with a reset, at once. */
static bool
is_reset(const char *from, const char *to, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_from(&ss, to, port);
	int fd = tcp_socket(netns_peer, from, 0), error = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	connect(fd, (struct sockaddr *)&ss, len);
	if (poll(&p, 1, 500) == 1) {
		len = sizeof(error);
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	}
	close(fd);
	return error == ECONNREFUSED;
}

/* The other promise: nobody but pinholed-tls has these. */
static void
test_required_is_refused_when_nobody_listens(void **state)
{
	int tls;

	(void)state;
	sync_servers(true, true);
	for (int i = 0; i < 2; i++) {
		int server = tcp_listen(netns_here, near_end[i], 21);

		must_run("conntrack -F >/dev/null 2>&1");
		assert_true(is_reset(peer[i], near_end[i], 21));
		assert_true(nobody_came(server));
		/* No control port, so not ours. */
		assert_false(is_reset(peer[i], far_end[i], 5000));
		tls = terminator_listen(TERMINATOR_DEFAULT_PORT);
		must_come(tls, peer[i], near_end[i], 21);
		close(tls);
		assert_true(is_reset(peer[i], near_end[i], 21));
		assert_true(nobody_came(server));
		close(server);
	}
	sync_servers(true, false);
}

static void
test_data_is_relayed_once(void **state)
{
	int tls = terminator_listen(TERMINATOR_DEFAULT_DATA_PORT);

	(void)state;
	for (int i = 0; i < 2; i++) {
		int fd;

		must_run("conntrack -F >/dev/null 2>&1");
		open_relay(peer[i], far_end[i], 5000);
		open_relay(peer[i], near_end[i], 5000);
		/* Another port; another client's. */
		open_relay(i == 0 ? "10.99.0.3" : "fd00:99::3", far_end[i],
			   5001);
		fd = tcp_connect(netns_peer, peer[i], 0, far_end[i], 5001, 100);
		assert_int_equal(fd, -1);
		must_come(tls, peer[i], far_end[i], 5000);
		must_come(tls, peer[i], near_end[i], 5000);
		assert_int_equal(count_marked(CLASS_DATA_RELAY), 2);
		fd = tcp_connect(netns_peer, peer[i], 0, far_end[i], 5000, 100);
		assert_int_equal(fd, -1);
		assert_false(peer_reaches(near_end[i], 5000));
		assert_true(nobody_came(tls));
	}
	/* Ports that never carry data, whoever asks. */
	for (int i = 0; i < 2; i++) {
		const uint16_t port = i == 0 ? 22 : DENIED;

		open_relay(PEER4, FAR4, port);
		assert_int_equal(tcp_connect(netns_peer, PEER4, 0, FAR4, port,
					     100), -1);
		assert_true(nobody_came(tls));
	}
	close(tls);
	assert_int_equal(fwset_flush(fw), 0);
}

static void
test_data_stays_out_when_nobody_listens(void **state)
{
	int tls;

	(void)state;
	for (int i = 0; i < 2; i++) {
		open_relay(peer[i], near_end[i], 5000);
		assert_false(peer_reaches(near_end[i], 5000));
		/* Not used up: it was for nobody else. */
		tls = terminator_listen(TERMINATOR_DEFAULT_DATA_PORT);
		must_come(tls, peer[i], near_end[i], 5000);
		close(tls);
	}
}

/* As on its graceful stop: what runs goes on, new sessions go their way. */
static void
test_data_is_relayed_without_new_sessions(void **state)
{
	int tls = terminator_listen(TERMINATOR_DEFAULT_DATA_PORT);

	(void)state;
	for (int i = 0; i < 2; i++) {
		must_run("conntrack -F >/dev/null 2>&1");
		assert_true(peer_reaches(near_end[i], 21));
		assert_true(nobody_came(tls));
		open_relay(peer[i], near_end[i], 5000);
		must_come(tls, peer[i], near_end[i], 5000);
	}
	close(tls);
}

/* A first packet that found no room comes again, and the opening has gone. */
static void
test_repeated_syn_is_relayed(void **state)
{
	int tls, fds[4], fd;

	(void)state;
	tls = terminator_listen(TERMINATOR_DEFAULT_DATA_PORT);
	assert_int_equal(listen(tls, 0), 0);
	must_run("sysctl -qw net.ipv4.tcp_syncookies=0");
	for (uint16_t i = 0; i < 4; i++) {
		open_relay(PEER4, FAR4, (uint16_t)(6000 + i));
		fds[i] = tcp_connect(netns_peer, PEER4, 0, FAR4,
				     (uint16_t)(6000 + i), 100);
	}
	open_relay(PEER4, FAR4, 6010);
	fd = tcp_socket(netns_peer, PEER4, 0);
	{
		struct sockaddr_storage ss;
		socklen_t len = sockaddr_from(&ss, FAR4, 6010);
		struct pollfd p = { .fd = fd, .events = POLLOUT };

		connect(fd, (struct sockaddr *)&ss, len);
		assert_int_equal(poll(&p, 1, 200), 0);
		assert_false(run("nft get element inet pinholed_tls relay4 "
				 "'{ " PEER4 " . " FAR4 " . 6010 }' "
				 ">/dev/null 2>&1") == 0);
		for (uint16_t from; !nobody_came(tls);)
			close(tcp_accept(tls, &from));
		assert_int_equal(poll(&p, 1, 4000), 1);
		assert_int_equal(p.revents & POLLERR, 0);
	}
	close(fd);
	for (int i = 0; i < 4; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	close(tls);
}

/* The same, and pinholed-tls goes in between: it leads nowhere else then. */
static void
test_repeated_syn_leads_nowhere_else(void **state)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_from(&ss, NEAR4, 6020);
	int tls = terminator_listen(TERMINATOR_DEFAULT_DATA_PORT), server, fds[4], fd;

	(void)state;
	must_run("conntrack -F >/dev/null 2>&1");
	assert_int_equal(listen(tls, 0), 0);
	server = tcp_listen(netns_here, NEAR4, 6020);
	for (uint16_t i = 0; i < 4; i++) {
		open_relay(PEER4, FAR4, (uint16_t)(6000 + i));
		fds[i] = tcp_connect(netns_peer, PEER4, 0, FAR4,
				     (uint16_t)(6000 + i), 100);
	}
	open_relay(PEER4, NEAR4, 6020);
	fd = tcp_socket(netns_peer, PEER4, 0);
	connect(fd, (struct sockaddr *)&ss, len);
	assert_true(nobody_came(server));
	assert_true(run("nft get element inet pinholed_tls relay4 "
			"'{ " PEER4 " . " NEAR4 " . 6020 }' "
			">/dev/null 2>&1") != 0);
	for (int i = 0; i < 4; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	close(tls);
	sleep(2); /* the first packet comes again after one second */
	assert_true(nobody_came(server));
	close(fd);
	close(server);
}

/* A leg in the name of an address far away, to the peer. */
static void
test_own_legs_come_back(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		bool v6 = i % 2 == 1;
		uint16_t port = i < 2 ? 21 : 5000, from;
		int listener = tcp_listen(netns_peer, peer[v6], port);
		struct sockaddr_storage ss;
		struct pollfd p = { .events = POLLOUT };
		int end, error = 0;
		socklen_t len = sizeof(error);

		must_run("conntrack -F >/dev/null 2>&1");
		p.fd = socket(v6 ? AF_INET6 : AF_INET,
			      SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		assert_true(p.fd >= 0);
		set_transparent(p.fd, v6);
		set_option(p.fd, SOL_SOCKET, SO_MARK,
			   (int)TERMINATOR_MARK_LEG);
		len = sockaddr_from(&ss, far_end[v6], 0);
		assert_int_equal(bind(p.fd, (struct sockaddr *)&ss, len), 0);
		len = sockaddr_from(&ss, peer[v6], port);
		connect(p.fd, (struct sockaddr *)&ss, len);
		assert_int_equal(poll(&p, 1, 1000), 1);
		len = sizeof(error);
		assert_int_equal(getsockopt(p.fd, SOL_SOCKET, SO_ERROR, &error,
					    &len), 0);
		assert_int_equal(error, 0);
		end = tcp_accept(listener, &from);
		assert_int_equal(send(end, "x", 1, 0), 1);
		p.events = POLLIN;
		assert_int_equal(poll(&p, 1, 1000), 1);
		assert_int_equal(count_marked(port == 21 ? CLASS_TERMINATED :
							   CLASS_DATA_RELAY),
				 1);
		close(end);
		close(p.fd);
		close(listener);
	}
}

/* What its users are told to do, and what keeps forged addresses out. */
static void
prepare_routes(void)
{
	must_run("set -e; sysctl -qw net.ipv4.ip_forward=1 "
		 "net.ipv6.conf.all.forwarding=1 "
		 "net.ipv4.conf.all.rp_filter=1;"
		 "nft 'table inet spoofed { chain c { type filter hook "
		 "prerouting priority raw; "
		 "meta l4proto tcp fib saddr . iif oif missing drop; }; }';"
		 "ip addr add " NEAR4 "/32 dev lo; ip addr add " NEAR6
		 "/128 dev lo;"
		 "for f in -4 -6; do "
		 "ip $f rule add fwmark 0x10000000/0x10000000 lookup 2121;"
		 "ip $f route add local default dev lo table 2121; done");
	assert_int_equal(setns(netns_peer, CLONE_NEWNET), 0);
	must_run("ip route add 10.96.0.0/14 via " HERE4
		 "; ip -6 route add fd00:97::/32 via " HERE6 "; ip -6 route add fd00:98::/32 via " HERE6);
	assert_int_equal(setns(netns_here, CLONE_NEWNET), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control_is_intercepted),
		cmocka_unit_test(test_control_passes_when_nobody_listens),
		cmocka_unit_test(test_required_is_refused_when_nobody_listens),
		cmocka_unit_test(test_data_is_relayed_once),
		cmocka_unit_test(test_data_stays_out_when_nobody_listens),
		cmocka_unit_test(test_data_is_relayed_without_new_sessions),
		cmocka_unit_test(test_own_legs_come_back),
		cmocka_unit_test(test_repeated_syn_is_relayed),
		cmocka_unit_test(test_repeated_syn_leads_nowhere_else),
	};
	int failed;

	netns_begin("intercept");
	netns_need("intercept", "conntrack", "command -v conntrack");
	netns_load_ruleset();
	prepare_routes();
	if (fwset_open("pinholed", &fw) != 0)
		return 1;
	sync_servers(true, false);
	failed = cmocka_run_group_tests_name("intercept", tests, NULL, NULL);
	fwset_close(fw);
	return failed;
}
