/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a test cannot see through pinholed/gate.h. */
#ifndef TESTS_SUPPORT_INSIDE_H
#define TESTS_SUPPORT_INSIDE_H

#include "pinholed/gate.h"

/* How many pinholes and grants the gate holds. */
uint32_t inside_openings(const struct gate *gate);

/* NULL, or what is wrong: a grant has gone while a session still holds it. */
const char *inside_check(const struct gate *gate);

/* NULL, or what is left in a gate that should have nothing any more. */
const char *inside_check_empty(const struct gate *gate);

#endif
