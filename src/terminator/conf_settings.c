/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds for a server: certificates, TLS on both legs, policy. */
#include "terminator/conf_settings.h"

#include <openssl/ssl.h>
#include <string.h>

static const struct {
	const char *name;
	uint16_t version;
} versions[] = {
	{ "1.0", TLS1_VERSION },
	{ "1.1", TLS1_1_VERSION },
	{ "1.2", TLS1_2_VERSION },
	{ "1.3", TLS1_3_VERSION },
};

#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

static const char *const reuse_choices[] = {
	[REUSE_OFF] = "off",
	[REUSE_PREFER] = "prefer",
	[REUSE_REQUIRE] = "require",
	NULL,
};

static const char *const data_choices[] = { "direct", "relay", NULL };

static const char *const unclean_choices[] = { "abort", "pass", NULL };

static const char *const allow_choices[] = { "refuse", "allow", NULL };

void
tls_settings_defaults(struct server_settings *s)
{
	const struct identity_protocol modern = { .low = TLS1_2_VERSION,
						  .high = TLS1_3_VERSION };

	*s = (struct server_settings){
		.tls = { .client = modern, .server = modern },
		.relay = true,
		.reuse = REUSE_PREFER,
		.ccc = true,
	};
}

static bool
parse_verify(struct tls_conf_parser *p, const struct tls_setting *row,
	     const struct span *words, struct server_settings *out)
{
	char shown[VALUE_SHOWN];

	(void)row;
	out->tls.ca_file[0] = '\0';
	if (value_is(words[0], "certificate")) {
		out->tls.verify = IDENTITY_VERIFY_PIN;
	} else if (value_is(words[0], "none")) {
		out->tls.verify = IDENTITY_VERIFY_NONE;
	} else if (value_path(words[0], out->tls.ca_file, IDENTITY_PATH_MAX)) {
		out->tls.verify = IDENTITY_VERIFY_CA;
	} else {
		tls_conf_complain(p,
				  "%s is unknown here; write certificate, "
				  "none, or the path of a file with CA "
				  "certificates",
				  value_show(words[0], shown));
		return false;
	}
	return true;
}

static void
print_verify(const struct tls_setting *row, const struct server_settings *s,
	     FILE *out)
{
	fprintf(out, "%s %s", row->name,
		s->tls.verify == IDENTITY_VERIFY_PIN  ? "certificate" :
		s->tls.verify == IDENTITY_VERIFY_NONE ? "none" :
							s->tls.ca_file);
}

/* --- protocols ------------------------------------------------------------ */

static uint16_t
version_of(struct span word)
{
	for (size_t i = 0; i < VERSIONS; i++)
		if (value_is(word, versions[i].name))
			return versions[i].version;
	return 0;
}

static const char *
version_name(uint16_t version)
{
	for (size_t i = 0; i < VERSIONS; i++)
		if (versions[i].version == version)
			return versions[i].name;
	return "?";
}

static bool
parse_versions(struct tls_conf_parser *p, const struct tls_setting *row,
	       const struct span *words, struct server_settings *out)
{
	struct identity_protocol *protocol =
		(struct identity_protocol *)((char *)out + row->offset);
	char shown[VALUE_SHOWN];
	const uint8_t *dash = memchr(words[0].data, '-', words[0].len);
	size_t len = dash != NULL ? (size_t)(dash - words[0].data) :
				    words[0].len;
	struct span high = words[0];
	uint16_t from = version_of(span_head(words[0], len)), to;

	span_skip(&high, len + 1);
	to = dash != NULL ? version_of(high) : from;
	if (from == 0 || to < from) {
		tls_conf_complain(p, "%s is no version or range; write 1.2, "
				     "1.3 or 1.2-1.3",
				  value_show(words[0], shown));
		return false;
	}
	protocol->low = from;
	protocol->high = to;
	return true;
}

static void
print_versions(const struct tls_setting *row, const struct server_settings *s,
	       FILE *out)
{
	const struct identity_protocol *p =
		(const struct identity_protocol *)((const char *)s +
						   row->offset);

	fprintf(out, "%s %s", row->name, version_name(p->low));
	if (p->high != p->low)
		fprintf(out, "-%s", version_name(p->high));
}

