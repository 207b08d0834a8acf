/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to set at which server, by the names that its own documents use. */
#ifndef EXPLAIN_CURES_H
#define EXPLAIN_CURES_H

#include <stddef.h>

#include "pinholed/policy.h"

enum cure {
	CURE_RANGE,   /* the passive ports */
	CURE_ADDRESS, /* the address in 227 */
	CURE_REUSE,   /* that TLS sessions must be resumed */
	CURE_CCC,     /* allowing CCC */
	CURE_TLS,     /* offering TLS */
	CURE_COUNT,
};

/* Writes the setting of @product ("" or one that is not known: those of all that
 * are) to @out; @range is what the ports are to be. Returns @out. */
char *cure_write(enum cure cure, const char *product, struct port_range range,
		 char *out, size_t size);

#endif
