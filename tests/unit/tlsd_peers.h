/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real OpenSSL peers around two legs: a certificate, TCP over the loopback
 * device, and threads that block. */
#ifndef TEST_TLSD_PEERS_H
#define TEST_TLSD_PEERS_H

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_MAX_HERE 200

/* A certificate of its own making and its key, in @dir. @names: as OpenSSL writes
 * alternative names, or NULL. */
static inline void
make_certificate_of(const char *dir, const char *name, const char *names,
		    bool rsa, char cert[static PATH_MAX_HERE],
		    char key[static PATH_MAX_HERE])
{
	EVP_PKEY *pkey = rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_EXTENSION *ext;
	FILE *f;

	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	X509_set_pubkey(x, pkey);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
				   (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	if (names != NULL) {
		X509_set_version(x, X509_VERSION_3);
		ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
					  names);
		X509_add_ext(x, ext, -1);
		X509_EXTENSION_free(ext);
	}
	X509_sign(x, pkey, EVP_sha256());
	snprintf(cert, PATH_MAX_HERE, "%s/%s.cert", dir, name);
	snprintf(key, PATH_MAX_HERE, "%s/%s.key", dir, name);
	f = fopen(cert, "w");
	PEM_write_X509(f, x);
	fclose(f);
	f = fopen(key, "w");
	fchmod(fileno(f), 0600);
	PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(pkey);
}

static inline void
make_certificate(const char *dir, const char *name, char cert[static PATH_MAX_HERE],
		 char key[static PATH_MAX_HERE])
{
	make_certificate_of(dir, name, NULL, false, cert, key);
}

/* Two connected TCP sockets; [0] is ours and does not block. Between them there is
 * no room for a whole file: what is written last cannot arrive before the reader has
 * begun to read, and a reset not while a server still writes its tickets, where
 * OpenSSL would take it for nothing. */
static inline void
make_pair(int pair[static 2])
{
	const int room = 65536;
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr = { htonl(INADDR_LOOPBACK) } };
	const struct timeval limit = { .tv_sec = 10 };
	socklen_t len = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	bind(listener, (struct sockaddr *)&a, len);
	listen(listener, 1);
	getsockname(listener, (struct sockaddr *)&a, &len);
	setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	pair[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	setsockopt(pair[1], SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	connect(pair[1], (struct sockaddr *)&a, len);
	pair[0] = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	close(listener);
	setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(pair[1], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

/* How a peer's connection ended, as the peer sees it. */
enum peer_end {
	END_NONE,
	END_CLOSE_NOTIFY,
	END_FIN,   /* without close_notify */
	END_RESET,
	END_OTHER, /* a time-out, or TLS that went wrong */
};

struct peer {
	int fd;
	SSL *ssl;
	SSL_CTX *ctx;
	SSL_SESSION *session; /* to resume; or what was got */
	bool server, clear;
	/* What it does. */
	size_t writes;	      /* bytes */
	bool says_end;	      /* close_notify behind them */
	bool reads;	      /* up to the end */
	size_t reads_at_most; /* and then it goes away; 0: no limit */
	bool slow;
	/* What came of it. */
	bool handshake, resumed;
	size_t got;
	bool intact; /* the bytes were those that a peer writes */
	enum peer_end end;
	bool write_failed;
};

/* The byte at place @i of all streams. */
static inline uint8_t
byte_at(size_t i)
{
	return (uint8_t)(i * 7 + (i >> 8) * 13 + (i >> 16));
}

static inline ssize_t
peer_io(struct peer *p, bool write_it, void *bytes, size_t len)
{
	if (p->clear)
		return write_it ? send(p->fd, bytes, len, MSG_NOSIGNAL) :
				  recv(p->fd, bytes, len, 0);
	ERR_clear_error();
	errno = 0;
	return write_it ? SSL_write(p->ssl, bytes, (int)len) :
			  SSL_read(p->ssl, bytes, (int)len);
}

static inline enum peer_end
peer_judge(const struct peer *p, ssize_t n)
{
	int err = errno;

	if (p->clear)
		return n == 0		   ? END_FIN :
		       err == ECONNRESET || err == EPIPE ? END_RESET :
							   END_OTHER;
	if (SSL_get_error(p->ssl, (int)n) == SSL_ERROR_ZERO_RETURN)
		return END_CLOSE_NOTIFY;
	if (ERR_GET_REASON(ERR_peek_last_error()) ==
	    SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return END_FIN;
	return err == ECONNRESET || err == EPIPE ? END_RESET : END_OTHER;
}

static inline void
peer_write(struct peer *p)
{
	uint8_t block[16384];

	for (size_t done = 0; done < p->writes;) {
		size_t len = p->writes - done < sizeof(block) ?
				     p->writes - done :
				     sizeof(block);
		ssize_t n;

		for (size_t i = 0; i < len; i++)
			block[i] = byte_at(done + i);
		n = peer_io(p, true, block, len);
		if (n <= 0) {
			p->write_failed = true;
			return;
		}
		done += (size_t)n;
	}
}

static inline void
peer_read(struct peer *p)
{
	uint8_t block[16384];
	ssize_t n;

	p->intact = true;
	while (p->reads_at_most == 0 || p->got < p->reads_at_most) {
		n = peer_io(p, false, block, sizeof(block));
		if (n <= 0) {
			p->end = peer_judge(p, n);
			return;
		}
		for (ssize_t i = 0; i < n; i++)
			p->intact &= block[i] == byte_at(p->got + (size_t)i);
		p->got += (size_t)n;
		if (p->slow)
			usleep(500);
	}
}

static inline void *
peer_run(void *arg)
{
	struct peer *p = arg;

	if (!p->clear) {
		p->ssl = SSL_new(p->ctx);
		SSL_set_fd(p->ssl, p->fd);
		if (p->session != NULL && !p->server)
			SSL_set_session(p->ssl, p->session);
		p->handshake = (p->server ? SSL_accept(p->ssl) :
					    SSL_connect(p->ssl)) == 1;
		p->resumed = p->handshake && SSL_session_reused(p->ssl);
		if (!p->handshake)
			goto out;
	}
	peer_write(p);
	if (p->says_end && !p->clear)
		SSL_shutdown(p->ssl);
	if (p->says_end && p->clear)
		shutdown(p->fd, SHUT_WR);
	if (p->reads)
		peer_read(p);
	/* Who has read everything answers. */
	if (p->end == END_CLOSE_NOTIFY && !p->says_end)
		SSL_shutdown(p->ssl);
out:
	if (p->ssl != NULL) {
		SSL_set_shutdown(p->ssl,
				 SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
		SSL_free(p->ssl);
	}
	p->ssl = NULL;
	close(p->fd);
	ERR_clear_error();
	OPENSSL_thread_stop();
	return NULL;
}

#endif
