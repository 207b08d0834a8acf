/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes through inside TLS cannot be seen, but counted: records of type
 * application_data. In TLS 1.3 the end of the handshake and the session tickets
 * have that type too. They are told by place and length: the client's Finished
 * is one of two lengths, and OpenSSL and GnuTLS send two tickets of one length
 * behind it, or one where a session was resumed.
 */
#include "core/data_watch.h"

enum {
	CLIENT,
	SERVER,
	/* RFC 8446 sections 4.4.4 and 5.2: header, SHA-256 or SHA-384, the inner
	 * type, the tag. */
	FINISHED_256 = 4 + 32 + 1 + 16,
	FINISHED_384 = 4 + 48 + 1 + 16,
	TICKET_MIN = 60, /* a ticket's lengths, as they were seen, widened */
	TICKET_MAX = 1400,
};

void
data_watch_start(struct data_watch *w, const uint64_t key[static 2])
{
	*w = (struct data_watch){ 0 };
	w->side[CLIENT].walk.key = key;
	w->side[SERVER].walk.key = key;
}

void
data_watch_stop(struct data_watch *w, struct pool *pool)
{
	w->done = true;
	stream_reset(&w->side[CLIENT].stream, pool);
	stream_reset(&w->side[SERVER].stream, pool);
}

struct tls_resume
data_watch_judge(const struct data_watch *w, const struct tls_tickets *tickets)
{
	return tls_resume_judge(&w->side[CLIENT].tls, &w->side[SERVER].tls,
				tickets);
}

bool
data_watch_established(const struct data_watch *w)
{
	const struct tls_framer *client = &w->side[CLIENT].tls;
	const struct tls_framer *server = &w->side[SERVER].tls;

	if (!client->hello.seen || !server->hello.seen)
		return false;
	if (server->hello.version >= TLS_1_3)
		return w->side[CLIENT].finished;
	return client->cipher_on && server->cipher_on;
}

/* An application_data record under TLS 1.3: true when it carries contents. */
static bool
is_contents_13(struct data_watch *w, int from, const struct tls_record *record)
{
	const struct tls_hello *server = &w->side[SERVER].tls.hello;
	bool is_finished = record->length == FINISHED_256 ||
			   record->length == FINISHED_384;

	if (tls_is_close_shaped(record, server->version, server->cipher, true))
		return false;
	if (from == CLIENT && !w->side[CLIENT].finished) {
		/* A certificate of the client may stand in front of it. */
		w->side[CLIENT].finished = is_finished ||
					   w->side[CLIENT].certified;
		w->side[CLIENT].certified = true;
		return false;
	}
	if (from == CLIENT)
		return true;
	if (!w->side[CLIENT].finished)
		return false; /* the server's own part of the handshake */
	if (w->side[SERVER].tickets == (server->psk ? 1 : 2) ||
	    record->length < TICKET_MIN || record->length > TICKET_MAX ||
	    (w->side[SERVER].tickets != 0 &&
	     record->length != w->side[SERVER].ticket_len))
		return true;
	w->side[SERVER].tickets++;
	w->side[SERVER].ticket_len = record->length;
	return false;
}

static void
take_record(struct data_watch *w, int from, const struct tls_record *record)
{
	const struct tls_hello *server = &w->side[SERVER].tls.hello;

	if (record->type != TLS_APPLICATION_DATA)
		return;
	if (server->seen && server->version < TLS_1_3)
		w->moved = true;
	else if (server->seen)
		w->moved |= is_contents_13(w, from, record);
}

static void
read_bytes(struct data_watch *w, int from, struct span bytes)
{
	struct tls_record record;

	w->spoke = true;
	if (from == CLIENT)
		w->bytes += (uint32_t)bytes.len;
	w->side[from].any |= bytes.len != 0;
	while (bytes.len != 0 && !w->moved && !w->lost) {
		switch (tls_frame(&w->side[from].tls, &w->side[from].walk,
				  from == CLIENT, &bytes, &record)) {
		case TLS_MORE:
			break;
		case TLS_RECORD:
			take_record(w, from, &record);
			break;
		case TLS_NOT_TLS:
		case TLS_BROKEN:
			/* Clear is what the client begins with, or a server
			 * that nobody has said hello to. */
			w->clear = !w->side[CLIENT].tls.any &&
				   (from == CLIENT || !w->side[CLIENT].any);
			w->moved = w->clear;
			w->lost = !w->clear;
			break;
		}
	}
	w->hello = w->side[CLIENT].any && !w->clear;
}

void
data_watch_segment(struct data_watch *w, struct pool *pool, bool client,
		   const struct segment *seg)
{
	int from = client ? CLIENT : SERVER;
	struct stream *s = &w->side[from].stream;
	uint32_t seq = seg->seq;
	struct span bytes;

	if (w->done)
		return;
	if ((seg->flags & TCP_SYN) != 0) {
		seq++;
		if (!s->synced)
			stream_start(s, pool, seq);
	}
	if (seg->payload.len == 0)
		return;
	/* Its SYN did not come by: it begins where it is first seen. */
	if (!s->synced)
		stream_start(s, pool, seq);
	switch (stream_insert(s, pool, seq, seg->payload, &bytes)) {
	case STREAM_IN_ORDER:
		do
			read_bytes(w, from, bytes);
		while (!w->moved && stream_take_held(s, pool, &bytes));
		break;
	case STREAM_HELD:
	case STREAM_OLD:
		break;
	case STREAM_LOST:
		w->lost = true;
		break;
	}
	if (w->moved || w->lost)
		data_watch_stop(w, pool);
}
