/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transparent sockets. */
#include "terminator/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pinholed/terminator.h"

#define BACKLOG 1024
/* Ports that are tried until one is free; each is random. */
#define BIND_TRIES 16
/*
 * What we connect from has another host's address, and must not be a port that
 * this host may choose itself: connection tracking would take its connection for
 * ours. Linux gives its programs ports from 32768 on, most others from 49152 on.
 */
#define LEG_PORT_FIRST 10240
#define LEG_PORT_COUNT (32768 - LEG_PORT_FIRST)

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t
from_endpoint(const struct endpoint *e, union address *out)
{
	*out = (union address){ 0 };
	if (e->addr.family == ADDR_V4) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(e->port);
		memcpy(&out->v4.sin_addr, e->addr.bytes, 4);
		return sizeof(out->v4);
	}
	out->v6.sin6_family = AF_INET6;
	out->v6.sin6_port = htons(e->port);
	memcpy(&out->v6.sin6_addr, e->addr.bytes, 16);
	return sizeof(out->v6);
}

static void
to_endpoint(const union address *a, struct endpoint *out)
{
	*out = (struct endpoint){ 0 };
	if (a->any.sa_family == AF_INET) {
		out->addr =
			addr_make(ADDR_V4, (const uint8_t *)&a->v4.sin_addr);
		out->port = ntohs(a->v4.sin_port);
	} else {
		out->addr = addr_make(ADDR_V6, a->v6.sin6_addr.s6_addr);
		out->port = ntohs(a->v6.sin6_port);
	}
}

static int
set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int
open_transparent(enum addr_family family)
{
	int fd = socket(family == ADDR_V4 ? AF_INET : AF_INET6,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	if (family == ADDR_V4)
		rc = set(fd, IPPROTO_IP, IP_TRANSPARENT, 1);
	else if ((rc = set(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, 1)) == 0)
		rc = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (rc != 0) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

int
sockets_listen(enum addr_family family, uint16_t port)
{
	struct endpoint any = { .addr = { .family = (uint8_t)family },
				.port = port };
	union address address;
	socklen_t len = from_endpoint(&any, &address);
	int err, fd = open_transparent(family);

	if (fd < 0)
		return fd;
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, &address.any, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* What both ends of a relay need. */
static void
prepare(int fd)
{
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, SOL_SOCKET, SO_OOBINLINE, 1);
}

int
sockets_accept(int listener, struct endpoint *peer, struct endpoint *local)
{
	union address a = { 0 };
	socklen_t len = sizeof(a);
	int fd = accept4(listener, &a.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	to_endpoint(&a, peer);
	len = sizeof(a);
	if (getsockname(fd, &a.any, &len) != 0) {
		close(fd);
		return -ECONNABORTED;
	}
	to_endpoint(&a, local);
	prepare(fd);
	return fd;
}

static int
bind_leg_port(int fd, const struct endpoint *from, struct endpoint *bound)
{
	uint16_t random;
	union address a;
	socklen_t len;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -EAGAIN;
	bound->addr = from->addr;
	bound->port = (uint16_t)(LEG_PORT_FIRST + random % LEG_PORT_COUNT);
	len = from_endpoint(bound, &a);
	/* One port for connections to several ends, and in TIME-WAIT: else one
	 * client address had no more connections in a minute than ports. */
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	return bind(fd, &a.any, len) != 0 ? -errno : 0;
}

static int
connect_once(const struct endpoint *from, const struct endpoint *to,
	     bool (*taken)(void *, const struct endpoint *,
			   const struct endpoint *),
	     void *arg)
{
	enum addr_family family = (enum addr_family)from->addr.family;
	struct endpoint bound = { 0 };
	union address a;
	socklen_t len = from_endpoint(to, &a);
	int err, fd = open_transparent(family);

	if (fd < 0)
		return fd;
	prepare(fd);
	err = set(fd, SOL_SOCKET, SO_MARK, TERMINATOR_MARK_LEG) != 0 ? -errno
								     : 0;
	if (err == 0)
		err = bind_leg_port(fd, from, &bound);
	if (err == 0 && (bound.port == from->port ||
			 (taken != NULL && taken(arg, &bound, to))))
		err = -EADDRINUSE;
	if (err == 0 && connect(fd, &a.any, len) != 0 && errno != EINPROGRESS)
		err = -errno;
	if (err == 0)
		return fd;
	close(fd);
	/* Said where both ends are in use, and not the port alone. */
	return err == -EADDRNOTAVAIL ? -EADDRINUSE : err;
}

int
sockets_connect(const struct endpoint *from, const struct endpoint *to,
		bool (*taken)(void *, const struct endpoint *,
			      const struct endpoint *),
		void *arg)
{
	int fd = -EADDRINUSE;

	for (int i = 0; i < BIND_TRIES && fd == -EADDRINUSE; i++)
		fd = connect_once(from, to, taken, arg);
	return fd;
}

int
sockets_connected(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) != 0)
		return -errno;
	return -err;
}

void
sockets_reset(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static bool
is_on(const char *path)
{
	FILE *f = fopen(path, "re");
	int c = f != NULL ? fgetc(f) : '0';

	if (f != NULL)
		fclose(f);
	return c == '1';
}

bool
sockets_early_demux(void)
{
	return is_on("/proc/sys/net/ipv4/ip_early_demux") &&
	       is_on("/proc/sys/net/ipv4/tcp_early_demux");
}
