/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pinholed.conf(5): the table of directives and the walk over the file.
 *
 * One row of the table says all about a directive: how it is written, how many
 * words it takes, where its value goes and in which range it must be. Parsing,
 * printing and comparing walk the same rows, so that they cannot disagree.
 *
 * What a `server` line leaves unsaid is filled in when the whole file has been
 * read, so that the order of the lines does not matter.
 */
#include "io/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/conf_value.h"
#include "io/products.h"

/* Words of one line: the longest is a full deny-list. */
#define WORDS_MAX (1 + POLICY_DENY_MAX)

/* Far above what 1024 servers need. */
#define FILE_MAX ((size_t)1 << 20)

struct parser;

struct directive {
	const char *name;
	const char *usage; /* its words */
	unsigned min_words, max_words;
	bool restart; /* a reload cannot change it */
	void (*parse)(struct parser *p, const struct directive *d,
		      const struct span *words, unsigned count);
	void (*print)(const struct directive *d, const struct conf *conf,
		      FILE *out);
	size_t offset, size; /* of the value in struct conf */
	uint32_t low, high;  /* numbers */
	const char *const *choices; /* words for the values from 0 */
};

/* Settings of a server, as bits. */
enum given {
	GIVEN_RANGE = 1,
	GIVEN_OPAQUE = 2,
	GIVEN_OPAQUE_ACTIVE = 4,
	GIVEN_ACTIVE = 8,
};

#define DIRECTIVES_MAX 32

struct parser {
	const char *name;
	unsigned line;
	char subject[VALUE_SHOWN]; /* the directive, for messages */
	FILE *errors;
	unsigned error_count;
	struct conf *conf;
	unsigned seen[DIRECTIVES_MAX]; /* the line that gave it; 0: none */
	unsigned server_line[POLICY_SERVERS_MAX];
	uint8_t server_given[POLICY_SERVERS_MAX]; /* enum given, or-ed */
};

static const char *const opaque_choices[] = {
	[POLICY_OPAQUE_REFUSE] = "refuse",
	[POLICY_OPAQUE_GRANT] = "grant",
	NULL,
};

static const char *const opaque_active_choices[] = {
	[POLICY_ACTIVE_REFUSE] = "refuse",
	[POLICY_ACTIVE_FTP_DATA] = "ftp-data",
	[POLICY_ACTIVE_ANY] = "any",
	NULL,
};

static const char *const active_choices[] = { "refuse", "allow", NULL };

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

/* Services that listen at or above 1024 and that nobody must reach by way of an
 * announced data port. Kept clear of the ports that FTP servers use for data. */
static const struct port_range deny_default[] = {
	{ 1433, 1434 },	  /* Microsoft SQL Server */
	{ 1521, 1521 },	  /* Oracle */
	{ 2049, 2049 },	  /* NFS */
	{ 2375, 2380 },	  /* Docker, etcd */
	{ 3128, 3128 },	  /* Squid */
	{ 3260, 3260 },	  /* iSCSI */
	{ 3306, 3306 },	  /* MySQL */
	{ 3389, 3389 },	  /* remote desktop */
	{ 5432, 5433 },	  /* PostgreSQL */
	{ 5666, 5666 },	  /* NRPE */
	{ 5900, 5910 },	  /* VNC */
	{ 5984, 5986 },	  /* CouchDB, WinRM */
	{ 6000, 6063 },	  /* X11 */
	{ 6379, 6379 },	  /* Redis */
	{ 6443, 6443 },	  /* Kubernetes */
	{ 8000, 8000 },	  /* web applications */
	{ 8080, 8081 },
	{ 8443, 8443 },
	{ 9000, 9000 },	  /* FastCGI */
	{ 9090, 9093 },	  /* Cockpit, Kafka, Prometheus */
	{ 9200, 9200 },	  /* Elasticsearch */
	{ 9300, 9300 },
	{ 10000, 10000 }, /* Webmin */
	{ 10250, 10250 }, /* kubelet */
	{ 11211, 11211 }, /* memcached */
	{ 27017, 27019 }, /* MongoDB */
};

