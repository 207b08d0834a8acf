/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The `server` directive: an address or network, and what holds for it. */
#include "io/conf_parser.h"

#include <string.h>

#include "io/products.h"

static bool
parse_server_net(struct conf_parser *p, struct span word,
		 struct policy_server *server)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const struct policy *policy = &p->conf->policy;
	char shown[VALUE_SHOWN], text[48];
	struct addr net;

	if (!value_network(word, &server->net, &server->prefix)) {
		conf_complain(p,
			      "%s is no address or network; write 192.0.2.1, "
			      "192.0.2.0/24, 2001:db8::1 or 2001:db8::/64",
			      value_show(word, shown));
		return false;
	}
	if (server->net.family == ADDR_V6 && server->prefix >= 96 &&
	    memcmp(server->net.bytes, mapped, sizeof(mapped)) == 0) {
		conf_complain(p,
			      "%s is an IPv4 address in IPv6 form, which no "
			      "packet has; write the IPv4 address",
			      value_show(word, shown));
		return false;
	}
	net = value_mask(&server->net, server->prefix);
	if (!addr_equal(&net, &server->net)) {
		conf_complain(
			p,
			"%s has bits behind the prefix; write %s/%u for "
			"the network, or leave /%u out for the one server",
			value_show(word, shown), log_addr(&net, text),
			server->prefix, server->prefix);
		return false;
	}
	for (unsigned i = 0; i < policy->server_count; i++) {
		const struct policy_server *other = &policy->servers[i];

		if (other->prefix == server->prefix &&
		    addr_equal(&other->net, &server->net)) {
			conf_complain(
				p,
				"%s has its entry at line %u already; keep "
				"one of them",
				value_show(word, shown), p->server_line[i]);
			return false;
		}
	}
	return true;
}

static bool
parse_product(struct conf_parser *p, struct span word, struct port_range *out)
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
parse_setting(struct conf_parser *p, struct span setting, struct span value,
	      struct policy_server *server, uint8_t *given)
{
	static const char *const names[] = { "passive-range", "product",
					     "opaque",	      "opaque-active",
					     "active",	      "terminate",
					     "window",	      "proof",
					     NULL };
	static const uint8_t bits[] = { GIVEN_RANGE,	GIVEN_RANGE,
					GIVEN_OPAQUE,	GIVEN_OPAQUE_ACTIVE,
					GIVEN_ACTIVE,	GIVEN_TERMINATE,
					GIVEN_WINDOW,	GIVEN_PROOF };
	int which = conf_take_choice(p, setting, names), choice = 0;

	if (which < 0)
		return false;
	if (value.len == 0) {
		conf_complain(p, "%s needs a value", names[which]);
		return false;
	}
	if (*given & bits[which]) {
		conf_complain(p, "%s stands here twice; keep one of them",
			      bits[which] == GIVEN_RANGE ? "the passive range"
							 : names[which]);
		return false;
	}
	*given |= bits[which];
	if (which == 0)
		return conf_take_range(p, value, &server->passive);
	if (which == 1)
		return parse_product(p, value, &server->passive);
	switch ((enum conf_given)bits[which]) {
	case GIVEN_RANGE:
		break;
	case GIVEN_OPAQUE:
		choice = conf_take_choice(p, value, conf_opaque_choices);
		server->opaque = (uint8_t)choice;
		break;
	case GIVEN_OPAQUE_ACTIVE:
		choice = conf_take_choice(p, value, conf_opaque_active_choices);
		server->opaque_active = (uint8_t)choice;
		break;
	case GIVEN_ACTIVE:
		choice = conf_take_choice(p, value, conf_active_choices);
		server->clear_active = choice == 1;
		break;
	case GIVEN_WINDOW:
		choice = conf_take_choice(p, value, conf_window_choices);
		server->window = (uint8_t)choice;
		break;
	case GIVEN_PROOF:
		choice = conf_take_choice(p, value, conf_proof_choices);
		server->proof = (uint8_t)choice;
		break;
	case GIVEN_TERMINATE:
		choice = conf_take_choice(p, value, conf_terminate_choices);
		server->terminate = choice >= 1;
		server->terminate_required = choice == 2;
		break;
	}
	return choice >= 0;
}

void
conf_server_parse(struct conf_parser *p, const struct conf_directive *d,
		  const struct span *words, unsigned count)
{
	struct policy *policy = &p->conf->policy;
	struct policy_server server = { 0 };
	uint8_t given = 0;

	(void)d;
	if (!parse_server_net(p, words[0], &server))
		return;
	for (unsigned i = 1; i < count; i += 2) {
		struct span value =
			i + 1 < count ? words[i + 1] : span_make(NULL, 0);

		if (!parse_setting(p, words[i], value, &server, &given))
			return;
	}
	if (policy->server_count == POLICY_SERVERS_MAX) {
		conf_complain(p,
			      "more than %d servers; join them into networks",
			      POLICY_SERVERS_MAX);
		return;
	}
	p->server_line[policy->server_count] = p->line;
	p->server_given[policy->server_count] = given;
	policy->servers[policy->server_count++] = server;
}

void
conf_server_print(const struct conf_directive *d, const struct conf *conf,
		  FILE *out)
{
	char text[48];

	for (unsigned i = 0; i < conf->policy.server_count; i++) {
		const struct policy_server *s = &conf->policy.servers[i];

		fprintf(out, "%s %s/%u passive-range", d->name,
			log_addr(&s->net, text), s->prefix);
		conf_put_range(&s->passive, out);
		fprintf(out,
			" opaque %s opaque-active %s window %s proof %s "
			"active %s terminate %s\n",
			conf_opaque_choices[s->opaque],
			conf_opaque_active_choices[s->opaque_active],
			conf_window_choices[s->window],
			conf_proof_choices[s->proof],
			conf_active_choices[s->clear_active],
			conf_terminate_choices[s->terminate +
					       s->terminate_required]);
	}
}

void
conf_server_check(const struct conf_parser *p, unsigned line,
		  const struct policy_server *s)
{
	const struct policy *policy = &p->conf->policy;

	if (s->opaque != POLICY_OPAQUE_GRANT || s->passive.high == 0)
		return;
	for (unsigned i = 0; i < policy->deny_count; i++) {
		const struct port_range *deny = &policy->deny[i];

		if (deny->high < s->passive.low || deny->low > s->passive.high)
			continue;
		conf_warn_at(p, line,
			     "%u-%u holds ports of deny-ports (%u); a grant "
			     "leaves those closed, so configure a narrower "
			     "range at the server and here",
			     s->passive.low, s->passive.high,
			     deny->low > s->passive.low ? deny->low
							: s->passive.low);
		return;
	}
}

void
conf_server_finish(struct conf_parser *p)
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
		if (!(given & GIVEN_WINDOW))
			s->window = fallback->window;
		if (!(given & GIVEN_PROOF))
			s->proof = fallback->proof;
		if (!(given & GIVEN_ACTIVE))
			s->clear_active = fallback->clear_active;
		snprintf(p->subject, sizeof(p->subject), "server");
		if (s->opaque == POLICY_OPAQUE_GRANT &&
		    s->passive.high == 0 && !s->terminate)
			conf_warn_at(
				p, p->server_line[i],
				"no passive range is known, so encrypted "
				"sessions get no passive data connection; add "
				"passive-range or product, or opaque refuse");
		if (given & GIVEN_RANGE)
			conf_server_check(p, p->server_line[i], s);
	}
}
