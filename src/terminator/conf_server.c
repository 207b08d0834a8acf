/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The `server` directive, and which of its lines a server belongs to. */
#include <string.h>

#include "terminator/conf_settings.h"

/* [SETTING VALUE...]... into @s; false after a complaint. */
static bool
parse_settings(struct tls_conf_parser *p, const struct span *words,
	       unsigned count, struct server_conf *s)
{
	char shown[VALUE_SHOWN];

	for (unsigned i = 0; i < count;) {
		const struct tls_setting *row = tls_setting_find(words[i]);
		uint32_t bit;

		if (row == NULL) {
			tls_conf_complain(p,
					  "%s is no setting of a server; "
					  "pinholed-tls.conf(5) lists them all",
					  value_show(words[i], shown));
			return false;
		}
		bit = 1u << (row - tls_settings);
		if (count - i - 1 < row->words) {
			tls_conf_complain(p, "a value is missing; write: %s %s",
					  row->name, row->usage);
			return false;
		}
		if ((s->given & bit) != 0 && !tls_setting_repeats(row)) {
			tls_conf_complain(p,
					  "%s stands here twice; keep one "
					  "of them",
					  row->name);
			return false;
		}
		s->given |= bit;
		if (!row->parse(p, row, &words[i + 1], &s->settings))
			return false;
		i += 1 + row->words;
	}
	return true;
}

void
tls_conf_parse_server(struct tls_conf_parser *p, const struct span *words,
		      unsigned count)
{
	struct tls_conf *conf = p->conf;
	struct server_conf *s = &conf->servers[conf->server_count];
	char shown[VALUE_SHOWN];
	struct addr net;

	if (count == 0) {
		tls_conf_complain(p, "a value is missing; write: server "
				     "ADDRESS[/PREFIX] [SETTING VALUE]...");
		return;
	}
	if (conf->server_count == TLS_CONF_SERVERS_MAX) {
		tls_conf_complain(p,
				  "more than %d servers; join them into "
				  "networks",
				  TLS_CONF_SERVERS_MAX);
		return;
	}
	memset(s, 0, sizeof(*s));
	s->line = p->line;
	if (!value_network(words[0], &s->net, &s->prefix)) {
		tls_conf_complain(p,
				  "%s is no address or network; write "
				  "192.0.2.1, 192.0.2.0/24, 2001:db8::1 or "
				  "2001:db8::/64",
				  value_show(words[0], shown));
		return;
	}
	net = value_mask(&s->net, s->prefix);
	if (!addr_equal(&net, &s->net)) {
		tls_conf_complain(p, "%s has bits behind the prefix",
				  value_show(words[0], shown));
		return;
	}
	for (unsigned i = 0; i < conf->server_count; i++)
		if (conf->servers[i].prefix == s->prefix &&
		    addr_equal(&conf->servers[i].net, &s->net)) {
			tls_conf_complain(p,
					  "%s has its entry at line %u "
					  "already; keep one of them",
					  value_show(words[0], shown),
					  conf->servers[i].line);
			return;
		}
	if (parse_settings(p, words + 1, count - 1, s))
		conf->server_count++;
}

const struct server_conf *
tls_conf_server(const struct tls_conf *conf, const struct addr *server)
{
	const struct server_conf *best = NULL;

	for (unsigned i = 0; i < conf->server_count; i++) {
		const struct server_conf *s = &conf->servers[i];

		if (addr_in_prefix(server, &s->net, s->prefix) &&
		    (best == NULL || s->prefix > best->prefix))
			best = s;
	}
	return best;
}

unsigned
tls_conf_check(const struct tls_conf *conf, const char *name,
	       const struct policy *policy, FILE *errors)
{
	unsigned count = 0;
	char text[48];

	for (unsigned i = 0; i < policy->server_count; i++) {
		const struct policy_server *p = &policy->servers[i];
		const struct server_conf *s = tls_conf_server(conf, &p->net);

		const struct server_settings *have =
			s != NULL && s->prefix <= p->prefix ? &s->settings
							    : &conf->fallback;

		if (!p->terminate || have->tls.pair_count != 0)
			continue;
		fprintf(errors,
			"%s: server: no certificate for %s/%u, which "
			"pinholed.conf terminates; write: server %s/%u "
			"certificate CERTIFICATE-FILE KEY-FILE\n",
			name, log_addr(&p->net, text), p->prefix, text,
			p->prefix);
		count++;
	}
	return count;
}
