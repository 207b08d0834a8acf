/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes of pinholed-tls's requests. */
#ifndef DAEMON_PEERS_H
#define DAEMON_PEERS_H

#include "io/terminator.h"

struct state;

/* The handler that steps worker 0's gate; @st is borrowed. */
struct terminator_handler peers_make(struct state *st);

#endif
