/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server of the benchmarks: as little FTP as they need, and fast.
 *
 *	ftpd ADDRESS LOW HIGH CERTIFICATE KEY	data ports from LOW to HIGH
 *
 * RETR's argument is how many bytes come. One thread, but a long RETR has one of
 * its own and sends no 226.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define LONG_RETR 1000000

struct conn {
	int fd, data; /* -1: none listens */
	SSL *ssl;
	bool handshake;
	size_t len;
	char line[512];
};

static int poller, low, high, next_port;
static SSL_CTX *tls;
static struct sockaddr_in address;

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static int
listen_at(int port)
{
	struct sockaddr_in at = address;
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_port = htons((uint16_t)port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* As Linux ships it. BBR would pace a transfer by what it measures in its
	 * first milliseconds, and that is what one would compare then. */
	setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5);
	if (bind(fd, (void *)&at, sizeof(at)) == 0 && listen(fd, 4096) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
watch(int fd, struct conn *c)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) != 0)
		die("epoll");
}

static void
say(struct conn *c, const char *text)
{
	int len = (int)strlen(text);

	if (c->ssl != NULL && !c->handshake)
		len -= SSL_write(c->ssl, text, len);
	else
		len -= (int)write(c->fd, text, (size_t)len);
	if (len != 0)
		fprintf(stderr, "ftpd: short write\n");
}

static void
open_data(struct conn *c)
{
	char text[64];
	int port = 0;

	if (c->data >= 0)
		close(c->data);
	c->data = -1;
	for (int i = low; i <= high && c->data < 0; i++) {
		port = low + next_port++ % (high - low + 1);
		c->data = listen_at(port);
	}
	snprintf(text, sizeof(text), "229 Extended Passive (|||%d|)\r\n", port);
	say(c, c->data >= 0 ? text : "425 No port\r\n");
}

static void *
send_long(void *arg)
{
	static const char zeros[65536];
	int fd = *(int *)arg;

	free(arg);
	while (send(fd, zeros, sizeof(zeros), MSG_NOSIGNAL) > 0)
		;
	close(fd);
	return NULL;
}

static void
retrieve(struct conn *c, long bytes)
{
	static const char zeros[LONG_RETR];
	int fd = c->data >= 0 ? accept(c->data, NULL, NULL) : -1, *copy;
	pthread_t thread;

	if (fd < 0) {
		say(c, "425 No connection\r\n");
		return;
	}
	close(c->data);
	c->data = -1;
	say(c, "150 Here it comes\r\n");
	if (bytes < LONG_RETR) {
		if (write(fd, zeros, (size_t)bytes) != bytes)
			fprintf(stderr, "ftpd: short data\n");
		close(fd);
		say(c, "226 Done\r\n");
		return;
	}
	copy = malloc(sizeof(*copy));
	*copy = fd;
	pthread_create(&thread, NULL, send_long, copy);
	pthread_detach(thread);
}

static void
command(struct conn *c, const char *line)
{
	if (strncmp(line, "USER", 4) == 0) {
		say(c, "331 Password\r\n");
	} else if (strncmp(line, "PASS", 4) == 0) {
		say(c, "230 Welcome\r\n");
	} else if (strncmp(line, "EPSV", 4) == 0) {
		open_data(c);
	} else if (strncmp(line, "RETR", 4) == 0) {
		retrieve(c, atol(line + 5));
	} else if (strncmp(line, "AUTH", 4) == 0) {
		say(c, "234 Go on\r\n");
		fcntl(c->fd, F_SETFL, O_NONBLOCK);
		c->ssl = SSL_new(tls);
		c->handshake = true;
		SSL_set_fd(c->ssl, c->fd);
		SSL_set_accept_state(c->ssl);
	} else if (strncmp(line, "QUIT", 4) == 0) {
		say(c, "221 Bye\r\n");
		shutdown(c->fd, SHUT_WR);
	} else {
		say(c, "200 OK\r\n");
	}
}

static void
end(struct conn *c)
{
	SSL_free(c->ssl);
	close(c->fd);
	if (c->data >= 0)
		close(c->data);
	free(c);
}

/* More of a line; 0: none now, below 0: the end. */
static int
more(struct conn *c)
{
	int room = (int)(sizeof(c->line) - 1 - c->len), got;

	if (c->ssl == NULL) {
		got = (int)recv(c->fd, c->line + c->len, (size_t)room,
				MSG_DONTWAIT);
		return got > 0 ? got : got < 0 && errno == EAGAIN ? 0 : -1;
	}
	if (c->handshake && SSL_do_handshake(c->ssl) == 1)
		c->handshake = false;
	got = c->handshake ? -1 : SSL_read(c->ssl, c->line + c->len, room);
	if (got > 0)
		return got;
	return SSL_get_error(c->ssl, got) == SSL_ERROR_WANT_READ ? 0 : -1;
}

static void
serve(struct conn *c)
{
	int got;

	while ((got = more(c)) > 0) {
		char *at = c->line, *end_of_line;

		c->len += (size_t)got;
		c->line[c->len] = 0;
		while ((end_of_line = strchr(at, '\n')) != NULL) {
			command(c, at);
			at = end_of_line + 1;
		}
		c->len -= (size_t)(at - c->line);
		memmove(c->line, at, c->len);
		if (c->ssl == NULL)
			return; /* what is left wakes us again */
	}
	if (got < 0)
		end(c);
}

int
main(int argc, char **argv)
{
	struct epoll_event events[256];
	int control;

	if (argc != 6)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	inet_pton(AF_INET, argv[1], &address.sin_addr);
	address.sin_family = AF_INET;
	low = atoi(argv[2]);
	high = atoi(argv[3]);
	tls = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_mode(tls, SSL_MODE_AUTO_RETRY);
	if (SSL_CTX_use_certificate_file(tls, argv[4], SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, argv[5], SSL_FILETYPE_PEM) != 1)
		die("certificate");
	poller = epoll_create1(0);
	control = listen_at(21);
	if (control < 0)
		die("listen");
	watch(control, NULL);
	puts("ready");
	fflush(stdout);
	for (;;) {
		int count = epoll_wait(poller, events, 256, -1);

		for (int i = 0; i < count; i++) {
			struct conn *c = events[i].data.ptr;

			if (c != NULL) {
				serve(c);
				continue;
			}
			c = calloc(1, sizeof(*c));
			c->data = -1;
			c->fd = accept(control, NULL, NULL);
			if (c->fd < 0) {
				free(c);
				continue;
			}
			watch(c->fd, c);
			say(c, "220 Ready\r\n");
		}
	}
}
