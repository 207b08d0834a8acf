/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An opaque session's records as commands and replies, by their lengths.
 *
 * One command is one record and one line of a reply is one, with all that was
 * measured. A reply that can be a 227 or 229 answers the oldest command in wait
 * that can be PASV or EPSV; any other one the oldest command. So a client that
 * sends ahead costs no window, at worst there is one too many.
 *
 * What opens no window, but could have been an announcement after all, is kept
 * for one data connection of the pair to be learned from (gate_proof.c).
 */
#include "core/announce.h"
#include "core/gate_state.h"

/* "229 (|||port|)" and "200 ok" are the shortest replies there can be. */
#define PASSIVE_REPLY_MIN 16
#define ACTIVE_REPLY_MIN  5
/* A command that announces nothing. */
static const struct tls_length of_no_note = { 1, 1 };
/* An alert inside TLS 1.3. */
#define ALERT_LENGTH 2

void
session_pair(struct gate *gate, struct session *s)
{
	if (s->exchange.paired)
		return;
	/* Nothing reads lines before CCC, and that begins anew. */
	session_forget_pending(gate, s, REASON_STATE_CHANGED);
	s->exchange = (struct exchange){ .paired = true };
	s->opaque_s = (uint32_t)(gate->now_ns / NS_PER_S);
	s->pair = pairs_add_session(&gate->pairs, &s->client.addr,
				    &s->server.addr);
}

void
session_unpair(struct gate *gate, struct session *s)
{
	if (!s->exchange.paired)
		return;
	pairs_del_session(&gate->pairs, &s->client.addr, &s->server.addr);
	s->exchange.paired = false;
	s->exchange.count = 0;
	s->pending_over = 0;
}

static struct pair *
pair_of(const struct gate *gate, const struct session *s)
{
	return pairs_at(&gate->pairs, s->pair);
}

static void
drop_pending(struct session *s, unsigned count)
{
	struct exchange *e = &s->exchange;

	e->count = (uint8_t)(e->count - count);
	for (unsigned i = 0; i < e->count; i++)
		s->lengths[i] = s->lengths[i + count];
}

static struct pair_exchange
exchange_now(const struct gate *gate, const struct session *s, unsigned reply,
	     bool shaped)
{
	return (struct pair_exchange){
		.at_ns = gate->now_ns,
		.client_port = s->client.port,
		.server_port = s->server.port,
		.reply = reply < ANNOUNCE_LENGTHS ? (uint8_t)reply : 0,
		.shaped = shaped,
	};
}

void
session_active_came(struct session *s, const struct addr *client)
{
	for (unsigned i = 0; i < s->exchange.count; i++)
		if (announce_command(s->lengths[i], client) == ANNOUNCE_ACTIVE)
			/* Its reply is still to come. */
			s->lengths[i] = of_no_note;
}

/*
 * PROT is as long as EPSV with an argument, and what Pure-FTPd says to it as long
 * as its 229. But PBSZ, of the same length, has to stand before PROT (RFC 4217
 * section 9): the first two such commands in a row are these.
 */
static bool
is_prot(struct exchange *e, struct tls_length length)
{
	bool behind_pbsz = e->pbsz;

	e->pbsz = announce_can_be_prot(length);
	if (!behind_pbsz || !e->pbsz || e->prot_known)
		return false;
	e->prot_known = true;
	return true;
}

static void
take_command(struct gate *gate, struct session *s, struct tls_length length)
{
	struct exchange *e = &s->exchange;

	gate->counters.records_commands++;
	e->prot_since |= announce_can_be_prot(length);
	if (is_prot(e, length))
		length = of_no_note;
	if (e->count == EXCHANGE_PENDING_MAX)
		drop_pending(s, 1);
	s->lengths[e->count++] = length;
	/* Some servers connect before they answer PORT. */
	if (announce_command(length, &s->client.addr) == ANNOUNCE_ACTIVE)
		pair_of(gate, s)->active = exchange_now(gate, s, 0, true);
}

/* Whether the reply can be to @command, and opens. */
static enum opening_kind
kind_opened(const struct gate *gate, const struct session *s,
	    const struct learned_server *learned, struct tls_length reply,
	    enum announce_command command, bool *opens)
{
	const struct policy_server *server =
		policy_server(gate->policy, &s->server.addr);
	bool grammar;

