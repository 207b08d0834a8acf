/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the control socket answers with: the workers' tables and counters. */
#ifndef DAEMON_SOURCE_H
#define DAEMON_SOURCE_H

#include "io/control.h"

struct state;

/* Borrows @st for as long as the control socket is open. */
struct control_source source_make(struct state *st);

#endif
