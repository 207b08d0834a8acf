/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs with a file of their own. Each takes the words behind the verb and returns
 * an exit code. */
#ifndef PINHOLECTL_VERBS_H
#define PINHOLECTL_VERBS_H

#include "pinholectl/ask.h"
#include "pinholed/addr.h"

int verb_replay(const struct options *options, int argc, char **argv);
int verb_explain(const struct options *options, int argc, char **argv);
int verb_metrics(const struct options *options, int argc, char **argv);
int verb_suggest(const struct options *options, int argc, char **argv);
int verb_windows(const struct options *options, int argc, char **argv);
int verb_watch(const struct options *options, int argc, char **argv);

/* Of verb_explain: on captures, and on a running daemon. */
int explain_replay(const struct options *options, int argc, char **argv);
int explain_live(const struct options *options, int argc, char **argv);
/* False, and said, where @text is no address. */
bool explain_address(const char *text, struct addr *out);

#endif
