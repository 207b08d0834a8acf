/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session inside TLS: when it becomes opaque, and when it comes back.
 *
 * CCC (RFC 2228 section 3, RFC 4217 section 12.3) cannot be read: the command
 * and its 200 are encrypted. What can be seen is how TLS ends. The server sends
 * its 200 as one record and then a close_notify; the client answers with its own
 * close_notify, or sends it first, or (curl by default) sends none and goes on
 * in clear text at once. So:
 *
 *   server side  may return to clear text right behind a record of its own that
 *                is shaped like a close_notify;
 *   client side  the same, or as soon as the server side has ended that way.
 *
 * Both at a record boundary and each on its own. Clear text at any other place
 * is no CCC: vsftpd writes "500 OOPS" into a TLS stream when a data connection
 * fails. A close_notify that is followed by more records was none.
 *
 * A client that sends no close_notify may be so quick behind the 200 that its
 * first clear line passes before the server's close_notify does. Such bytes are
 * kept unread until the server's next record tells what they are.
 */
#include <string.h>

#include "core/gate_state.h"

/* Whether @record, the newest of @from, can be a close_notify. */
static bool
is_close(const struct session *s, enum side from,
	 const struct tls_record *record)
{
	const struct tls_framer *mine = &s->tls[from];
	const struct tls_framer *client = &s->tls[SIDE_CLIENT];
	const struct tls_framer *server = &s->tls[SIDE_SERVER];

	/* Picked up behind the hellos: either version's shape will do. */
	if (!server->hello.seen)
		return s->picked_up &&
		       (tls_is_close_shaped(record, TLS_1_3, 0, true) ||
			tls_is_close_shaped(record, TLS_1_2, 0, true));
	/* Before both sides have sent application data no CCC can have been. */
	if (!client->application || !server->application)
		return false;
	return tls_is_close_shaped(record, server->hello.version,
				   server->hello.cipher, mine->cipher_on);
}

void
session_keep_early(struct gate *gate, struct session *s, struct span bytes)
{
	struct direction *d = &s->side[SIDE_CLIENT];

	if (d->kept == 0)
		d->kept = pool_take(&gate->lines);
	if (d->kept == 0 || bytes.len > (size_t)FTP_LINE_MAX - d->early_len) {
		emit_note(gate, s, NOTE_WARN, REASON_CLEAR_IN_TLS,
			  (struct span){ 0 });
		session_lose(gate, s, SIDE_CLIENT);
		return;
	}
	memcpy((uint8_t *)pool_at(&gate->lines, d->kept) + d->early_len,
	       bytes.data, bytes.len);
	d->early_len = (uint16_t)(d->early_len + bytes.len);
}

static void
begin_lines(struct gate *gate, struct direction *d)
{
	d->mode = DIRECTION_LINES;
	d->left_tls = true;
	ftp_line_reset(&d->lines, &gate->lines);
}

/* The server's record behind a client's early bytes has come. */
static void
judge_early(struct gate *gate, struct session *s)
{
	struct direction *d = &s->side[SIDE_CLIENT];
	pool_handle block = d->kept;
	struct span bytes = span_make(pool_at(&gate->lines, block),
				      d->early_len);

	if (!s->side[SIDE_SERVER].close_shaped) {
		emit_note(gate, s, NOTE_WARN, REASON_CLEAR_IN_TLS,
			  (struct span){ 0 });
		session_lose(gate, s, SIDE_CLIENT);
		return;
	}
	d->kept = 0;
	begin_lines(gate, d);
	session_read(gate, s, SIDE_CLIENT, bytes);
	pool_give(&gate->lines, &block);
}

static void
take_record(struct gate *gate, struct session *s, enum side from,
	    const struct tls_record *record)
{
	const struct direction *client = &s->side[SIDE_CLIENT];
	const struct direction *server = &s->side[SIDE_SERVER];

	gate->counters.tls_records++;
	s->side[from].close_shaped = is_close(s, from, record);
	if (s->class != CLASS_OPAQUE && client->mode == DIRECTION_TLS &&
	    server->mode == DIRECTION_TLS && s->tls[SIDE_CLIENT].any &&
	    s->tls[SIDE_SERVER].any)
		session_set_class(gate, s, CLASS_OPAQUE,
				  s->implicit ? REASON_TLS_IMPLICIT :
						REASON_TLS_EXPLICIT);
	if (s->class == CLASS_OPAQUE)
		session_take_length(gate, s, from, record);
	if (from == SIDE_SERVER && client->mode == DIRECTION_EARLY)
		judge_early(gate, s);
}

