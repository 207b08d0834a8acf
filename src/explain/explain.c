/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From facts to findings. A finding needs evidence of harm: that a server offers
 * CCC, or that a client opens full TLS sessions, is no fault where everything
 * works.
 */
#include "explain/explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "explain/banner.h"
#include "explain/cures.h"
#include "io/log.h"

/* Findings as they are found. */
struct list {
	const struct facts *facts;
	struct finding *out;
	unsigned count;
};

static const char *const words[] = {
#define X(name, word, sentence) word,
	FINDINGS(X)
#undef X
};

static const char *const sentences[] = {
#define X(name, word, sentence) sentence,
	FINDINGS(X)
#undef X
};

const char *
finding_word(enum finding_kind kind)
{
	return (unsigned)kind < FINDING_COUNT ? words[kind] : "unknown";
}

const char *
finding_sentence(enum finding_kind kind)
{
	return (unsigned)kind < FINDING_COUNT ? sentences[kind] : "unknown";
}

/* A new finding with what was seen. */
static struct finding *
find(struct list *list, enum finding_kind kind)
{
	struct finding *f = &list->out[list->count++];

	*f = (struct finding){ .kind = kind };
	return f;
}

__attribute__((format(printf, 3, 4))) static void
add(char *out, size_t size, const char *format, ...)
{
	size_t len = strlen(out);
	va_list ap;

	va_start(ap, format);
	vsnprintf(out + len, size - len, format, ap);
	va_end(ap);
}

#define SAW(f, ...)	add((f)->evidence, sizeof((f)->evidence), __VA_ARGS__)
#define GATEWAY(f, ...) add((f)->gateway, sizeof((f)->gateway), __VA_ARGS__)
#define PEER(f, ...)	add((f)->peer, sizeof((f)->peer), __VA_ARGS__)

/* The wire's own words, in quotes; what is not printable becomes '?'. */
static void
quote(struct finding *f, const uint8_t *text, uint8_t len)
{
	char out[ACTION_TEXT_MAX + 1];

	if (len > ACTION_TEXT_MAX)
		len = ACTION_TEXT_MAX;
	for (unsigned i = 0; i < len; i++)
		out[i] = text[i] >= ' ' && text[i] < 127 ? (char)text[i] : '?';
	out[len] = 0;
	SAW(f, "\"%s\"", out);
}

static const char *
server_text(const struct facts *f)
{
	static _Thread_local char text[48];

	return log_addr(&f->server.addr, text);
}

/* The setting at the server; nothing where its product has none. */
static void
cure(struct finding *finding, enum cure cure, const struct facts *f,
     struct port_range range)
{
	size_t len = strlen(finding->peer);

	cure_write(cure, f->product, range, finding->peer + len,
		   sizeof(finding->peer) - len);
}

/* Where nothing better is known: narrow, and clear of what Linux and Windows
 * hand out. */
static const struct port_range some_range = { 50000, 50099 };

static bool
stayed_opaque(const struct facts *f)
{
	return f->opaque && !f->came_back;
}

static void
look_for_range(struct list *list)
{
	const struct facts *f = list->facts;
	struct finding *found;

	if (!stayed_opaque(f) || !f->no_range)
		return;
	found = find(list, FINDING_NO_RANGE);
	SAW(found,
	    "the session became opaque, and no server entry of the "
	    "configuration gives %s a passive range; %" PRIu32
	    " data connections were not let in",
	    server_text(f), f->blocked);
	if (f->product[0] != 0 && strcmp(f->product, "sftpgo") != 0)
		GATEWAY(found,
			"server %s passive-range %u-%u  (or product %s, where "
			"it runs with its default)",
			server_text(f), some_range.low, some_range.high,
			f->product);
	else
		GATEWAY(found, "server %s passive-range %u-%u", server_text(f),
			some_range.low, some_range.high);
	cure(found, CURE_RANGE, f, some_range);
}

