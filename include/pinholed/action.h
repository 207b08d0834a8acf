/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes out of the core: changes to the firewall, and why. */
#ifndef PINHOLED_ACTION_H
#define PINHOLED_ACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "pinholed/addr.h"
#include "pinholed/class.h"
#include "pinholed/reason.h"

enum action_kind {
	ACTION_OPEN,	/* add .opening to its set */
	ACTION_CLOSE,	/* remove .opening from its set; not there is no error */
	ACTION_REFRESH, /* give .opening its full timeout again, adding it anew
			   where it has gone */
	ACTION_MARK,	/* write .class to the connection's mark */
	ACTION_VERDICT,	/* on the packet in hand: CLASS_CUT: it goes no
			   further; else it is a data connection's, which gets
			   .class */
	ACTION_NOTE,	/* nothing to apply: tell the admin */
};

enum opening_kind {
	OPENING_PINHOLE,	 /* source, destination and port; one SYN */
	OPENING_RELAY,		 /* the same, but sent to pinholed-tls */
	OPENING_GRANT_PASSIVE,	 /* client to the server's managed range */
	OPENING_GRANT_ACTIVE,	 /* server to the client, ports from 1024 */
	OPENING_GRANT_FTP_DATA,	 /* the same, from source port 20 or 989 */
	OPENING_WINDOW_PASSIVE,	 /* client to the server's managed range; one
				    SYN */
	OPENING_WINDOW_ACTIVE,	 /* server to the client, ports from 1024; one
				    SYN */
	OPENING_WINDOW_FTP_DATA, /* the same, from source port 20 or 989 */
	OPENING_ASK_PASSIVE,	 /* opens nothing: a SYN from the client to the
				    managed range is queued, and the gate says
				    what becomes of it: has it a window? */
	OPENING_ASK_ACTIVE,	 /* the same from the server to the client */
};
#define OPENING_KINDS 10

/* Windows of one pair that may be open at once; .port tells them apart. */
#define OPENING_LANES 4

/* For one connection each, to a port that is not known. No set of the ruleset has
 * them: the gate is asked about each SYN that one can be for (OPENING_ASK_...). */
static inline bool
opening_is_window(enum opening_kind kind)
{
	return kind == OPENING_WINDOW_PASSIVE ||
	       kind == OPENING_WINDOW_ACTIVE ||
	       kind == OPENING_WINDOW_FTP_DATA;
}

static inline bool
opening_has_port(enum opening_kind kind)
{
	return kind == OPENING_PINHOLE || kind == OPENING_RELAY;
}

/* Grants, and what asks, are held by sessions, for any number of connections; the
 * others are for one. */
static inline bool
opening_is_grant(enum opening_kind kind)
{
	return !opening_has_port(kind) && !opening_is_window(kind);
}

/* One element of one of the ruleset's sets, or a window. */
struct opening {
	enum opening_kind kind;
	struct addr source, destination; /* of the data connection's SYN */
	uint16_t port;			 /* destination's; 0 in grants; a window's
					    lane, see OPENING_LANES */
	uint32_t timeout_s;
	uint32_t handle; /* names it in EVENT_OPEN_FAILED and pinholectl */
	uint64_t open_ms; /* CLOSE and NOTE: how long it had been open */
};

/* Whether .port is a port to tell of: a pinhole's, or that of a connection which a
 * grant let in. A window's is its lane. */
static inline bool
opening_tells_port(const struct opening *o)
{
	return o->port != 0 && !opening_is_window(o->kind);
}

/* Levels of a note, as the log has them. */
enum note_level {
	NOTE_WARN,  /* something was refused or is degraded */
	NOTE_INFO,  /* an opening, a closing, a session's turn */
	NOTE_DEBUG, /* a step on the way */
};

#define ACTION_TEXT_MAX 80

struct action {
	enum action_kind kind;
	enum note_level level;
	enum reason reason;
	enum session_class class; /* the session's, after this action */
	uint64_t session;	  /* 0: belongs to none */
	struct endpoint client, server; /* the control connection's ends */
	bool has_opening;	  /* .opening is meaningful */
	bool ends;		  /* a note: the session's last word */
	struct opening opening;
	/* With .ends: how long it was followed, and the pair-milliseconds that
	 * were open for it (struct session_view). */
	uint64_t age_ms, exposed_ms;
	/* Raw bytes from the wire that the reason is about, cut to size and with
	 * no credentials in it. Untrusted: escape before printing. */
	uint8_t text_len;
	uint8_t text[ACTION_TEXT_MAX];
	/* REASON_AMBIGUOUS: what strict and what lenient readers take the
	 * announcement for; all zero: for none. */
	struct endpoint strict, lenient;
};

/* Room for all that one step can say: the core bounds itself to it. */
#define ACTIONS_MAX 64

struct actions {
	uint32_t count;
	struct action list[ACTIONS_MAX];
	/* To EVENT_REQUEST and EVENT_STREAM; zero after other events. A refusal
	 * has been noted in .list, too. */
	struct {
		enum reason reason; /* REASON_NONE: done; else why not. For
				       EVENT_STREAM, "not done" means that
				       there is no session. */
		uint32_t handle; /* REQUEST_OPEN: of what was opened */
	} answer;
};

#endif
