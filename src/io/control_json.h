/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the control socket answers with, as JSON objects: docs/control-protocol.md
 * names the members. Each is the caller's own; NULL where there is no memory. */
#ifndef IO_CONTROL_JSON_H
#define IO_CONTROL_JSON_H

#include <jansson.h>

#include "io/control.h"

json_t *control_status_json(const struct control_status *status);
json_t *control_session_json(const struct session_view *view);
json_t *control_opening_json(const struct opening_view *view);
json_t *control_server_json(const struct server_view *view);
json_t *control_finding_json(const struct control_finding *finding);

#endif
