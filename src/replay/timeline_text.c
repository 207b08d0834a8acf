/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The timeline for people: time, session, what happens, and why.
 *
 *     0.002  0-1  command   AUTH TLS
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/log.h"
#include "replay/timeline.h"

/* The line's head; what follows is the caller's, with the newline. */
static void
head(struct timeline *t, const struct moment *m, const char *what)
{
	char id[24];

	t->blank = true;
	printf("%10.3f  %-6s  %-8s  ", (double)m->time_ns / 1e9,
	       m->facts != NULL ? log_session_id(m->facts->session, id) : "-",
	       what);
}

static void
ends(const struct moment *m)
{
	char client[56], server[56];

	printf("%s -> %s", log_endpoint(&m->action->client, client),
	       log_endpoint(&m->action->server, server));
}

/* "10.0.0.2 -> 192.0.2.1 port 50001" */
static void
opening(const struct facts *f, const struct opening *o)
{
	char source[48], destination[48];
	struct port_range range = { 1024, 65535 };

	printf("%s -> %s ", log_addr(&o->source, source),
	       log_addr(&o->destination, destination));
	if (o->kind == OPENING_GRANT_PASSIVE && f != NULL)
		range = f->policy.passive;
	if (o->kind == OPENING_PINHOLE)
		printf("port %u", o->port);
	else
		printf("ports %u-%u", range.low, range.high);
	if (o->kind == OPENING_GRANT_FTP_DATA)
		printf(" from port 20 or 989");
}

static void
quoted(const struct action *a)
{
	char text[4 * ACTION_TEXT_MAX + 1];

	if (a->text_len != 0)
		printf(": \"%s\"", log_action_text(a, text));
}

static const char *
dialogue_word(enum reason reason)
{
	return reason == REASON_COMMAND ? "command" : "reply";
}

static void
print_opening(struct timeline *t, const struct moment *m)
{
	const struct action *a = m->action;

	head(t, m,
	     a->kind == ACTION_CLOSE		  ? "close" :
	     a->opening.kind == OPENING_PINHOLE ? "pinhole" :
						  "grant");
	opening(m->facts, &a->opening);
	if (a->kind == ACTION_CLOSE)
		printf(", was open %.3f s", (double)a->opening.open_ms / 1e3);
	printf(": %s\n", reason_sentence(a->reason));
}

static void
print_end(struct timeline *t, const struct moment *m)
{
	const struct action *a = m->action;

	head(t, m, "end");
	printf("%s, after %.3f s; open for it: %.3f port-seconds\n",
	       a->reason == REASON_NONE ? "the capture ends" :
					  reason_sentence(a->reason),
	       (double)a->age_ms / 1e3, (double)a->exposed_ms / 1e3);
}

static void
print_note(struct timeline *t, const struct moment *m)
{
	const struct action *a = m->action;
	char text[4 * ACTION_TEXT_MAX + 1];

	/* What belongs to no session, and what is told otherwise. */
	if (a->session == 0 || a->reason == REASON_REPLY_LINE ||
	    a->reason == REASON_USED || a->reason == REASON_DATA)
		return;
	if (a->ends) {
		print_end(t, m);
	} else if (a->reason == REASON_COMMAND || a->reason == REASON_REPLY) {
		head(t, m, dialogue_word(a->reason));
		printf("%s\n", log_action_text(a, text));
	} else if (a->reason == REASON_SESSION_NEW ||
		   a->reason == REASON_PICKED_UP) {
		head(t, m, "session");
		ends(m);
		puts(a->reason == REASON_PICKED_UP ?
			     ", which was already running" :
			     "");
	} else if (a->level == NOTE_WARN) {
		head(t, m, replay_is_refusal(a) ? "refused" : "note");
		printf("%s", reason_sentence(a->reason));
		quoted(a);
		putchar('\n');
	} else {
		head(t, m, "state");
		if (a->has_opening)
			opening(m->facts, &a->opening);
		else
			printf("%s", class_name(a->class));
		printf(": %s", reason_sentence(a->reason));
		quoted(a);
		putchar('\n');
	}
}

static void
print_action(struct timeline *t, const struct moment *m)
{
	switch (m->action->kind) {
	case ACTION_OPEN:
	case ACTION_CLOSE:
		print_opening(t, m);
		break;
	case ACTION_NOTE:
		print_note(t, m);
		break;
	case ACTION_REFRESH:
	case ACTION_VERDICT:
	case ACTION_MARK:
		break;
	}
}

