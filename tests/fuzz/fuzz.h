/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every fuzz target needs. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pinholed/span.h"
#include "support/draw.h"
#include "support/guard.h"

/* A target: whatever the input, it returns 0 or aborts. libFuzzer and replay.c
 * call it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input. */
#define REQUIRE(condition)                                                     \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__,       \
				__LINE__, #condition);                         \
			abort();                                               \
		}                                                              \
	} while (0)

#endif