static void
look_for_refusal(struct list *list)
{
	const struct facts *f = list->facts;
	struct port_range range = f->policy.passive.high != 0 ?
					  f->policy.passive :
					  some_range;
	struct finding *found;

	if (!stayed_opaque(f) || !f->opaque_refused)
		return;
	found = find(list, FINDING_OPAQUE_REFUSED);
	SAW(found,
	    "the session became opaque, and the policy for %s is \"opaque "
	    "refuse\"; %" PRIu32 " data connections were not let in",
	    server_text(f), f->blocked);
	GATEWAY(found, "server %s passive-range %u-%u opaque grant",
		server_text(f), range.low, range.high);
	if (f->policy.passive.high == 0)
		cure(found, CURE_RANGE, f, range);
}

static void
look_for_window(struct list *list)
{
	const struct facts *f = list->facts;
	struct finding *found;

	if (f->no_window == 0)
		return;
	found = find(list, FINDING_NO_WINDOW);
	SAW(found,
	    "%" PRIu32 " first packets between the session's ends met no window: "
	    "no command and reply of the lengths of PASV and 227 (EPSV and 229, "
	    "PORT and 200) had come in time, or one connection had used it",
	    f->no_window);
	GATEWAY(found, "where it was a transfer: server %s window learn; or "
		       "window off, which opens the range for the session",
		server_text(f));
	PEER(found, "where it was none: somebody at the client's address, or at "
		    "the server's, tries ports");
}

static void
look_for_proof(struct list *list)
{
	const struct facts *f = list->facts;
	struct finding *found;

	if (f->unproven == 0)
		return;
	found = find(list, FINDING_UNPROVEN);
	SAW(found,
	    "%" PRIu32 " data connections through a window did not begin with "
	    "TLS that resumes the control connection's session, where that was "
	    "asked for",
	    f->unproven);
	GATEWAY(found, "where this client does not resume: server %s proof tls; "
		       "where it sends data in clear text (PROT C): proof none",
		server_text(f));
	PEER(found, "at the client: let data connections resume the control "
		    "connection's TLS session");
}

static void
look_outside(struct list *list)
{
	const struct facts *f = list->facts;
	struct port_range range = f->policy.passive;
	struct finding *found;

	if (f->outside == 0)
		return;
	found = find(list, FINDING_OUTSIDE_RANGE);
	SAW(found,
	    "%" PRIu32 " connections of the client to %s, ports %u to %u, were "
	    "not let in: the configured range is %u-%u",
	    f->outside, server_text(f), f->outside_low, f->outside_high,
	    range.low, range.high);
	if (f->outside_low < range.low)
		range.low = f->outside_low;
	if (f->outside_high > range.high)
		range.high = f->outside_high;
	GATEWAY(found, "server %s passive-range %u-%u  (at least; better the "
		       "range that the server is set to)",
		server_text(f), range.low, range.high);
	cure(found, CURE_RANGE, f, f->policy.passive);
}

static void
look_for_foreign(struct list *list)
{
	const struct facts *f = list->facts;
	struct finding *found;
	char address[48];

	if (f->foreign_tried == 0)
		return;
	found = find(list, FINDING_FOREIGN_ADDRESS);
	quote(found, f->foreign_text, f->foreign_len);
	SAW(found,
	    ", and %" PRIu32 " connections of the client to %s, where the "
	    "control connection goes to %s",
	    f->foreign_tried, log_addr(&f->foreign.addr, address),
	    server_text(f));
	GATEWAY(found, "nothing: pinholed opens the way to %s only, and "
		       "rewrites no address",
		server_text(f));
	cure(found, CURE_ADDRESS, f, some_range);
	PEER(found, "%sthe address is to be the one that clients see. Or a "
		    "client that ignores it (curl, lftp), or EPSV",
	     found->peer[0] != 0 ? "; " : "");
}

static void
look_for_active(struct list *list)
{
	const struct facts *f = list->facts;
	bool ftp_data = f->active_source == f->server.port - 1;
	struct finding *found;

	if (f->active == 0)
		return;
	found = find(list, FINDING_ACTIVE_OPAQUE);
	SAW(found, "%" PRIu32 " connections of %s to the client", f->active,
	    server_text(f));
	/* The ruleset's sets do not keep it. */
	if (f->active_source != 0)
		SAW(found, ", the last from port %u,", f->active_source);
	SAW(found, " were not let in: nobody can read the port that PORT or "
		   "EPRT named");
	GATEWAY(found, "server %s opaque-active %s  (opens all ports of the "
		       "client from 1024 to that server)",
		server_text(f), ftp_data ? "ftp-data" : "any");
	PEER(found, "at the client: passive mode");
}

