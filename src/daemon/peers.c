/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pinholed-tls's requests, in the first worker's gate: what is opened for
 * terminated sessions needs no packet of theirs, and one gate must know all of
 * them for its limits to hold.
 */
#include "daemon/peers.h"

#include "daemon/state.h"
#include "io/log.h"

static void
arrived(void *arg, const struct terminator_peer *peer)
{
	(void)arg;
	log_info("pinholed-tls is here: connection %u, process %ld, user %lu",
		 peer->id, (long)peer->pid, (unsigned long)peer->uid);
}

static enum reason
request(void *arg, struct event *event, uint32_t *handle)
{
	struct state *st = arg;

	return worker_request(st->workers[0], event, handle);
}

static void
left(void *arg, const struct terminator_peer *peer, const char *why)
{
	struct state *st = arg;
	struct event event = { .kind = EVENT_REQUEST };

	log_warn("pinholed-tls has gone: connection %u, process %ld: %s",
		 peer->id, (long)peer->pid, why);
	event.request.kind = REQUEST_LOST;
	event.request.peer = peer->id;
	worker_event(st->workers[0], &event);
}

struct terminator_handler
peers_make(struct state *st)
{
	return (struct terminator_handler){
		.arg = st,
		.arrived = arrived,
		.request = request,
		.left = left,
	};
}