	*opens = false;
	if (command == ANNOUNCE_PASSIVE || command == ANNOUNCE_PASSIVE_EPSV) {
		grammar = announce_passive_reply(reply, command,
						 &s->server.addr,
						 server->passive);
		*opens = server->passive.high != 0 &&
			 learned_opens(&learned->passive, reply.high, grammar,
				       true);
	} else if (command == ANNOUNCE_ACTIVE) {
		*opens = server->opaque_active != POLICY_ACTIVE_REFUSE &&
			 learned_opens(&learned->active, reply.high,
				       announce_active_reply(reply), false);
	}
	if (command != ANNOUNCE_ACTIVE)
		return OPENING_WINDOW_PASSIVE;
	return server->opaque_active == POLICY_ACTIVE_FTP_DATA ?
		       OPENING_WINDOW_FTP_DATA :
		       OPENING_WINDOW_ACTIVE;
}

/* Keeps an exchange that opened nothing, unless it says less than the one that is
 * kept. */
static void
keep_exchange(struct gate *gate, struct session *s, struct tls_length reply,
	      enum announce_command command)
{
	uint64_t life = gate->policy->window_timeout_s * NS_PER_S;
	struct pair *pair = pair_of(gate, s);
	struct pair_exchange *kept = &pair->passive;
	bool shaped = command == ANNOUNCE_PASSIVE ||
		      command == ANNOUNCE_PASSIVE_EPSV;

	if (command == ANNOUNCE_ACTIVE && reply.high >= ACTIVE_REPLY_MIN)
		pair->active = exchange_now(gate, s, reply.high, true);
	if (reply.high < PASSIVE_REPLY_MIN || reply.low >= ANNOUNCE_LENGTHS)
		return;
	if (kept->at_ns != 0 && kept->shaped && !shaped &&
	    gate->now_ns - kept->at_ns < life)
		return;
	*kept = exchange_now(gate, s, reply.high, shaped);
}

static void
take_reply(struct gate *gate, struct session *s, struct tls_length reply)
{
	struct learned_server *learned = servers_get(&gate->servers,
						     &s->server.addr);
	static const struct learned_server nothing;

	for (unsigned i = 0; i < s->exchange.count; i++) {
		enum announce_command command =
			announce_command(s->lengths[i], &s->client.addr);
		bool opens;
		enum opening_kind kind =
			kind_opened(gate, s,
				    learned != NULL ? learned : &nothing,
				    reply, command, &opens);

		if (!opens)
			continue;
		drop_pending(s, i + 1);
		if (kind == OPENING_WINDOW_PASSIVE)
			pair_of(gate, s)->passive.at_ns = 0;
		else
			pair_of(gate, s)->active.at_ns = 0;
		session_open_window(gate, s, kind, (uint8_t)reply.high);
		return;
	}
	if (s->exchange.count == 0)
		return;
	keep_exchange(gate, s, reply,
		      announce_command(s->lengths[0], &s->client.addr));
	drop_pending(s, 1);
}

/* TLS 1.3 encrypts the handshake too: the client's first record is its Finished
 * (or its certificate), no command. */
static bool
is_finished(enum side from, uint16_t version, const struct exchange *e)
{
	return from == SIDE_CLIENT && version >= TLS_1_3 &&
	       e->padding[from].records == 1;
}

void
session_take_length(struct gate *gate, struct session *s, enum side from,
		    const struct tls_record *record)
{
	const struct policy_server *policy =
		policy_server(gate->policy, &s->server.addr);
	const struct tls_framer *server = &s->tls[SIDE_SERVER];
	struct tls_length length;

	if (record->type != TLS_APPLICATION_DATA || !s->exchange.paired ||
	    policy->window == POLICY_WINDOW_OFF ||
	    policy->opaque != POLICY_OPAQUE_GRANT)
		return;
	length = tls_plaintext(record, server->hello.version,
			       server->hello.cipher);
	tls_padding_take(&s->exchange.padding[from], server->hello.version,
			 &length);
	if (length.high <= ALERT_LENGTH ||
	    is_finished(from, server->hello.version, &s->exchange))
		return;
	if (from == SIDE_CLIENT)
		take_command(gate, s, length);
	else
		take_reply(gate, s, length);
}
