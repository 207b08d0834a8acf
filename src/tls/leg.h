/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One end of what is relayed: a non-blocking TCP socket, in clear text or inside
 * TLS. A `client leg` leads to the FTP client, and we are TLS server on it; a
 * `server leg` leads to the FTP server, and we are TLS client on it.
 *
 * Each direction enters and leaves TLS on its own, because CCC lets them. What a
 * leg knows above all is how its peer ended: with close_notify, or just so.
 */
#ifndef TLS_LEG_H
#define TLS_LEG_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tls/identity.h"
#include "tls/tickets.h"

#define LEG_ALPN_MAX 255
#define LEG_BINDING  32

enum leg_status {
	LEG_DONE,
	LEG_AGAIN,     /* wait for .can_read or .can_write */
	LEG_HELLO,     /* leg_handshake(): the client has said .hello; call
			  leg_release_hello() and again */
	LEG_END,       /* the peer ended: close_notify, or FIN in clear text */
	LEG_TRUNCATED, /* FIN inside TLS: what came before may not be all */
	LEG_BROKEN,    /* a reset or worse: leg_error() */
};

/* Protocol names, each behind its length (RFC 7301 section 3.1). */
struct leg_alpn {
	uint16_t len;
	uint8_t list[LEG_ALPN_MAX];
};

struct leg_hello {
	char name[256]; /* SNI; "": none */
	struct leg_alpn alpn;
};

struct leg {
	int fd;	  /* -1: closed */
	SSL *ssl; /* NULL: none, or none any more */
	bool tls_in, tls_out; /* that direction is inside TLS */
	bool can_read, can_write; /* set by whoever watches .fd, cleared here */
	bool ready;	/* the handshake is done */
	bool hold;	/* client leg: the handshake waits behind .hello */
	bool certificate_wanted; /* server leg: from us, who have none that
				    will do */
	bool gathers;	/* see leg_gather() */
	bool data;	/* a data connection's: no tickets */
	bool said_close; /* close_notify has gone out, or FIN in clear text */
	bool fin;	/* we have sent FIN */
	int err;	/* errno of LEG_BROKEN, or 0 */
	char text[96];	/* OpenSSL's word for LEG_BROKEN, or "" */
	struct leg_hello hello; /* client leg: what the client asked for */
	struct leg_alpn accept; /* client leg: what may be agreed on */
	struct tickets *tickets; /* server leg: where sessions are kept */
};

/* Clear text on @fd, which the leg owns from now on. */
void leg_open(struct leg *leg, int fd);

/*
 * Begins TLS. The leg must not move in memory from here on. On a client leg
 * only sessions of the same @binding (random, one per control session) are
 * resumed; @hold: see LEG_HELLO. 0 or -ENOMEM.
 */
int leg_start_client(struct leg *leg, const struct identity *identity,
		     const uint8_t binding[static LEG_BINDING], bool data,
		     bool hold) __attribute__((warn_unused_result));

/* @hello: the name and protocols to offer. @resume: a session to resume, or
 * NULL; @tickets: where to put new ones, or NULL; both borrowed. */
int leg_start_server(struct leg *leg, const struct identity *identity,
		     const struct leg_hello *hello, SSL_SESSION *resume,
		     struct tickets *tickets, bool data)
	__attribute__((warn_unused_result));

/* DONE, AGAIN, HELLO, TRUNCATED or BROKEN. */
enum leg_status leg_handshake(struct leg *leg);

/* Lets the handshake go on; @accept: protocols that we agree to, or NULL. */
void leg_release_hello(struct leg *leg, const struct leg_alpn *accept);

/* DONE: *@len bytes (not 0). */
enum leg_status leg_read(struct leg *leg, void *out, size_t size, size_t *len);

/* In clear text: no more than one line, so that what stands behind it stays in
 * the socket. *@urgent: the first of the bytes was sent as urgent. */
enum leg_status leg_read_line(struct leg *leg, void *out, size_t size,
			      size_t *len, bool *urgent);

/* DONE: *@len bytes (not 0) were taken. */
enum leg_status leg_write(struct leg *leg, const void *bytes, size_t size,
			  size_t *len);

/* From now on records are gathered, and leave when there are many, or with
 * leg_flush(). For data legs inside TLS, behind the handshake. */
void leg_gather(struct leg *leg);

/* Sends what has been gathered. DONE, AGAIN or BROKEN. */
enum leg_status leg_flush(struct leg *leg);

/* In clear text: the last of the bytes is sent as urgent (RFC 9293, 3.8.5). */
enum leg_status leg_write_urgent(struct leg *leg, const void *bytes,
				 size_t size, size_t *len);

/* Says that nothing more will come: close_notify; in clear text FIN. DONE, AGAIN
 * or BROKEN; to be repeated until DONE. */
enum leg_status leg_say_end(struct leg *leg);

/* FIN, with or without close_notify before it. */
void leg_send_fin(struct leg *leg);

/* Behind LEG_END: throws away what comes; END when FIN has come, AGAIN or
 * BROKEN. */
enum leg_status leg_drain(struct leg *leg);

/* CCC: one direction goes on in clear text. The session stays resumable. */
void leg_leave_tls(struct leg *leg, bool in);

/* The first waiting byte without taking it: 0 to 255; -1 none; -2 FIN; -3 the
 * connection is broken. Only where the incoming direction is clear, or what comes
 * may be. */
int leg_peek(struct leg *leg);

/* True while a part of a record, or more, waits inside OpenSSL. */
bool leg_holds_bytes(const struct leg *leg);

/* Why a server leg's handshake failed, where it was that. */
bool leg_certificate_refused(const struct leg *leg);

/* What is known of LEG_BROKEN and LEG_TRUNCATED, in words. */
const char *leg_error(const struct leg *leg);

/* Closes; a leg that is closed already is left alone. */
void leg_close(struct leg *leg);

/* The same with RST: the peer must not take what it has for all. */
void leg_abort(struct leg *leg);

/* Of a handshake that is done. */
bool leg_resumed(const struct leg *leg);
const char *leg_version(const struct leg *leg); /* "-" in clear text */
const char *leg_cipher(const struct leg *leg);
void leg_agreed(const struct leg *leg, struct leg_alpn *out);

#endif
