/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expectations: what the gate must have said since the last ones. */
#include <stdio.h>
#include <stdlib.h>

#include "run.h"

/* The earliest action of @kind that nobody has expected yet and that fits. */
static struct said *
find_said(struct run *r, enum action_kind kind, const char *opening,
	  const char *reason)
{
	char text[160];

	for (unsigned i = 0; i < r->said_count; i++) {
		struct said *s = &r->said[i];
		const struct action *a = &s->action;

		if (s->expected || a->kind != kind)
			continue;
		if (opening != NULL &&
		    (!a->has_opening ||
		     strcmp(model_opening_text(&a->opening, text), opening) !=
			     0))
			continue;
		if (reason == NULL ||
		    strcmp(reason_word(a->reason), reason) == 0)
			return s;
	}
	return NULL;
}

/* Cuts the reason off @words: "pinhole A B 50000 pasv", "grant-passive A B
 * opaque". Addresses are written as log_addr() does. */
static char *
split_reason(char *words)
{
	unsigned fields = strncmp(words, "pinhole ", 8) == 0 ||
					  strncmp(words, "relay ", 6) == 0 ?
				  4 :
				  3;
	char *at = words;

	while (fields-- > 0 && at != NULL) {
		at = strchr(at, ' ');
		if (at != NULL)
			at++;
	}
	if (at == NULL)
		return NULL;
	at[-1] = '\0';
	return at;
}

static void
expect_opening(struct run *r, enum action_kind kind, const char *verb,
	       char *words)
{
	const char *reason = split_reason(words);
	struct said *s = find_said(r, kind, words, reason);

	if (s == NULL)
		run_fail(r, "not seen: %s %s%s%s", verb, words,
			 reason != NULL ? " " : "",
			 reason != NULL ? reason : "");
	else
		s->expected = true;
}

static void
expect_open(struct run *r, char *words)
{
	expect_opening(r, ACTION_OPEN, "open", words);
}

static void
expect_close(struct run *r, char *words)
{
	expect_opening(r, ACTION_CLOSE, "close", words);
}

static void
expect_refresh(struct run *r, char *words)
{
	expect_opening(r, ACTION_REFRESH, "refresh", words);
}

static void
expect_used(struct run *r, char *words)
{
	struct said *s = find_said(r, ACTION_NOTE, words, "used");

	if (s == NULL)
		run_fail(r, "not seen: used %s", words);
	else
		s->expected = true;
}

static void
expect_note(struct run *r, char *words)
{
	struct said *s = find_said(r, ACTION_NOTE, NULL, words);

	if (s == NULL)
		run_fail(r, "not seen: note %s", words);
	else
		s->expected = true;
}

static void
expect_no_note(struct run *r, char *words)
{
	if (find_said(r, ACTION_NOTE, NULL, words) != NULL)
		run_fail(r, "seen: note %s", words);
}

static void
expect_mark(struct run *r, char *words)
{
	for (unsigned i = 0; i < r->said_count; i++) {
		struct said *s = &r->said[i];

		if (s->action.kind == ACTION_MARK && !s->expected &&
		    strcmp(class_name(s->action.class), words) == 0) {
			s->expected = true;
			return;
		}
	}
	run_fail(r, "not seen: mark %s", words);
}

/* expect verdict CLASS: the class that the newest verdict on a data connection's
 * packet gave it; none: there was no verdict. */
static void
expect_verdict(struct run *r, char *words)
{
	enum session_class class = CLASS_NONE;
	const char *got;

	for (unsigned i = 0; i < r->said_count; i++)
		if (r->said[i].action.kind == ACTION_VERDICT)
			class = r->said[i].action.class;
	got = class == CLASS_NONE	      ? "none" :
	      class == CLASS_DATA_UNPROVEN ? "unproven" :
	      class == CLASS_DATA_GRANT    ? "proven" :
					      "cut";
	if (strcmp(got, words) != 0)
		run_fail(r, "verdict is %s, not %s", got, words);
}

