/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which server is it? By what it says in its greeting. */
#ifndef EXPLAIN_BANNER_H
#define EXPLAIN_BANNER_H

#include "pinholed/span.h"

/* Writes the product's name, as pinholed.conf(5) knows it, to @out of 20 bytes;
 * leaves it as it is where @line, one of the greeting, tells none. */
void banner_product(struct span line, char out[static 20]);

/* The name for people: "ProFTPD" for "proftpd". Never NULL; "the server" for one
 * that is not known. */
const char *banner_title(const char *product);

#endif
