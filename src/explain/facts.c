/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gathers facts. Texts come from the wire: they are kept as bytes and looked at
 * with bounds. */
#include "explain/facts.h"

#include <string.h>

#include "core/ftp_hostport.h"
#include "explain/banner.h"

void
facts_begin(struct facts *f, uint64_t session, const struct endpoint *client,
	    const struct endpoint *server, const struct policy_server *policy)
{
	*f = (struct facts){
		.session = session,
		.client = *client,
		.server = *server,
		.policy = *policy,
	};
}

static bool
in_range(struct port_range range, uint16_t port)
{
	return port >= range.low && port <= range.high;
}

static struct span
text_of(const struct action *a)
{
	return span_head(span_make(a->text, a->text_len), ACTION_TEXT_MAX);
}

static uint8_t
keep(uint8_t out[static ACTION_TEXT_MAX], struct span text)
{
	text = span_head(text, ACTION_TEXT_MAX);
	if (text.len != 0)
		memcpy(out, text.data, text.len);
	return (uint8_t)text.len;
}

/* True when @text begins with these three digits. */
static bool
has_code(struct span text, const char *code)
{
	return text.len >= 3 && memcmp(text.data, code, 3) == 0;
}

/* RFC 2389 section 3.2: a blank, then the feature; " CCC". */
static bool
is_feature_ccc(struct span line)
{
	if (has_code(line, "211") && line.len > 4)
		span_skip(&line, 4);
	while (line.len != 0 && line.data[0] == ' ')
		span_skip(&line, 1);
	while (line.len != 0 && line.data[line.len - 1] == ' ')
		line.len--;
	return line.len == 3 && (line.data[0] | 0x20) == 'c' &&
	       (line.data[1] | 0x20) == 'c' && (line.data[2] | 0x20) == 'c';
}

static bool
is_text(struct span text, const char *word)
{
	return text.len == strlen(word) &&
	       memcmp(text.data, word, text.len) == 0;
}

/* RFC 4217 section 9: PROT holds until the next one. */
static void
take_command(struct facts *f, const struct action *a)
{
	struct span text = text_of(a);

	/* A server's last words in clear ("500 OOPS") do not lead back from
	 * TLS; the client's do. */
	f->came_back |= a->class == CLASS_CLEAR_CCC;
	f->prot_asked = is_text(text, "PROT P");
	if (is_text(text, "PROT C"))
		f->prot_p = false;
}

static void
take_reply(struct facts *f, const struct action *a)
{
	struct span text = text_of(a);

	f->prot_p |= f->prot_asked && has_code(text, "200");
	f->prot_asked = false;

	if (f->product[0] == 0)
		banner_product(text, f->product);
	f->last_len = keep(f->last_text, text);
	/* FileZilla Server says 450. */
	if (has_code(text, "425") || has_code(text, "522") ||
	    (has_code(text, "450") &&
	     memmem(text.data, text.len, "TLS session", 11) != NULL)) {
		f->reuse_code = (uint16_t)((text.data[0] - '0') * 100 +
					   (text.data[1] - '0') * 10 +
					   text.data[2] - '0');
		f->reuse_len = keep(f->reuse_text, text);
	}
}

/* 227 or 229 with an address that is not the server's. */
static void
take_foreign(struct facts *f, const struct action *a)
{
	struct span text = text_of(a), behind = text;
	struct endpoint end;
	enum reason reason;

	span_skip(&behind, 3);
	reason = has_code(text, "227") ? ftp_parse_227(behind, &end) :
					 ftp_parse_229(behind, &end);
	if (reason != REASON_NONE || end.addr.family == ADDR_NONE)
		return;
	f->foreign = end;
	f->foreign_len = keep(f->foreign_text, text);
}

static void
take_note(struct facts *f, const struct action *a)
{
	/* What does not matter here has no case: the reasons are many. */
	if (a->reason == REASON_REPLY) {
		take_reply(f, a);
	} else if (a->reason == REASON_REPLY_LINE) {
		if (f->product[0] == 0)
			banner_product(text_of(a), f->product);
		f->ccc_offered |= is_feature_ccc(text_of(a));
	} else if (a->reason == REASON_PICKED_UP) {
		f->picked_up = true;
	} else if (a->reason == REASON_AUTH_REFUSED) {
		f->auth_refused = true;
		f->auth_len = keep(f->auth_text, span_make(f->last_text,
							   f->last_len));
	} else if (a->reason == REASON_AUTH_ACCEPTED ||
		   a->reason == REASON_TLS_EXPLICIT) {
		f->auth_refused = false;
	} else if (a->reason == REASON_COMMAND) {
		take_command(f, a);
	} else if (a->reason == REASON_NO_RANGE) {
		f->no_range = true;
	} else if (a->reason == REASON_OPAQUE_REFUSED) {
		f->opaque_refused = true;
	} else if (a->reason == REASON_NO_WINDOW) {
		f->no_window++;
	} else if (a->reason == REASON_UNPROVEN) {
		f->unproven++;
	} else if (a->reason == REASON_PASV_ADDRESS) {
		take_foreign(f, a);
	}
}

void
facts_take_action(struct facts *f, const struct action *a)
{
	f->came_back |= a->kind == ACTION_OPEN && a->class == CLASS_CLEAR_CCC;
	if (a->kind != ACTION_NOTE || a->has_opening)
		return;
	take_note(f, a);
	/* The last word is about a session that has been left already. */
	if (a->class == CLASS_NONE || a->ends)
		return;
	f->class = a->class;
	f->opaque |= a->class == CLASS_OPAQUE;
}

static bool
is_from_client(const struct facts *f, const struct data_seen *d)
{
	return addr_equal(&d->source.addr, &f->client.addr);
}

/* The client's SYN went where the server has no business to send it. */
static bool
is_foreign(const struct facts *f, const struct data_seen *d)
{
	return f->foreign.addr.family != ADDR_NONE && is_from_client(f, d) &&
	       endpoint_equal(&d->destination, &f->foreign);
}

static void
take_outside(struct facts *f, uint16_t port)
{
	if (f->outside == 0 || port < f->outside_low)
		f->outside_low = port;
	if (port > f->outside_high)
		f->outside_high = port;
	f->outside++;
}

void
facts_take_syn(struct facts *f, const struct data_seen *d)
{
	if (is_foreign(f, d)) {
		f->foreign_tried++;
		return;
	}
	f->data++;
	if (d->fate != DATA_BLOCKED)
		return;
	f->blocked++;
	if (f->class != CLASS_OPAQUE)
		return;
	if (!is_from_client(f, d)) {
		f->active++;
		f->active_source = d->source.port;
	} else if (f->policy.passive.high != 0 &&
		   !in_range(f->policy.passive, d->destination.port)) {
		take_outside(f, d->destination.port);
	}
}

void
facts_take_data(struct facts *f, const struct data_seen *d)
{
	if (is_foreign(f, d))
		return;
	switch (d->tls) {
	case DATA_TLS_FULL:
	case DATA_TLS_REFUSED:
		f->full_moved += d->moved;
		f->full_failed += !d->moved && d->established;
		f->offered += !d->moved && d->established &&
			      d->tls == DATA_TLS_REFUSED;
		break;
	case DATA_TLS_RESUMED:
	case DATA_TLS_OTHER:
		f->resumed++;
		break;
	case DATA_TLS_UNKNOWN:
	case DATA_TLS_NONE:
	case DATA_TLS_SILENT:
		break;
	}
}
