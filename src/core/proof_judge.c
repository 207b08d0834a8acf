/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What has a data connection of an encrypted session to show, and has it?
 *
 * A connection proves itself by the hellos, which are in clear: the client's
 * must offer what the control connection's TLS session can be resumed with, and
 * the server's must take it. In TLS 1.3 nobody can tell one ticket from
 * another: that the server took it is all there is, and it is enough, because
 * only the server's own can be taken.
 */
#include "core/gate_state.h"

/* A ClientHello is not longer, or it is none. */
#define HELLO_BYTES_MAX 20000

/* What a session's data connections have shown is asked of the next ones for so
 * long: then TLS sessions may have expired, which is nobody's fault (OpenSSL
 * keeps them for two hours). */
#define SHOWN_S 3600

struct session *
proof_session(const struct gate *gate, const struct proof *p)
{
	struct session *s = table_find(&gate->sessions, &p->client, &p->server);

	return s != NULL && s->id == p->session ? s : NULL;
}

void
proof_demand(struct gate *gate, struct proof *p)
{
	const struct session *s = proof_session(gate, p);
	bool named = s != NULL && s->tls[SIDE_CLIENT].hello.name != 0;

	p->psk = s != NULL && s->tls[SIDE_SERVER].hello.version >= TLS_1_3;
	switch ((enum policy_proof)policy_server(gate->policy, &p->server.addr)
			->proof) {
	case POLICY_PROOF_NONE:
		p->state = PROOF_PASSED;
		break;
	case POLICY_PROOF_RESUME:
		p->tls = p->resume = true;
		p->name = named;
		break;
	case POLICY_PROOF_TLS:
		p->tls = true;
		break;
	case POLICY_PROOF_AUTO:
		if (s == NULL)
			break;
		p->tls = s->exchange.tls_shown && !s->exchange.prot_since;
		p->resume = s->exchange.resume_shown &&
			    gate->now_ns / NS_PER_S - s->opaque_s < SHOWN_S;
		p->name = p->resume && named && s->exchange.name_shown;
		break;
	}
}

/* The FTP client's hello offers to resume, as far as can be seen. */
static bool
offers_resumption(const struct proof *p, const struct tls_hello *client,
		  const struct tls_tickets *tickets)
{
	if (client->psk || p->psk)
		return client->psk;
	if (tickets->known[0] == 0)
		return client->ticket != 0 || client->session != 0;
	return (client->ticket != 0 &&
		tls_tickets_hold(tickets, client->ticket)) ||
	       (client->session != 0 &&
		tls_tickets_hold(tickets, client->session));
}

static bool
is_resumed(const struct tls_resume *r, const struct tls_tickets *tickets)
{
	return r->handshake == TLS_HANDSHAKE_RESUMED &&
	       (r->is_known || tickets->known[0] == 0);
}

static bool
names_same(const struct gate *gate, const struct proof *p)
{
	const struct session *s = proof_session(gate, p);

	return s == NULL || s->tls[SIDE_CLIENT].hello.name ==
				    p->watch.side[0].tls.hello.name;
}

/* Bytes of the FTP client that are no hello yet. */
static bool
hello_is_late(const struct proof *p)
{
	const struct tls_framer *client = &p->watch.side[0].tls;

	return client->application || client->cipher_on ||
	       (p->watch.side[0].stream.synced &&
		p->watch.bytes > HELLO_BYTES_MAX) ||
	       p->watch.side[1].any;
}

enum proof_state
proof_judge(const struct gate *gate, const struct proof *p,
	    const struct tls_tickets *tickets)
{
	const struct data_watch *w = &p->watch;
	const struct tls_hello *client = &w->side[0].tls.hello;
	struct tls_resume r = data_watch_judge(w, tickets);

	if (w->clear || (w->done && !client->seen))
		return p->tls ? PROOF_FAILED : PROOF_PASSED;
	if (!client->seen) {
		if (!w->spoke || !hello_is_late(p))
			return PROOF_PENDING;
		return p->tls ? PROOF_FAILED : PROOF_PASSED;
	}
	if (p->resume && !offers_resumption(p, client, tickets))
		return PROOF_FAILED;
	if (p->name && !names_same(gate, p))
		return PROOF_FAILED;
	if (r.handshake == TLS_HANDSHAKE_UNKNOWN) {
		if (!w->done)
			return PROOF_PENDING;
		return p->tls || p->resume ? PROOF_FAILED : PROOF_PASSED;
	}
	return !p->resume || is_resumed(&r, tickets) ? PROOF_PASSED
						     : PROOF_FAILED;
}

void
proof_remember(const struct gate *gate, const struct proof *p,
	       struct pair *pair)
{
	struct session *s = proof_session(gate, p);
	const struct tls_framer *client = &p->watch.side[0].tls;
	struct tls_resume r;

	if (s == NULL || pair == NULL || !client->hello.seen)
		return;
	r = data_watch_judge(&p->watch, &pair->tickets);
	s->exchange.tls_shown = true;
	s->exchange.prot_since = false;
	if (is_resumed(&r, &pair->tickets)) {
		s->exchange.resume_shown = true;
		s->exchange.name_shown = names_same(gate, p);
	}
	/* The next one may resume this one's. */
	tls_resume_learn(&pair->tickets, client, &p->watch.side[1].tls);
}
