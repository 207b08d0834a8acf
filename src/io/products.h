/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FTP servers by name and the passive range that each has by default. */
#ifndef IO_PRODUCTS_H
#define IO_PRODUCTS_H

#include <stddef.h>

#include "pinholed/policy.h"
#include "pinholed/span.h"

struct product {
	const char *name; /* as in `server ... product NAME` */
	struct port_range passive; /* docs/products.md has the sources */
};

/* NULL when there is no product of this name. */
const struct product *product_find(struct span name);

/* The table, for messages: NULL behind its end. */
const struct product *product_at(size_t index);

#endif
