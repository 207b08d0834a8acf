/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scenario language, except for its expectations (README.md). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "run.h"

#define DATA_FLAGS (TCP_ACK | TCP_PSH)

static struct span
payload_span(const struct run *r)
{
	return span_make(r->payload.data, r->payload.len);
}

static bool
parse_payload(struct run *r, const char *text)
{
	const char *wrong = bytes_parse(text, &r->payload);

	if (wrong != NULL)
		run_fail(r, "%s: %s", wrong, text);
	return wrong == NULL;
}

static bool
parse_time(const char *text, uint64_t *out_ns)
{
	char unit[3] = "";
	unsigned long n;

	if (sscanf(text, "%lu%2[a-z]", &n, unit) != 2)
		return false;
	if (strcmp(unit, "ms") == 0)
		*out_ns = n * UINT64_C(1000000);
	else if (strcmp(unit, "s") == 0)
		*out_ns = n * UINT64_C(1000000000);
	else
		return false;
	return true;
}

static bool
parse_side(const char *word, enum side *out)
{
	*out = *word == 'S' ? SERVER : CLIENT;
	return strcmp(word, "C") == 0 || strcmp(word, "S") == 0;
}

/* --- segments ------------------------------------------------------------- */

/* Sends the next bytes of @from, in order. */
static void
say(struct run *r, enum side from, struct span bytes, uint8_t flags)
{
	struct flow *f = run_flow(r);
	uint32_t seq = f->next[from];

	f->next[from] +=
		(uint32_t)bytes.len + ((flags & (TCP_SYN | TCP_FIN)) != 0);
	run_segment(r, f, from, seq, flags, bytes);
}

static void
say_text(struct run *r, enum side from, const char *text)
{
	if (parse_payload(r, text))
		say(r, from, payload_span(r), DATA_FLAGS);
}

/* Keeps the segment for `send NAME`; its place in the stream is taken. */
static void
hold(struct run *r, enum side from, const char *name, uint8_t flags)
{
	struct held *h = &r->held[r->held_count];
	struct flow *f = run_flow(r);

	if (r->held_count == RUN_HELD_MAX) {
		run_fail(r, "too many held segments");
		return;
	}
	*h = (struct held){
		.flow = r->flow,
		.from = from,
		.seq = f->next[from],
		.flags = flags,
		.bytes = malloc(sizeof(*h->bytes)),
	};
	if (h->bytes == NULL)
		abort();
	*h->bytes = r->payload;
	snprintf(h->name, sizeof(h->name), "%s", name);
	r->held_count++;
	f->next[from] += (uint32_t)r->payload.len + ((flags & TCP_FIN) != 0);
}

/* `C/3/5> text`: one segment up to each cut. */
static void
say_cut(struct run *r, enum side from, const char *cuts)
{
	struct span left = payload_span(r);
	size_t done = 0;

	while (*cuts == '/') {
		char *end;
		size_t at = strtoul(cuts + 1, &end, 10);

		if (at <= done || at - done >= left.len) {
			run_fail(r, "a cut outside of the payload");
			return;
		}
		say(r, from, span_head(left, at - done), DATA_FLAGS);
		span_skip(&left, at - done);
		done = at;
		cuts = end;
	}
	if (*cuts != '\0')
		run_fail(r, "cuts are written /3/5");
	else
		say(r, from, left, DATA_FLAGS);
}

/* `C-4> text`: bytes that overlap what was sent; `C+4> text`: ahead of it. The
 * stream's next byte stays where it was unless they reach beyond it. */
static void
say_at(struct run *r, enum side from, long offset)
{
	struct flow *f = run_flow(r);
	uint32_t seq = f->next[from] + (uint32_t)offset;
	uint32_t end = seq + (uint32_t)r->payload.len;

	if (offset <= 0 && (int32_t)(end - f->next[from]) > 0)
		f->next[from] = end;
	run_segment(r, f, from, seq, DATA_FLAGS, payload_span(r));
}

/* A line such as `C> text`: @how is what stands between the side and the '>'.
 */
