/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who did what: a line in the log for each command of a user who has logged in,
 * and for each relayed transfer (docs/log.md). Never a password: of commands
 * whose argument may be one, the argument is not shown, and a name is shown only
 * when the server has accepted it.
 */
#ifndef TERMINATOR_AUDIT_H
#define TERMINATOR_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/ftp_command.h"

struct control;
struct relay;

#define AUDIT_NAME_MAX 64  /* bytes of a user's name that are kept, */
#define AUDIT_FILE_MAX 255 /* and of a command's argument */

struct audit_text {
	uint8_t len;
	uint8_t bytes[AUDIT_FILE_MAX];
};

/* What a transfer is called: who, and the command. */
struct audit_transfer {
	enum ftp_verb verb; /* FTP_OTHER: not known */
	struct audit_text user, file;
};

struct audit {
	struct audit_text user;	   /* logged in as */
	struct audit_text claimed; /* what USER said last */
	struct audit_transfer transfer;
	unsigned transfers; /* commands that await their final reply */
};

/* A client's command, before it goes on, or (@refused) does not. */
void audit_command(struct control *c, const struct ftp_command *command,
		   bool refused);

/* The final reply to a command. */
void audit_answer(struct control *c, enum ftp_verb verb, uint16_t code);

/* The transfer that @c's server has begun is @r's. */
void audit_begin(const struct control *c, struct relay *r);

/* It has ended, whole or not. */
void audit_end(const struct relay *r, bool whole);

#endif
