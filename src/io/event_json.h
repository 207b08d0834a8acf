/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An action of the core as one JSON object: the lines of `watch`, as
 * docs/control-protocol.md says. */
#ifndef IO_EVENT_JSON_H
#define IO_EVENT_JSON_H

#include <jansson.h>

#include "pinholed/action.h"

/* The object of @action, which happened at @time (seconds); the caller's own.
 * NULL for what is not told (refreshes, marks, commands and replies) and where
 * there is no memory. */
json_t *event_json(const struct action *action, double time);

/* Flags for json_dump*() that print a time as it should be. */
#define EVENT_JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(16))

#endif
