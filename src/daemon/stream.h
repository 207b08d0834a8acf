/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the workers' feeds to those who watch at the control socket. */
#ifndef DAEMON_STREAM_H
#define DAEMON_STREAM_H

struct state;

/* Takes what the feeds have, a bounded piece, and tells the feeds whether anybody
 * watches. Called whenever either may have changed. */
void stream_step(struct state *st);

#endif
