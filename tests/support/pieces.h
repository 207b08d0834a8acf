/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of dialogues, as they are and a bit off. */
#ifndef TESTS_SUPPORT_PIECES_H
#define TESTS_SUPPORT_PIECES_H

#include <stdint.h>

#include "pinholed/span.h"

/* How many there are. */
uint32_t pieces_count(void);

/* @index below pieces_count(); good for ever. */
struct span pieces_at(uint32_t index);

/* The piece with this text, which must be there. */
struct span pieces_named(const char *text);

#endif
