/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A control connection: two legs, and between them, line by line, the core.
 *
 * A line goes on when the core has read it and pinholed has answered what it
 * asked for. What TLS does follows from the class that the core gives the
 * session:
 *
 *   clear        bytes pass; at most one line is taken off a socket at a time,
 *                so that nothing is read that belongs to TLS
 *   terminated   234 has been read (or the greeting of an implicit port is to
 *                come): the client's hello is read but not answered, the server
 *                gets one with the same name and protocols, and when that
 *                handshake is done the client's goes on
 *   clear-after-ccc  the 2xx to CCC has been read: both legs leave TLS
 *   not-ftp      the session is cut
 *
 *   control.c          birth, death, time
 *   control_line.c     a line's way
 *   control_pump.c     bytes from leg to leg
 *   control_tls.c      into TLS and out of it
 *   control_opening.c  what is announced
 */
#ifndef TERMINATOR_CONTROL_H
#define TERMINATOR_CONTROL_H

#include <sys/queue.h>

#include "core/ftp_reply.h"
#include "pinholed/action.h"
#include "pinholed/event.h"
#include "terminator/audit.h"
#include "terminator/program.h"
#include "terminator/service.h"
#include "terminator/table.h"
#include "terminator/wire.h"

struct relay;

/* No line that servers accept is longer; a longer one passes in pieces. */
#define CONTROL_BUFFER 8192
/* Commands that await their reply and are known by name. */
#define CONTROL_PENDING 32

enum control_from { FROM_CLIENT, FROM_SERVER };

/* One direction. */
struct control_pipe {
	uint8_t bytes[CONTROL_BUFFER];
	/* start <= ready <= read <= end */
	size_t start; /* what may go on begins here, */
	size_t ready; /* what waits for pinholed's answer here, */
	size_t read;  /* and what the core has not read yet, here */
	size_t end;
	unsigned waits; /* answers of pinholed that the line in front needs */
	bool stop;	/* nothing is read behind this line: AUTH, CCC, 234 */
	bool ended;	/* nothing more will come */
	bool passed_end; /* and the other leg has been told */
	bool middle;	/* the line in front goes on from before */
	ssize_t urgent; /* place of a byte sent as urgent, or -1 */
};

enum control_phase {
	PHASE_CONNECTING, /* to the server */
	PHASE_LINES,	  /* clear or inside TLS */
	PHASE_HELLO,	  /* the client's hello is awaited */
	PHASE_SERVER,	  /* handshake with the server */
	PHASE_CLIENT,	  /* handshake with the client goes on */
	PHASE_LEAVING,	  /* CCC: TLS ends, direction by direction */
	PHASE_DEAD,
};

struct control {
	struct mortal mortal; /* first */
	LIST_ENTRY(control) in_table;
	struct program *p;
	struct service *service; /* held */
	struct endpoint client_end, server_end;
	uint64_t id; /* the core's number of the session */
	struct wire wire[2]; /* by enum control_from */
	struct control_pipe pipe[2]; /* from each */
	enum control_phase phase;
	enum session_class class; /* the core's word */
	bool implicit;
	bool was_tls;
	bool prot_known, prot_p; /* data connections are protected */
	bool transfer; /* the server has begun one: 1xx without final reply */
	uint8_t pending[CONTROL_PENDING]; /* verbs that await their reply */
	bool pending_p[CONTROL_PENDING];  /* PROT P */
	unsigned pending_first, pending_count;
	unsigned pending_over; /* behind those */
	struct ftp_reply_reader replies;
	struct audit audit;
	enum control_from reading; /* whose line the core reads just now */
	uint8_t binding[LEG_BINDING];
	struct tickets tickets;
	struct leg_alpn agreed; /* with the server, on the control connection */
	uint64_t heard_ns, phase_ns;
	LIST_HEAD(, announced) announced;
	LIST_HEAD(, relay) relays;
};

static inline enum control_from
control_other(enum control_from from)
{
	return from == FROM_CLIENT ? FROM_SERVER : FROM_CLIENT;
}

/* Takes over @fd, a client's connection to @server. */
void control_begin(struct program *p, int fd, const struct endpoint *client,
		   const struct endpoint *server);

/* Ends it, properly or (@reset) with RST to both ends. Data connections that
 * run go on. Again is no error. */
void control_end(struct control *c, bool reset);

/* Says why, at @level, and ends it with RST. */
void control_cut(struct control *c, enum note_level level, enum reason reason,
		 const char *text);

/* A line in the log, in the form of the core's notes. @text may be NULL. */
void control_say(const struct control *c, enum note_level level,
		 enum reason reason, const char *text);

/* Once a second. */
void control_look(struct control *c, uint64_t now_ns);

/* The class has changed. */
void control_class(struct control *c, enum session_class class);

/* --- control_opening.c ---------------------------------------------------- */

/* The core opened something, or closed it. */
void control_opened(struct control *c, const struct action *action);
void control_closed(struct control *c, const struct opening *opening);

/* pinholed's answer to link_open(). */
void control_answered(struct control *c, const struct action *action,
		      bool from_server, enum reason reason, uint32_t handle);

/* What pinholed had open for it has gone. */
void control_link_lost(struct control *c);

/* An announced connection has come: it is used up. */
void control_used(struct control *c, struct announced *announced);

/* Forgets all of them. */
void control_forget(struct control *c);

/* --- control_pump.c ------------------------------------------------------- */

/* All that can be done now. */
void control_turn(void *c);

/* --- control_line.c ------------------------------------------------------- */

/* Reads the lines of @from that may be read. False: the session has ended. */
bool control_judge(struct control *c, enum control_from from);

/* --- control_tls.c -------------------------------------------------------- */

/* Each does what can be done now; false: the session has ended, or nothing more
 * can be done. */
bool control_connect(struct control *c);
bool control_enter_tls(struct control *c);

/* Nothing must stand in clear text behind AUTH and 234. False: something did, and
 * the session has ended. Asked before 234 goes on, and again when it has. */
bool control_check_clear(struct control *c);
bool control_handshake(struct control *c);
bool control_leave_tls(struct control *c);

#endif
