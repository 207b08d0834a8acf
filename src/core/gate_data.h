/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For who sees data connections beside a gate: what would let one in, and what
 * its TLS session can be a resumption of. */
#ifndef CORE_GATE_DATA_H
#define CORE_GATE_DATA_H

#include "core/tls_resume.h"
#include "pinholed/gate.h"

/* The key of the gate's fingerprints; lives as long as the gate. */
const uint64_t *gate_tls_key(const struct gate *gate);

/* Adds what the control connection between these ends can be resumed with.
 * False: no such session is known. */
bool gate_tickets(const struct gate *gate, const struct endpoint *client,
		  const struct endpoint *server, struct tls_tickets *tickets);

/* Whether a SYN from @source to @destination is the gate's to judge, as the chains
 * "ask" and "data" have it: then step EVENT_PACKET with it, and with what follows
 * until an ACTION_VERDICT says that it is proven. */
bool gate_data_asks(const struct gate *gate, const struct endpoint *source,
		    const struct endpoint *destination);

/*
 * The opening that lets a SYN from @source to @destination in, as the chain
 * "data" of nft/pinholed.nft decides, or false. A pinhole comes first.
 * Uses nothing up: that is EVENT_DATA_BEGAN's.
 */
bool gate_data_opening(const struct gate *gate, const struct endpoint *source,
		       const struct endpoint *destination,
		       struct opening_view *out);

#endif
