/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is known of one control connection: gathered from the core's actions and
 * from the data connections that were seen, by whoever steps a gate. explain.h
 * makes findings of it.
 *
 * A gatherer needs no more than what it has. The daemon sees no SYN that its
 * ruleset drops; a capture shows it. What was not seen is zero here and leads
 * to no finding.
 */
#ifndef EXPLAIN_FACTS_H
#define EXPLAIN_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "pinholed/action.h"
#include "pinholed/policy.h"

/* What became of a data connection's TLS, as far as its hellos tell. */
enum data_tls {
	DATA_TLS_UNKNOWN, /* the hellos were not seen whole */
	DATA_TLS_NONE,	  /* bytes moved in clear text */
	DATA_TLS_SILENT,  /* no handshake began, and nothing came in clear */
	DATA_TLS_FULL,	  /* a full handshake; the client offered no session */
	DATA_TLS_REFUSED, /* a full handshake; the session that the client
			     offered was not taken */
	DATA_TLS_RESUMED, /* the control connection's session; in TLS 1.3, one
			     that the server knew */
	DATA_TLS_OTHER,	  /* resumed, but not this control connection's */
};

/* How a data connection's SYN would fare, or fared. */
enum data_fate {
	DATA_BLOCKED,	  /* nothing was open for it */
	DATA_BY_PINHOLE,
	DATA_BY_GRANT,
};

/* A data connection between a session's ends, when it is over. */
struct data_seen {
	struct endpoint source, destination; /* of its SYN */
	enum data_fate fate;
	enum data_tls tls;
	bool moved; /* contents came through: clear bytes, or records that are
		       neither handshake nor alert */
	bool established; /* the handshake came to its end */
	bool answered;	  /* its SYN was */
};

/* Fixed in size: a gatherer keeps one for each session. */
struct facts {
	uint64_t session;
	struct endpoint client, server;
	struct policy_server policy; /* what is configured for the server */
	char product[20];	     /* by its greeting, named as in
					pinholed.conf(5); "" not told */
	enum session_class class;    /* the newest */

	/* A packet of that side came by; a packet with contents did. One side
	 * that spoke and one that was not heard: half of the connection takes
	 * another way. */
	bool heard_client, heard_server, spoke_client, spoke_server;
	bool picked_up;

	/* AUTH and TLS */
	bool auth_refused; /* and no TLS since */
	bool opaque;	   /* it was, at some time */
	bool ccc_offered;  /* FEAT listed CCC */
	bool came_back;	   /* CCC was used */
	bool no_range, opaque_refused; /* the policy's refusals */
	uint32_t no_window; /* data connections that no window was open for */
	uint32_t unproven;  /* that did not show what they had to */

	/* 227 named this end, which is not the server's */
	struct endpoint foreign;
	uint32_t foreign_tried; /* SYNs of the client that went there */

	/* While nobody could read the session: SYNs of the client to the server
	 * that the range does not hold, */
	uint32_t outside;
	uint16_t outside_low, outside_high; /* their ports */
	/* and SYNs of the server to the client that nothing was open for. */
	uint32_t active;
	uint16_t active_source; /* the newest one's source port */

	/* Data connections */
	bool prot_p, prot_asked; /* PROT P was accepted; its reply is awaited */
	uint32_t data, blocked;
	uint32_t full_failed; /* full handshakes behind which nothing moved, */
	uint32_t offered;     /* and of these, where a session was offered */
	uint32_t full_moved;  /* and such behind which something did */
	uint32_t resumed;
	uint16_t reuse_code;  /* 425, 450 or 522, where it could be read */
	bool server_left;     /* the server ended the control connection */

	/* Texts of the wire, for the evidence: untrusted bytes. */
	uint8_t auth_len, reuse_len, foreign_len, last_len;
	uint8_t last_text[ACTION_TEXT_MAX];    /* the newest reply */
	uint8_t auth_text[ACTION_TEXT_MAX];    /* the refusal */
	uint8_t reuse_text[ACTION_TEXT_MAX];   /* the 425 or 522 */
	uint8_t foreign_text[ACTION_TEXT_MAX]; /* the 227 */
};

/* A new session between these ends; @policy is what holds for the server now. */
void facts_begin(struct facts *f, uint64_t session,
		 const struct endpoint *client, const struct endpoint *server,
		 const struct policy_server *policy);

/* Takes an action that belongs to the session. Commands and replies come as
 * notes when the gate traces (gate_trace()); without them the product, the
 * feature list and readable replies are not known. */
void facts_take_action(struct facts *f, const struct action *a);

/* Takes a data connection between the two ends, or from the client to
 * f->foreign: when its SYN comes by, and again when it is over. */
void facts_take_syn(struct facts *f, const struct data_seen *d);
void facts_take_data(struct facts *f, const struct data_seen *d);

/* Whether data connections of the session are meant to have TLS: it was agreed
 * where it could be read, or others have it. */
static inline bool
facts_is_protected(const struct facts *f)
{
	return f->prot_p || f->full_moved + f->full_failed + f->resumed != 0;
}

/* A packet of the control connection came by: whose, and whether with payload. */
static inline void
facts_hear(struct facts *f, bool client, bool payload)
{
	f->heard_client |= client;
	f->heard_server |= !client;
	f->spoke_client |= client && payload;
	f->spoke_server |= !client && payload;
}

#endif
