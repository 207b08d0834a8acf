/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verb explain. */
#include <stdio.h>

#include "pinholectl/verbs.h"

int
verb_explain(const struct options *options, int argc, char **argv)
{
	if (options->replay != NULL)
		return explain_replay(options, argc, argv);
	fputs("pinholectl: explain what? --replay names a capture\n\n", stderr);
	return EXIT_USAGE;
}