static void
expect_no_open(struct run *r, char *words)
{
	char opening[160];
	const struct said *s = find_said(r, ACTION_OPEN, NULL, NULL);

	(void)words;
	if (s != NULL)
		run_fail(r, "opened: %s",
			 model_opening_text(&s->action.opening, opening));
}

static void
expect_nothing_open(struct run *r, char *words)
{
	char opening[160];

	(void)words;
	if (r->model.count != 0)
		run_fail(
			r, "open: %s",
			model_opening_text(&r->model.open[0].opening, opening));
}

static bool
find_session(struct run *r, struct session_view *out)
{
	const struct flow *f = run_flow(r);
	uint32_t cursor = 0;

	while (gate_session_next(r->gate, r->now_ns, &cursor, out))
		if (endpoint_equal(&out->client, &f->end[CLIENT]) &&
		    endpoint_equal(&out->server, &f->end[SERVER]))
			return true;
	return false;
}

static void
expect_class(struct run *r, char *words)
{
	struct session_view view;

	if (!find_session(r, &view))
		run_fail(r, "the session is not in the gate");
	else if (strcmp(class_name(view.class), words) != 0)
		run_fail(r, "the class is %s, not %s", class_name(view.class),
			 words);
}

static void
expect_no_session(struct run *r, char *words)
{
	struct session_view view;

	(void)words;
	if (find_session(r, &view))
		run_fail(r, "the session is still in the gate");
}

static void
expect_counter(struct run *r, char *words)
{
	const struct gate_counters *c = gate_counters(r->gate);
	char name[32] = "";
	unsigned long long n = 0;
	const struct {
		const char *name;
		uint64_t value;
	} all[] = {
#define X(field, help) { #field, c->field },
		GATE_COUNTERS(X)
#undef X
	};

	sscanf(words, "%31s %llu", name, &n);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (strcmp(all[i].name, name) != 0)
			continue;
		if (all[i].value != n)
			run_fail(r, "the counter %s is %llu, not %llu", name,
				 (unsigned long long)all[i].value, n);
		return;
	}
	run_fail(r, "no such counter: %s", name);
}

static void
expect_tls(struct run *r, char *words)
{
	struct session_view view;
	char text[2 * SESSION_TLS_MAX + 2];

	if (!find_session(r, &view)) {
		run_fail(r, "the session is not in the gate");
		return;
	}
	snprintf(text, sizeof(text), "%s %s",
		 view.tls[0][0] != '\0' ? view.tls[0] : "-",
		 view.tls[1][0] != '\0' ? view.tls[1] : "-");
	if (strcmp(text, words) != 0)
		run_fail(r, "TLS is %s, not %s", text, words);
}

static void
expect_answer(struct run *r, char *words)
{
	if (strcmp(reason_word(r->answer), words) != 0)
		run_fail(r, "the answer is %s, not %s", reason_word(r->answer),
			 words);
}

/* expect exposed MS: what the session's openings add up to, in pair-milliseconds. */
static void
expect_exposed(struct run *r, char *words)
{
	unsigned long long ms = strtoull(words, NULL, 10);
	struct session_view view;

	if (!find_session(r, &view))
		run_fail(r, "the session is not in the gate");
	else if (view.exposed_ms != ms)
		run_fail(r, "exposed are %llu, not %llu",
			 (unsigned long long)view.exposed_ms, ms);
}

/* expect exposure KIND PAIRS MS: the same for all openings of a kind, and how many
 * pairs are open now. */
