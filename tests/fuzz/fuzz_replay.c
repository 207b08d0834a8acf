/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A capture of any bytes: link layers, order, the core, data connections, the
 * explanation. Input: the link's number, then for each frame two bytes of length,
 * one of time (in units of 10 ms, squared), and the bytes. Whatever comes, each
 * session ends once, counts agree, and texts stay within their bounds.
 */
#include "fuzz.h"

#include <pcap/pcap.h>

#include "explain/explain.h"
#include "replay/link.h"
#include "replay/replay.h"

struct seen {
	uint64_t sessions, ended, over, syns, flows, last_ns;
	bool total;
};

static void
on_moment(void *context, const struct moment *m)
{
	struct seen *seen = context;

	REQUIRE(m->time_ns >= seen->last_ns && !seen->total);
	seen->last_ns = m->time_ns;
	switch (m->kind) {
	case MOMENT_ACTION:
		REQUIRE(m->action->text_len <= ACTION_TEXT_MAX);
		seen->ended += m->action->ends;
		seen->sessions += m->action->reason == REASON_SESSION_NEW ||
				  m->action->reason == REASON_PICKED_UP;
		break;
	case MOMENT_SYN:
		seen->syns++;
		REQUIRE(m->facts != NULL);
		break;
	case MOMENT_DATA:
		seen->flows++;
		break;
	case MOMENT_TOTAL:
		seen->total = true;
		REQUIRE(m->total->data == seen->syns);
		REQUIRE(m->total->passed + m->total->blocked == seen->syns);
		REQUIRE(m->total->sessions == seen->sessions);
		break;
	}
}

static void
on_over(void *context, const struct facts *f)
{
	struct finding found[FINDING_COUNT];
	struct seen *seen = context;
	unsigned count = explain(f, found);

	seen->over++;
	REQUIRE(count <= FINDING_COUNT);
	for (unsigned i = 0; i < count; i++) {
		REQUIRE(strlen(found[i].evidence) < sizeof(found[i].evidence));
		REQUIRE(strlen(found[i].gateway) < sizeof(found[i].gateway));
		REQUIRE(strlen(found[i].peer) < sizeof(found[i].peer));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int links[] = { DLT_EN10MB,     DLT_RAW,
				     DLT_LINUX_SLL,  DLT_LINUX_SLL2,
				     DLT_NULL,	     DLT_PPP,
				     DLT_IEEE802_11, DLT_NFLOG };
	static struct conf conf;
	struct span in = span_make(data, size);
	int link = links[draw(&in, 8)];
	uint64_t now_ns = UINT64_C(1700000000000000000);
	struct seen seen = { 0 };
	struct replay_sink sink = { &seen, on_moment, on_over };
	struct replay *r;

	conf_defaults(&conf);
	/* Small tables, so that they overflow. */
	conf.limits = (struct gate_limits){ 3, 4, 3, 2 };
	conf.policy.fallback.passive = (struct port_range){ 1024, 2000 };
	r = replay_new(&conf, &sink);
	REQUIRE(r != NULL);
	while (in.len > 3) {
		uint32_t len = draw(&in, 256) << 8;
		uint64_t step;
		struct span frame;

		len |= draw(&in, 256);
		step = draw(&in, 256);
		now_ns += step * step * 10000000;
		frame = guard_span(in.data, len < in.len ? len : in.len);
		span_skip(&in, len);
		replay_packet(r, link_ip(link, frame), (len & 1) != 0, now_ns);
	}
	replay_end(r);
	replay_free(r);
	REQUIRE(seen.total && seen.syns == seen.flows);
	REQUIRE(seen.over == seen.sessions && seen.ended <= seen.sessions);
	return 0;
}
