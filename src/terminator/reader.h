/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The core in this program: what it is told, and what becomes of its word. */
#ifndef TERMINATOR_READER_H
#define TERMINATOR_READER_H

#include "terminator/control.h"
#include "terminator/program.h"

/* Makes the gate. 0 or -errno. */
int reader_open(struct program *p) __attribute__((warn_unused_result));
void reader_close(struct program *p);

/* The session begins. False: the core has no room for it, and has said so. */
bool reader_begin(struct control *c);
void reader_end(struct control *c);

/* A line that @from sent, or a piece of one. What it opens holds up @from. */
void reader_line(struct control *c, enum control_from from, struct span bytes);

/* The announced connection has come, or could not be opened. */
void reader_used(struct program *p, const struct opening *opening);
void reader_open_failed(struct program *p, uint32_t handle);

/* The policy in p->pinholed has changed. */
void reader_policy(struct program *p);

/* Time passes; once a second. */
void reader_tick(struct program *p);

#endif
