/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The connection to pinholed (pinholed/terminator.h). It is made again after a
 * loss, and the sessions begin again on it. While there is none, nothing opens.
 */
#ifndef TERMINATOR_LINK_H
#define TERMINATOR_LINK_H

#include "pinholed/action.h"

struct program;
struct control;
struct link;

/* Tries to connect at once and then every second. NULL: no memory. */
struct link *link_new(struct program *p);
void link_free(struct link *link);

/* A session begins and ends. */
void link_begin(struct link *link, const struct control *c);
void link_end(struct link *link, const struct control *c);

/* TLS has begun on both legs, or ended. */
void link_tell(struct link *link, const struct control *c);

/* Asks for what @action (ACTION_OPEN) opened in our core. False: it cannot be
 * asked for. True: control_answered() will be called, once, not before this
 * returns; or never, when the session ends first. */
bool link_open(struct link *link, struct control *c,
	       const struct action *action, bool from_server);

/* @handle, from control_answered(), has no use any more. */
void link_close(struct link *link, const struct control *c, uint32_t handle);

/* Nothing that @c asked for is answered any more. */
void link_forget(struct link *link, const struct control *c);

/* To be called every second. */
void link_look(struct link *link);

#endif