static void
segment_statement(struct run *r, enum side from, const char *how,
		  const char *text)
{
	struct flow *f = run_flow(r);

	run_begin_block(r);
	if (!parse_payload(r, text))
		return;
	if (*how == '\0')
		say(r, from, payload_span(r), DATA_FLAGS);
	else if (strcmp(how, "!") == 0)
		say(r, from, payload_span(r), DATA_FLAGS | TCP_FIN);
	else if (strcmp(how, "~") == 0)
		f->next[from] += (uint32_t)r->payload.len;
	else if (*how == '@')
		hold(r, from, how + 1, DATA_FLAGS);
	else if (strncmp(how, "!@", 2) == 0)
		hold(r, from, how + 2, DATA_FLAGS | TCP_FIN);
	else if (*how == '/')
		say_cut(r, from, how);
	else if (*how == '-' || *how == '+')
		say_at(r, from, strtol(how, NULL, 10));
	else
		run_fail(r, "unknown way to send: %s", how);
}

/* --- statements ----------------------------------------------------------- */

static void
do_conf(struct run *r, char *words)
{
	size_t used = strlen(r->conf_text);

	if (!r->conf_changed && r->judged)
		run_begin_block(r);
	snprintf(r->conf_text + used, sizeof(r->conf_text) - used, "%s\n",
		 words);
	r->conf_changed = true;
}

static void
do_session(struct run *r, char *words)
{
	char name[16], client[64], server[64];
	struct endpoint c, s;
	struct flow *f;
	int used = 0;

	if (sscanf(words, "%15s %63s %63s%n", name, client, server, &used) !=
		    3 ||
	    !wire_parse_endpoint(client, &c) ||
	    !wire_parse_endpoint(server, &s)) {
		run_fail(r, "write: session NAME CLIENT SERVER [SEQ SEQ]");
		return;
	}
	f = run_add_flow(r, name, &c, &s);
	if (f == NULL)
		run_fail(r, "too many sessions");
	else
		sscanf(words + used, "%" SCNu32 " %" SCNu32, &f->next[CLIENT],
		       &f->next[SERVER]);
}

static void
do_use(struct run *r, char *words)
{
	for (unsigned i = 0; i < r->flow_count; i++) {
		if (strcmp(r->flows[i].name, words) == 0) {
			r->flow = i;
			return;
		}
	}
	run_fail(r, "no such session: %s", words);
}

static void
do_syn(struct run *r, char *words)
{
	struct flow *f = run_flow(r);

	if (!parse_payload(r, words))
		return;
	f->syn_shown[CLIENT] = true;
	say(r, CLIENT, payload_span(r), TCP_SYN);
}

static void
do_syn_ack(struct run *r, char *words)
{
	struct flow *f = run_flow(r);

	if (!parse_payload(r, words))
		return;
	f->syn_shown[SERVER] = true;
	say(r, SERVER, payload_span(r), TCP_SYN | TCP_ACK);
}

static void
do_connect(struct run *r, char *words)
{
	(void)words;
	do_syn(r, (char[]){ "" });
	do_syn_ack(r, (char[]){ "" });
	say(r, CLIENT, span_make(NULL, 0), TCP_ACK);
}

static void
do_login(struct run *r, char *words)
{
	do_connect(r, words);
	say_text(r, SERVER, "220 ready\\r\\n");
	say_text(r, CLIENT, "USER anna\\r\\n");
	say_text(r, SERVER, "331 password\\r\\n");
	say_text(r, CLIENT, "PASS hunter2\\r\\n");
	say_text(r, SERVER, "230 welcome\\r\\n");
}

