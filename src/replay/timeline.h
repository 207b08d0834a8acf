/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A replay on standard output: for people, or as JSON lines (docs/replay.md). */
#ifndef REPLAY_TIMELINE_H
#define REPLAY_TIMELINE_H

#include "replay/replay.h"

struct timeline {
	const char *file; /* named in each JSON object; NULL: not */
	bool blank;	  /* text: something has been printed */
};

/* struct replay_sink's .moment; @context is a struct timeline. */
void timeline_text(void *context, const struct moment *m);
void timeline_json(void *context, const struct moment *m);

/* "resumed", "full", "refused", "other", "none", "silent", "unknown". */
const char *timeline_tls_word(enum data_tls tls);
/* "before-command", "before-reply", "after-reply"; NULL without a hello. */
const char *timeline_hello_word(enum flow_hello hello);
/* "session-id", "ticket", "psk"; NULL where nothing was offered. */
const char *timeline_offer_word(enum tls_offer offer);

#endif
