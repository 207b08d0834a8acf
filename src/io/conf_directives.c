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

static void
parse_queues(struct conf_parser *p, const struct conf_directive *d,
	     const struct span *words, unsigned count)
{
	struct port_range range;
	char shown[VALUE_SHOWN];

	(void)d;
	(void)count;
	if (!value_range(words[0], 0, &range)) {
		conf_complain(p, "%s is no queue number or range; write 2100 "
			      "or 2100-2103", value_show(words[0], shown));
	} else if (range.high - range.low >= CONF_QUEUES_MAX) {
		conf_complain(p, "%d queues are too many; write %d at most, "
			      "one per processor is enough",
			      range.high - range.low + 1, CONF_QUEUES_MAX);
	} else {
		p->conf->queue_first = range.low;
		p->conf->queue_count =
			(uint16_t)(range.high - range.low + 1);
	}
}

static void
print_queues(const struct conf_directive *d, const struct conf *conf, FILE *out)
{
	fprintf(out, "%s %u", d->name, conf->queue_first);
	if (conf->queue_count > 1)
		fprintf(out, "-%u", conf->queue_first + conf->queue_count - 1);
	fputc('\n', out);
}

static void
parse_copies(struct conf_parser *p, const struct conf_directive *d,
	     const struct span *words, unsigned count)
{
	char shown[VALUE_SHOWN];
	uint32_t group;

	(void)d;
	(void)count;
	if (value_is(words[0], "none"))
		p->conf->copies = CONF_NO_COPIES;
	else if (value_number(words[0], 0, UINT16_MAX, &group))
		p->conf->copies = (int)group;
	else
		conf_complain(p, "%s is no NFLOG group; write 2100, or none",
			      value_show(words[0], shown));
}

static void
print_copies(const struct conf_directive *d, const struct conf *conf, FILE *out)
{
	if (conf->copies == CONF_NO_COPIES)
		fprintf(out, "%s none\n", d->name);
	else
		fprintf(out, "%s %d\n", d->name, conf->copies);
}

static void
parse_ports(struct conf_parser *p, const struct conf_directive *d,
	    const struct span *words, unsigned count)
{
	struct policy *policy = &p->conf->policy;
	bool implicit = d->offset == offsetof(struct conf,
					      policy.implicit_ports);
	uint16_t *ports = implicit ? policy->implicit_ports
				   : policy->explicit_ports;
	uint16_t *len = implicit ? &policy->implicit_count
				 : &policy->explicit_count;
	char shown[VALUE_SHOWN];
	uint32_t port;

	memset(ports, 0, POLICY_PORTS_MAX * sizeof(*ports));
	*len = 0;
	if (count == 1 && value_is(words[0], "none"))
		return;
	for (unsigned i = 0; i < count; i++) {
		if (!value_number(words[i], 1, UINT16_MAX, &port)) {
			conf_complain(p, "%s is not a port from 1 to 65535",
				 value_show(words[i], shown));
			continue;
		}
		ports[(*len)++] = (uint16_t)port;
	}
}

static void
print_ports(const struct conf_directive *d, const struct conf *conf, FILE *out)
{
	const struct policy *policy = &conf->policy;
	bool implicit = d->offset == offsetof(struct conf,
					      policy.implicit_ports);
	const uint16_t *ports = implicit ? policy->implicit_ports
					 : policy->explicit_ports;
	unsigned len = implicit ? policy->implicit_count
				: policy->explicit_count;

	fputs(d->name, out);
	if (len == 0)
		fputs(" none", out);
	for (unsigned i = 0; i < len; i++)
		fprintf(out, " %u", ports[i]);
	fputc('\n', out);
}

static void
parse_deny(struct conf_parser *p, const struct conf_directive *d,
	   const struct span *words, unsigned count)
{
	struct policy *policy = &p->conf->policy;
	char shown[VALUE_SHOWN];

	(void)d;
	memset(policy->deny, 0, sizeof(policy->deny));
	policy->deny_count = 0;
	if (count == 1 && value_is(words[0], "none"))
		return;
	for (unsigned i = 0; i < count; i++) {
		struct port_range *range = &policy->deny[policy->deny_count];

		if (value_range(words[i], 1, range))
			policy->deny_count++;
		else
			conf_complain(p, "%s is no port or range from 1 to "
				      "65535; write 3306 or 5900-5910",
				      value_show(words[i], shown));
	}
}

void
conf_put_range(const struct port_range *range, FILE *out)
{
	if (range->high == 0)
		fputs(" none", out);
	else if (range->low == range->high)
		fprintf(out, " %u", range->low);
	else
		fprintf(out, " %u-%u", range->low, range->high);
}

static void
print_deny(const struct conf_directive *d, const struct conf *conf, FILE *out)
{
	fputs(d->name, out);
	if (conf->policy.deny_count == 0)
		fputs(" none", out);
	for (unsigned i = 0; i < conf->policy.deny_count; i++)
		conf_put_range(&conf->policy.deny[i], out);
	fputc('\n', out);
}

bool
conf_take_range(struct conf_parser *p, struct span word, struct port_range *out)
{
	char shown[VALUE_SHOWN];

	if (value_is(word, "none")) {
		*out = (struct port_range){ 0 };
		return true;
	}
	if (value_range(word, POLICY_PORT_MIN, out))
		return true;
	conf_complain(p, "%s is no range of ports from %d to 65535; write "
		 "LOW-HIGH, as in 50000-50099, or none",
		 value_show(word, shown), POLICY_PORT_MIN);
	return false;
}

static void
parse_fallback_range(struct conf_parser *p, const struct conf_directive *d,
		     const struct span *words, unsigned count)
{
	(void)d;
	(void)count;
	conf_take_range(p, words[0], &p->conf->policy.fallback.passive);
}

static void
print_fallback_range(const struct conf_directive *d, const struct conf *conf,
		     FILE *out)
{
	fputs(d->name, out);
	conf_put_range(&conf->policy.fallback.passive, out);
	fputc('\n', out);
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
	  .parse = parse_ports, .print = print_ports,
	  FIELD(policy.explicit_ports) },
	{ "implicit-ports", "PORT... | none", 1, POLICY_PORTS_MAX,
	  .parse = parse_ports, .print = print_ports,
	  FIELD(policy.implicit_ports) },
	{ "deny-ports", "PORT|LOW-HIGH... | none", 1, POLICY_DENY_MAX,
	  .parse = parse_deny, .print = print_deny },
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
	  .parse = parse_fallback_range, .print = print_fallback_range },
	{ "shadow", .restart = true,
	  CHOICE(policy.shadow, "off | on", off_on_choices) },
	{ "queues", "NUMBER | LOW-HIGH", 1, 1, .restart = true,
	  .parse = parse_queues, .print = print_queues },
	{ "copies", "GROUP | none", 1, 1, .restart = true,
	  .parse = parse_copies, .print = print_copies },
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
