/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a data connection begins: clear or TLS, and the handshakes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "terminator/relay.h"

#define TLS_HANDSHAKE 22
/* How long the server's handshake waits for 150 behind the client's hello. */
#define HELLO_WAIT_US 300000

/* Client and server agreed on FileZilla's own protocol: then a data connection
 * must agree on this one. */
static const struct leg_alpn filezilla = { 16, "\x0fx-filezilla-ftp" };
static const struct leg_alpn filezilla_data = { 9, "\x08"
						   "ftp-data" };

static bool
cut(struct relay *r, enum reason reason, const char *text)
{
	relay_cut(r, NOTE_WARN, reason, text);
	return false;
}

static bool
same(const struct leg_alpn *a, const struct leg_alpn *b)
{
	return a->len == b->len && memcmp(a->list, b->list, a->len) == 0;
}

/* --- clear or TLS --------------------------------------------------------- */

/*
 * The FTP client is TLS client on data connections, passive or active: it speaks
 * first, and with a handshake record. Whatever else comes first is clear text,
 * which only a session without PROT P may have.
 */
static bool
decide(struct relay *r)
{
	struct wire *client = &r->wire[FROM_CLIENT];
	struct wire *server = &r->wire[FROM_SERVER];
	int byte = client->connecting ? -1 : leg_peek(&client->leg);

	if (byte == TLS_HANDSHAKE || (byte == -1 && r->protected_p)) {
		r->mode = RELAY_TLS;
		return true;
	}
	if (byte == -3)
		return cut(r, REASON_TRUNCATED, "client");
	/* A server that has clear bytes does not wait for the client's. */
	if (byte == -1 && !server->connecting) {
		byte = leg_peek(&server->leg);
		if (byte == -3)
			return cut(r, REASON_TRUNCATED, "server");
	}
	if (byte == -1)
		return false;
	if (r->protected_p)
		return cut(r, byte >= 0 ? REASON_CLEAR_IN_TLS :
					  REASON_TRUNCATED, "client");
	r->mode = RELAY_CLEAR;
	return true;
}

/* --- the client's handshake ----------------------------------------------- */

static int
start_client(struct relay *r)
{
	struct leg *leg = &r->wire[FROM_CLIENT].leg;
	uint8_t binding[LEG_BINDING];
	const struct control *c = r->control;

	/* With a binding that nothing else has, nothing can be resumed. */
	if (r->service->reuse == REUSE_OFF || c == NULL) {
		if (getrandom(binding, sizeof(binding), 0) != sizeof(binding))
			return -EIO;
	} else {
		memcpy(binding, c->binding, sizeof(binding));
	}
	if (leg_start_client(leg, r->service->identity, binding, true,
			     false) != 0)
		return -ENOMEM;
	if (c != NULL) {
		leg->hello = c->wire[FROM_CLIENT].leg.hello;
		leg->accept = same(&c->agreed, &filezilla) ? filezilla_data :
							     c->agreed;
	}
	return 0;
}

static bool
client_ready(struct relay *r)
{
	const struct leg *leg = &r->wire[FROM_CLIENT].leg;

	if (leg_resumed(leg))
		r->p->counters.resumed_client++;
	else if (r->service->reuse == REUSE_REQUIRE)
		return cut(r, REASON_REUSE_REQUIRED, NULL);
	return true;
}

/* --- the server's handshake ----------------------------------------------- */

static int
start_server(struct relay *r)
{
	struct leg *leg = &r->wire[FROM_SERVER].leg;
	struct leg_hello hello = { 0 };
	SSL_SESSION *session = NULL;
	const struct control *c = r->control;
	int err;

	if (c != NULL) {
		hello = c->wire[FROM_CLIENT].leg.hello;
		if (same(&c->agreed, &filezilla))
			hello.alpn = filezilla_data;
		session = tickets_copy(&c->tickets);
	}
	err = leg_start_server(leg, r->service->identity, &hello, session, NULL,
			       true);
	SSL_SESSION_free(session);
	return err;
}

static bool
server_ready(struct relay *r)
{
	if (leg_resumed(&r->wire[FROM_SERVER].leg)) {
		r->p->counters.resumed_server++;
		return true;
	}
	/* The server decides what that means. */
	r->p->counters.not_resumed++;
	if (r->control != NULL)
		control_say(r->control, NOTE_DEBUG, REASON_NOT_RESUMED, NULL);
	return true;
}

/* --- both ----------------------------------------------------------------- */

/* A step of one handshake. False: the connection has ended. */
static bool
shake(struct relay *r, enum control_from from)
{
	struct leg *leg = &r->wire[from].leg;
	char text[ACTION_TEXT_MAX + 1];
	const char *who = from == FROM_SERVER ? "server" : "client";

	if (leg->ready)
		return true;
	switch (leg_handshake(leg)) {
	case LEG_DONE:
		return from == FROM_SERVER ? server_ready(r) : client_ready(r);
	case LEG_AGAIN:
	case LEG_HELLO:
		return true;
	case LEG_END:
	case LEG_TRUNCATED:
	case LEG_BROKEN:
		break;
	}
	r->p->counters.handshakes_failed++;
	if (from == FROM_SERVER && leg_certificate_refused(leg))
		return cut(r, REASON_CERTIFICATE_WRONG, NULL);
	snprintf(text, sizeof(text), "%s: %s", who, leg_error(leg));
	return cut(r, REASON_HANDSHAKE_FAILED, text);
}

static bool
shake_client(struct relay *r)
{
	struct wire *wire = &r->wire[FROM_CLIENT];

	if (wire->connecting)
		return true;
	if (wire->leg.ssl == NULL) {
		if (start_client(r) != 0)
			return cut(r, REASON_HANDSHAKE_FAILED, "out of memory");
	}
	if (!r->heard_client && leg_peek(&wire->leg) >= 0) {
		r->heard_client = true;
		if (!r->go)
			loop_arm(r->timer, HELLO_WAIT_US);
	}
	return shake(r, FROM_CLIENT);
}

static bool
shake_server(struct relay *r)
{
	struct wire *wire = &r->wire[FROM_SERVER];

	if (wire->connecting || !r->go)
		return true;
	if (wire->leg.ssl == NULL) {
		/* Its newest ticket may still be on its way to us. */
		if (r->control != NULL)
			control_turn(r->control);
		if (r->dead)
			return false;
		if (start_server(r) != 0)
			return cut(r, REASON_HANDSHAKE_FAILED, "out of memory");
	}
	return shake(r, FROM_SERVER);
}

static bool
arrive(struct relay *r, enum control_from from)
{
	int err = wire_arrived(&r->wire[from]);

	if (err == 0 || err == -EAGAIN)
		return true;
	return cut(r, from == FROM_SERVER ? REASON_SERVER_UNREACHABLE :
					    REASON_CLIENT_UNREACHABLE,
		   strerror(-err));
}

bool
relay_prepare(struct relay *r)
{
	if (!arrive(r, FROM_CLIENT) || !arrive(r, FROM_SERVER))
		return false;
	if (r->mode == RELAY_UNDECIDED && !decide(r))
		return false;
	if (r->mode == RELAY_CLEAR)
		return true;
	return shake_client(r) && shake_server(r);
}