/* OpenSSL says what is wrong with it when it is loaded. */
static bool
parse_list(struct tls_conf_parser *p, const struct tls_setting *row,
	   const struct span *words, struct server_settings *out)
{
	char *text = (char *)out + row->offset;

	if (words[0].len >= row->size) {
		tls_conf_complain(p, "longer than %zu bytes", row->size - 1);
		return false;
	}
	memset(text, 0, row->size);
	if (!value_is(words[0], "default"))
		memcpy(text, words[0].data, words[0].len);
	return true;
}

static void
print_list(const struct tls_setting *row, const struct server_settings *s,
	   FILE *out)
{
	const char *text = (const char *)s + row->offset;

	fprintf(out, "%s %s", row->name, text[0] != '\0' ? text : "default");
}

/* --- policy --------------------------------------------------------------- */

static bool
parse_reuse(struct tls_conf_parser *p, const struct tls_setting *row,
	    const struct span *words, struct server_settings *out)
{
	char shown[VALUE_SHOWN];
	int value = value_choice(words[0], reuse_choices);

	(void)row;
	if (value < 0) {
		tls_conf_complain(p, "%s is unknown here; write require, "
				     "prefer or off",
				  value_show(words[0], shown));
		return false;
	}
	out->reuse = (enum reuse)value;
	return true;
}

static void
print_reuse(const struct tls_setting *row, const struct server_settings *s,
	    FILE *out)
{
	fprintf(out, "%s %s", row->name, reuse_choices[s->reuse]);
}

static bool
parse_data(struct tls_conf_parser *p, const struct tls_setting *row,
	   const struct span *words, struct server_settings *out)
{
	char shown[VALUE_SHOWN];
	int value = value_choice(words[0], data_choices);

	(void)row;
	if (value < 0) {
		tls_conf_complain(p, "%s is unknown here; write relay or "
				     "direct",
				  value_show(words[0], shown));
		return false;
	}
	out->relay = value == 1;
	return true;
}

static void
print_data(const struct tls_setting *row, const struct server_settings *s,
	   FILE *out)
{
	fprintf(out, "%s %s", row->name, data_choices[s->relay]);
}

static bool
parse_unclean(struct tls_conf_parser *p, const struct tls_setting *row,
	      const struct span *words, struct server_settings *out)
{
	char shown[VALUE_SHOWN];
	int value = value_choice(words[0], unclean_choices);

	(void)row;
	if (value < 0) {
		tls_conf_complain(p, "%s is unknown here; write abort or pass",
				  value_show(words[0], shown));
		return false;
	}
	out->unclean = value == 1;
	return true;
}

static void
print_unclean(const struct tls_setting *row, const struct server_settings *s,
	      FILE *out)
{
	fprintf(out, "%s %s", row->name, unclean_choices[s->unclean]);
}

static bool
parse_allow(struct tls_conf_parser *p, const struct tls_setting *row,
	    const struct span *words, struct server_settings *out)
{
	char shown[VALUE_SHOWN];
	int value = value_choice(words[0], allow_choices);

	if (value < 0) {
		tls_conf_complain(p, "%s is unknown here; write allow or "
				     "refuse",
				  value_show(words[0], shown));
		return false;
	}
	*(bool *)((char *)out + row->offset) = value == 1;
	return true;
}

static void
print_allow(const struct tls_setting *row, const struct server_settings *s,
	    FILE *out)
{
	fprintf(out, "%s %s", row->name,
		allow_choices[*(const bool *)((const char *)s + row->offset)]);
}

static bool
parse_audit(struct tls_conf_parser *p, const struct tls_setting *row,
	    const struct span *words, struct server_settings *out)
{
	char shown[VALUE_SHOWN];

	(void)row;
	out->audit = value_is(words[0], "on");
	if (out->audit || value_is(words[0], "off"))
		return true;
	tls_conf_complain(p, "%s is unknown here; write on or off",
			  value_show(words[0], shown));
	return false;
}

static void
print_audit(const struct tls_setting *row, const struct server_settings *s,
	    FILE *out)
{
	fprintf(out, "%s %s", row->name, s->audit ? "on" : "off");
}

static bool
parse_commands(struct tls_conf_parser *p, const struct tls_setting *row,
	       const struct span *words, struct server_settings *out)
{
	char *text = (char *)out + row->offset, shown[VALUE_SHOWN];

	memset(text, 0, row->size);
	if (value_is(words[0], "none"))
		return true;
	if (!commands_are_list(words[0])) {
		tls_conf_complain(p, "%s is no list of commands; write names "
				     "with commas between them, as in "
				     "DELE,RMD, or none",
				  value_show(words[0], shown));
		return false;
	}
	memcpy(text, words[0].data, words[0].len);
	return true;
}

