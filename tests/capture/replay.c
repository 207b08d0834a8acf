/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plays a capture to the core: replay CONF FILE.pcap
 *
 * Control packets go to the gate at the capture's own times. Every other SYN
 * is a data connection: it is held against what is open then, as the ruleset
 * would, and a pinhole is used up by it. One line each on standard output, with
 * the number of the frame: what was opened, closed and refused, what class a
 * session got, and which data connection was let in by what.
 */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/packet.h"
#include "io/conf.h"
#include "io/log.h"
#include "pinholed/gate.h"
#include "scenario/model.h"

struct replay {
	struct conf conf;
	struct gate *gate;
	struct model model;
	struct flow flows[MODEL_FLOWS];
	uint64_t now_ns;
	unsigned frame;
	unsigned broken;
};

static void
print_action(const struct replay *r, const struct action *a)
{
	static const char *const verbs[] = {
		[ACTION_OPEN] = "open",	      [ACTION_CLOSE] = "close",
		[ACTION_REFRESH] = "refresh", [ACTION_MARK] = "class",
		[ACTION_NOTE] = "note",
	};
	char opening[160];

	/* What is routine would bury the rest. */
	if (a->kind == ACTION_NOTE &&
	    (a->level == NOTE_DEBUG || a->has_opening))
		return;
	if (a->kind == ACTION_REFRESH)
		return;
	printf("%u %s", r->frame, verbs[a->kind]);
	if (a->has_opening)
		printf(" %s", model_opening_text(&a->opening, opening));
	printf(" %s\n", a->kind == ACTION_MARK ? class_name(a->class)
					       : reason_word(a->reason));
}

static void
complain(struct replay *r, const char *what)
{
	if (what == NULL)
		return;
	printf("%u broken: %s\n", r->frame, what);
	r->broken++;
}

static void
step(struct replay *r, struct event *event)
{
	static struct actions out;

	event->now_ns = r->now_ns;
	gate_step(r->gate, event, &out);
	for (uint32_t i = 0; i < out.count; i++)
		print_action(r, &out.list[i]);
	complain(r, model_apply(&r->model, &out, r->now_ns));
}

static void
tick_until(struct replay *r, uint64_t now_ns)
{
	while (gate_deadline(r->gate) <= now_ns) {
		struct event event = { .kind = EVENT_TICK };

		if (gate_deadline(r->gate) > r->now_ns)
			r->now_ns = gate_deadline(r->gate);
		step(r, &event);
	}
	r->now_ns = now_ns;
	complain(r, model_compare(&r->model, r->gate, r->now_ns));
}

static bool
is_control(const struct replay *r, uint16_t port)
{
	return policy_is_explicit(&r->conf.policy, port) ||
	       policy_is_implicit(&r->conf.policy, port);
}

static void
remember_flow(struct replay *r, const struct segment *s)
{
	struct flow *f = &r->flows[r->model.flow_count];

	if ((s->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		return;
	if (r->model.flow_count == MODEL_FLOWS) {
		complain(r, "too many control connections");
		return;
	}
	f->end[CLIENT] = s->source;
	f->end[SERVER] = s->destination;
	r->model.flow_count++;
}

/* What the ruleset's data chain decides about a SYN. */
static const struct opening *
find_opening(const struct replay *r, const struct segment *s)
{
	for (unsigned i = 0; i < r->model.count; i++) {
		const struct opening *o = &r->model.open[i].opening;

		if (!addr_equal(&o->source, &s->source.addr) ||
		    !addr_equal(&o->destination, &s->destination.addr))
			continue;
		if (o->kind == OPENING_PINHOLE ? o->port == s->destination.port
					       : s->destination.port >= 1024)
			return o;
	}
	return NULL;
}

static void
data_syn(struct replay *r, const struct segment *s)
{
	const struct opening *o = find_opening(r, s);
	struct event event = { .kind = EVENT_DATA_BEGAN };
	char source[48], destination[48];

	printf("%u data %s %s %u %s\n", r->frame,
	       log_addr(&s->source.addr, source),
	       log_addr(&s->destination.addr, destination), s->destination.port,
	       o != NULL ? model_kinds[o->kind] : "blocked");
	if (o == NULL)
		return;
	event.data.source = s->source.addr;
	event.data.destination = s->destination.addr;
	event.data.port = s->destination.port;
	event.data.class = o->kind == OPENING_PINHOLE ? CLASS_DATA_PINHOLE
						      : CLASS_DATA_GRANT;
	step(r, &event);
}

static void
take_frame(struct replay *r, struct span ip, uint64_t now_ns)
{
	struct event event = { .kind = EVENT_PACKET, .packet = ip };
	struct segment s;

	r->frame++;
	tick_until(r, now_ns);
	if (packet_parse(ip, &s) != PACKET_OK)
		return;
	if (is_control(r, s.destination.port) || is_control(r, s.source.port)) {
		remember_flow(r, &s);
		step(r, &event);
	} else if ((s.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN) {
		data_syn(r, &s);
	}
}

/* Bytes in front of the IP header, or -1. */
static int
link_header(int type)
{
	return type == DLT_EN10MB      ? 14
	       : type == DLT_LINUX_SLL ? 16
	       : type == DLT_RAW       ? 0
				       : -1;
}

static int
play(struct replay *r, const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(
		path, PCAP_TSTAMP_PRECISION_NANO, error);
	struct pcap_pkthdr *header;
	const u_char *data;
	int skip, more;

	if (pcap == NULL) {
		fprintf(stderr, "%s\n", error);
		return 2;
	}
	skip = link_header(pcap_datalink(pcap));
	if (skip < 0) {
		fprintf(stderr, "%s: unknown link type\n", path);
		pcap_close(pcap);
		return 2;
	}
	while ((more = pcap_next_ex(pcap, &header, &data)) == 1) {
		uint64_t now_ns = (uint64_t)header->ts.tv_sec * 1000000000 +
				  (uint64_t)header->ts.tv_usec;

		if (header->caplen > (unsigned)skip)
			take_frame(r,
				   span_make(data + skip,
					     header->caplen - (unsigned)skip),
				   now_ns > r->now_ns ? now_ns : r->now_ns);
	}
	pcap_close(pcap);
	printf("end: %u open\n", r->model.count);
	return more == PCAP_ERROR_BREAK && r->broken == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const struct gate_limits limits = { 64, 64, 64, 64 };
	static struct replay r;
	void *memory;
	int status;

	if (argc != 3) {
		fprintf(stderr, "usage: %s CONF FILE.pcap\n", *argv);
		return 2;
	}
	memory = aligned_alloc(64, (gate_size(&limits) + 63) & ~63ul);
	if (memory == NULL || conf_load(argv[1], &r.conf, stderr) != 0)
		return 2;
	r.model.policy = &r.conf.policy;
	r.model.flows = r.flows;
	r.gate = gate_init(memory, &limits, &r.conf.policy, 0, 1, 0);
	status = play(&r, argv[2]);
	free(memory);
	return status;
}