static void
print_flow(const struct flow *f)
{
	char source[56], destination[56];

	printf("%s -> %s", log_endpoint(&f->source, source),
	       log_endpoint(&f->destination, destination));
}

static void
print_syn(struct timeline *t, const struct moment *m)
{
	const struct flow *f = m->flow;

	head(t, m, "data");
	print_flow(f);
	if (f->fate != DATA_BLOCKED)
		printf(", let in by a %s\n", log_opening_kind(f->by));
	else
		printf(", NOT let in%s\n",
		       f->foreign ? ": not the server's address" : "");
}

static const char *
tls_sentence(const struct moment *m)
{
	switch (m->seen.tls) {
	case DATA_TLS_UNKNOWN:
		return "a TLS handshake that was not seen whole";
	case DATA_TLS_NONE:
		return "clear text";
	case DATA_TLS_SILENT:
		return "no TLS handshake began, and nothing came in clear";
	case DATA_TLS_FULL:
		return "a full TLS handshake: no session was resumed";
	case DATA_TLS_REFUSED:
		return "a full TLS handshake: the server did not take the "
		       "session that the client wanted to resume";
	case DATA_TLS_RESUMED:
		return "TLS session resumed";
	case DATA_TLS_OTHER:
		return "a TLS session resumed, but not the control "
		       "connection's";
	}
	return "";
}

static void
print_data(struct timeline *t, const struct moment *m)
{
	static const char *const hellos[] = {
		[FLOW_HELLO_NONE] = "",
		[FLOW_HELLO_BEFORE_COMMAND] =
			", begun before the transfer command",
		[FLOW_HELLO_BEFORE_REPLY] = ", begun before the reply to the "
					    "transfer command",
		[FLOW_HELLO_AFTER_REPLY] = ", begun after the reply to the "
					   "transfer command",
	};
	const struct flow *f = m->flow;
	uint16_t version = f->watch.side[1].tls.hello.version;
	const char *offer =
		timeline_offer_word((enum tls_offer)m->resume.offer);

	head(t, m, "data end");
	print_flow(f);
	if (!f->answered) {
		puts(": never answered");
		return;
	}
	printf(": %s%s", tls_sentence(m),
	       m->unprotected ? ": no ClientHello, although TLS was agreed" :
				"");
	if (m->seen.tls >= DATA_TLS_FULL && version >= 0x0301)
		printf(" (TLS 1.%u%s%s)", version - 0x0301u,
		       offer != NULL ? ", by " : "", offer != NULL ? offer : "");
	printf("%s; %" PRIu64 " bytes from the client, %" PRIu64
	       " from the server\n",
	       hellos[f->hello], f->bytes[0], f->bytes[1]);
}

static void
print_total(struct timeline *t, const struct moment *m)
{
	const struct replay_total *n = m->total;

	printf("%s%" PRIu64 " packets, %" PRIu64 " sessions; %" PRIu64
	       " pinholes and %" PRIu64 " grants opened, %" PRIu64
	       " announcements refused\n",
	       t->blank ? "\n" : "", n->frames, n->sessions, n->pinholes,
	       n->grants, n->refused);
	printf("%" PRIu64 " data connections, %" PRIu64 " let in, %" PRIu64
	       " not\n",
	       n->data, n->passed, n->blocked);
	printf("open: %.3f port-seconds; the servers' whole ranges, as long as "
	       "these sessions lasted: %.3f\n",
	       (double)n->exposed_ms / 1e3, (double)n->range_ms / 1e3);
	if (n->cut != 0)
		printf("%" PRIu64 " packets are cut short in the capture and "
		       "were not read: capture them whole (tcpdump -s 0)\n",
		       n->cut);
	if (n->fragments != 0)
		printf("%" PRIu64 " IP fragments were not read\n",
		       n->fragments);
}

void
timeline_text(void *context, const struct moment *m)
{
	struct timeline *t = context;

	switch (m->kind) {
	case MOMENT_ACTION:
		print_action(t, m);
		break;
	case MOMENT_SYN:
		print_syn(t, m);
		break;
	case MOMENT_DATA:
		print_data(t, m);
		break;
	case MOMENT_TOTAL:
		print_total(t, m);
		break;
	}
}
