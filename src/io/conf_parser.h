/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shared by the conf files only: the table of directives and the state of one
 * walk over a file.
 *
 *   conf.c            the walk, and what is done with the whole table
 *   conf_directives.c the table, and the values of most
 *   conf_ports.c      the directives of ports, queues and groups
 *   conf_server.c     the `server` directive
 *   conf_value.c      single words
 */
#ifndef IO_CONF_PARSER_H
#define IO_CONF_PARSER_H

#include <stddef.h>

#include "io/conf.h"
#include "io/conf_value.h"

struct conf_parser;

/*
 * One row says all about a directive: how it is written, how many words it
 * takes, where its value goes and in which range it must be. Parsing, printing
 * and comparing walk the same rows, so that they cannot disagree.
 */
struct conf_directive {
	const char *name;
	const char *usage; /* its words */
	unsigned min_words, max_words;
	bool restart; /* a reload cannot change it */
	void (*parse)(struct conf_parser *p, const struct conf_directive *d,
		      const struct span *words, unsigned count);
	void (*print)(const struct conf_directive *d, const struct conf *conf,
		      FILE *out);
	size_t offset, size; /* of the value in struct conf */
	uint32_t low, high;  /* numbers */
	const char *const *choices; /* words for the values from 0 */
};

extern const struct conf_directive conf_directives[];
extern const size_t conf_directive_count;

/* Their words for the values from 0, with NULL behind. */
extern const char *const conf_opaque_choices[];
extern const char *const conf_opaque_active_choices[];
extern const char *const conf_active_choices[];
extern const char *const conf_terminate_choices[];
extern const char *const conf_window_choices[];
extern const char *const conf_proof_choices[];

/* Settings of a server, as bits. */
enum conf_given {
	GIVEN_RANGE = 1,
	GIVEN_OPAQUE = 2,
	GIVEN_OPAQUE_ACTIVE = 4,
	GIVEN_ACTIVE = 8,
	GIVEN_TERMINATE = 16,
	GIVEN_WINDOW = 32,
	GIVEN_PROOF = 64,
};

#define CONF_DIRECTIVES_MAX 48

struct conf_parser {
	const char *name;
	unsigned line;
	char subject[VALUE_SHOWN]; /* the directive, for messages */
	FILE *errors;
	unsigned error_count;
	struct conf *conf;
	unsigned seen[CONF_DIRECTIVES_MAX]; /* the line that gave it; 0: none */
	unsigned server_line[POLICY_SERVERS_MAX];
	uint8_t server_given[POLICY_SERVERS_MAX]; /* enum conf_given, or-ed */
};

/* Says what is wrong with the directive at hand, and counts it. */
void conf_complain(struct conf_parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Says what is unwise at @line; it does not count. */
void conf_warn_at(const struct conf_parser *p, unsigned line,
		  const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The index of @word in @choices; -1 after a complaint that lists them. */
int conf_take_choice(struct conf_parser *p, struct span word,
		     const char *const *choices);

/* "LOW-HIGH" or "none"; false after a complaint. */
bool conf_take_range(struct conf_parser *p, struct span word,
		     struct port_range *out);

/* The same written, with a blank in front. */
void conf_put_range(const struct port_range *range, FILE *out);

/* Rows of the table: conf_ports.c's part of it. */
#define CONF_ROW(name)                                                       \
	void conf_##name##_parse(struct conf_parser *p,                      \
				 const struct conf_directive *d,             \
				 const struct span *words, unsigned count);  \
	void conf_##name##_print(const struct conf_directive *d,             \
				 const struct conf *conf, FILE *out)
CONF_ROW(queues);
CONF_ROW(copies);
CONF_ROW(ports);
CONF_ROW(deny);
CONF_ROW(fallback_range);

/* And conf_server.c's. */
CONF_ROW(server);
#undef CONF_ROW

/* What the `server` lines do not say, the directives of the same names say,
 * wherever in the file they stand: call it behind the last line. */
void conf_server_finish(struct conf_parser *p);

/* Warns at @line when a grant to @s would reach ports of the deny-list. */
void conf_server_check(const struct conf_parser *p, unsigned line,
		       const struct policy_server *s);

#endif
