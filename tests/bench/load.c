/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client of the benchmarks.
 *
 *	load control ADDRESS CONNECTIONS clear|tls	round trips
 *	load sessions ADDRESS THREADS clear		short sessions
 *	load bulk ADDRESS 1 clear|tls			bytes of one transfer
 *
 * Two words more are a user and the password. A short session fetches the file
 * "1024", which has as many bytes.
 *
 * Says "ready", and then for each line "MILLISECONDS" of its input one line:
 * how many per second and, for round trips, the median and the 99th percentile of
 * their times in nanoseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

#define TIMES_MAX 2000000
#define REPLY_MAX 1024

struct conn {
	int fd;
	SSL *ssl;
	uint64_t sent_ns;
};

static struct sockaddr_in address = { .sin_family = AF_INET };
static SSL_CTX *tls;
static bool encrypted;
static const char *user = "bench", *password = "bench";
static uint64_t deadline;

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int
connect_to(int port)
{
	struct timeval patience = { .tv_sec = 20 };
	struct sockaddr_in at = address;
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_port = htons((uint16_t)port);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (void *)&at, sizeof(at)) != 0) {
		fprintf(stderr, "load: port %d: ", port);
		die("connect");
	}
	return fd;
}

static void
put(struct conn *c, const char *text)
{
	int len = (int)strlen(text);

	if (c->ssl != NULL)
		len -= SSL_write(c->ssl, text, len);
	else
		len -= (int)send(c->fd, text, (size_t)len, MSG_NOSIGNAL);
	if (len != 0)
		die("load: send");
}

/* One read; the server sends each reply at once. */
static int
get(struct conn *c, char *text, int room)
{
	return c->ssl != NULL ? SSL_read(c->ssl, text, room) :
				(int)recv(c->fd, text, (size_t)room, 0);
}

/* @line is whole, and the last of a reply with one of @codes. */
static bool
is_last_line(const char *line, const char *codes)
{
	char code[4] = "";

	strncpy(code, line, 3);
	return strlen(code) == 3 && strstr(codes, code) != NULL &&
	       line[3] == ' ' && strchr(line, '\n') != NULL;
}

/* Waits for the last line of a reply with one of @codes ("331 230"), which may come
 * behind others. Returns that line, in @text. */
static const char *
await(struct conn *c, const char *codes, char text[static REPLY_MAX])
{
	size_t len = 0;

	for (;;) {
		int got = get(c, text + len, (int)(REPLY_MAX - 1 - len));
		char *line;

		if (got <= 0)
			die("load: reply");
		len += (size_t)got;
		text[len] = 0;
		for (line = text; line != NULL;
		     line = strchr(line, '\n'), line += line != NULL)
			if (is_last_line(line, codes))
				return line;
	}
}

static const char *
ask(struct conn *c, const char *command, const char *codes,
    char text[static REPLY_MAX])
{
	put(c, command);
	return await(c, codes, text);
}

static void
log_in(struct conn *c)
{
	char text[REPLY_MAX], command[128];

	c->ssl = NULL;
	c->fd = connect_to(21);
	await(c, "220", text);
	if (encrypted) {
		SSL *ssl = SSL_new(tls);

		ask(c, "AUTH TLS\r\n", "234", text);
		SSL_set_fd(ssl, c->fd);
		if (SSL_connect(ssl) != 1)
			die("load: tls");
		c->ssl = ssl;
	}
	/* Where the name is enough, the password is not asked for. */
	snprintf(command, sizeof(command), "USER %s\r\n", user);
	if (strncmp(ask(c, command, "331 230", text), "230", 3) == 0)
		return;
	snprintf(command, sizeof(command), "PASS %s\r\n", password);
	ask(c, command, "230", text);
}

static void
hang_up(struct conn *c)
{
	SSL_free(c->ssl);
	close(c->fd);
}

static int
open_data(struct conn *c)
{
	char text[REPLY_MAX];
	const char *port;

	ask(c, "EPSV\r\n", "229", text);
	port = strstr(text, "|||");
	if (port == NULL)
		die("load: EPSV");
	return connect_to(atoi(port + 3));
}

/* --- round trips ------------------------------------------------------------ */

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
send_noop(struct conn *c)
{
	c->sent_ns = now_ns();
	put(c, "NOOP\r\n");
}

