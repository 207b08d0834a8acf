/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of the audit. */
#include "terminator/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/log.h"
#include "terminator/control.h"
#include "terminator/relay.h"

#define SHOWN_MAX (4 * AUDIT_FILE_MAX + 1)

static struct audit_text
keep(struct span text, size_t max)
{
	struct audit_text out = { .len = 0 };

	out.len = (uint8_t)(text.len < max ? text.len : max);
	if (out.len != 0)
		memcpy(out.bytes, text.data, out.len);
	return out;
}

/* As the log has texts: \xHH for what is no printable ASCII, quote and
 * backslash. */
static const char *
show(const struct audit_text *text, char out[static SHOWN_MAX])
{
	char *at = out;

	for (size_t i = 0; i < text->len; i++) {
		uint8_t byte = text->bytes[i];

		if (byte < 0x20 || byte > 0x7e || byte == '"' || byte == '\\')
			at += sprintf(at, "\\x%02x", byte);
		else
			*at++ = (char)byte;
	}
	*at = '\0';
	return out;
}

static bool
is_transfer(enum ftp_verb verb)
{
	return verb == FTP_RETR || verb == FTP_STOR || verb == FTP_STOU ||
	       verb == FTP_APPE || verb == FTP_LIST || verb == FTP_NLST ||
	       verb == FTP_MLSD;
}

void
audit_command(struct control *c, const struct ftp_command *command,
	      bool refused)
{
	char id[24], client[56], server[56], user[SHOWN_MAX], file[SHOWN_MAX];
	struct audit *a = &c->audit;
	struct audit_text argument;

	if (!c->service->audit)
		return;
	argument = keep(ftp_command_public(command), AUDIT_FILE_MAX);
	if (!refused && command->verb == FTP_USER)
		a->claimed = keep(command->argument, AUDIT_NAME_MAX);
	if (!refused && is_transfer(command->verb)) {
		a->transfer = (struct audit_transfer){ .verb = command->verb,
						       .user = a->user,
						       .file = argument };
		/* Several at once: nobody knows whose the data will be. */
		if (a->transfers++ != 0)
			a->transfer.verb = FTP_OTHER;
	}
	if (a->user.len == 0)
		return;
	log_info("%s audit user=\"%s\" client=%s server=%s command=%s "
		 "argument=\"%s\"%s",
		 log_session_id(c->id, id), show(&a->user, user),
		 log_endpoint(&c->client_end, client),
		 log_endpoint(&c->server_end, server),
		 ftp_verb_name(command->verb), show(&argument, file),
		 refused ? " refused" : "");
}

void
audit_answer(struct control *c, enum ftp_verb verb, uint16_t code)
{
	struct audit *a = &c->audit;

	if (is_transfer(verb) && a->transfers != 0)
		a->transfers--;
	if ((verb == FTP_USER || verb == FTP_PASS || verb == FTP_ACCT) &&
	    code >= 200 && code < 300)
		a->user = a->claimed;
	if (verb == FTP_REIN && code >= 200 && code < 300)
		a->user.len = 0;
}

void
audit_begin(const struct control *c, struct relay *r)
{
	if (c->service->audit && c->transfer)
		r->audit = c->audit.transfer;
}

void
audit_end(const struct relay *r, bool whole)
{
	char id[24], client[56], server[56], user[SHOWN_MAX], file[SHOWN_MAX];
	const struct leg *up = &r->wire[FROM_CLIENT].leg;
	const struct leg *down = &r->wire[FROM_SERVER].leg;

	if (!r->service->audit)
		return;
	log_info("%s audit user=\"%s\" client=%s server=%s transfer=%s "
		 "argument=\"%s\" up=%" PRIu64 " down=%" PRIu64
		 " client-tls=\"%s %s%s\" server-tls=\"%s %s%s\" end=%s",
		 log_session_id(r->session, id), show(&r->audit.user, user),
		 log_endpoint(&r->client_end, client),
		 log_endpoint(&r->server_end, server),
		 ftp_verb_name(r->audit.verb), show(&r->audit.file, file),
		 r->flow[FROM_CLIENT].total, r->flow[FROM_SERVER].total,
		 leg_version(up), leg_cipher(up),
		 leg_resumed(up) ? " resumed" : "", leg_version(down),
		 leg_cipher(down), leg_resumed(down) ? " resumed" : "",
		 whole ? "whole" : "cut");
}