_Static_assert(sizeof(deny_default) / sizeof(deny_default[0]) <=
		       POLICY_DENY_MAX,
	       "the default deny-list must fit");

void
conf_defaults(struct conf *conf)
{
	struct policy *policy = &conf->policy;

	memset(conf, 0, sizeof(*conf));
	policy->explicit_ports[0] = 21;
	policy->explicit_count = 1;
	policy->implicit_ports[0] = 990;
	policy->implicit_count = 1;
	memcpy(policy->deny, deny_default, sizeof(deny_default));
	policy->deny_count = sizeof(deny_default) / sizeof(deny_default[0]);
	policy->pinhole_timeout_s = 60;
	policy->grant_timeout_s = 60;
	policy->idle_timeout_s = 86400;
	policy->fallback.opaque = POLICY_OPAQUE_GRANT;
	policy->fallback.opaque_active = POLICY_ACTIVE_REFUSE;
	policy->fallback.clear_active = true;
	conf->queue_first = 2100;
	conf->queue_count = 1;
	conf->queue_length = 4096;
	conf->limits = (struct gate_limits){
		.sessions = 16384,
		.openings = 16384,
		.line_buffers = 2048,
		.segment_buffers = 256,
	};
	strcpy(conf->table, "pinholed");
	strcpy(conf->socket_path, "/run/pinholed/control.sock");
	conf->log_level = LOG_LEVEL_INFO;
	conf->log_target = LOG_TARGET_STDERR;
}

/* --- messages ------------------------------------------------------------- */

__attribute__((format(printf, 4, 0))) static void
say(const struct parser *p, unsigned line, const char *what,
    const char *format, va_list ap)
{
	fprintf(p->errors, "%s:%u: %s: %s", p->name, line, p->subject, what);
	vfprintf(p->errors, format, ap);
	fputc('\n', p->errors);
}

__attribute__((format(printf, 2, 3))) static void
complain(struct parser *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(p, p->line, "", format, ap);
	va_end(ap);
	p->error_count++;
}

__attribute__((format(printf, 3, 4))) static void
warn_at(const struct parser *p, unsigned line, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(p, line, "warning: ", format, ap);
	va_end(ap);
}

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

/* --- values --------------------------------------------------------------- */

static void
parse_number(struct parser *p, const struct directive *d,
	     const struct span *words, unsigned count)
{
	char shown[VALUE_SHOWN];
	uint32_t n;

	(void)count;
	if (value_number(words[0], d->low, d->high, &n))
		memcpy((char *)p->conf + d->offset, &n, sizeof(n));
	else
		complain(p, "%s is not a whole number from %u to %u",
			 value_show(words[0], shown), d->low, d->high);
}

static void
print_number(const struct directive *d, const struct conf *conf, FILE *out)
{
	uint32_t n;

	memcpy(&n, (const char *)conf + d->offset, sizeof(n));
	fprintf(out, "%s %u\n", d->name, n);
}

/* Takes one of @choices; -1 and a complaint when it is none. */
static int
parse_word(struct parser *p, struct span word, const char *const *choices)
{
	char shown[VALUE_SHOWN], list[80];
	int value = value_choice(word, choices);

	if (value < 0)
		complain(p, "%s is unknown here; write %s",
			 value_show(word, shown),
			 list_choices(choices, list, sizeof(list)));
	return value;
}