static void
run_control(struct conn *conns, int count, int poller, unsigned ms)
{
	static uint32_t times[TIMES_MAX];
	struct epoll_event events[256];
	uint64_t began = now_ns(), end = began + ms * 1000000ull, at = began;
	size_t done = 0;
	int busy = count;

	for (int i = 0; i < count; i++)
		send_noop(&conns[i]);
	while (busy > 0) {
		int ready = epoll_wait(poller, events, 256, 20000);

		if (ready <= 0)
			die("load: silence");
		for (int i = 0; i < ready; i++) {
			struct conn *c = events[i].data.ptr;
			char text[256];

			if (get(c, text, sizeof(text)) <= 0)
				die("load: round trip");
			at = now_ns();
			if (done < TIMES_MAX)
				times[done++] = (uint32_t)(at - c->sent_ns);
			if (at < end)
				send_noop(c);
			else
				busy--;
		}
	}
	qsort(times, done, sizeof(times[0]), compare);
	printf("%.1f %" PRIu32 " %" PRIu32 "\n",
	       (double)done * 1e9 / (double)(at - began), times[done / 2],
	       times[done / 100 * 99]);
}

static void
control(int count)
{
	struct conn *conns = calloc((size_t)count, sizeof(*conns));
	int poller = epoll_create1(0);
	unsigned ms;

	for (int i = 0; i < count; i++) {
		struct epoll_event event = { .events = EPOLLIN };

		event.data.ptr = &conns[i];
		log_in(&conns[i]);
		epoll_ctl(poller, EPOLL_CTL_ADD, conns[i].fd, &event);
	}
	puts("ready");
	fflush(stdout);
	while (scanf("%u", &ms) == 1) {
		run_control(conns, count, poller, ms);
		fflush(stdout);
	}
}

/* --- short sessions ----------------------------------------------------------- */

static void *
session_after_session(void *arg)
{
	unsigned *count = arg;

	while (now_ns() < deadline) {
		struct conn c;
		char text[4096];
		int data, got, sum = 0;

		log_in(&c);
		data = open_data(&c);
		put(&c, "RETR 1024\r\n");
		while ((got = (int)recv(data, text, sizeof(text), 0)) > 0)
			sum += got;
		close(data);
		if (sum != 1024)
			die("load: transfer");
		await(&c, "226", text);
		ask(&c, "QUIT\r\n", "221", text);
		hang_up(&c);
		(*count)++;
	}
	return NULL;
}

static void
sessions(int threads)
{
	pthread_t ids[64];
	unsigned ms;

	puts("ready");
	fflush(stdout);
	while (scanf("%u", &ms) == 1) {
		uint64_t began = now_ns();
		unsigned counts[64] = { 0 }, sum = 0;

		deadline = began + ms * 1000000ull;
		for (int i = 0; i < threads; i++)
			pthread_create(&ids[i], NULL, session_after_session,
				       &counts[i]);
		for (int i = 0; i < threads; i++) {
			pthread_join(ids[i], NULL);
			sum += counts[i];
		}
		printf("%.1f\n", sum * 1e9 / (double)(now_ns() - began));
		fflush(stdout);
	}
}

/* --- bulk --------------------------------------------------------------------- */

static void
bulk(void)
{
	static char text[1 << 18];
	unsigned ms;

	puts("ready");
	fflush(stdout);
	while (scanf("%u", &ms) == 1) {
		uint64_t began, end, sum = 0;
		struct conn c;
		ssize_t got;
		int data;

		log_in(&c);
		data = open_data(&c);
		put(&c, "RETR 1000000000000\r\n");
		/* What is in the buffers at first is not counted. */
		for (int i = 0; i < 64; i++)
			if (recv(data, text, sizeof(text), 0) <= 0)
				die("load: bulk");
		began = now_ns();
		end = began + ms * 1000000ull;
		while (now_ns() < end) {
			got = recv(data, text, sizeof(text), 0);
			if (got <= 0)
				die("load: bulk");
			sum += (uint64_t)got;
		}
		printf("%.0f\n", (double)sum * 1e9 / (double)(now_ns() - began));
		fflush(stdout);
		close(data);
		hang_up(&c);
	}
}

int
main(int argc, char **argv)
{
	int count;

	if (argc != 5 && argc != 7)
		return 2;
	if (argc == 7) {
		user = argv[5];
		password = argv[6];
	}
	signal(SIGPIPE, SIG_IGN);
	inet_pton(AF_INET, argv[2], &address.sin_addr);
	count = atoi(argv[3]);
	encrypted = strcmp(argv[4], "tls") == 0;
	tls = SSL_CTX_new(TLS_client_method());
	if (strcmp(argv[1], "control") == 0)
		control(count);
	else if (strcmp(argv[1], "sessions") == 0)
		sessions(count < 64 ? count : 64);
	else
		bulk();
	return 0;
}
