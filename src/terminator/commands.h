/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of commands: what a server may have of them. */
#ifndef TERMINATOR_COMMANDS_H
#define TERMINATOR_COMMANDS_H

#include <stdbool.h>

#include "pinholed/span.h"

/* Room for a list as text: names with commas between them; "": no list. */
#define COMMANDS_MAX 512

/* Whether @text is such a list. */
bool commands_are_list(struct span text);

/* Whether @word, a command's name as the client sent it, may go on: on no @deny,
 * and on @allow where that is a list. With a list, what is no plain name never
 * may: servers read such words in different ways. RMD stands for XRMD as well,
 * and so on. */
bool commands_allow(const char *deny, const char *allow, struct span word);

#endif