static void
parse_choice(struct parser *p, const struct directive *d,
	     const struct span *words, unsigned count)
{
	int value = parse_word(p, words[0], d->choices);
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
print_choice(const struct directive *d, const struct conf *conf, FILE *out)
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
parse_name(struct parser *p, const struct directive *d,
	   const struct span *words, unsigned count)
{
	char shown[VALUE_SHOWN];

	(void)count;
	if (!value_name(words[0], (char *)p->conf + d->offset, d->size))
		complain(p, "%s is not a name; write letters, digits, '_', '-' "
			 "and '.', a letter first, %zu at most",
			 value_show(words[0], shown), d->size - 1);
}

static void
parse_path(struct parser *p, const struct directive *d,
	   const struct span *words, unsigned count)
{
	char shown[VALUE_SHOWN];

	(void)count;
	if (!value_path(words[0], (char *)p->conf + d->offset, d->size))
		complain(p, "%s is not a usable path; write one that begins "
			 "with '/', of printable characters, %zu at most",
			 value_show(words[0], shown), d->size - 1);
}

/* What is empty by default can be told only by leaving it out. */
static void
print_text(const struct directive *d, const struct conf *conf, FILE *out)
{
	const char *text = (const char *)conf + d->offset;

	if (text[0] != '\0')
		fprintf(out, "%s %s\n", d->name, text);
}

static void
parse_queues(struct parser *p, const struct directive *d,
	     const struct span *words, unsigned count)
{
	struct port_range range;
	char shown[VALUE_SHOWN];

	(void)d;
	(void)count;
	if (!value_range(words[0], 0, &range)) {
		complain(p, "%s is no queue number or range; write 2100 or "
			 "2100-2103", value_show(words[0], shown));
	} else if (range.high - range.low >= CONF_QUEUES_MAX) {
		complain(p, "%d queues are too many; write %d at most, one per "
			 "processor is enough", range.high - range.low + 1,
			 CONF_QUEUES_MAX);
	} else {
		p->conf->queue_first = range.low;
		p->conf->queue_count =
			(uint16_t)(range.high - range.low + 1);
	}
}

static void
print_queues(const struct directive *d, const struct conf *conf, FILE *out)
{
	fprintf(out, "%s %u", d->name, conf->queue_first);
	if (conf->queue_count > 1)
		fprintf(out, "-%u", conf->queue_first + conf->queue_count - 1);
	fputc('\n', out);
}

static void
parse_ports(struct parser *p, const struct directive *d,
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
			complain(p, "%s is not a port from 1 to 65535",
				 value_show(words[i], shown));
			continue;
		}
		ports[(*len)++] = (uint16_t)port;
	}
}

static void
print_ports(const struct directive *d, const struct conf *conf, FILE *out)
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
parse_deny(struct parser *p, const struct directive *d,
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
			complain(p, "%s is no port or range from 1 to 65535; "
				 "write 3306 or 5900-5910",
				 value_show(words[i], shown));
	}
}

static void
print_range(const struct port_range *range, FILE *out)
{
	if (range->high == 0)
		fputs(" none", out);
	else if (range->low == range->high)
		fprintf(out, " %u", range->low);
	else
		fprintf(out, " %u-%u", range->low, range->high);
}

static void
print_deny(const struct directive *d, const struct conf *conf, FILE *out)
{
	fputs(d->name, out);
	if (conf->policy.deny_count == 0)
		fputs(" none", out);
	for (unsigned i = 0; i < conf->policy.deny_count; i++)
		print_range(&conf->policy.deny[i], out);
	fputc('\n', out);
}

static bool
parse_passive_range(struct parser *p, struct span word,
		    struct port_range *out)
{
	char shown[VALUE_SHOWN];

	if (value_is(word, "none")) {
		*out = (struct port_range){ 0 };
		return true;
	}
	if (value_range(word, POLICY_PORT_MIN, out))
		return true;
	complain(p, "%s is no range of ports from %d to 65535; write "
		 "LOW-HIGH, as in 50000-50099, or none",
		 value_show(word, shown), POLICY_PORT_MIN);
	return false;
}

static void
parse_fallback_range(struct parser *p, const struct directive *d,
		     const struct span *words, unsigned count)
{
	(void)d;
	(void)count;
	parse_passive_range(p, words[0], &p->conf->policy.fallback.passive);
}

static void
print_fallback_range(const struct directive *d, const struct conf *conf,
		     FILE *out)
{
	fputs(d->name, out);
	print_range(&conf->policy.fallback.passive, out);
	fputc('\n', out);
}

