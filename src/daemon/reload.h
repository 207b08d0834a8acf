/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SIGHUP: a new configuration without losing a session. */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

struct state;

/* Reads the file again. A bad one changes nothing, and the log says why. */
void reload(struct state *st);

#endif
