/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verb explain: on a capture, or on what the daemon remembers. */
#include "pinholectl/verbs.h"

int
verb_explain(const struct options *options, int argc, char **argv)
{
	if (options->replay != NULL)
		return explain_replay(options, argc, argv);
	return explain_live(options, argc, argv);
}
