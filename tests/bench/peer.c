/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two ends of a TLS relay that is measured; neither does more than it must.
 *
 *   peer source ADDRESS PORT BYTES CERT KEY    sends so many bytes to who comes
 *   peer greet ADDRESS PORT CERT KEY           says "220 hi" to who comes
 *   peer sink ADDRESS PORT                     reads all; prints BYTES SECONDS
 *   peer knock ADDRESS PORT COUNT AT_ONCE      COUNT times: connects, reads a line,
 *                                              leaves; prints COUNT SECONDS
 */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static SSL_CTX *ctx;
static struct sockaddr_in address;
static unsigned long long amount;
static int greets;
static atomic_llong left;
static atomic_int failures;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void *
serve(void *arg)
{
	static char block[16384];
	unsigned long long sent = 0;
	int fd = (int)(long)arg;
	SSL *ssl = SSL_new(ctx);

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		if (greets) {
			SSL_write(ssl, "220 hi\r\n", 8);
			while (SSL_read(ssl, block, 1) > 0)
				;
		}
		while (!greets && sent < amount) {
			int n = SSL_write(ssl, block, sizeof(block));

			if (n <= 0)
				break;
			sent += (unsigned)n;
		}
		SSL_shutdown(ssl);
		if (!greets)
			while (SSL_read(ssl, block, 1) > 0)
				;
	}
	SSL_free(ssl);
	close(fd);
	return NULL;
}

static int
listen_and_serve(const char *cert, const char *key)
{
	int one = 1, fd, listener = socket(AF_INET, SOCK_STREAM, 0);
	pthread_attr_t detached;
	pthread_t thread;

	ctx = SSL_CTX_new(TLS_server_method());
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return 1;
	SSL_CTX_set_num_tickets(ctx, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(listener, 512) != 0)
		return 1;
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	while ((fd = accept(listener, NULL, NULL)) >= 0)
		if (pthread_create(&thread, &detached, serve,
				   (void *)(long)fd) != 0)
			close(fd);
	return 1;
}

static SSL *
dial(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	SSL *ssl = SSL_new(ctx);

	SSL_set_fd(ssl, fd);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    SSL_connect(ssl) == 1)
		return ssl;
	close(fd);
	SSL_free(ssl);
	return NULL;
}

static void
hang_up(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
}

static int
sink(void)
{
	static char block[65536];
	unsigned long long got = 0;
	double began = now();
	SSL *ssl = dial();
	int n, clean;

	if (ssl == NULL)
		return 1;
	while ((n = SSL_read(ssl, block, sizeof(block))) > 0)
		got += (unsigned)n;
	clean = SSL_get_error(ssl, n) == SSL_ERROR_ZERO_RETURN;
	printf("%llu %.4f %s\n", got, now() - began, SSL_get_cipher_name(ssl));
	hang_up(ssl);
	return clean ? 0 : 1;
}

static void *
knock(void *arg)
{
	char line[64];

	while (atomic_fetch_sub(&left, 1) > 0) {
		SSL *ssl = dial();

		if (ssl == NULL || SSL_read(ssl, line, sizeof(line)) <= 0)
			atomic_fetch_add(&failures, 1);
		if (ssl != NULL)
			hang_up(ssl);
	}
	return arg;
}

int
main(int argc, char **argv)
{
	pthread_t threads[64];
	int at_once;
	double began;

	if (argc < 4)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	address.sin_family = AF_INET;
	address.sin_port = htons((uint16_t)atoi(argv[3]));
	inet_pton(AF_INET, argv[2], &address.sin_addr);
	if (strcmp(argv[1], "source") == 0 && argc == 7) {
		amount = strtoull(argv[4], NULL, 10);
		return listen_and_serve(argv[5], argv[6]);
	}
	if (strcmp(argv[1], "greet") == 0 && argc == 6) {
		greets = 1;
		return listen_and_serve(argv[4], argv[5]);
	}
	ctx = SSL_CTX_new(TLS_client_method());
	if (strcmp(argv[1], "sink") == 0)
		return sink();
	if (strcmp(argv[1], "knock") != 0 || argc != 6)
		return 2;
	atomic_store(&left, atoll(argv[4]));
	at_once = atoi(argv[5]);
	began = now();
	for (int i = 0; i < at_once; i++)
		pthread_create(&threads[i], NULL, knock, NULL);
	for (int i = 0; i < at_once; i++)
		pthread_join(threads[i], NULL);
	printf("%s %.4f %d failed\n", argv[4], now() - began,
	       atomic_load(&failures));
	return 0;
}
