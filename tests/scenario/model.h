/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel would have open if it did what the core says, and the rules
 * that hold whatever the scenario. */
#ifndef SCENARIO_MODEL_H
#define SCENARIO_MODEL_H

/* The password of all scenarios. */
#define SECRET "hunter2"

#include "pinholed/gate.h"
#include "wire.h"

#define MODEL_FLOWS 16
#define MODEL_OPENINGS 256

struct model_opening {
	struct opening opening;
	uint64_t due_ns; /* when the kernel would drop it */
};

struct model {
	const struct policy *policy;
	const struct flow *flows;
	unsigned flow_count;
	bool corrupt; /* a changed byte may make one line of two: a password
			 can stand in an announcement then */
	struct model_opening open[MODEL_OPENINGS];
	unsigned count;
};

/* Takes what one step said at @now_ns. NULL, or the rule that it breaks. */
const char *model_apply(struct model *m, const struct actions *actions,
			uint64_t now_ns);

/* Checks, with no tick due any more, that @gate has the same open and that
 * nothing outlived its time. NULL, or the rule that is broken. */
const char *model_compare(const struct model *m, const struct gate *gate,
			  uint64_t now_ns);

/* What the ruleset would mark a connection with: the class of the opening that
 * lets it in, or CLASS_NONE. */
enum session_class model_admit(const struct model *m, const struct addr *source,
			       const struct addr *destination, uint16_t port);

/* "pinhole 10.0.0.2 192.0.2.1 50000", as in an expectation; @out of 160 bytes.
 * Returns @out. */
char *model_opening_text(const struct opening *opening, char out[static 160]);

extern const char *const model_kinds[OPENING_KINDS]; /* by enum opening_kind */

#endif
