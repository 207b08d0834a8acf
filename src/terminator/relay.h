/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A data connection that is relayed: two legs, two handshakes that do not wait
 * for each other, and bytes.
 *
 * How it ends is as important as what it carries. A direction ends properly when
 * its sender says close_notify (or, in clear text, FIN); only then is its
 * receiver told so. A sender that just goes away makes the receiver's connection
 * end with a reset: nobody must take half a file for a whole one.
 *
 *   relay.c       birth, death, time
 *   relay_tls.c   clear or TLS, handshakes
 *   relay_flow.c  bytes and ends
 */
#ifndef TERMINATOR_RELAY_H
#define TERMINATOR_RELAY_H

#include "terminator/control.h"

/* What a direction holds at most. A full TLS record fits in twice. */
#define RELAY_BUFFER 32768

struct relay_flow {
	uint8_t *bytes; /* RELAY_BUFFER; NULL while there are none */
	size_t start, end;
	uint64_t total;
	bool ended;  /* the sender has ended properly */
	bool unclean; /* .ended is not proper, and the policy lets it pass */
	bool passed; /* and the receiver has been told */
	bool fin;    /* the sender's FIN has been seen */
	bool deaf;   /* the receiver has gone, and misses no bytes */
};

enum relay_mode {
	RELAY_UNDECIDED, /* the first byte will tell */
	RELAY_TLS,
	RELAY_CLEAR,
};

struct relay {
	struct mortal mortal; /* first */
	LIST_ENTRY(relay) in_control, in_program;
	struct program *p;
	struct control *control; /* NULL: it has ended */
	struct service *service; /* held */
	struct endpoint client_end, server_end; /* the control connection's */
	uint64_t session;
	enum session_class class;
	struct wire wire[2];	   /* by enum control_from */
	struct relay_flow flow[2]; /* from each */
	struct opening opening;
	struct audit_transfer audit;
	enum relay_mode mode;
	bool active;	  /* the server has connected to the client */
	bool protected_p; /* PROT P: clear bytes are an error */
	bool go;	  /* the server's handshake may begin */
	bool heard_client; /* the client's hello has begun */
	bool dead;
	struct loop_source *timer; /* until .go, or until doubt ends */
	bool doubtful[2]; /* that one's end waits for news of its control
			     connection */
	uint64_t started_ns, moved_ns;
};

/* A data connection has come for @announced (which is used up here): @fd is
 * taken. */
void relay_begin(struct program *p, int fd, struct announced *announced,
		 const struct endpoint *peer, const struct endpoint *local);

/* The server has begun a transfer: handshakes with it may begin. */
void relay_go(struct control *c);

/* The session ends; its data connections go on alone. */
void relay_orphan(struct control *c);

/* Says why and ends it with RST to both ends. */
void relay_cut(struct relay *r, enum note_level level, enum reason reason,
	       const char *text);

/* All is said. @reset: the end that left last did it with a reset, which goes
 * on. */
void relay_end(struct relay *r, bool reset);

/* Once a second, over all. */
void relay_look(struct program *p);


/* All that can be done now. */
void relay_turn(void *relay);

/* --- relay_tls.c ---------------------------------------------------------- */

/* True when bytes can flow in some direction; false: later, or it has ended. */
bool relay_prepare(struct relay *r);

/* --- relay_flow.c --------------------------------------------------------- */

void relay_pump(struct relay *r);

/* Time has passed for who was doubtful. False: the connection has ended. */
bool relay_judge_doubtful(struct relay *r);

#endif
