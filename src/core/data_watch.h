/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One data connection, read as far as it can be: is there TLS in it, was the
 * control connection's session resumed, did anything come through?
 *
 * It reads until it knows that something came through, or until it cannot go on;
 * then it owns nothing and costs nothing.
 */
#ifndef CORE_DATA_WATCH_H
#define CORE_DATA_WATCH_H

#include "core/packet.h"
#include "core/stream.h"
#include "core/tls_resume.h"

/* Zeroed is "no segment yet"; then set .key (data_watch_start). The FTP client
 * is the TLS client, whoever sent the SYN (RFC 4217 section 7). */
struct data_watch {
	/* Read by the owner: */
	bool spoke;   /* a byte came, from either end */
	bool clear;   /* the first bytes are no TLS record */
	bool hello;   /* a record of the client's has begun */
	bool moved;   /* contents came through: clear bytes, or a record that is
			 neither handshake, nor a session ticket, nor alert */
	bool done;    /* nothing is read any more */
	bool lost;    /* done, because bytes are missing */
	uint32_t bytes; /* of the client's, read */
	/* Internal: */
	struct {
		struct stream stream;
		struct tls_framer tls;
		struct tls_hello_walk walk;
		bool any; /* a byte came; read by the owner */
		bool certified; /* TLS 1.3: its first record was not Finished */
		bool finished;	/* TLS 1.3: its Finished is behind us */
		uint8_t tickets; /* TLS 1.3: records that can be tickets */
		uint16_t ticket_len; /* the first one's length */
	} side[2]; /* the FTP client, the FTP server */
};

/* Fingerprints are made under @key, which is borrowed. */
void data_watch_start(struct data_watch *w, const uint64_t key[static 2]);

/* Takes a segment that the FTP client (or else the server) sent. @pool: blocks
 * of stream_block_size(), for segments that come out of order. */
void data_watch_segment(struct data_watch *w, struct pool *pool, bool client,
			const struct segment *seg);

/* Gives back what is held; the verdict stays. */
void data_watch_stop(struct data_watch *w, struct pool *pool);

/* Both ends have come to the end of the handshake. */
bool data_watch_established(const struct data_watch *w);

/* The verdict as far as it goes now. */
struct tls_resume data_watch_judge(const struct data_watch *w,
				   const struct tls_tickets *tickets);

#endif
