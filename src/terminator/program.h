/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The running program: one event loop, and what its parts share.
 *
 *   program.c   start, signals, time, the end
 *   intake.c  connections come: control or data?
 *   control.c   a control connection's two legs (control_*.c)
 *   relay.c     a data connection's two legs
 *   reader.c    the core, which reads every line and says what opens
 *   link.c      pinholed, which opens it
 *   table.c     who belongs to whom
 *
 * Nothing is freed where others may still hold it: what has ended waits in the
 * list of the dead until the loop has come round.
 */
#ifndef TERMINATOR_PROGRAM_H
#define TERMINATOR_PROGRAM_H

#include <stdint.h>
#include <sys/queue.h>

#include "pinholed/gate.h"
#include "terminator/conf.h"
#include "terminator/service.h"

struct link;
struct loop;
struct loop_source;
struct table;

/* X(name, help): what the program counts, from 0 at start. */
#define PROGRAM_COUNTERS(X) \
	X(sessions, "control connections taken") \
	X(sessions_refused, "control connections refused: a limit, or no server") \
	X(sessions_tls, "control connections that came to TLS on both legs") \
	X(handshakes_failed, "handshakes that failed") \
	X(relays, "data connections taken") \
	X(relays_refused, "data connections refused: a limit, or nobody announced them") \
	X(resumed_server, "data connections that resumed the server's session") \
	X(resumed_client, "data connections of clients that resumed theirs") \
	X(not_resumed, "data connections that could not resume the server's session") \
	X(truncated, "data connections aborted because one end did not end properly") \
	X(bytes_up, "bytes relayed to servers") \
	X(bytes_down, "bytes relayed to clients") \
	X(opens_refused, "announcements that pinholed did not open") \
	X(link_lost, "times that the connection to pinholed was lost")

struct program_counters {
#define X(name, help) uint64_t name;
	PROGRAM_COUNTERS(X)
#undef X
};

/* Of intake.c: for control and for data connections, IPv4 and IPv6. */
#define INTAKE_LISTENERS 4

/* What has ended; first member of what can end. */
struct mortal {
	SLIST_ENTRY(mortal) next;
	void (*free)(struct mortal *);
};

struct program {
	const char *path;
	bool debug;
	struct tls_conf *conf;
	struct conf *pinholed; /* its configuration; the policy is ours */
	struct services *services;
	struct loop *loop;
	struct gate *gate;
	void *gate_memory;
	struct link *link;
	struct table *table;
	int listeners[INTAKE_LISTENERS];
	struct loop_source *listen_sources[INTAKE_LISTENERS];
	int spare; /* given up to refuse a connection when none else is left */
	struct loop_source *reaper;
	SLIST_HEAD(, mortal) dead;
	uint64_t started_ns;
	uint64_t warned_ns; /* of certificates that expire */
	struct program_counters counters;
	uint64_t stop_ns; /* behind SIGTERM: when what runs must end; or 0 */
	bool stopping;
};

/* A certificate that expires in fewer days is warned of. */
#define EXPIRY_DAYS 21

/* Now, in the clock of all events. */
uint64_t program_now_ns(void);

/* Has @mortal freed when nobody can hold it any more. */
void program_bury(struct program *p, struct mortal *mortal,
		  void (*free)(struct mortal *));

/* Runs until SIGTERM and the end of what runs then, or SIGINT; the exit
 * status. */
int program_run(const char *path, bool debug);

/* --- intake.c ------------------------------------------------------------- */

int intake_open(struct program *p) __attribute__((warn_unused_result));
int intake_watch(struct program *p) __attribute__((warn_unused_result));
/* Takes no new sessions any more; what they announce still comes. */
void intake_drain(struct program *p);
void intake_close(struct program *p);

#endif