/* As OpenSSL and GnuTLS write it: what is one segment here is one there. */
static void
handshake_13(struct run *r, const char *cipher, bool retry)
{
	char hello[64];

	say_text(r, CLIENT, "<client-hello 1.3>");
	if (retry) {
		say_text(r, SERVER, "<retry><ccs>");
		say_text(r, CLIENT, "<ccs><client-hello 1.3>");
	}
	snprintf(hello, sizeof(hello), "<server-hello 1.3 %s>%s", cipher,
		 retry ? "" : "<ccs>");
	say_text(r, SERVER, hello);
	say_text(r, SERVER, "<app 23><app 839><app 281><app 53>");
	say_text(r, CLIENT, retry ? "<app 53>" : "<ccs><app 53>");
	say_text(r, SERVER, "<app 234><app 234>");
}

static void
handshake_12(struct run *r, const char *cipher)
{
	bool chacha = strcmp(cipher, "chacha") == 0;
	char text[64];

	say_text(r, CLIENT, "<client-hello 1.2>");
	snprintf(text, sizeof(text), "<server-hello 1.2 %s>", cipher);
	say_text(r, SERVER, text);
	say_text(r, SERVER,
		 "<handshake 11 805><handshake 12 296>"
		 "<handshake 14 0>");
	snprintf(text, sizeof(text), "<handshake 16 33><ccs><finished %d>",
		 chacha ? 32 : 40);
	say_text(r, CLIENT, text);
	snprintf(text, sizeof(text), "<handshake 4 186><ccs><finished %d>",
		 chacha ? 32 : 40);
	say_text(r, SERVER, text);
}

static void
do_tls(struct run *r, char *words)
{
	char version[8] = "", option[8] = "gcm";

	sscanf(words, "%7s %7s", version, option);
	if (strcmp(version, "1.2") == 0)
		handshake_12(r, option);
	else if (strcmp(version, "1.3") == 0)
		handshake_13(r, option, strcmp(option, "retry") == 0);
	else
		run_fail(r, "write: tls 1.2|1.3 [gcm|chacha|ccm8|retry]");
}

/* AUTH TLS, the handshake, and a login inside. */
static void
do_encrypt(struct run *r, char *words)
{
	bool old = strncmp(words, "1.2 chacha", 10) == 0;
	bool tls12 = strncmp(words, "1.2", 3) == 0;
	/* Bytes that a record is longer than its text (measured). */
	unsigned over = old ? 16 : tls12 ? 24 : 17;
	const unsigned lengths[] = { 11, 14, 14, 13 };

	do_connect(r, words);
	say_text(r, SERVER, "220 ready\\r\\n");
	say_text(r, CLIENT, "AUTH TLS\\r\\n");
	say_text(r, SERVER, "234 go on\\r\\n");
	do_tls(r, words);
	for (int i = 0; i < 4; i++) {
		char text[32];

		snprintf(text, sizeof(text), "<app %u>", lengths[i] + over);
		say_text(r, i % 2 == 0 ? CLIENT : SERVER, text);
	}
}

static void
do_fin(struct run *r, char *words)
{
	enum side from;

	if (parse_side(words, &from))
		say(r, from, span_make(NULL, 0), TCP_FIN | TCP_ACK);
	else
		run_fail(r, "write: fin C|S");
}

static void
do_rst(struct run *r, char *words)
{
	struct flow *f = run_flow(r);
	char word[8] = "";
	long offset = 0;
	enum side from;

	sscanf(words, "%7s %ld", word, &offset);
	if (parse_side(word, &from))
		run_segment(r, f, from, f->next[from] + (uint32_t)offset,
			    TCP_RST | TCP_ACK, span_make(NULL, 0));
	else
		run_fail(r, "write: rst C|S [OFFSET]");
}

/* A bare acknowledgement, of all that the other side sent. */
static void
do_ack(struct run *r, char *words)
{
	enum side from;

	if (parse_side(words, &from))
		say(r, from, span_make(NULL, 0), TCP_ACK);
	else
		run_fail(r, "write: ack C|S");
}

static void
do_send(struct run *r, char *words)
{
	for (unsigned i = 0; i < r->held_count; i++) {
		const struct held *h = &r->held[i];

		if (strcmp(h->name, words) != 0)
			continue;
		run_segment(r, &r->flows[h->flow], h->from, h->seq, h->flags,
			    span_make(h->bytes->data, h->bytes->len));
		return;
	}
	run_fail(r, "no such segment: %s", words);
}