static void
print_commands(const struct tls_setting *row, const struct server_settings *s,
	       FILE *out)
{
	const char *text = (const char *)s + row->offset;

	fprintf(out, "%s %s", row->name, text[0] != '\0' ? text : "none");
}

/* --- the table ------------------------------------------------------------ */

#define FIELD(field) \
	offsetof(struct server_settings, field), \
		sizeof(((struct server_settings *)0)->field)

const struct tls_setting tls_settings[] = {
	{ "certificate", "CERTIFICATE-FILE KEY-FILE", 2,
	  tls_conf_parse_certificate, tls_conf_print_certificate,
	  offsetof(struct server_settings, tls.pairs),
	  offsetof(struct server_settings, tls.pair_count) +
		  sizeof(unsigned) -
		  offsetof(struct server_settings, tls.pairs) },
	{ "passphrase-file", "PATH", 1, tls_conf_parse_passphrase, NULL, 0, 0 },
	{ "client-certificate", "CERTIFICATE-FILE KEY-FILE", 2,
	  tls_conf_parse_own, tls_conf_print_own, FIELD(tls.own) },
	{ "verify", "certificate | CA-FILE | none", 1, parse_verify,
	  print_verify, offsetof(struct server_settings, tls.verify),
	  offsetof(struct server_settings, tls.ca_file) + IDENTITY_PATH_MAX -
		  offsetof(struct server_settings, tls.verify) },
	{ "client-tls", "VERSION[-VERSION]", 1, parse_versions, print_versions,
	  offsetof(struct server_settings, tls.client.low),
	  2 * sizeof(uint16_t) },
	{ "server-tls", "VERSION[-VERSION]", 1, parse_versions, print_versions,
	  offsetof(struct server_settings, tls.server.low),
	  2 * sizeof(uint16_t) },
	{ "client-ciphers", "LIST | default", 1, parse_list, print_list,
	  FIELD(tls.client.ciphers) },
	{ "server-ciphers", "LIST | default", 1, parse_list, print_list,
	  FIELD(tls.server.ciphers) },
	{ "client-suites", "LIST | default", 1, parse_list, print_list,
	  FIELD(tls.client.suites) },
	{ "server-suites", "LIST | default", 1, parse_list, print_list,
	  FIELD(tls.server.suites) },
	{ "data", "relay | direct", 1, parse_data, print_data, FIELD(relay) },
	{ "reuse", "require | prefer | off", 1, parse_reuse, print_reuse,
	  FIELD(reuse) },
	{ "unclean-end", "abort | pass", 1, parse_unclean, print_unclean,
	  FIELD(unclean) },
	{ "ccc", "allow | refuse", 1, parse_allow, print_allow, FIELD(ccc) },
	{ "sscn", "allow | refuse", 1, parse_allow, print_allow, FIELD(sscn) },
	{ "audit", "on | off", 1, parse_audit, print_audit, FIELD(audit) },
	{ "deny-commands", "COMMAND[,COMMAND]... | none", 1, parse_commands,
	  print_commands, FIELD(deny) },
	{ "allow-commands", "COMMAND[,COMMAND]... | none", 1, parse_commands,
	  print_commands, FIELD(allow) },
};

const size_t tls_setting_count = sizeof(tls_settings) / sizeof(tls_settings[0]);

const struct tls_setting *
tls_setting_find(struct span word)
{
	for (size_t i = 0; i < tls_setting_count; i++)
		if (value_is(word, tls_settings[i].name))
			return &tls_settings[i];
	return NULL;
}

bool
tls_setting_shows(const struct tls_setting *row,
		  const struct server_settings *s)
{
	if (row->parse == tls_conf_parse_certificate)
		return s->tls.pair_count != 0;
	if (row->parse == tls_conf_parse_own)
		return s->tls.own.certificate[0] != '\0';
	return row->print != NULL;
}

bool
tls_setting_repeats(const struct tls_setting *row)
{
	return row->parse == tls_conf_parse_certificate ||
	       row->parse == tls_conf_parse_passphrase;
}

void
tls_settings_inherit(struct server_settings *settings, uint32_t given,
		     const struct server_settings *fallback)
{
	for (size_t i = 0; i < tls_setting_count; i++)
		if ((given & 1u << i) == 0)
			memcpy((char *)settings + tls_settings[i].offset,
			       (const char *)fallback + tls_settings[i].offset,
			       tls_settings[i].size);
}
