/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A leg's bytes, and how it ends. */
#include "tls/leg.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls/identity_internal.h"

void
leg_open(struct leg *leg, int fd)
{
	*leg = (struct leg){ .fd = fd };
}

/* --- from OpenSSL's words to ours ----------------------------------------- */

static enum leg_status
broken(struct leg *leg, int err)
{
	leg->err = err;
	return LEG_BROKEN;
}

/* What SSL_get_error() says of a call that returned @rc. */
static enum leg_status
judge(struct leg *leg, int rc)
{
	int err = errno;

	switch (SSL_get_error(leg->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		leg->can_read = false;
		return LEG_AGAIN;
	case SSL_ERROR_WANT_WRITE:
		leg->can_write = false;
		return LEG_AGAIN;
	case SSL_ERROR_WANT_CLIENT_HELLO_CB:
		return LEG_HELLO;
	case SSL_ERROR_ZERO_RETURN:
		return LEG_END;
	case SSL_ERROR_SYSCALL:
		ERR_clear_error();
		return err == 0 ? LEG_TRUNCATED : broken(leg, err);
	default:
		break;
	}
	if (ERR_GET_REASON(ERR_peek_last_error()) ==
	    SSL_R_UNEXPECTED_EOF_WHILE_READING) {
		ERR_clear_error();
		return LEG_TRUNCATED;
	}
	tls_error(leg->text, sizeof(leg->text));
	return broken(leg, 0);
}

/* What errno says of a call on the socket itself. */
static enum leg_status
judge_errno(struct leg *leg, bool *can)
{
	if (errno == EAGAIN || errno == EINTR) {
		*can = false;
		return LEG_AGAIN;
	}
	return broken(leg, errno);
}

const char *
leg_error(const struct leg *leg)
{
	if (leg->text[0] != '\0')
		return leg->text;
	return leg->err != 0 ? strerror(leg->err) : "the peer hung up";
}

/* --- bytes ---------------------------------------------------------------- */

enum leg_status
leg_handshake(struct leg *leg)
{
	int rc;

	ERR_clear_error();
	errno = 0;
	rc = SSL_do_handshake(leg->ssl);
	if (rc == 1) {
		leg->ready = true;
		return LEG_DONE;
	}
	return judge(leg, rc);
}

enum leg_status
leg_read(struct leg *leg, void *out, size_t size, size_t *len)
{
	ssize_t n;
	int rc;

	if (leg->tls_in) {
		ERR_clear_error();
		errno = 0;
		rc = SSL_read_ex(leg->ssl, out, size, len);
		return rc == 1 ? LEG_DONE : judge(leg, rc);
	}
	n = recv(leg->fd, out, size, 0);
	if (n < 0)
		return judge_errno(leg, &leg->can_read);
	*len = (size_t)n;
	return n > 0 ? LEG_DONE : LEG_END;
}

enum leg_status
leg_read_line(struct leg *leg, void *out, size_t size, size_t *len,
	      bool *urgent)
{
	const uint8_t *lf;
	ssize_t n;

	*urgent = sockatmark(leg->fd) == 1;
	n = recv(leg->fd, out, size, MSG_PEEK);
	if (n < 0)
		return judge_errno(leg, &leg->can_read);
	if (n == 0)
		return LEG_END;
	lf = memchr(out, '\n', (size_t)n);
	if (lf != NULL)
		n = lf - (const uint8_t *)out + 1;
	return leg_read(leg, out, (size_t)n, len);
}

static enum leg_status
write_clear(struct leg *leg, const void *bytes, size_t size, size_t *len,
	    int flags)
{
	ssize_t n = send(leg->fd, bytes, size, MSG_NOSIGNAL | flags);

	if (n <= 0)
		return judge_errno(leg, &leg->can_write);
	*len = (size_t)n;
	return LEG_DONE;
}

enum leg_status
leg_write(struct leg *leg, const void *bytes, size_t size, size_t *len)
{
	int rc;

	if (!leg->tls_out)
		return write_clear(leg, bytes, size, len, 0);
	ERR_clear_error();
	errno = 0;
	rc = SSL_write_ex(leg->ssl, bytes, size, len);
	return rc == 1 ? LEG_DONE : judge(leg, rc);
}

/* A record is 16 KiB. With four of them at once the way through the kernel costs
 * a good deal less. */
#define GATHERED 65536

void
leg_gather(struct leg *leg)
{
	BIO *gathering, *wire = SSL_get_wbio(leg->ssl);

	if (leg->gathers || (gathering = BIO_new(BIO_f_buffer())) == NULL)
		return;
	if (BIO_set_write_buffer_size(gathering, GATHERED) != 1) {
		BIO_free(gathering);
		return;
	}
	BIO_up_ref(wire);
	SSL_set0_wbio(leg->ssl, BIO_push(gathering, wire));
	leg->gathers = true;
}

enum leg_status
leg_flush(struct leg *leg)
{
	BIO *bio;

	if (!leg->gathers || leg->ssl == NULL)
		return LEG_DONE;
	bio = SSL_get_wbio(leg->ssl);
	errno = 0;
	if (BIO_flush(bio) == 1)
		return LEG_DONE;
	if (!BIO_should_retry(bio))
		return broken(leg, errno);
	leg->can_write = false;
	return LEG_AGAIN;
}

enum leg_status
leg_write_urgent(struct leg *leg, const void *bytes, size_t size, size_t *len)
{
	if (leg->tls_out)
		return leg_write(leg, bytes, size, len);
	return write_clear(leg, bytes, size, len, MSG_OOB);
}

int
leg_peek(struct leg *leg)
{
	uint8_t byte;
	ssize_t n = recv(leg->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	if (n == 1)
		return byte;
	if (n == 0)
		return -2;
	return judge_errno(leg, &leg->can_read) == LEG_AGAIN ? -1 : -3;
}

bool
leg_holds_bytes(const struct leg *leg)
{
	return leg->tls_in && leg->ssl != NULL && SSL_has_pending(leg->ssl);
}

/* --- the end -------------------------------------------------------------- */

enum leg_status
leg_say_end(struct leg *leg)
{
	int rc;

	if (leg->said_close)
		return leg_flush(leg);
	if (!leg->tls_out) {
		leg_send_fin(leg);
		leg->said_close = true;
		return LEG_DONE;
	}
	ERR_clear_error();
	errno = 0;
	rc = SSL_shutdown(leg->ssl);
	/* -1 behind a sent close_notify is about the answer to it. */
	if (rc < 0 && (SSL_get_shutdown(leg->ssl) & SSL_SENT_SHUTDOWN) == 0)
		return judge(leg, rc);
	if (rc < 0 && SSL_get_error(leg->ssl, rc) == SSL_ERROR_WANT_WRITE) {
		leg->can_write = false;
		return LEG_AGAIN;
	}
	ERR_clear_error();
	leg->said_close = true;
	return leg_flush(leg);
}

void
leg_send_fin(struct leg *leg)
{
	if (!leg->fin)
		shutdown(leg->fd, SHUT_WR);
	leg->fin = true;
}

enum leg_status
leg_drain(struct leg *leg)
{
	uint8_t waste[4096];
	ssize_t n;

	/* A bound, for peers that never stop. */
	for (int i = 0; i < 64; i++) {
		n = recv(leg->fd, waste, sizeof(waste), 0);
		if (n == 0)
			return LEG_END;
		if (n < 0)
			return judge_errno(leg, &leg->can_read);
	}
	return broken(leg, EMSGSIZE);
}

void
leg_leave_tls(struct leg *leg, bool in)
{
	if (in)
		leg->tls_in = false;
	else
		leg->tls_out = false;
	if (leg->tls_in || leg->tls_out || leg->ssl == NULL)
		return;
	/* A session whose connection ended badly would not be resumed. */
	SSL_set_shutdown(leg->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(leg->ssl);
	leg->ssl = NULL;
	leg->said_close = false;
}

void
leg_close(struct leg *leg)
{
	if (leg->fd < 0)
		return;
	leg_leave_tls(leg, true);
	leg_leave_tls(leg, false);
	close(leg->fd);
	leg->fd = -1;
}

void
leg_abort(struct leg *leg)
{
	const struct linger now = { .l_onoff = 1 };

	if (leg->fd < 0)
		return;
	setsockopt(leg->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	leg_close(leg);
}