static void
do_raw(struct run *r, char *words)
{
	if (parse_payload(r, words))
		run_packet(r, r->payload.data, r->payload.len);
}

static void
do_wait(struct run *r, char *words)
{
	uint64_t ns;

	if (parse_time(words, &ns))
		run_advance(r, r->now_ns + ns);
	else
		run_fail(r, "write: wait 10s, or 500ms");
}

static void
do_at(struct run *r, char *words)
{
	uint64_t ns;

	if (parse_time(words, &ns) && r->start_ns + ns >= r->now_ns)
		run_advance(r, r->start_ns + ns);
	else
		run_fail(r, "write: at 10s; time does not go back");
}

static void
do_flow_ended(struct run *r, char *words)
{
	struct flow *f = run_flow(r);
	struct event event = { .kind = EVENT_FLOW_ENDED };

	(void)words;
	event.flow.client = f->end[CLIENT];
	event.flow.server = f->end[SERVER];
	run_event(r, &event);
}

static void
do_flow_found(struct run *r, char *words)
{
	struct flow *f = run_flow(r);
	struct event event = { .kind = EVENT_FLOW_FOUND };
	char class[24] = "", whose[8] = "owned";

	sscanf(words, "%23s %7s", class, whose);
	event.flow.client = f->end[CLIENT];
	event.flow.server = f->end[SERVER];
	event.flow.owned = strcmp(whose, "owned") == 0;
	for (int i = CLASS_GREETING; i <= CLASS_NOT_FTP; i++)
		if (strcmp(class_name(i), class) == 0)
			event.flow.class = i;
	if (event.flow.class == CLASS_NONE && strcmp(class, "none") != 0)
		run_fail(r, "no such class: %s", class);
	run_event(r, &event);
}

static void
do_data(struct run *r, char *words)
{
	struct event event = { .kind = EVENT_DATA_BEGAN };
	char source[64], destination[64];

	if (sscanf(words, "%63s %63s %" SCNu16, source, destination,
		   &event.data.port) != 3 ||
	    !wire_parse_addr(source, &event.data.source) ||
	    !wire_parse_addr(destination, &event.data.destination)) {
		run_fail(r, "write: data SOURCE DESTINATION PORT");
		return;
	}
	event.data.class = model_admit(&r->model, &event.data.source,
				       &event.data.destination,
				       event.data.port);
	run_event(r, &event);
}

/* Decrypted bytes, as pinholed-tls hands them on. */
static void
do_stream(struct run *r, char *words)
{
	char *text = strchr(words, ' ');
	enum side from;

	if (text != NULL)
		*text++ = '\0';
	if (!parse_side(words, &from))
		run_fail(r, "write: stream C|S TEXT");
	else if (parse_payload(r, text != NULL ? text : ""))
		run_stream(r, run_flow(r), from, payload_span(r));
}

static void
do_stream_login(struct run *r, char *words)
{
	(void)words;
	do_stream(r, (char[]){ "S 220 ready\\r\\n" });
	do_stream(r, (char[]){ "C USER anna\\r\\n" });
	do_stream(r, (char[]){ "S 331 password\\r\\n" });
	do_stream(r, (char[]){ "C PASS hunter2\\r\\n" });
	do_stream(r, (char[]){ "S 230 welcome\\r\\n" });
}

static void
do_relay(struct run *r, char *words)
{
	r->relay = strcmp(words, "yes") == 0;
	r->conf_changed = true;
}

static enum reason
find_reason(const char *word)
{
	for (int i = 0; i < REASON_COUNT; i++)
		if (strcmp(reason_word((enum reason)i), word) == 0)
			return (enum reason)i;
	return REASON_NONE;
}

