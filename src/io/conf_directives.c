/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directives of pinholed.conf(5): the table, and the values of all of them
 * but `server`. */
#include "io/conf_parser.h"

#include <string.h>

const char *const conf_opaque_choices[] = {
	[POLICY_OPAQUE_REFUSE] = "refuse",
	[POLICY_OPAQUE_GRANT] = "grant",
	NULL,
};

const char *const conf_opaque_active_choices[] = {
	[POLICY_ACTIVE_REFUSE] = "refuse",
	[POLICY_ACTIVE_FTP_DATA] = "ftp-data",
	[POLICY_ACTIVE_ANY] = "any",
	NULL,
};

const char *const conf_window_choices[] = {
	[POLICY_WINDOW_OFF] = "off",
	[POLICY_WINDOW_LEARN] = "learn",
	[POLICY_WINDOW_STRICT] = "strict",
	NULL,
};

const char *const conf_proof_choices[] = {
	[POLICY_PROOF_AUTO] = "auto",
	[POLICY_PROOF_NONE] = "none",
	[POLICY_PROOF_TLS] = "tls",
	[POLICY_PROOF_RESUME] = "resume",
	NULL,
};

const char *const conf_terminate_choices[] = { "no", "yes", "required",
					       NULL };

const char *const conf_active_choices[] = { "refuse", "allow", NULL };

static const char *const starttls_choices[] = { "note", "cut", NULL };
static const char *const off_on_choices[] = { "off", "on", NULL };

static const char *const log_level_choices[] = {
	[LOG_LEVEL_ERR] = "err",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
	NULL,
};

static const char *const log_target_choices[] = {
	[LOG_TARGET_STDERR] = "stderr",
	[LOG_TARGET_SYSLOG] = "syslog",
	NULL,
};

static const char *const sandbox_choices[] = {
	[CONF_SANDBOX_ON] = "on",
	[CONF_SANDBOX_TRAP] = "trap",
	[CONF_SANDBOX_OFF] = "off",
	NULL,
};

/* "a, b or c" */
static const char *
list_choices(const char *const *choices, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (unsigned i = 0; choices[i] != NULL && len < size; i++) {
		const char *glue = i == 0		  ? ""
				   : choices[i + 1] == NULL ? " or "
							    : ", ";

		len += (size_t)snprintf(out + len, size - len, "%s%s", glue,
					choices[i]);
	}
	return out;
}

static void
parse_number(struct conf_parser *p, const struct conf_directive *d,
	     const struct span *words, unsigned count)
{
	char shown[VALUE_SHOWN];
	uint32_t n;

	(void)count;
	if (value_number(words[0], d->low, d->high, &n))
		memcpy((char *)p->conf + d->offset, &n, sizeof(n));
	else
		conf_complain(p, "%s is not a whole number from %u to %u",
			 value_show(words[0], shown), d->low, d->high);
}

static void
print_number(const struct conf_directive *d, const struct conf *conf, FILE *out)
{
	uint32_t n;

	memcpy(&n, (const char *)conf + d->offset, sizeof(n));
	fprintf(out, "%s %u\n", d->name, n);
}

int
conf_take_choice(struct conf_parser *p, struct span word,
		 const char *const *choices)
{
	char shown[VALUE_SHOWN], list[120];
	int value = value_choice(word, choices);

	if (value < 0)
		conf_complain(p, "%s is unknown here; write %s",
			 value_show(word, shown),
			 list_choices(choices, list, sizeof(list)));
	return value;
}

static void
parse_choice(struct conf_parser *p, const struct conf_directive *d,
	     const struct span *words, unsigned count)
{
	int value = conf_take_choice(p, words[0], d->choices);
	char *field = (char *)p->conf + d->offset;

	(void)count;
	if (value < 0)
		return;
	/* The fields are enums, or a byte (a bool among them). */
	if (d->size == sizeof(value))
		memcpy(field, &value, sizeof(value));
	else
		*(uint8_t *)field = (uint8_t)value;
}

static void
print_choice(const struct conf_directive *d, const struct conf *conf, FILE *out)
{
	const char *field = (const char *)conf + d->offset;
	int value;

	if (d->size == sizeof(value))
		memcpy(&value, field, sizeof(value));
	else
		value = *(const uint8_t *)field;
	fprintf(out, "%s %s\n", d->name, d->choices[value]);
}

static void
parse_name(struct conf_parser *p, const struct conf_directive *d,
	   const struct span *words, unsigned count)
{
	char shown[VALUE_SHOWN];

	(void)count;
	if (!value_name(words[0], (char *)p->conf + d->offset, d->size))
		conf_complain(p, "%s is not a name; write letters, digits, "
			      "'_', '-' and '.', a letter first, %zu at most",
			      value_show(words[0], shown), d->size - 1);
}

static void
parse_path(struct conf_parser *p, const struct conf_directive *d,
	   const struct span *words, unsigned count)
{
	char shown[VALUE_SHOWN];

	(void)count;
	if (!value_path(words[0], (char *)p->conf + d->offset, d->size))
		conf_complain(p, "%s is not a usable path; write one that "
			      "begins with '/', of printable characters, %zu "
			      "at most", value_show(words[0], shown),
			      d->size - 1);
}

/* What is empty by default can be told only by leaving it out. */
static void
print_text(const struct conf_directive *d, const struct conf *conf, FILE *out)
{
	const char *text = (const char *)conf + d->offset;

	if (text[0] != '\0')
		fprintf(out, "%s %s\n", d->name, text);
}

#define FIELD(field) \
	.offset = offsetof(struct conf, field), \
	.size = sizeof(((struct conf *)0)->field)
