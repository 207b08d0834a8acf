/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Findings of three sources: what the workers remember of their sessions, what
 * the ruleset noted of data connections that nothing was open for, and the control
 * connections that conntrack has and no worker follows, or sees half of.
 */
#include "daemon/findings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/chronicle.h"
#include "daemon/state.h"
#include "explain/explain.h"
#include "io/log.h"
#include "netfilter/ctnl.h"
#include "netfilter/fwset.h"

#define MISSED_MAX 8192
#define UNSEEN_MAX 6 /* kinds, see below */
/* A connection that has just begun may not have come to its worker yet. */
#define SLACK_S 5

struct findings {
	struct ctnl *ct;
	uint32_t timeout_s; /* conntrack's, for established connections */
	struct fwset_missed *missed; /* of the newest question */
	size_t missed_count;
	uint64_t asked_ns; /* when it was put */
};

/* What the kernel starts with: five days. */
#define TIMEOUT_DEFAULT_S 432000

static uint32_t
read_timeout(void)
{
	FILE *in = fopen("/proc/sys/net/netfilter/"
			 "nf_conntrack_tcp_timeout_established", "re");
	unsigned value = TIMEOUT_DEFAULT_S;

	if (in == NULL)
		return value;
	if (fscanf(in, "%u", &value) != 1)
		value = TIMEOUT_DEFAULT_S;
	fclose(in);
	return value;
}

int
findings_open(struct findings **out)
{
	struct findings *f = calloc(1, sizeof(*f));
	int err = -ENOMEM;

	if (f != NULL)
		f->missed = malloc(MISSED_MAX * sizeof(*f->missed));
	if (f != NULL && f->missed != NULL)
		err = ctnl_open_requests(&f->ct);
	if (err != 0) {
		findings_close(f);
		return err;
	}
	f->timeout_s = read_timeout();
	*out = f;
	return 0;
}

void
findings_close(struct findings *f)
{
	if (f == NULL)
		return;
	ctnl_close(f->ct);
	free(f->missed);
	free(f);
}

/* --- data connections that nothing was open for ---------------------------- */

static void
keep_missed(const struct fwset_missed *missed, void *arg)
{
	struct findings *f = arg;

	if (f->missed_count < MISSED_MAX)
		f->missed[f->missed_count++] = *missed;
}

/* Whether @m was tried by the ends of this session, while it lived. */
static bool
is_of(const struct findings *f, const struct chronicle_entry *e,
      const struct fwset_missed *m)
{
	const struct addr *client = &e->facts.client.addr,
			  *server = &e->facts.server.addr;
	uint64_t ago_ns = m->ago_ms * UINT64_C(1000000);
	uint64_t at_ns = f->asked_ns > ago_ns ? f->asked_ns - ago_ns : 0;

	return at_ns >= e->began_ns && (!e->ended || at_ns <= e->heard_ns) &&
	       ((addr_equal(&m->source, client) &&
		 addr_equal(&m->destination, server)) ||
		(addr_equal(&m->source, server) &&
		 addr_equal(&m->destination, client)));
}

static void
take_missed(const struct findings *f, struct chronicle_entry *e)
{
	for (size_t i = 0; i < f->missed_count; i++) {
		const struct fwset_missed *m = &f->missed[i];
		struct data_seen seen = {
			.source.addr = m->source,
			.destination = { m->destination, m->port },
			.fate = DATA_BLOCKED,
		};

		if (is_of(f, e, m))
			facts_take_syn(&e->facts, &seen);
	}
}

/* --- sessions -------------------------------------------------------------- */

static void
fill(struct control_finding *to, const struct finding *from)
{
	to->word = finding_word(from->kind);
	to->sentence = finding_sentence(from->kind);
	memcpy(to->evidence, from->evidence, sizeof(to->evidence));
	memcpy(to->gateway, from->gateway, sizeof(to->gateway));
	memcpy(to->peer, from->peer, sizeof(to->peer));
}

_Static_assert(sizeof(((struct control_finding *)0)->evidence) ==
			       sizeof(((struct finding *)0)->evidence) &&
		       sizeof(((struct control_finding *)0)->gateway) ==
			       sizeof(((struct finding *)0)->gateway) &&
		       sizeof(((struct control_finding *)0)->peer) ==
			       sizeof(((struct finding *)0)->peer),
	       "texts must fit");
