/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is wrong with the sessions that the workers remember, and with those that
 * never came to them: the answer to `explain`. */
#ifndef DAEMON_FINDINGS_H
#define DAEMON_FINDINGS_H

#include "io/control.h"

struct state;
struct findings;

/* Opens what it asks the kernel with; before the sandbox. 0 or -errno. */
int findings_open(struct findings **out) __attribute__((warn_unused_result));
void findings_close(struct findings *f); /* NULL is allowed */

/* As in struct control_source. */
size_t findings_next(struct state *st, struct control_cursor *cursor,
		     struct control_finding out[static CONTROL_FINDINGS]);

#endif
