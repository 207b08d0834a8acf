/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is open: the mirror of the ruleset's sets, and when each entry ends. */
#ifndef CORE_OPENINGS_H
#define CORE_OPENINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/meter.h"
#include "pinholed/action.h"

/* Handles carry a generation above the index, so that one that was kept too
 * long names nothing. */
#define OPENINGS_MAX ((UINT32_C(1) << 22) - 1)

struct opening_slot {
	struct opening opening;
	struct endpoint client, server; /* of the control connection, for logs */
	uint64_t session;   /* who opened it (a grant: the newest) */
	uint64_t opened_ns;
	struct meter meter; /* its (source, port) pairs */
	uint64_t due_ns;    /* a pinhole's end, a grant's next refresh */
	uint8_t reply;	    /* a window: the length that opened it */
	uint32_t holders;   /* sessions that use a grant; 1 for a pinhole */
	uint32_t hash_next, older, newer;
	uint16_t generation;
	bool in_use;
};

struct openings_list {
	uint32_t oldest, newest;
};

struct openings {
	struct opening_slot *slots;
	uint32_t *buckets;
	uint32_t count, bucket_mask, free, used;
	uint64_t key[2];
	struct openings_list pinholes, windows, grants; /* in the order of
							   due_ns */
};

size_t openings_bytes(uint32_t count);

/* @memory: openings_bytes() zeroed bytes, 8-byte aligned, borrowed. @count is at
 * most OPENINGS_MAX. */
void openings_init(struct openings *o, void *memory, uint32_t count,
		   const uint64_t key[static 2]);

/* By what makes an element of its set unique: kind, addresses, port. */
struct opening_slot *openings_find(const struct openings *o,
				   enum opening_kind kind,
				   const struct addr *source,
				   const struct addr *destination,
				   uint16_t port);

/* Sends for what openings_find() is going to touch first. */
void openings_foresee(const struct openings *o, const struct addr *source,
		      const struct addr *destination);

/* By handle; NULL when that opening has gone. */
struct opening_slot *openings_get(const struct openings *o, uint32_t handle);

/* Adds @opening, which must not be there yet, with one holder and sets its
 * handle. NULL when the table is full. */
struct opening_slot *openings_add(struct openings *o,
				  const struct opening *opening,
				  uint64_t due_ns);

void openings_remove(struct openings *o, struct opening_slot *slot);

/* Makes @slot the last of its list, due at @due_ns. */
void openings_postpone(struct openings *o, struct opening_slot *slot,
		       uint64_t due_ns);

/* The first to be due, or NULL. */
struct opening_slot *openings_oldest(const struct openings *o,
				     const struct openings_list *list);

#endif