_Static_assert(FINDING_COUNT <= CONTROL_FINDINGS &&
		       UNSEEN_MAX <= CONTROL_FINDINGS,
	       "the findings of one session must fit");

static size_t
explain_entry(const struct findings *f, struct chronicle_entry *e,
	      struct control_finding *out)
{
	struct finding found[FINDING_COUNT];
	uint64_t silent_ns = clock_now_ns() - e->heard_ns;
	unsigned count;

	take_missed(f, e);
	count = explain(&e->facts, found);
	for (unsigned i = 0; i < count; i++) {
		out[i] = (struct control_finding){
			.session = e->facts.session,
			.client = e->facts.client,
			.server = e->facts.server,
			.ended = e->ended,
			.ago_ms = silent_ns / 1000000,
		};
		fill(&out[i], &found[i]);
	}
	return count;
}

/* --- connections that no worker follows, or sees half of ------------------- */

enum unseen {
	UNSEEN_OFFLOADED, /* in a flowtable */
	UNSEEN_UNPROVEN,  /* the same, and a data connection */
	UNSEEN_UNMARKED,  /* the ruleset's chain never saw it */
	UNSEEN_UNQUEUED,  /* it did, and no worker got it */
	UNSEEN_UNHELD,	  /* copies come, and nothing that has to wait */
	UNSEEN_UNCOPIED,  /* what has to wait comes, and no copies */
};

struct unseen_flows {
	struct state *st;
	uint64_t uptime_s;
	/* What has come since the start, of copies and of the rest. */
	bool copies, any_copied, any_held, any_lost;
	struct {
		uint32_t count;
		struct endpoint client, server; /* of the newest */
	} of[UNSEEN_MAX];
};

static bool
is_followed(const struct state *st, const struct ctnl_flow *flow)
{
	for (uint16_t i = 0; i < st->worker_count; i++)
		if (worker_has_session(st->workers[i], &flow->client,
				       &flow->server))
			return true;
	return false;
}

/* How little is seen of a connection that a worker follows; UNSEEN_MAX: nothing
 * is known to be missing. */
static enum unseen
half_seen(const struct unseen_flows *u, const struct ctnl_flow *flow)
{
	if (!u->copies || flow->class > CLASS_CLEAR ||
	    !policy_is_explicit(&u->st->conf->policy, flow->server.port))
		return UNSEEN_MAX;
	if (!u->any_held && u->any_lost)
		return UNSEEN_UNHELD;
	return u->any_copied ? UNSEEN_MAX : UNSEEN_UNCOPIED;
}

static void
count_seen(struct unseen_flows *u)
{
	struct worker_counters sum = { 0 };

	for (uint16_t i = 0; i < u->st->worker_count; i++)
		worker_add_counters(u->st->workers[i], &sum);
	u->copies = worker_reads_copies(u->st->workers[0]);
	u->any_copied = sum.packets_copied != 0;
	u->any_held = sum.gate.packets > sum.packets_copied;
	u->any_lost = sum.gate.streams_lost != 0;
}

/* UNSEEN_MAX: nothing is missing that is known of. */
static enum unseen
kind_of(const struct unseen_flows *u, const struct ctnl_flow *flow)
{
	uint32_t timeout_s = u->st->findings->timeout_s;
	uint64_t silent_s;

	if (flow->class == CLASS_DATA_UNPROVEN && flow->offloaded)
		return UNSEEN_UNPROVEN;
	if (!policy_is_control(&u->st->conf->policy, flow->server.port) ||
	    flow->class == CLASS_NOT_FTP || flow->class >= CLASS_DATA_PINHOLE)
		return UNSEEN_MAX;
	/* One that has been silent since before the start could not be seen. */
	silent_s = flow->left_s < timeout_s ? timeout_s - flow->left_s : 0;
	if (!flow->offloaded && silent_s + SLACK_S > u->uptime_s)
		return UNSEEN_MAX;
	return is_followed(u->st, flow)	 ? half_seen(u, flow) :
	       flow->offloaded		 ? UNSEEN_OFFLOADED :
	       flow->class == CLASS_NONE ? UNSEEN_UNMARKED :
					   UNSEEN_UNQUEUED;
}

