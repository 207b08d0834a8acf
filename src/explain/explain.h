/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is wrong with a session, in words, and what cures it. */
#ifndef EXPLAIN_EXPLAIN_H
#define EXPLAIN_EXPLAIN_H

#include "explain/facts.h"

/* X(name, word, sentence): as with reasons, the word is for programs and never
 * changes its meaning. */
#define FINDINGS(X) \
	X(NO_RANGE, "no-range", \
	  "the session is encrypted, and no passive range is configured for this server") \
	X(OPAQUE_REFUSED, "opaque-refused", \
	  "the session is encrypted, and the configuration opens nothing for such sessions") \
	X(OUTSIDE_RANGE, "outside-range", \
	  "the server announces ports outside of its configured passive range") \
	X(NO_WINDOW, "no-window", \
	  "a data connection of the encrypted session came, and no window was open for it") \
	X(UNPROVEN, "unproven", \
	  "a data connection of the encrypted session did not show what it has to, and was cut") \
	X(FOREIGN_ADDRESS, "foreign-address", \
	  "the server announces an address that is not its own, and the client went there") \
	X(ACTIVE_OPAQUE, "active-opaque", \
	  "the server opens data connections to the client (active mode) in an encrypted session") \
	X(NO_REUSE, "no-reuse", \
	  "the client does not resume its TLS session on data connections, and the server demands it") \
	X(CCC_UNUSED, "ccc-unused", \
	  "the server offers CCC, which would make the session readable, and the client does not use it") \
	X(AUTH_REFUSED, "auth-refused", \
	  "the server refused TLS") \
	X(ONE_SIDED, "one-sided", \
	  "only one direction of the control connection comes by here") \
	/* never made by explain(): of connections without a session */ \
	X(NOT_QUEUED, "not-queued", \
	  "connections that pinholed has to read pass the gateway, and it does not get their packets")

enum finding_kind {
#define X(name, word, sentence) FINDING_##name,
	FINDINGS(X)
#undef X
	FINDING_COUNT
};

struct finding {
	enum finding_kind kind;
	char evidence[400]; /* what was seen; printable */
	char gateway[200];  /* a line of pinholed.conf, or what to do at the
			       gateway; "" when the cure is elsewhere */
	char peer[800];	    /* what to set at the server or the client; "" */
};

/* Writes what is wrong with the session to @out, the most certain first, and
 * returns how many there are; 0: nothing is. Each kind comes once at most. */
unsigned explain(const struct facts *f, struct finding out[FINDING_COUNT]);

/* Both never NULL. */
const char *finding_word(enum finding_kind kind);
const char *finding_sentence(enum finding_kind kind);

#endif
