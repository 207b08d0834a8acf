/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of pinholed.conf(5): one word in, one value out, strictly. */
#ifndef IO_CONF_VALUE_H
#define IO_CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pinholed/addr.h"
#include "pinholed/policy.h"
#include "pinholed/span.h"

/* Room for value_show(). */
#define VALUE_SHOWN 96

/* Takes the next word off the front of @line: bytes without blank and tab. An
 * empty one when none is left or a comment begins. */
struct span value_word(struct span *line);

bool value_is(struct span word, const char *text);

/* Decimal digits only: no sign, no leading zero. False outside of
 * @low to @high; *@out is then untouched. */
bool value_number(struct span word, uint32_t low, uint32_t high, uint32_t *out);

/* "LOW-HIGH", or "PORT" for a range of one; both from @low up. */
bool value_range(struct span word, uint16_t low, struct port_range *out);

/* The index of @word in @choices, which ends with NULL; -1: not there. */
int value_choice(struct span word, const char *const *choices);

/* A letter or '_', then letters, digits, '_', '-' and '.'; shorter than @size,
 * and NUL-terminated in @out. */
bool value_name(struct span word, char *out, size_t size);

/* The same for an absolute path of printable bytes. */
bool value_path(struct span word, char *out, size_t size);

/* "192.0.2.1", "192.0.2.0/24" or the IPv6 forms; *@prefix is the full length
 * where none is given. Host bits are left in *@addr. */
bool value_network(struct span word, struct addr *addr, uint8_t *prefix);

/* The network that @addr is in. */
struct addr value_mask(const struct addr *addr, uint8_t prefix);

/* The word in quotes for a message: cut to size, and all but printable ASCII
 * written \xHH. Returns @out. */
char *value_show(struct span word, char out[static VALUE_SHOWN]);

/* How many letters are to be added, taken away or changed to make @text of
 * @word; more than 24 bytes are never close: UINT_MAX. */
unsigned value_distance(struct span word, const char *text);

#endif
