/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates, their keys, and what opens those. */
#include <string.h>

#include "terminator/conf_settings.h"

static bool
parse_pair(struct tls_conf_parser *p, const struct tls_setting *row,
	   const struct span *words, struct identity_pair *pair)
{
	char shown[VALUE_SHOWN];

	memset(pair, 0, sizeof(*pair));
	for (int i = 0; i < 2; i++)
		if (!value_path(words[i], i == 0 ? pair->certificate : pair->key,
				IDENTITY_PATH_MAX)) {
			tls_conf_complain(
				p,
				"%s is not a usable path; write %s "
				"/path/to/certificate.pem /path/to/key.pem",
				value_show(words[i], shown), row->name);
			return false;
		}
	p->pair = pair;
	return true;
}

void
tls_conf_print_pair(const char *name, const struct identity_pair *pair,
		    FILE *out)
{
	fprintf(out, "%s %s %s", name, pair->certificate, pair->key);
	if (pair->passphrase[0] != '\0')
		fprintf(out, " passphrase-file %s", pair->passphrase);
}

bool
tls_conf_parse_certificate(struct tls_conf_parser *p,
			   const struct tls_setting *row,
			   const struct span *words,
			   struct server_settings *out)
{
	struct identity_settings *tls = &out->tls;

	if (tls->pair_count == IDENTITY_PAIRS_MAX) {
		tls_conf_complain(p, "more than %d certificates for one server",
				  IDENTITY_PAIRS_MAX);
		return false;
	}
	if (!parse_pair(p, row, words, &tls->pairs[tls->pair_count]))
		return false;
	tls->pair_count++;
	return true;
}

void
tls_conf_print_certificate(const struct tls_setting *row,
			   const struct server_settings *s, FILE *out)
{
	for (unsigned i = 0; i < s->tls.pair_count; i++) {
		fputs(i == 0 ? "" : " ", out);
		tls_conf_print_pair(row->name, &s->tls.pairs[i], out);
	}
}

bool
tls_conf_parse_own(struct tls_conf_parser *p, const struct tls_setting *row,
		   const struct span *words, struct server_settings *out)
{
	return parse_pair(p, row, words, &out->tls.own);
}

void
tls_conf_print_own(const struct tls_setting *row,
		   const struct server_settings *s, FILE *out)
{
	tls_conf_print_pair(row->name, &s->tls.own, out);
}

bool
tls_conf_parse_passphrase(struct tls_conf_parser *p,
			  const struct tls_setting *row,
			  const struct span *words,
			  struct server_settings *out)
{
	char shown[VALUE_SHOWN];

	(void)out;
	if (p->pair == NULL || p->pair->passphrase[0] != '\0') {
		tls_conf_complain(p, "%s belongs behind the key that it opens, "
				     "once; write: certificate "
				     "CERTIFICATE-FILE KEY-FILE %s %s",
				  row->name, row->name, row->usage);
		return false;
	}
	if (!value_path(words[0], p->pair->passphrase, IDENTITY_PATH_MAX)) {
		tls_conf_complain(p, "%s is not a usable path; write "
				     "passphrase-file /path/to/file",
				  value_show(words[0], shown));
		return false;
	}
	return true;
}