/* --- servers -------------------------------------------------------------- */

static bool
parse_server_net(struct parser *p, struct span word,
		 struct policy_server *server)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const struct policy *policy = &p->conf->policy;
	char shown[VALUE_SHOWN], text[48];
	struct addr net;

	if (!value_network(word, &server->net, &server->prefix)) {
		complain(p, "%s is no address or network; write 192.0.2.1, "
			 "192.0.2.0/24, 2001:db8::1 or 2001:db8::/64",
			 value_show(word, shown));
		return false;
	}
	if (server->net.family == ADDR_V6 && server->prefix >= 96 &&
	    memcmp(server->net.bytes, mapped, sizeof(mapped)) == 0) {
		complain(p, "%s is an IPv4 address in IPv6 form, which no "
			 "packet has; write the IPv4 address",
			 value_show(word, shown));
		return false;
	}
	net = value_mask(&server->net, server->prefix);
	if (!addr_equal(&net, &server->net)) {
		complain(p, "%s has bits behind the prefix; write %s/%u for "
			 "the network, or leave /%u out for the one server",
			 value_show(word, shown), log_addr(&net, text),
			 server->prefix, server->prefix);
		return false;
	}
	for (unsigned i = 0; i < policy->server_count; i++) {
		const struct policy_server *other = &policy->servers[i];

		if (other->prefix == server->prefix &&
		    addr_equal(&other->net, &server->net)) {
			complain(p, "%s has its entry at line %u already; keep "
				 "one of them", value_show(word, shown),
				 p->server_line[i]);
			return false;
		}
	}
	return true;
}

static bool
parse_product(struct parser *p, struct span word, struct port_range *out)
{
	const struct product *product = product_find(word);
	char shown[VALUE_SHOWN];

	if (product != NULL) {
		*out = product->passive;
		return true;
	}
	fprintf(p->errors, "%s:%u: %s: no product %s is known; write", p->name,
		p->line, p->subject, value_show(word, shown));
	for (size_t i = 0; product_at(i) != NULL; i++)
		fprintf(p->errors, "%s %s", i == 0 ? "" : ",",
			product_at(i)->name);
	fputs(", or passive-range LOW-HIGH\n", p->errors);
	p->error_count++;
	return false;
}

/* One `setting value` pair. False when the rest of the line makes no sense. */
static bool
parse_setting(struct parser *p, struct span setting, struct span value,
	      struct policy_server *server, uint8_t *given)
{
	static const char *const names[] = { "passive-range", "product",
					     "opaque", "opaque-active",
					     "active", NULL };
	static const uint8_t bits[] = { GIVEN_RANGE, GIVEN_RANGE, GIVEN_OPAQUE,
					GIVEN_OPAQUE_ACTIVE, GIVEN_ACTIVE };
	int which = parse_word(p, setting, names), choice = 0;

	if (which < 0)
		return false;
	if (value.len == 0) {
		complain(p, "%s needs a value", names[which]);
		return false;
	}
	if (*given & bits[which]) {
		complain(p, bits[which] == GIVEN_RANGE
				    ? "a second passive-range or product; "
				      "keep one of them"
				    : "%s stands here twice; keep one of them",
			 names[which]);
		return false;
	}
	*given |= bits[which];
	if (which == 0)
		return parse_passive_range(p, value, &server->passive);
	if (which == 1)
		return parse_product(p, value, &server->passive);
	switch ((enum given)bits[which]) {
	case GIVEN_RANGE:
		break;
	case GIVEN_OPAQUE:
		choice = parse_word(p, value, opaque_choices);
		server->opaque = (uint8_t)choice;
		break;
	case GIVEN_OPAQUE_ACTIVE:
		choice = parse_word(p, value, opaque_active_choices);
		server->opaque_active = (uint8_t)choice;
		break;
	case GIVEN_ACTIVE:
		choice = parse_word(p, value, active_choices);
		server->clear_active = choice == 1;
		break;
	}
	return choice >= 0;
}

