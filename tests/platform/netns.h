/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A network of its own for a platform test: this process in a new network
 * namespace with the shipped ruleset, and a peer behind a veth pair. Both go
 * when the process ends.
 *
 *	peer 10.99.0.2, fd00:99::2  ----veth----  10.99.0.1, fd00:99::1 here
 */
#ifndef TESTS_PLATFORM_NETNS_H
#define TESTS_PLATFORM_NETNS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pinholed/addr.h"
#include "pinholed/class.h"

#define HERE4 "10.99.0.1"
#define PEER4 "10.99.0.2"
#define HERE6 "fd00:99::1"
#define PEER6 "fd00:99::2"

static int netns_here = -1, netns_peer = -1;

/* Runs a shell command; its exit status. */
__attribute__((format(printf, 1, 2))) static inline int
run(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command);
}

#define must_run(...) assert_int_equal(run(__VA_ARGS__), 0)

/* A chain that drops what neither is established nor has been announced. */
static inline void
netns_load_admin(void)
{
	must_run("nft 'table inet admin { chain input { "
		 "type filter hook input priority filter; policy drop; "
		 "iif lo accept; meta l4proto ipv6-icmp accept; "
		 "ct state established,related accept; "
		 "ct mark >= 0x80000000 accept; "
		 "tcp dport { 21, 990 } accept; }; }'");
}

/* The shipped ruleset without its queue statement, over what is there of it. */
static inline void
netns_load_shipped(void)
{
	must_run("sed '/# NFQUEUE/d' nft/pinholed.nft | nft -f -");
}

/* And the chain of netns_load_admin() beside it. */
static inline void
netns_load_ruleset(void)
{
	netns_load_shipped();
	netns_load_admin();
}

/* Ends test program @test with 77, "skipped", unless @command succeeds. */
static inline void
netns_need(const char *test, const char *what, const char *command)
{
	if (run("{ %s; } >/dev/null 2>&1", command) == 0)
		return;
	printf("skip %s: needs %s\n", test, what);
	exit(77);
}

static inline void
netns_begin(const char *test)
{
	int ready[2];
	char path[64], go;
	pid_t pid;

	alarm(300); /* a test that hangs is a test that fails */
	netns_need(test, "root", "test $(id -u) = 0");
	netns_need(test, "a kernel with nf_tables",
		   "unshare -n nft list ruleset");
	if (unshare(CLONE_NEWNET) != 0)
		abort();
	netns_here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (pipe(ready) != 0)
		abort();
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) == 0 && write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	if (read(ready[0], &go, 1) != 1)
		abort();
	close(ready[0]);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	netns_peer = open(path, O_RDONLY | O_CLOEXEC);
	if (run("set -e; ip link set lo up;"
		"ip link add v0 type veth peer name v1 netns %d;"
		"ip addr add " HERE4 "/24 dev v0;"
		"ip addr add " HERE6 "/64 dev v0 nodad; ip link set v0 up;"
		"nsenter --net=%s sh -ec '"
		"ip addr add " PEER4 "/24 dev v1;"
		"ip addr add " PEER6 "/64 dev v1 nodad; ip link set v1 up'",
		(int)pid, path) != 0)
		abort();
}

static inline struct addr
addr_from(const char *text)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return addr_make(ADDR_V4, bytes);
	assert_int_equal(inet_pton(AF_INET6, text, bytes), 1);
	return addr_make(ADDR_V6, bytes);
}

static inline socklen_t
sockaddr_from(struct sockaddr_storage *ss, const char *text, uint16_t port)
{
	struct addr a = addr_from(text);
	struct sockaddr_in *in4 = (void *)ss;
	struct sockaddr_in6 *in6 = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (a.family == ADDR_V4) {
		in4->sin_family = AF_INET;
		in4->sin_port = htons(port);
		memcpy(&in4->sin_addr, a.bytes, 4);
		return sizeof(*in4);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, a.bytes, 16);
	return sizeof(*in6);
}

/* A TCP socket in namespace @ns, bound to @address and @port. */
static inline int
tcp_socket(int ns, const char *address, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_from(&ss, address, port);
	int fd, on = 1;

	assert_int_equal(setns(ns, CLONE_NEWNET), 0);
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    0);
	assert_int_equal(setns(netns_here, CLONE_NEWNET), 0);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	return fd;
}

static inline int
tcp_listen(int ns, const char *address, uint16_t port)
{
	int fd = tcp_socket(ns, address, port);

	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

/* Connects; the socket, or -1 when nothing came back within @timeout_ms. */
static inline int
tcp_connect(int ns, const char *from, uint16_t from_port, const char *to,
	    uint16_t to_port, int timeout_ms)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_from(&ss, to, to_port);
	int fd = tcp_socket(ns, from, from_port), err = 0;
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t errlen = sizeof(err);

	connect(fd, (struct sockaddr *)&ss, len);
	if (poll(&p, 1, timeout_ms) == 1 &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &errlen) == 0 &&
	    err == 0)
		return fd;
	close(fd);
	return -1;
}

/* Takes a connection within a second; *@from becomes the other end's port. */
static inline int
tcp_accept(int listener, uint16_t *from)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd;

	assert_int_equal(poll(&p, 1, 1000), 1);
	fd = accept4(listener, (struct sockaddr *)&ss, &len, SOCK_CLOEXEC);
	assert_true(fd >= 0);
	/* At the same place in both families' addresses. */
	*from = ntohs(((struct sockaddr_in *)(void *)&ss)->sin_port);
	return fd;
}

/* Whether a connection from the peer's port @from (0: any) to a port here gets
 * through. */
static inline bool
peer_reaches_from(uint16_t from, const char *to, uint16_t port)
{
	bool v6 = strchr(to, ':') != NULL;
	int listener = tcp_listen(netns_here, to, port), fd;

	fd = tcp_connect(netns_peer, v6 ? PEER6 : PEER4, from, to, port, 200);
	close(listener);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static inline bool
peer_reaches(const char *to, uint16_t port)
{
	return peer_reaches_from(0, to, port);
}

/* How many TCP connections conntrack has whose mark has this class. */
static inline int
count_marked(enum session_class class)
{
	return run("exit $(conntrack -L -p tcp --mark 0x%x0000000/0xf0000000 "
		   "2>/dev/null | wc -l)",
		   (unsigned)class) >> 8;
}

#endif
