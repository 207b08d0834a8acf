/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdicts on resumption; the hello walk (tls_hello.c) has read what there is. */
#include "core/tls_resume.h"

bool
tls_tickets_hold(const struct tls_tickets *t, uint64_t print)
{
	for (int i = 0; print != 0 && i < TLS_TICKETS_MAX; i++)
		if (t->known[i] == print)
			return true;
	return false;
}

static void
add(struct tls_tickets *t, uint64_t print)
{
	if (print == 0 || tls_tickets_hold(t, print))
		return;
	t->known[t->next] = print;
	t->next = (uint8_t)((t->next + 1) % TLS_TICKETS_MAX);
}

static struct tls_resume
judge_13(const struct tls_hello *client, const struct tls_hello *server)
{
	return (struct tls_resume){
		.handshake = server->psk ? TLS_HANDSHAKE_RESUMED :
					   TLS_HANDSHAKE_FULL,
		.offer = client->psk ? TLS_OFFER_PSK : TLS_OFFER_NONE,
		.is_known = server->psk,
	};
}

struct tls_resume
tls_resume_judge(const struct tls_framer *client,
		 const struct tls_framer *server,
		 const struct tls_tickets *tickets)
{
	const struct tls_hello *c = &client->hello, *s = &server->hello;
	struct tls_resume r = { 0 };

	if (!c->seen || !s->seen)
		return r;
	if (s->version >= TLS_1_3)
		return judge_13(c, s);
	/* RFC 5077 section 3.4: beside a ticket the session ID has no meaning of
	 * its own. A client that can do TLS 1.3 sends one that means nothing
	 * (RFC 8446 appendix D.4), unless it is one that the server gave out. */
	if (c->ticket != 0)
		r.offer = TLS_OFFER_TICKET;
	else if (tls_tickets_hold(tickets, c->session) ||
		 (c->session != 0 && c->version < TLS_1_3))
		r.offer = TLS_OFFER_SESSION_ID;
	r.is_known = tls_tickets_hold(tickets, c->ticket) ||
		     tls_tickets_hold(tickets, c->session);
	if (s->full)
		r.handshake = TLS_HANDSHAKE_FULL;
	else if (server->cipher_on)
		r.handshake = TLS_HANDSHAKE_RESUMED;
	/* The server alone knows by which of the two it resumed. */
	if (r.handshake == TLS_HANDSHAKE_RESUMED && r.offer == TLS_OFFER_NONE)
		r.offer = TLS_OFFER_SESSION_ID;
	return r;
}

void
tls_resume_learn(struct tls_tickets *tickets, const struct tls_framer *client,
		 const struct tls_framer *server)
{
	struct tls_resume r = tls_resume_judge(client, server, tickets);

	if (r.handshake == TLS_HANDSHAKE_UNKNOWN ||
	    server->hello.version >= TLS_1_3)
		return;
	add(tickets, server->hello.session);
	add(tickets, server->hello.ticket);
	if (r.handshake == TLS_HANDSHAKE_RESUMED) {
		add(tickets, client->hello.session);
		add(tickets, client->hello.ticket);
	}
}
