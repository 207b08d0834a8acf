/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A gate under watch. Whatever it is told, after each step the rules hold that
 * scenario/model.h has, and these:
 *   - a pinhole opens in a readable session only, in the step of one of that
 *     session's own packets: passive ones by the server's, active ones by the
 *     client's (or by the server's right behind CCC, which releases what the
 *     client sent early);
 *   - or, for pinholed-tls, by its own decrypted bytes in the same way, or by
 *     its own request; and only so a relay;
 *   - no more is open than the limits say, in all and per client;
 *   - a grant stays while a session holds it;
 *   - a window opens in an opaque session only, by a packet of its server, and
 *     where the policy has windows;
 *   - a data connection's SYN is let in only between two ends that have an opaque
 *     session, to a port that the policy allows; with `window strict` in passive
 *     mode only through a window that was open; and no other packet is let in
 *     whose SYN was not.
 * A broken rule is printed, and abort() follows.
 */
#ifndef TESTS_SUPPORT_WORLD_H
#define TESTS_SUPPORT_WORLD_H

#include "pinholed/gate.h"
#include "scenario/model.h"

/* Two ports on each of two hosts to two servers, the second one with implicit
 * TLS; and all that with IPv6. */
#define WORLD_FLOWS 16

/* Data connections, each on client ports of its own. */
#define WORLD_DATA 8

#define WORLD_PAYLOAD_MAX 1500

/* Connections from pinholed-tls: their numbers, from 1. */
#define WORLD_PEERS 10

struct world {
	struct gate *gate;
	struct gate_limits limits;
	struct policy policy;
	struct actions actions; /* of the last step */
	struct model model;
	struct flow flows[WORLD_FLOWS];
	struct flow data[WORLD_DATA]; /* data connections */
	uint64_t now_ns;
};

/* Ports 21 and 990; 3306 denied; grants of 50000-50100. */
void world_open(struct world *w, const struct gate_limits *limits);

/* Lets all sessions fall silent and checks that nothing stays. */
void world_close(struct world *w);

/* Steps @event at the world's time. */
void world_step(struct world *w, struct event *event);

/* Sends every tick that is due, and then holds what is open against the gate's
 * own list and the policy. */
void world_settle(struct world *w);

/* Steps a packet of flow @index. */
void world_send(struct world *w, uint32_t index, enum side from, uint32_t seq,
		uint8_t flags, struct span payload);

/* Begins data connection @index anew, between the addresses of flow @of; its SYN's
 * number is the first that the step uses. */
void world_data_syn(struct world *w, uint32_t index, uint32_t of, bool active,
		    uint16_t source_port, uint16_t port, uint32_t seq);

/* Steps a packet of data connection @index. */
void world_data_send(struct world *w, uint32_t index, enum side from,
		     uint8_t flags, struct span payload);

/* Steps the next bytes of a side of flow @index. */
void world_say(struct world *w, uint32_t index, enum side from,
	       struct span payload);

/* Steps decrypted bytes of flow @index. */
void world_stream(struct world *w, uint32_t index, enum side from,
		  struct span bytes);

/* Steps a request about flow @index: its ends and the event's kind are set
 * here. */
void world_request(struct world *w, uint32_t index, struct event *event);

/* SYN and SYN-ACK of flow @index, from these sequence numbers on. */
void world_connect(struct world *w, uint32_t index, uint32_t client_seq,
		   uint32_t server_seq);

#endif