/* @from's next byte begins no record: CCC, or a stray? */
static void
leave_tls(struct gate *gate, struct session *s, enum side from,
	  struct span *bytes)
{
	struct direction *d = &s->side[from];
	const struct direction *server = &s->side[SIDE_SERVER];
	bool server_ended = server->close_shaped ||
			    server->mode != DIRECTION_TLS;
	struct span text = { 0 };

	if (s->tls[from].any) {
		if (d->close_shaped || (from == SIDE_CLIENT && server_ended)) {
			begin_lines(gate, d);
			return;
		}
		if (from == SIDE_CLIENT && s->class == CLASS_OPAQUE) {
			d->mode = DIRECTION_EARLY;
			d->early_len = 0;
			pool_give(&gate->lines, &d->kept);
			return;
		}
		/* The rest of these bytes has no meaning to us; a record at the
		 * start of a later segment would. */
		if (from == SIDE_SERVER) /* a client's could be a password */
			text = *bytes;
		emit_note(gate, s, NOTE_WARN, REASON_CLEAR_IN_TLS, text);
		session_lose(gate, s, from);
		return;
	}
	/* Clear text where the handshake had to begin (RFC 4217 section 4). */
	if (!s->implicit) {
		emit_note(gate, s, NOTE_WARN, REASON_AUTH_TRAILING, text);
		session_cut(gate, s);
	}
	session_not_ftp(gate, s);
}

_Static_assert(sizeof(struct tls_hello_walk) <= FTP_LINE_MAX,
	       "a line block keeps the place in a hello");

/* The place in @d's hello, from the block where it is kept or from its start. */
static struct tls_hello_walk
resume_hello(const struct gate *gate, const struct direction *d)
{
	struct tls_hello_walk walk = { .key = gate->tls_key };

	if (d->kept != 0)
		memcpy(&walk, pool_at(&gate->lines, d->kept), sizeof(walk));
	return walk;
}

/* Nearly all hellos come in one piece: only one that goes on takes a block. With
 * none left it is not read; then CCC, which needs it, is not seen. */
static void
keep_hello(struct gate *gate, struct direction *d, struct tls_framer *tls,
	   const struct tls_hello_walk *walk)
{
	if (tls->deaf || tls_hello_is_between(walk)) {
		pool_give(&gate->lines, &d->kept);
		return;
	}
	if (d->kept == 0)
		d->kept = pool_take(&gate->lines);
	if (d->kept == 0) {
		tls->deaf = true;
		gate->counters.buffers_exhausted++;
		return;
	}
	memcpy(pool_at(&gate->lines, d->kept), walk, sizeof(*walk));
}

/* tls_frame(), with the place in the hello where one is read. */
static enum tls_status
frame(struct gate *gate, struct session *s, enum side from, struct span *bytes,
      struct tls_record *record)
{
	struct direction *d = &s->side[from];
	struct tls_framer *tls = &s->tls[from];
	struct tls_hello_walk walk;
	enum tls_status status;

	if (tls->deaf)
		return tls_frame(tls, NULL, from == SIDE_CLIENT, bytes, record);
	walk = resume_hello(gate, d);
	status = tls_frame(tls, &walk, from == SIDE_CLIENT, bytes, record);
	keep_hello(gate, d, tls, &walk);
	return status;
}

void
session_records(struct gate *gate, struct session *s, enum side from,
		struct span *bytes)
{
	const struct direction *d = &s->side[from];
	struct tls_record record;

	/* A record can end more than itself: the place in the stream, too. */
	while (bytes->len != 0 && d->stream.synced) {
		switch (frame(gate, s, from, bytes, &record)) {
		case TLS_MORE:
			return;
		case TLS_RECORD:
			take_record(gate, s, from, &record);
			break;
		case TLS_NOT_TLS:
			leave_tls(gate, s, from, bytes);
			return;
		case TLS_BROKEN:
			emit_note(gate, s, NOTE_WARN, REASON_TLS_BROKEN,
				  (struct span){ 0 });
			session_lose(gate, s, from);
			return;
		}
	}
}