static void
parse_server(struct parser *p, const struct directive *d,
	     const struct span *words, unsigned count)
{
	struct policy *policy = &p->conf->policy;
	struct policy_server server = { 0 };
	uint8_t given = 0;

	(void)d;
	if (!parse_server_net(p, words[0], &server))
		return;
	for (unsigned i = 1; i < count; i += 2) {
		struct span value = i + 1 < count ? words[i + 1]
						  : span_make(NULL, 0);

		if (!parse_setting(p, words[i], value, &server, &given))
			return;
	}
	if (policy->server_count == POLICY_SERVERS_MAX) {
		complain(p, "more than %d servers; join them into networks",
			 POLICY_SERVERS_MAX);
		return;
	}
	p->server_line[policy->server_count] = p->line;
	p->server_given[policy->server_count] = given;
	policy->servers[policy->server_count++] = server;
}

static void
print_servers(const struct directive *d, const struct conf *conf, FILE *out)
{
	char text[48];

	for (unsigned i = 0; i < conf->policy.server_count; i++) {
		const struct policy_server *s = &conf->policy.servers[i];

		fprintf(out, "%s %s/%u passive-range", d->name,
			log_addr(&s->net, text), s->prefix);
		print_range(&s->passive, out);
		fprintf(out, " opaque %s opaque-active %s active %s\n",
			opaque_choices[s->opaque],
			opaque_active_choices[s->opaque_active],
			active_choices[s->clear_active]);
	}
}

/* --- the table ------------------------------------------------------------ */

#define FIELD(field) \
	.offset = offsetof(struct conf, field), \
	.size = sizeof(((struct conf *)0)->field)
#define NUMBER(field, from, to) \
	.usage = "NUMBER", .min_words = 1, .max_words = 1, \
	.parse = parse_number, .print = print_number, FIELD(field), \
	.low = from, .high = to
#define CHOICE(field, words) \
	.usage = "WORD", .min_words = 1, .max_words = 1, \
	.parse = parse_choice, .print = print_choice, FIELD(field), \
	.choices = words
#define TEXT(field, form, how) \
	.usage = form, .min_words = 1, .max_words = 1, \
	.parse = how, .print = print_text, FIELD(field)

static const struct directive directives[] = {
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
	{ "opaque", CHOICE(policy.fallback.opaque, opaque_choices) },
	{ "opaque-active",
	  CHOICE(policy.fallback.opaque_active, opaque_active_choices) },
	{ "active", CHOICE(policy.fallback.clear_active, active_choices) },
	{ "passive-range", "LOW-HIGH | none", 1, 1,
	  .parse = parse_fallback_range, .print = print_fallback_range },
	{ "queues", "NUMBER | LOW-HIGH", 1, 1, .restart = true,
	  .parse = parse_queues, .print = print_queues },
	{ "queue-length", .restart = true,
	  NUMBER(queue_length, 64, 1048576) },
	{ "max-sessions", .restart = true,
	  NUMBER(limits.sessions, 1, 4194304) },
	{ "max-openings", .restart = true,
	  NUMBER(limits.openings, 1, 4194304) },
	{ "line-buffers", .restart = true,
	  NUMBER(limits.line_buffers, 1, 1048576) },
	{ "segment-buffers", .restart = true,
	  NUMBER(limits.segment_buffers, 1, 65536) },
	{ "table", .restart = true, TEXT(table, "NAME", parse_name) },
	{ "socket", .restart = true, TEXT(socket_path, "PATH", parse_path) },
	{ "socket-group", .restart = true,
	  TEXT(socket_group, "NAME", parse_name) },
	{ "user", .restart = true, TEXT(user, "NAME", parse_name) },
	{ "log-level", CHOICE(log_level, log_level_choices) },
	{ "log-to", CHOICE(log_target, log_target_choices) },
	{ "server",
	  "ADDRESS[/PREFIX] [passive-range LOW-HIGH | product NAME] "
	  "[opaque WORD] [opaque-active WORD] [active WORD]",
	  1, 11, .parse = parse_server, .print = print_servers },
};

