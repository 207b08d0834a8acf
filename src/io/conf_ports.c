/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directives whose values are numbers of ports, of queues and of groups. */
#include "io/conf_parser.h"

void
conf_queues_parse(struct conf_parser *p, const struct conf_directive *d,
		  const struct span *words, unsigned count)
{
	struct port_range range;
	char shown[VALUE_SHOWN];

	(void)d;
	(void)count;
	if (!value_range(words[0], 0, &range)) {
		conf_complain(p,
			      "%s is no queue number or range; write 2100 "
			      "or 2100-2103",
			      value_show(words[0], shown));
	} else if (range.high - range.low >= CONF_QUEUES_MAX) {
		conf_complain(p,
			      "%d queues are too many; write %d at most, "
			      "one per processor is enough",
			      range.high - range.low + 1, CONF_QUEUES_MAX);
	} else {
		p->conf->queue_first = range.low;
		p->conf->queue_count = (uint16_t)(range.high - range.low + 1);
	}
}

void
conf_queues_print(const struct conf_directive *d, const struct conf *conf,
		  FILE *out)
{
	fprintf(out, "%s %u", d->name, conf->queue_first);
	if (conf->queue_count > 1)
		fprintf(out, "-%u", conf->queue_first + conf->queue_count - 1);
	fputc('\n', out);
}

void
conf_copies_parse(struct conf_parser *p, const struct conf_directive *d,
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

void
conf_copies_print(const struct conf_directive *d, const struct conf *conf,
		  FILE *out)
{
	if (conf->copies == CONF_NO_COPIES)
		fprintf(out, "%s none\n", d->name);
	else
		fprintf(out, "%s %d\n", d->name, conf->copies);
}

void
conf_ports_parse(struct conf_parser *p, const struct conf_directive *d,
		 const struct span *words, unsigned count)
{
	struct policy *policy = &p->conf->policy;
	bool implicit =
		d->offset == offsetof(struct conf, policy.implicit_ports);
	uint16_t *ports =
		implicit ? policy->implicit_ports : policy->explicit_ports;
	uint16_t *len =
		implicit ? &policy->implicit_count : &policy->explicit_count;
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

void
conf_ports_print(const struct conf_directive *d, const struct conf *conf,
		 FILE *out)
{
	const struct policy *policy = &conf->policy;
	bool implicit =
		d->offset == offsetof(struct conf, policy.implicit_ports);
	const uint16_t *ports =
		implicit ? policy->implicit_ports : policy->explicit_ports;
	unsigned len =
		implicit ? policy->implicit_count : policy->explicit_count;

	fputs(d->name, out);
	if (len == 0)
		fputs(" none", out);
	for (unsigned i = 0; i < len; i++)
		fprintf(out, " %u", ports[i]);
	fputc('\n', out);
}

void
conf_deny_parse(struct conf_parser *p, const struct conf_directive *d,
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
			conf_complain(p,
				      "%s is no port or range from 1 to "
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

void
conf_deny_print(const struct conf_directive *d, const struct conf *conf,
		FILE *out)
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
	conf_complain(p,
		      "%s is no range of ports from %d to 65535; write "
		      "LOW-HIGH, as in 50000-50099, or none",
		      value_show(word, shown), POLICY_PORT_MIN);
	return false;
}

void
conf_fallback_range_parse(struct conf_parser *p, const struct conf_directive *d,
			  const struct span *words, unsigned count)
{
	(void)d;
	(void)count;
	conf_take_range(p, words[0], &p->conf->policy.fallback.passive);
}

void
conf_fallback_range_print(const struct conf_directive *d,
			  const struct conf *conf, FILE *out)
{
	fputs(d->name, out);
	conf_put_range(&conf->policy.fallback.passive, out);
	fputc('\n', out);
}