#define NUMBER(field, from, to) \
	.usage = "NUMBER", .min_words = 1, .max_words = 1, \
	.parse = parse_number, .print = print_number, FIELD(field), \
	.low = from, .high = to
#define CHOICE(field, form, words) \
	.usage = form, .min_words = 1, .max_words = 1, \
	.parse = parse_choice, .print = print_choice, FIELD(field), \
	.choices = words
#define TEXT(field, form, how) \
	.usage = form, .min_words = 1, .max_words = 1, \
	.parse = how, .print = print_text, FIELD(field)

const struct conf_directive conf_directives[] = {
	{ "ports", "PORT... | none", 1, POLICY_PORTS_MAX,
	  .parse = conf_ports_parse, .print = conf_ports_print,
	  FIELD(policy.explicit_ports) },
	{ "implicit-ports", "PORT... | none", 1, POLICY_PORTS_MAX,
	  .parse = conf_ports_parse, .print = conf_ports_print,
	  FIELD(policy.implicit_ports) },
	{ "deny-ports", "PORT|LOW-HIGH... | none", 1, POLICY_DENY_MAX,
	  .parse = conf_deny_parse, .print = conf_deny_print },
	{ "pinhole-timeout", NUMBER(policy.pinhole_timeout_s, 1, 3600) },
	{ "grant-timeout", NUMBER(policy.grant_timeout_s, 10, 3600) },
	{ "idle-timeout", NUMBER(policy.idle_timeout_s, 60, 604800) },
	{ "opaque", CHOICE(policy.fallback.opaque, "grant | refuse",
			   conf_opaque_choices) },
	{ "opaque-active",
	  CHOICE(policy.fallback.opaque_active, "refuse | ftp-data | any",
		 conf_opaque_active_choices) },
	{ "window", CHOICE(policy.fallback.window, "learn | strict | off",
			   conf_window_choices) },
	{ "window-timeout", NUMBER(policy.window_timeout_s, 1, 600) },
	{ "proof", CHOICE(policy.fallback.proof, "auto | resume | tls | none",
			  conf_proof_choices) },
	{ "active", CHOICE(policy.fallback.clear_active, "allow | refuse",
			   conf_active_choices) },
	{ "starttls-violation", CHOICE(policy.starttls_cut, "note | cut",
				       starttls_choices) },
	{ "passive-range", "LOW-HIGH | none", 1, 1,
	  .parse = conf_fallback_range_parse, .print = conf_fallback_range_print },
	{ "shadow", .restart = true,
	  CHOICE(policy.shadow, "off | on", off_on_choices) },
	{ "queues", "NUMBER | LOW-HIGH", 1, 1, .restart = true,
	  .parse = conf_queues_parse, .print = conf_queues_print },
	{ "copies", "GROUP | none", 1, 1, .restart = true,
	  .parse = conf_copies_parse, .print = conf_copies_print },
	{ "queue-length", .restart = true,
	  NUMBER(queue_length, 64, 1048576) },
	{ "max-sessions", .restart = true,
	  NUMBER(limits.sessions, 1, 4194304) },
	{ "max-half-open", NUMBER(policy.half_open_max, 1, 4194304) },
	{ "max-sessions-per-client",
	  NUMBER(policy.client_sessions_max, 1, 4194304) },
	{ "max-pinholes-per-client",
	  NUMBER(policy.client_pinholes_max, 1, 4194304) },
	{ "max-pinholes-per-session",
	  NUMBER(policy.session_pinholes_max, 2,
		 POLICY_SESSION_PINHOLES_MAX) },
	{ "max-commands-per-session",
	  NUMBER(policy.session_commands_max, 1,
		 POLICY_SESSION_COMMANDS_MAX) },
	{ "max-openings", .restart = true,
	  NUMBER(limits.openings, 1, 4194303) },
	{ "line-buffers", .restart = true,
	  NUMBER(limits.line_buffers, 1, 1048576) },
	{ "segment-buffers", .restart = true,
	  NUMBER(limits.segment_buffers, 1, 65536) },
	{ "table", .restart = true, TEXT(table, "NAME", parse_name) },
	{ "socket", .restart = true, TEXT(socket_path, "PATH", parse_path) },
	{ "socket-group", .restart = true,
	  TEXT(socket_group, "NAME", parse_name) },
	{ "terminator-socket", .restart = true,
	  TEXT(terminator_path, "PATH", parse_path) },
	{ "terminator-group", .restart = true,
	  TEXT(terminator_group, "NAME", parse_name) },
	{ "state-file", .restart = true, TEXT(state_path, "PATH", parse_path) },
	{ "user", .restart = true, TEXT(user, "NAME", parse_name) },
	{ "sandbox", .restart = true,
	  CHOICE(sandbox, "on | trap | off", sandbox_choices) },
	{ "log-level", CHOICE(log_level, "err | warn | info | debug",
			       log_level_choices) },
	{ "log-to", CHOICE(log_target, "stderr | syslog", log_target_choices) },
	{ "log-rate", NUMBER(log_rate, 1, 1000000) },
	{ "server",
	  "ADDRESS[/PREFIX] [passive-range LOW-HIGH | product NAME] "
	  "[opaque grant|refuse] [opaque-active refuse|ftp-data|any] "
	  "[window learn|strict|off] [proof auto|resume|tls|none] "
	  "[active allow|refuse] [terminate no|yes|required]",
	  1, 17, .parse = conf_server_parse, .print = conf_server_print },
};

const size_t conf_directive_count =
	sizeof(conf_directives) / sizeof(conf_directives[0]);

_Static_assert(sizeof(conf_directives) / sizeof(conf_directives[0]) <=
		       CONF_DIRECTIVES_MAX,
	       "struct conf_parser's seen[] is too short");