#define DIRECTIVE_COUNT (sizeof(directives) / sizeof(directives[0]))

_Static_assert(DIRECTIVE_COUNT <= DIRECTIVES_MAX, "parser.seen is too short");

static const struct directive *
find_directive(struct parser *p, struct span word)
{
	const char *nearest = NULL;
	unsigned least = 3; /* further away is another word */
	char shown[VALUE_SHOWN];

	for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
		unsigned distance = value_distance(word, directives[i].name);

		if (distance == 0)
			return &directives[i];
		if (distance < least) {
			least = distance;
			nearest = directives[i].name;
		}
	}
	snprintf(p->subject, sizeof(p->subject), "%s",
		 value_show(word, shown));
	if (nearest != NULL)
		complain(p, "no such directive; did you mean %s?", nearest);
	else
		complain(p, "no such directive; pinholed.conf(5) lists them");
	return NULL;
}

static void
parse_line(struct parser *p, struct span line)
{
	struct span words[WORDS_MAX], word = value_word(&line);
	const struct directive *d;
	unsigned count = 0;
	size_t index;

	if (word.len == 0)
		return;
	d = find_directive(p, word);
	if (d == NULL)
		return;
	snprintf(p->subject, sizeof(p->subject), "%s", d->name);
	while ((word = value_word(&line)).len != 0 && count < WORDS_MAX)
		words[count++] = word;
	if (count < d->min_words || count > d->max_words) {
		complain(p, "%s; write: %s %s",
			 count < d->min_words ? "a value is missing"
					      : "too many values",
			 d->name, d->usage);
		return;
	}
	index = (size_t)(d - directives);
	if (d->parse != parse_server && p->seen[index] != 0) {
		complain(p, "line %u gives it already; keep one of them",
			 p->seen[index]);
		return;
	}
	p->seen[index] = p->line;
	d->parse(p, d, words, count);
}

/* --- the whole ------------------------------------------------------------ */

/* Sets the subject and line of what follows to directive @name. */
static void
turn_to(struct parser *p, const char *name)
{
	snprintf(p->subject, sizeof(p->subject), "%s", name);
	for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
		if (strcmp(directives[i].name, name) == 0)
			p->line = p->seen[i];
}

static void
check_ports(struct parser *p)
{
	const struct policy *policy = &p->conf->policy;
	uint16_t all[2 * POLICY_PORTS_MAX];
	unsigned count = 0;

	turn_to(p, "implicit-ports");
	if (p->line == 0)
		turn_to(p, "ports");
	if (policy->explicit_count + policy->implicit_count == 0 &&
	    p->error_count == 0)
		complain(p, "no control port is left; write ports 21");
	for (unsigned i = 0; i < policy->explicit_count; i++)
		all[count++] = policy->explicit_ports[i];
	for (unsigned i = 0; i < policy->implicit_count; i++)
		all[count++] = policy->implicit_ports[i];
	for (unsigned i = 0; i < count; i++)
		for (unsigned k = 0; k < i; k++)
			if (all[i] == all[k])
				complain(p, "port %u stands twice in ports and "
					 "implicit-ports; keep one of them",
					 all[i]);
}

static void
check_range(struct parser *p, unsigned line, const struct policy_server *s)
{
	const struct policy *policy = &p->conf->policy;

	if (s->opaque != POLICY_OPAQUE_GRANT || s->passive.high == 0)
		return;
	for (unsigned i = 0; i < policy->deny_count; i++) {
		const struct port_range *deny = &policy->deny[i];

		if (deny->high < s->passive.low || deny->low > s->passive.high)
			continue;
		warn_at(p, line, "%u-%u holds ports of deny-ports (%u); "
			"configure a narrower range at the server and "
			"here", s->passive.low,
			s->passive.high,
			deny->low > s->passive.low ? deny->low
						   : s->passive.low);
		return;
	}
}