/* Servers that never ask for it, whatever is set. */
static bool
never_demands(const struct facts *f)
{
	return strcmp(f->product, "pure-ftpd") == 0 ||
	       strcmp(f->product, "pyftpdlib") == 0;
}

static void
look_for_reuse(struct list *list)
{
	const struct facts *f = list->facts;
	bool read = f->reuse_code != 0 && f->full_failed != 0;
	/* Unreadable: each of them came to nothing. */
	bool seen = f->opaque && f->full_failed != 0 && f->full_moved == 0 &&
		    !never_demands(f);
	struct finding *found;
	char setting[400];

	if (!read && !seen)
		return;
	found = find(list, FINDING_NO_REUSE);
	SAW(found,
	    "%" PRIu32 " data connections with a full TLS handshake (the "
	    "control connection's session was not resumed), and nothing came "
	    "through them",
	    f->full_failed);
	if (f->offered != 0)
		SAW(found,
		    "; in %" PRIu32 " of them the client offered a session "
		    "that the server did not take",
		    f->offered);
	if (read) {
		SAW(found, "; the server said ");
		quote(found, f->reuse_text, f->reuse_len);
	} else if (f->server_left) {
		SAW(found, "; then the server closed the control connection");
	}
	GATEWAY(found, "nothing: the gateway lets these connections through");
	PEER(found, "at the client: resume the control connection's session "
		    "(curl, lftp, ftp-ssl do; wget with --ftps-resume-ssl)");
	cure_write(CURE_REUSE, f->product, some_range, setting,
		   sizeof(setting));
	if (setting[0] != 0)
		PEER(found, ". At the server, if it must be: %s", setting);
}

static void
look_for_ccc(struct list *list)
{
	const struct facts *f = list->facts;
	struct finding *found;

	/* Where everything is let in it is no fault. */
	if (!f->ccc_offered || !stayed_opaque(f) ||
	    (f->blocked == 0 && !f->no_range && !f->opaque_refused))
		return;
	found = find(list, FINDING_CCC_UNUSED);
	SAW(found,
	    "FEAT lists CCC, the session stayed encrypted, and %" PRIu32
	    " data connections were not let in",
	    f->blocked);
	PEER(found, "at the client: use CCC (curl --ftp-ssl-ccc), so that the "
		    "announced ports can be read; the login stays encrypted, "
		    "file names are then readable. ");
	cure(found, CURE_CCC, f, some_range);
}

static void
look_for_auth(struct list *list)
{
	const struct facts *f = list->facts;
	struct finding *found;

	if (!f->auth_refused || f->opaque)
		return;
	found = find(list, FINDING_AUTH_REFUSED);
	SAW(found, "the client sent AUTH, and the server refused");
	if (f->auth_len != 0) {
		SAW(found, " with ");
		quote(found, f->auth_text, f->auth_len);
	}
	SAW(found, "; no TLS followed");
	GATEWAY(found, "nothing: pinholed changes no byte of it");
	cure(found, CURE_TLS, f, some_range);
}

static void
look_for_sides(struct list *list)
{
	const struct facts *f = list->facts;
	bool client_only = f->spoke_client && !f->heard_server;
	bool server_only = f->spoke_server && !f->heard_client;
	struct finding *found;

	if (!client_only && !server_only)
		return;
	found = find(list, FINDING_ONE_SIDED);
	SAW(found,
	    "packets of the %s only: the other direction takes another way, "
	    "or the %s",
	    client_only ? "client" : "server",
	    "capture or the rule that queues them leaves it out");
	GATEWAY(found, "both directions must pass: check asymmetric routes, "
		       "flow offload (flowtable) and whether the control port "
		       "is in \"ports\" or \"implicit-ports\"");
}

unsigned
explain(const struct facts *f, struct finding out[FINDING_COUNT])
{
	struct list list = { .facts = f, .out = out };

	look_for_sides(&list);
	look_for_range(&list);
	look_for_refusal(&list);
	look_for_window(&list);
	look_for_proof(&list);
	look_outside(&list);
	look_for_foreign(&list);
	look_for_active(&list);
	look_for_reuse(&list);
	look_for_auth(&list);
	look_for_ccc(&list);
	return list.count;
}
