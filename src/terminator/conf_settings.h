/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shared by the conf files only.
 *
 *   conf.c              the walk over the file, and the daemon's directives
 *   conf_server.c       `server` lines
 *   conf_certificate.c  certificates and what belongs to them
 *   conf_settings.c     what holds for a server: as a directive for all, or as
 *                       a setting of one
 */
#ifndef TERMINATOR_CONF_SETTINGS_H
#define TERMINATOR_CONF_SETTINGS_H

#include <stddef.h>

#include "io/conf_value.h"
#include "terminator/conf.h"

struct tls_conf_parser {
	const char *name;
	unsigned line;
	char subject[VALUE_SHOWN];
	FILE *errors;
	unsigned error_count;
	struct tls_conf *conf;
	struct identity_pair *pair; /* the last one of this line, or NULL */
	unsigned seen[64]; /* the line that gave a directive; 0: none */
};

void tls_conf_complain(struct tls_conf_parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

struct tls_setting {
	const char *name, *usage;
	unsigned words; /* behind the name */
	bool (*parse)(struct tls_conf_parser *p, const struct tls_setting *s,
		      const struct span *words, struct server_settings *out);
	void (*print)(const struct tls_setting *s,
		      const struct server_settings *settings, FILE *out);
	/* .print is NULL where another row prints it. */
	size_t offset, size; /* of all that it sets, in struct server_settings */
};

/* A line: `server` @words. */
void tls_conf_parse_server(struct tls_conf_parser *p, const struct span *words,
			   unsigned count);

extern const struct tls_setting tls_settings[];
extern const size_t tls_setting_count;

void tls_settings_defaults(struct server_settings *settings);

/* The row of @word; NULL: there is none. */
const struct tls_setting *tls_setting_find(struct span word);

/* False where it is not set, and no value says so: it is not printed. */
bool tls_setting_shows(const struct tls_setting *row,
		       const struct server_settings *settings);

/* True when it may stand several times in one place. */
bool tls_setting_repeats(const struct tls_setting *row);

/* --- conf_certificate.c: functions of rows -------------------------------- */

bool tls_conf_parse_certificate(struct tls_conf_parser *p,
				const struct tls_setting *row,
				const struct span *words,
				struct server_settings *out);
void tls_conf_print_certificate(const struct tls_setting *row,
				const struct server_settings *s, FILE *out);
bool tls_conf_parse_own(struct tls_conf_parser *p,
			const struct tls_setting *row, const struct span *words,
			struct server_settings *out);
void tls_conf_print_own(const struct tls_setting *row,
			const struct server_settings *s, FILE *out);
bool tls_conf_parse_passphrase(struct tls_conf_parser *p,
			       const struct tls_setting *row,
			       const struct span *words,
			       struct server_settings *out);

/* @name and the pair, as they stand in a line. */
void tls_conf_print_pair(const char *name, const struct identity_pair *pair,
			 FILE *out);

/* --- all rows ------------------------------------------------------------- */

/* Fills what @given (bits: rows) does not name from @fallback. */
void tls_settings_inherit(struct server_settings *settings, uint32_t given,
			  const struct server_settings *fallback);

#endif
