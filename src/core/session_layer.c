/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session that pinholed-tls terminates: its lines come decrypted, so what it
 * says about TLS is followed in its words, and not in the shape of records.
 *
 * The other half of such a session lives in pinholed's own gate, which reads
 * nothing of it and knows its two ends.
 */
#include "core/gate_state.h"
#include "core/text.h"

/* RFC 2228 section 3: C, S, E, P. Some servers take S and E for P. */
enum session_protection
session_prot(struct span argument)
{
	argument = text_trim(argument);
	return text_is_word(argument, "C") ? PROTECTION_CLEAR :
	       text_is_word(argument, "P") ? PROTECTION_PRIVATE :
					     PROTECTION_UNKNOWN;
}

/* RFC 4217 section 9: C is the default behind AUTH TLS. The older mechanisms
 * SSL and TLS-P mean P, which some servers do not know. */
enum session_protection
session_auth_prot(struct span argument)
{
	argument = text_trim(argument);
	return text_is_word(argument, "TLS") || text_is_word(argument, "TLS-C") ?
		       PROTECTION_CLEAR :
		       PROTECTION_UNKNOWN;
}

static void
start(struct gate *gate, struct session *s, enum session_origin origin,
      enum session_class class)
{
	s->id = gate->next_session++;
	s->started_ns = s->heard_ns = gate->now_ns;
	s->class = s->marked = class;
	s->origin = (uint8_t)origin;
	s->proven = true;
	s->claimed = true;
	s->implicit = policy_is_implicit(gate->policy, s->server.port);
	gate->counters.sessions_started++;
}

void
session_start_stream(struct gate *gate, struct session *s)
{
	start(gate, s, ORIGIN_STREAM, CLASS_GREETING);
	for (int i = 0; i < 2; i++)
		stream_start(&s->side[i].stream, &gate->segments, 0);
	emit_note(gate, s, NOTE_DEBUG, REASON_SESSION_NEW, (struct span){ 0 });
}

void
session_start_requests(struct gate *gate, struct session *s)
{
	start(gate, s, ORIGIN_REQUESTS, CLASS_TERMINATED);
	s->login = LOGIN_UNKNOWN;
	emit_note(gate, s, NOTE_INFO, REASON_TERMINATED, (struct span){ 0 });
}

void
session_read_stream(struct gate *gate, struct session *s, enum side from,
		    struct span bytes)
{
	s->heard_ns = gate->now_ns;
	session_read(gate, s, from, bytes);
}

void
session_enter_layer(struct gate *gate, struct session *s,
		    const struct pending *auth)
{
	s->protection = auth != NULL ? auth->protection : PROTECTION_UNKNOWN;
	session_set_class(gate, s, CLASS_TERMINATED,
			  auth != NULL ? REASON_TLS_EXPLICIT :
					 REASON_TLS_IMPLICIT);
}

void
session_leave_layer(struct gate *gate, struct session *s)
{
	if (s->class == CLASS_TERMINATED)
		session_set_class(gate, s, CLASS_CLEAR_CCC, REASON_CCC);
}
