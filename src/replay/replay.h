/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A capture through the core: what would have been opened, and which of the data
 * connections in it would have passed.
 *
 * One replay is one capture: its packets in order, in memory that is taken at the
 * start. What belongs to no session leaves no trace.
 */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include "explain/facts.h"
#include "io/conf.h"
#include "replay/flows.h"

enum moment_kind {
	MOMENT_ACTION, /* .action: the core says something */
	MOMENT_SYN,    /* .flow begins */
	MOMENT_DATA,   /* .flow is over; .seen and .resume are the verdict */
	MOMENT_TOTAL,  /* the capture is over */
};

/* Something that happens. All is borrowed for the call. */
struct moment {
	enum moment_kind kind;
	uint64_t time_ns; /* from the capture's first packet */
	uint64_t frame;	  /* the packet's number, from 1 */
	const struct facts *facts; /* of its session; NULL: it has none */
	const struct action *action;
	const struct flow *flow;
	struct data_seen seen;
	struct tls_resume resume;
	bool unprotected; /* no ClientHello, where there had to be one */
	const struct replay_total *total;
};

struct replay_total {
	uint64_t frames, not_ip, cut, fragments; /* of these: not read */
	uint64_t sessions, pinholes, grants, refused;
	uint64_t data, passed, blocked;
	/* Of encrypted sessions: commands, windows by what became of them, and
	 * data connections that were let in without one, refused, or cut. */
	uint64_t commands, windows, windows_used, windows_unused;
	uint64_t windows_missed, windows_refused, unproven;
	/* (source, port) pairs times milliseconds that were open, and what the
	 * servers' whole ranges would have been, for as long as the sessions
	 * lasted and for their clients alone. */
	uint64_t exposed_ms, range_ms;
};

/* Who is told. Either may be NULL. */
struct replay_sink {
	void *context;
	void (*moment)(void *context, const struct moment *m);
	/* A session is over and so are its data connections. */
	void (*over)(void *context, const struct facts *f);
};

struct replay;

/* True for a note that an announcement, or a session, opens nothing. */
bool replay_is_refusal(const struct action *a);

/* @conf and @sink are borrowed. NULL: no memory. */
struct replay *replay_new(const struct conf *conf,
			  const struct replay_sink *sink);
void replay_free(struct replay *r);

/* The next packet, from its IP header on, or an empty span for a frame without
 * one; @cut: the capture does not have all of it. Times that run backwards are
 * taken as standing still. */
void replay_packet(struct replay *r, struct span ip, bool cut,
		   uint64_t time_ns);

/* The capture is over: what is still going on ends here. */
void replay_end(struct replay *r);

#endif
