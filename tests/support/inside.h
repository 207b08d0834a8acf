/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a test cannot see through pinholed/gate.h. */
#ifndef TESTS_SUPPORT_INSIDE_H
#define TESTS_SUPPORT_INSIDE_H

#include "pinholed/gate.h"

/* How much the gate holds; sessions that have ended but are kept for what may
 * come late count, too. */
struct inside_count {
	uint32_t openings, sessions, half_open;
	uint32_t client; /* sessions of @client, where given */
};

struct inside_count inside_count(const struct gate *gate,
				 const struct addr *client);

/* NULL, or what is wrong: a count that is not what is there, a grant that has
 * gone while a session still holds it. */
const char *inside_check(const struct gate *gate);

/* NULL, or what is left in a gate that should have nothing any more. */
const char *inside_check_empty(const struct gate *gate);

#endif