/* What pinholed-tls asks for: see README.md. */
static void
do_request(struct run *r, char *words)
{
	static const char *const kinds[] = {
		[REQUEST_BEGIN] = "begin", [REQUEST_OPEN] = "open",
		[REQUEST_CLOSE] = "close", [REQUEST_END] = "end",
		[REQUEST_TELL] = "tell",   [REQUEST_LOST] = "lost",
	};
	struct flow *f = run_flow(r);
	struct event event = { .kind = EVENT_REQUEST };
	char kind[8] = "", way[8] = "", reason[8] = "", relay[8] = "";
	char tls[2][64] = { "", "" };
	bool known = false;

	event.request.peer = 1;
	if (*words >= '0' && *words <= '9')
		event.request.peer = (uint32_t)strtoul(words, &words, 10);
	sscanf(words, "%7s %7s %" SCNu16 " %7s %7s", kind, way,
	       &event.request.port, reason, relay);
	sscanf(words, "%*s %63s %63s", tls[0], tls[1]);
	for (int i = 0; i < 2; i++)
		event.request.tls[i] = span_make(tls[i], strlen(tls[i]));
	for (int i = 0; i < 6; i++) {
		if (strcmp(kinds[i], kind) != 0)
			continue;
		event.request.kind = (enum request_kind)i;
		known = true;
	}
	if (!known)
		run_fail(r, "no such request: %s", kind);
	event.request.client = f->end[CLIENT];
	event.request.server = f->end[SERVER];
	event.request.active = strcmp(way, "active") == 0;
	event.request.relay = strcmp(relay, "relay") == 0;
	event.request.reason = find_reason(reason);
	event.request.handle = r->last_handle;
	run_event(r, &event);
}

static void
do_open_failed(struct run *r, char *words)
{
	struct event event = {
		.kind = EVENT_OPEN_FAILED,
		.handle = r->last_handle,
	};

	(void)words;
	run_event(r, &event);
}

static void
do_restore(struct run *r, char *words)
{
	struct event event = { .kind = EVENT_RESTORE };

	(void)words;
	run_event(r, &event);
}

static void
do_reload(struct run *r, char *words)
{
	(void)words;
	r->conf_changed = true;
	run_begin_block(r);
}

static const struct {
	const char *name;
	void (*run)(struct run *r, char *words);
	bool begins_block; /* it gives the gate something */
} statements[] = {
	{ "conf", do_conf, false },
	{ "reload", do_reload, false },
	{ "session", do_session, false },
	{ "use", do_use, false },
	{ "expect", run_expect, false },
	{ "connect", do_connect, true },
	{ "syn", do_syn, true },
	{ "syn-ack", do_syn_ack, true },
	{ "login", do_login, true },
	{ "encrypt", do_encrypt, true },
	{ "tls", do_tls, true },
	{ "fin", do_fin, true },
	{ "rst", do_rst, true },
	{ "ack", do_ack, true },
	{ "send", do_send, true },
	{ "raw", do_raw, true },
	{ "wait", do_wait, true },
	{ "at", do_at, true },
	{ "flow-found", do_flow_found, true },
	{ "flow-ended", do_flow_ended, true },
	{ "data", do_data, true },
	{ "stream", do_stream, true },
	{ "stream-login", do_stream_login, true },
	{ "relay", do_relay, false },
	{ "request", do_request, true },
	{ "open-failed", do_open_failed, true },
	{ "restore", do_restore, true },
};

void
run_statement(struct run *r, char *line)
{
	char *arrow, *words = line + strcspn(line, " ");
	size_t len = (size_t)(words - line);

	if (*line == '\0' || *line == '#')
		return;
	arrow = memchr(line, '>', len);
	if ((*line == 'C' || *line == 'S') && arrow != NULL) {
		*arrow = '\0';
		segment_statement(r, *line == 'C' ? CLIENT : SERVER, line + 1,
				  arrow + 1 + (arrow[1] == ' '));
		return;
	}
	words += strspn(words, " ");
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		if (strlen(statements[i].name) != len ||
		    strncmp(statements[i].name, line, len) != 0)
			continue;
		if (statements[i].begins_block)
			run_begin_block(r);
		statements[i].run(r, words);
		return;
	}
	run_fail(r, "unknown statement: %s", line);
}