static void
take_flow(const struct ctnl_flow *flow, void *arg)
{
	struct unseen_flows *u = arg;
	enum unseen kind = kind_of(u, flow);

	if (kind == UNSEEN_MAX)
		return;
	u->of[kind].count++;
	u->of[kind].client = flow->client;
	u->of[kind].server = flow->server;
}

static const struct {
	const char *what, *cure;
} unseen_words[UNSEEN_MAX] = {
	[UNSEEN_OFFLOADED] = {
		"are forwarded by a flowtable, past all chains",
		"leave the control ports out of the rule with \"flow add\"",
	},
	[UNSEEN_UNPROVEN] = {
		"are forwarded by a flowtable, past what they have to show",
		"leave class 11 out of the rule with \"flow add\": ct mark and "
		"0xf0000000 == 0xb0000000 return",
	},
	[UNSEEN_UNMARKED] = {
		"never met the ruleset's inspecting chain (no class in the "
		"connection's mark)",
		"load pinholed.nft, look for rules that write the whole mark "
		"(ct mark set) or say notrack, and check that the control port "
		"is in \"ports\" or \"implicit-ports\"",
	},
	[UNSEEN_UNQUEUED] = {
		"met the ruleset, and no packet of them came to a worker",
		"the queue numbers in pinholed.nft (pinholed_queues) and in "
		"pinholed.conf (queues) must be the same; see also "
		"sessions_refused in pinholectl status",
	},
	[UNSEEN_UNHELD] = {
		"are read by copies, and none of their packets that have to "
		"wait came to a worker",
		"the queue numbers in pinholed.nft (pinholed_queues) and in "
		"pinholed.conf (queues) must be the same",
	},
	[UNSEEN_UNCOPIED] = {
		"have packets that wait for a worker, and none of them was "
		"copied to it",
		"the numbers in pinholed.nft (log group) and in pinholed.conf "
		"(copies) must be the same, or \"copies none\"",
	},
};

static size_t
explain_unseen(struct state *st, struct control_finding *out)
{
	struct unseen_flows u = {
		.st = st,
		.uptime_s = (clock_now_ns() - st->started_ns) / 1000000000,
	};
	size_t n = 0;

	count_seen(&u);
	if (ctnl_dump_flows(st->findings->ct, take_flow, &u) != 0)
		return 0;
	for (int i = 0; i < UNSEEN_MAX; i++) {
		struct control_finding *to = &out[n];
		char client[56], server[56];

		if (u.of[i].count == 0)
			continue;
		n++;
		*to = (struct control_finding){
			.client = u.of[i].client,
			.server = u.of[i].server,
			.word = finding_word(FINDING_NOT_QUEUED),
			.sentence = finding_sentence(FINDING_NOT_QUEUED),
		};
		snprintf(to->evidence, sizeof(to->evidence),
			 "%u established %s connections %s, one of %s to "
			 "%s among them",
			 u.of[i].count,
			 i == UNSEEN_UNPROVEN ? "data" : "control",
			 unseen_words[i].what,
			 log_endpoint(&to->client, client),
			 log_endpoint(&to->server, server));
		snprintf(to->gateway, sizeof(to->gateway), "%s",
			 unseen_words[i].cure);
	}
	return n;
}

size_t
findings_next(struct state *st, struct control_cursor *cursor,
	      struct control_finding out[static CONTROL_FINDINGS])
{
	struct findings *f = st->findings;
	struct chronicle_entry entry;
	size_t n = 0;

	if (cursor->worker == 0 && cursor->entry == 0) {
		f->missed_count = 0;
		f->asked_ns = clock_now_ns();
		/* An older ruleset has no such sets: then nothing was missed. */
		if (fwset_missed(st->fw, keep_missed, f) != 0)
			f->missed_count = 0;
	}
	while (cursor->worker < st->worker_count &&
	       n + FINDING_COUNT <= CONTROL_FINDINGS) {
		if (worker_remembers(st->workers[cursor->worker],
				     &cursor->entry, &entry))
			n += explain_entry(f, &entry, &out[n]);
		else
			*cursor = (struct control_cursor){
				.worker = cursor->worker + 1,
			};
	}
	if (n != 0 || cursor->worker != st->worker_count)
		return n;
	cursor->worker++;
	return explain_unseen(st, out);
}
