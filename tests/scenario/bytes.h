/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario's payload text as bytes: escapes, and TLS records by shape. */
#ifndef SCENARIO_BYTES_H
#define SCENARIO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BYTES_MAX 40000

struct bytes {
	size_t len;
	uint8_t data[BYTES_MAX];
};

/*
 * Reads @text (README.md has the language) into *@out. Returns NULL, or what is
 * wrong with it. Bytes that stand for ciphertext are the same in every run.
 */
const char *bytes_parse(const char *text, struct bytes *out);

#endif