/* What a server line does not say, the directives of the same names say. */
static void
finish_servers(struct parser *p)
{
	struct policy *policy = &p->conf->policy;
	const struct policy_server *fallback = &policy->fallback;

	for (unsigned i = 0; i < policy->server_count; i++) {
		struct policy_server *s = &policy->servers[i];
		uint8_t given = p->server_given[i];

		if (!(given & GIVEN_RANGE))
			s->passive = fallback->passive;
		if (!(given & GIVEN_OPAQUE))
			s->opaque = fallback->opaque;
		if (!(given & GIVEN_OPAQUE_ACTIVE))
			s->opaque_active = fallback->opaque_active;
		if (!(given & GIVEN_ACTIVE))
			s->clear_active = fallback->clear_active;
		snprintf(p->subject, sizeof(p->subject), "server");
		if (s->opaque == POLICY_OPAQUE_GRANT && s->passive.high == 0)
			warn_at(p, p->server_line[i],
				"no passive range is known, so encrypted "
				"sessions get no passive data connection; add "
				"passive-range or product, or opaque refuse");
		if (given & GIVEN_RANGE)
			check_range(p, p->server_line[i], s);
	}
	turn_to(p, "passive-range");
	check_range(p, p->line, fallback);
}

unsigned
conf_parse(const char *name, struct span text, struct conf *conf, FILE *errors)
{
	struct parser p = { .name = name, .errors = errors, .conf = conf };

	conf_defaults(conf);
	while (text.len != 0) {
		const uint8_t *end = memchr(text.data, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.data) : text.len;
		struct span line = span_head(text, len);

		span_skip(&text, end != NULL ? len + 1 : len);
		if (len != 0 && line.data[len - 1] == '\r')
			line.len--;
		p.line++;
		parse_line(&p, line);
	}
	check_ports(&p);
	finish_servers(&p);
	return p.error_count;
}

unsigned
conf_load(const char *path, struct conf *conf, FILE *errors)
{
	uint8_t *text = malloc(FILE_MAX + 1);
	const char *problem = NULL;
	unsigned count = 1;
	size_t len = 0;
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && text != NULL) {
		do {
			n = read(fd, text + len, FILE_MAX + 1 - len);
			if (n > 0)
				len += (size_t)n;
		} while ((n > 0 && len <= FILE_MAX) ||
			 (n < 0 && errno == EINTR));
	}
	if (n < 0)
		problem = strerror(errno);
	else if (len > FILE_MAX)
		problem = "larger than 1 MiB";
	if (problem != NULL)
		fprintf(errors, "%s: cannot be read: %s\n", path, problem);
	else
		count = conf_parse(path, span_make(text, len), conf, errors);
	if (fd >= 0)
		close(fd);
	free(text);
	return count;
}

void
conf_print(const struct conf *conf, FILE *out)
{
	for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
		directives[i].print(&directives[i], conf, out);
}

/* The directive as the file would have it, without its newline; "" when it has
 * nothing to say. */
static void
print_directive(const struct directive *d, const struct conf *conf,
		char *out, size_t size)
{
	FILE *stream = fmemopen(out, size, "w");

	memset(out, 0, size);
	if (stream == NULL)
		return;
	d->print(d, conf, stream);
	fclose(stream);
	out[strcspn(out, "\n")] = '\0';
}

unsigned
conf_restart_needed(const struct conf *old, const struct conf *new,
		    FILE *errors)
{
	char before[256], after[256];
	unsigned count = 0;

	for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
		const struct directive *d = &directives[i];

		if (!d->restart)
			continue;
		print_directive(d, old, before, sizeof(before));
		print_directive(d, new, after, sizeof(after));
		if (strcmp(before, after) == 0)
			continue;
		fprintf(errors, "%s: changed from `%s` to `%s`; restart to make "
			"it so\n", d->name, before, after);
		count++;
	}
	return count;
}