static void
expect_exposure(struct run *r, char *words)
{
	struct exposure sum[OPENING_KINDS] = { 0 };
	unsigned long long pairs = 0, ms = 0;
	char kind[20] = "";

	sscanf(words, "%19s %llu %llu", kind, &pairs, &ms);
	gate_exposure(r->gate, r->now_ns, sum);
	for (int i = 0; i < OPENING_KINDS; i++) {
		if (strcmp(model_kinds[i], kind) != 0)
			continue;
		if (sum[i].pairs != pairs || sum[i].pair_ms != ms)
			run_fail(r, "%s: %llu pairs, %llu in all, not %llu %llu",
				 kind, (unsigned long long)sum[i].pairs,
				 (unsigned long long)sum[i].pair_ms, pairs, ms);
		return;
	}
	run_fail(r, "no such kind: %s", kind);
}

/* expect end MS EXPOSED: the session's last note. */
static void
expect_end(struct run *r, char *words)
{
	unsigned long long age = 0, exposed = 0;

	sscanf(words, "%llu %llu", &age, &exposed);
	for (unsigned i = 0; i < r->said_count; i++) {
		const struct action *a = &r->said[i].action;

		if (!a->ends || r->said[i].expected)
			continue;
		r->said[i].expected = true;
		if (a->age_ms != age || a->exposed_ms != exposed)
			run_fail(r, "it ended after %llu with %llu, not %llu "
				 "with %llu",
				 (unsigned long long)a->age_ms,
				 (unsigned long long)a->exposed_ms, age,
				 exposed);
		return;
	}
	run_fail(r, "not seen: the end");
}

static void
expect_no_end(struct run *r, char *words)
{
	(void)words;
	for (unsigned i = 0; i < r->said_count; i++)
		if (r->said[i].action.ends && !r->said[i].expected)
			run_fail(r, "it ended once more");
}

/* expect server ADDRESS ANNOUNCED CONNECTED, each LOW-HIGH*COUNT or -. */
static void
expect_server(struct run *r, char *words)
{
	struct server_view view;
	uint32_t cursor = 0;
	char got[160], addr[48], seen[2][40];

	while (gate_server_next(r->gate, &cursor, &view)) {
		const struct ports_seen *all[] = { &view.announced,
						   &view.connected };

		for (int i = 0; i < 2; i++) {
			strcpy(seen[i], "-");
			if (all[i]->count != 0)
				snprintf(seen[i], sizeof(seen[i]), "%u-%u*%u",
					 all[i]->low, all[i]->high,
					 (unsigned)all[i]->count);
		}
		snprintf(got, sizeof(got), "%s %s %s",
			 log_addr(&view.addr, addr), seen[0], seen[1]);
		if (strcmp(got, words) == 0)
			return;
	}
	run_fail(r, "no such server: %s", words);
}

static const struct {
	const char *name;
	void (*run)(struct run *r, char *words);
} expectations[] = {
	{ "exposed", expect_exposed },
	{ "exposure", expect_exposure },
	{ "end", expect_end },
	{ "no-end", expect_no_end },
	{ "server", expect_server },
	{ "open", expect_open },
	{ "close", expect_close },
	{ "refresh", expect_refresh },
	{ "used", expect_used },
	{ "note", expect_note },
	{ "no-note", expect_no_note },
	{ "mark", expect_mark },
	{ "no-open", expect_no_open },
	{ "nothing-open", expect_nothing_open },
	{ "class", expect_class },
	{ "no-session", expect_no_session },
	{ "counter", expect_counter },
	{ "answer", expect_answer },
	{ "tls", expect_tls },
	{ "verdict", expect_verdict },
};

void
run_expect(struct run *r, char *words)
{
	size_t len = strcspn(words, " ");
	char *rest = words + len + strspn(words + len, " ");

	r->judged = true;
	if (r->failed || !run_is_judged(r))
		return;
	if (r->conf_changed || r->gate == NULL) {
		run_fail(r, "an expectation before anything happened");
		return;
	}
	for (size_t i = 0; i < sizeof(expectations) / sizeof(*expectations);
	     i++) {
		if (strlen(expectations[i].name) == len &&
		    strncmp(expectations[i].name, words, len) == 0) {
			expectations[i].run(r, rest);
			return;
		}
	}
	run_fail(r, "unknown expectation: %s", words);
}
