/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What data connections need of a gate's control connections to be judged. */
#ifndef CORE_GATE_TICKETS_H
#define CORE_GATE_TICKETS_H

#include "core/tls_resume.h"
#include "pinholed/gate.h"

/* The key of the gate's fingerprints; lives as long as the gate. */
const uint64_t *gate_tls_key(const struct gate *gate);

/* Adds what the control connection between these ends can be resumed with.
 * False: no such session is known. */
bool gate_tickets(const struct gate *gate, const struct endpoint *client,
		  const struct endpoint *server, struct tls_tickets *tickets);

#endif
