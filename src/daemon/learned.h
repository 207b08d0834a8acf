/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the workers have learned of servers' windows, kept over a restart.
 *
 * The file is opened once, before the sandbox, and only written through that
 * descriptor: so the sandbox needs to let no path be written. It is written in
 * place; its last line says that it is whole, and one without it counts as empty:
 * then it is learned anew.
 */
#ifndef DAEMON_LEARNED_H
#define DAEMON_LEARNED_H

#include "daemon/state.h"

/* Reads the file and tells the workers, which have not started. Where there can be
 * none the log says so, and nothing is kept. */
void learned_open(struct state *st);

/* Writes it when something has been learned, not often. */
void learned_look(struct state *st);

/* Writes it for the last time. The workers have stopped. */
void learned_close(struct state *st);

#endif
