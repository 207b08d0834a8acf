#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Goal: every rule that keeps a port closed is held by a test. Each mutation takes
# one rule out of a copy of the source; a scenario or a unit test must fail then.
#
# What the ruleset does is in mutations-ruleset.sh.
#
# mutations.sh [NAME...]    from the top of the tree; all, or those named
set -u
. tests/mutants.sh

tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
cp -r Makefile src include tests "$tree" || exit 1

build()
{
	make -s -C "$tree" B=build "$@" >"$tree/log" 2>&1
}

# mutate NAME FILE SED-EXPRESSION
mutate()
{
	name=$1
	file=$tree/$2
	wanted "$name" || return
	cp "$file" "$tree/saved"
	sed -i "$3" "$file"
	if cmp -s "$file" "$tree/saved"; then
		is_wrong "$name" 'the line is not there any more'
		return
	fi
	if ! build build/scenario; then
		is_wrong "$name" 'the mutant does not compile'
	elif ! build check-scenario; then
		is_killed "$name" "$(sed -n \
			's|^tests/scenario/\([^:]*\)\.sc:.*|\1|p' \
			"$tree/log" | head -n 2 | tr '\n' ' ')"
	elif ! build check-unit; then
		is_killed "$name" 'unit tests'
	else
		has_survived "$name"
	fi
	cp "$tree/saved" "$file"
}

core=src/core

if ! build check-scenario || ! build check-unit; then
	cat "$tree/log"
	echo 'not ok - the tests fail before anything was changed'
	exit 1
fi

# --- pairing of replies and commands
mutate reply-kind $core/session_reply.c \
	's/(!answers || announced_by_verb(&p) != announced)/false/'
mutate abort-alone $core/session_reply.c \
	's/s->pending\[s->pending_first\].verb == FTP_ABOR &&/true \&\&/'
mutate reply-order $core/session_reply.c \
	's/\*out = s->pending\[s->pending_first\];/*out = s->pending[(s->pending_first + s->pending_count - 1u) % SESSION_PENDING_MAX];/'
mutate reply-preliminary $core/ftp_reply.c \
	's/code < 200 ? FTP_REPLY_PRELIMINARY : FTP_REPLY_FINAL/FTP_REPLY_FINAL/'
mutate reply-multi-line $core/ftp_reply.c \
	's/if (!last || code != r->multi)/if (!last)/'
mutate reply-multi-line-227 $core/session_reply.c \
	's/line->had_telnet || r->multi_line;/line->had_telnet;/'
mutate port-withdrawn $core/session_reply.c \
	's/^\t\tif (is_positive(r))$/\t\tif (true)/'
mutate port-before-reply $core/session_command.c \
	's/^\t\tp->pin = session_open_active(/\t\tp->pin = 0; else (void)session_open_active(/;s/^\telse$/\telse if (s->pending_count > 99)/'
mutate pin-replaced $core/session_open.c \
	's/else if ((s->pins_confirmed & 1u << i) != 0)/else if (false)/'
mutate epsv-all $core/session_reply.c \
	's/s->epsv_all |= is_positive(r);/(void)s;/'
mutate login $core/session_open.c \
	's/return s->login == LOGIN_NO ? REASON_NOT_LOGGED_IN : REASON_NONE;/return REASON_NONE;/'
mutate login-refused $core/session_reply.c \
	's/if (is_positive(r) \&\& s->login != LOGIN_YES)/if (s->login != LOGIN_YES)/'
mutate rein $core/session_reply.c \
	's/s->login = LOGIN_NO;/(void)0;/'

# --- addresses and ports
mutate server-address $core/session_open.c \
	's/return open_pin(gate, s, reason, &s->client.addr, &s->server.addr,/return open_pin(gate, s, reason, \&s->client.addr, announced->addr.family ? \&announced->addr : \&s->server.addr,/'
mutate client-address $core/session_open.c \
	's/refusal = REASON_ADDRESS_FOREIGN;/refusal = REASON_NONE;/'
mutate port-privileged $core/policy.c \
	's/port < POLICY_PORT_MIN || //'
mutate port-denied $core/policy.c \
	's/if (policy->deny\[i\].low <= port \&\& port <= policy->deny\[i\].high)/if (policy->deny[i].low > policy->deny[i].high)/'
mutate port-control $core/policy.c \
	's/if (port < POLICY_PORT_MIN || policy_is_control(policy, port))/if (port < POLICY_PORT_MIN)/'
mutate number-above-255 $core/ftp_hostport.c \
	's/text_take_number(&ahead, 255, &value)/text_take_number(\&ahead, 999, \&value)/'
mutate active-refused $core/session_open.c \
	's/refusal = REASON_ACTIVE_REFUSED;/refusal = REASON_NONE;/'

# --- lines
mutate ambiguous-line $core/session_command.c \
	's/else if (c->ambiguous)/else if (false)/'
mutate overlong-line $core/session_command.c \
	's/else if (line->overlong)/else if (false)/'
mutate first-line $core/session_command.c \
	's/return c->verb != FTP_OTHER;/return true;/'
mutate greeting $core/session_reply.c \
	's/else if (r->code < 400 || r->code >= 600)/else if (false)/'

# --- TLS and CCC
mutate ccc-close-shape-server $core/session_tls.c \
	's/if (d->close_shaped || (from/if (from == SIDE_SERVER || d->close_shaped || (from/'
mutate ccc-close-shape-client $core/session_tls.c \
	's/(from == SIDE_CLIENT && server_ended)/(from == SIDE_CLIENT)/'
mutate ccc-without-close $core/session_tls.c \
	's/(from == SIDE_CLIENT && server_ended)/false/'
mutate ccc-boundary $core/tls_frame.c \
	's/^\tspan_skip(in, part.len);/&\n\tif (part.len > 1 \&\& part.data[0] == 13 \&\& part.data[1] == 10) {\n\t\tt->header_len = 0;\n\t\treturn TLS_NOT_TLS;\n\t}/'
mutate ccc-close-is-last $core/session_tls.c \
	's/s->side\[from\].close_shaped = is_close(/s->side[from].close_shaped |= is_close(/'
mutate ccc-after-data $core/session_tls.c \
	's/if (!client->application || !server->application)/if (false)/'
mutate ccc-close-length $core/tls_frame.c \
	's/record->length == 2 + 1 + tag;/record->length > tag;/'
mutate ccc-early $core/session_tls.c \
	's/if (!s->side\[SIDE_SERVER\].close_shaped) {/if (false) {/'
mutate ccc-ftp-behind $core/session_line.c \
	's/if (!is_ftp_after_ccc(from, &line))/if (false)/'
mutate auth-trailing $core/session_reply.c \
	's/if (s->pending_count != 0 || s->pending_over != 0 ||/if (/'
mutate auth-trailing-counted $core/session_reply.c \
	's/if (s->pending_count != 0 || s->pending_over != 0 ||/if (s->pending_count != 0 ||/'
mutate behind-lf $core/session_line.c \
	's/line.bare_lf |= d->behind_lf;/(void)0;/'
mutate tls-closes-pinholes $core/session_state.c \
	's/(!session_is_readable(s) && class != CLASS_TLS_WANTED))/false)/'

# --- grants
mutate grant-count $core/session_grant.c \
	's/--slot->holders == 0/--slot->holders < 100/'
mutate grant-refused $core/session_grant.c \
	's/bool granted = server->opaque == POLICY_OPAQUE_GRANT;/bool granted = true;/'
mutate grant-range $core/session_grant.c \
	's/bool ranged = server->passive.high != 0;/bool ranged = true;/'
mutate grant-active $core/session_grant.c \
	's/server->opaque_active != POLICY_ACTIVE_REFUSE,/true,/'
mutate grant-refresh $core/gate_time.c \
	's/emit_opening(gate, ACTION_REFRESH, slot, CLASS_OPAQUE,/emit_opening(gate, ACTION_NOTE, slot, CLASS_OPAQUE,/'

# --- windows and proofs
mutate window-reply $core/session_window.c \
	's/learned_opens(&learned->passive, reply.high, grammar,/learned_opens(\&learned->passive, 47, true,/'
mutate window-range $core/gate_proof.c \
	's/(kinds\[i\] == OPENING_WINDOW_PASSIVE && !in_range) ||/false ||/'
mutate window-ftp-data $core/gate_proof.c \
	's/(kinds\[i\] == OPENING_WINDOW_FTP_DATA && !ftp_data))/false)/'
mutate window-used $core/gate_proof.c \
	's/^	opening_forget(gate, slot);/	(void)slot;/'
mutate window-strict $core/gate_proof.c \
	's/if (!fits || (!early \&\& gate_window_mode(gate, server, w) !=/if (!fits || (!early \&\& false \&\& gate_window_mode(gate, server, w) !=/'
mutate window-early $core/gate_proof.c \
	's/early = fits && !passive && x->reply == 0;/early = fits \&\& !passive;/'
mutate window-prot $core/session_window.c \
	's/if (!behind_pbsz || !e->pbsz || e->prot_known)/if (true)/'
mutate window-finished $core/session_window.c \
	's/return from == SIDE_CLIENT && version >= TLS_1_3 &&/return false \&\& version \&\&/'
mutate window-exchange-once $core/gate_proof.c \
	's/^	x->at_ns = 0;/	(void)x;/'
mutate window-exchange-age $core/gate_proof.c \
	's/gate->now_ns - x->at_ns < life \&\&/true \&\&/'
mutate window-ask-reach $core/gate_proof.c \
	's/^	       may_reach(gate, seg, passive);/	       true;/'
mutate window-replaced $core/session_open.c \
	's/^	session_close_pins(gate, s, REASON_REPLACED);/	(void)s;/'
mutate window-ends-with-tls $core/session_state.c \
	's/if (was_opaque ||/if (false ||/'
mutate window-useless-length $core/servers.c \
	's/if (l->used == 0 \&\& l->unused >= WINDOWS_DROP)/if (false)/'
mutate window-learns $core/servers.c \
	's/if (w->replies\[i\].outside)/if (false)/'
mutate window-own-queue $core/openings.c \
	's/return &o->windows;/return \&o->pinholes;/'
mutate proof-clear $core/proof_judge.c \
	's/return p->tls ? PROOF_FAILED : PROOF_PASSED;/return PROOF_PASSED;/'
mutate proof-offer $core/proof_judge.c \
	's/if (p->resume \&\& !offers_resumption(p, client, tickets))/if (false)/'
mutate proof-psk $core/proof_judge.c \
	's/if (client->psk || p->psk)/if (client->psk)/'
mutate proof-taken $core/proof_judge.c \
	's/return !p->resume || is_resumed(&r, tickets) ? PROOF_PASSED/return true ? PROOF_PASSED/'
mutate proof-auto-tls $core/proof_judge.c \
	's/p->tls = s->exchange.tls_shown \&\&/p->tls = false \&\&/'
mutate proof-auto-prot $core/proof_judge.c \
	's/\&\& !s->exchange.prot_since;/;/'
mutate proof-unknown-packet $core/gate_proof.c \
	's/^	else if ((seg->flags & TCP_RST) == 0)$/	else if (false)/'
mutate proof-cut-marked $core/gate_proof.c \
	's/^	emit(gate, ACTION_MARK, &of, NOTE_DEBUG, REASON_NONE);/	(void)of;/'

# --- the terminating mode
mutate stream-injection $core/session_line.c \
	's/return s->origin == ORIGIN_STREAM && rest.len != 0/return false \&\& rest.len != 0/'
mutate stream-second-auth $core/session_reply.c \
	's/if (s->class == CLASS_TERMINATED \&\& is_positive(r))/if (false)/'
mutate stream-no-grants $core/session_grant.c \
	's/^\t\t      s->origin == ORIGIN_PACKETS;/\t\t      true;/'
mutate stream-loss-ends $core/session_state.c \
	's/if (s->origin == ORIGIN_STREAM) {/if (false) {/'
mutate prot-refused $core/session_reply.c \
	's/p->verb == FTP_PROT \&\& is_positive(r)/p->verb == FTP_PROT/'
mutate prot-unknown $core/session_open.c \
	's/bool relay = s->protection != PROTECTION_CLEAR/bool relay = s->protection == PROTECTION_PRIVATE/'
mutate prot-pipelined $core/session_open.c \
	's/(s->class != CLASS_CLEAR && prot_waits(s));/false;/'
mutate ccc-refused $core/session_reply.c \
	's/p->verb == FTP_CCC \&\& is_positive(r)/p->verb == FTP_CCC/'
mutate origin-packets $core/gate.c \
	's/if (s == NULL || s->origin != ORIGIN_PACKETS)/if (s == NULL)/'
mutate request-policy-begin $core/gate_terminator.c \
	's/if (!is_terminated(gate->policy, server)) {/if (false) {/'
mutate request-policy-open $core/gate_terminator.c \
	's/if (!is_terminated(gate->policy, &s->server)) {/if (false) {/'
mutate request-control-port $core/gate_terminator.c \
	's/return policy_server(policy, &server->addr)->terminate &&/return policy_server(policy, \&server->addr)->terminate || policy_server(policy, \&server->addr)->terminate \&\&/'
mutate request-peer $core/gate_terminator.c \
	's/s->peer == event->request.peer)/true)/'
mutate request-announcement $core/gate_terminator.c \
	's/if (!is_announcement(reason, event->request.active)) {/if (false) {/'
mutate request-family $core/gate_terminator.c \
	's/if (!is_pair(client, server)) {/if (false) {/'
mutate request-close-own $core/gate_terminator.c \
	's/slot != NULL \&\& slot->session == s->id)/slot != NULL)/'
mutate request-lost $core/gate_terminator.c \
	's/gate->orphans_at = 0;/(void)0;/'
mutate request-flow-ended $core/gate_news.c \
	's/if (s != NULL \&\& s->origin != ORIGIN_REQUESTS)/if (s != NULL)/'
mutate request-idle $core/gate_time.c \
	's/if (s->origin == ORIGIN_REQUESTS)$/if (false)/;s/return s->origin == ORIGIN_REQUESTS ||/return/'
mutate request-dump $core/gate_news.c \
	's/event->flow.class == CLASS_TERMINATED ||/false ||/'

# --- the end, and what came before us
mutate end-closes-pinholes $core/session_state.c \
	's/^\tsession_close_pins(gate, s, reason);/\t(void)0;/'
mutate end-releases-grants $core/session_state.c \
	's/^\tsession_release_grants(gate, s, reason);/\t(void)0;/'
mutate quit $core/session_reply.c \
	's/p->verb == FTP_QUIT \&\& is_positive(r)/false/'
mutate pinhole-used $core/gate_news.c \
	's/^\tif (!opening_is_grant(slot->opening.kind)) {/\tif (false) {/'
mutate pinhole-expires $core/gate_time.c \
	's/while ((slot = openings_oldest(o, list)) != NULL \&\&/while ((slot = openings_oldest(o, list)) != NULL \&\& false \&\&/'
mutate idle $core/gate_time.c \
	's/idle_due(gate, list) <= gate->now_ns;/false;/'
mutate picked-up-unproven $core/session_tcp.c \
	's/s->proven = session_is_readable(s);/s->proven = true;/'
mutate loss-unproven $core/session_state.c \
	's/^\ts->proven = false;/\ts->proven = true;/'
mutate loss-noticed $core/session_tcp.c \
	's/&& acked_unseen(peer, seg->ack)/\&\& false/'
mutate reset-in-window $core/session_tcp.c \
	's/seq - d->stream.next < STREAM_WINDOW/true/'
mutate syn-proves-nothing $core/session_tcp.c \
	's/if (s->syn_again \&\& seg->ack == s->syn + 1)/if (false)/'
mutate reload $core/gate.c \
	's/gate->review_openings_at = gate->review_sessions_at = 0;/(void)0;/'

# --- hostile packets, floods
mutate rewound-stream $core/stream.c \
	's/^\t\*in_order = span_make(NULL, 0);$/&\n\tif (data.len != 0 \&\& seq_before(seq, s->next))\n\t\ts->next = seq;/'
mutate foreseen-other $core/gate_foresee.c \
	's/gate->ahead\[n - 1\].packet.data == event->packet.data \&\&/true \&\&/;s/gate->ahead\[n - 1\].packet.len == event->packet.len)/true)/'
mutate follows-copies-clear $core/gate_foresee.c \
	's/s->marked != CLASS_OPAQUE/false/'
mutate follows-copies-again $core/gate_foresee.c 's/ || s->syn_again ||/ ||/'
mutate follows-copies-over $core/gate_foresee.c \
	's/session_is_over(s);/false;/'
mutate follows-copies-line $core/gate_foresee.c 's/f->bad || !f->tls)/f->bad)/'
mutate first-copy $core/stream.c \
	's/^\t\tif (held->count != 0 && seq_before(held->pieces\[0\].begin, end))/\t\tif (false)/'
mutate lost-on-purpose $core/session_state.c \
	's/if (from == SIDE_SERVER || !session_is_readable(s)) {/if (true) {/'
mutate reset-forgotten $core/session_tcp.c \
	's/^\t\t\tsession_end(gate, s);/\t\t\treturn true;/'
mutate reset-marked $core/session_state.c \
	's/^\ts->class = CLASS_NOT_FTP;/\t(void)0;/'
mutate clear-behind-234 $core/session_tls.c \
	's/^\tsession_not_ftp(gate, s);/\tbegin_lines(gate, d);/'
mutate half-line-behind-auth $core/session_reply.c \
	's/!ftp_line_at_start(&client->lines)/false/'
mutate not-ftp-for-good $core/session_state.c \
	's/^\tsession_set_class(gate, s, CLASS_NOT_FTP,$/\t(void)(/'
mutate lines-before-login $core/session_command.c \
	's/return c->plausible || s->login != LOGIN_NO;/return true;/'
mutate limit-half-open $core/gate.c \
	's/if (t->half_open.count <= max)/if (t->half_open.count <= max + 999999)/'
mutate limit-client-sessions $core/gate.c \
	's/have->sessions < gate->policy->client_sessions_max/true/'
mutate limit-client-pinholes $core/session_open.c \
	's/client->pinholes >= gate->policy->client_pinholes_max/false/'

mutate auth-stripped $core/session_reply.c \
	's/(auth_memory_get(&gate->auths, &s->server) & p->auth) != 0/false/'
mutate auth-stripped-mechanism $core/session_reply.c \
	's/(auth_memory_get(&gate->auths, &s->server) & p->auth) != 0/auth_memory_get(\&gate->auths, \&s->server) != 0/'
mutate auth-stripped-honest $core/session_reply.c \
	's/if (p->auth_first &&/if (p->auth != 0 \&\&/'
mutate starttls-cut $core/session_tls.c 's/^\t\tsession_cut(gate, s);$//'
mutate starttls-cut-marked $core/gate.c 's/s->cut ? CLASS_CUT :/false ? CLASS_CUT :/'
mutate starttls-cut-dropped $core/gate.c 's/if (s->cut && (seg->flags/if (false \&\& (seg->flags/'
mutate starttls-cut-known $core/gate.c 's/^\(.*session_segment(gate, s, from, seg)\) && !s->cut) {/\1) {/'
mutate starttls-cut-policy $core/session_state.c 's/if (!gate->policy->starttls_cut)/if (false)/'
mutate refused-marked $core/gate.c 's/^\telse if (!syn)$/\telse if (false)/'

# --- what is told: credentials, resumption, findings
mutate trace-password $core/ftp_command.c \
	's/return has_telling_argument(c->verb) ? c->argument :/return c->verb != FTP_USER ? c->argument :/'
mutate trace-echo $core/session_reply.c \
	's/if (!greeting \&\& !ftp_verb_is_public(verb))/if (false)/'
mutate resume-certificate $core/tls_hello.c \
	's/hello->full |= hello->seen/hello->full |= false/'
mutate resume-ticket $core/tls_hello.c \
	's/^\t\thello->ticket = fingerprint(w);/\t\t(void)0;/'
mutate resume-whose $core/tls_resume.c \
	's/^\tr.is_known = tls_tickets_hold(tickets, c->ticket) ||/\tr.is_known = true ||/'
mutate resume-random-id $core/tls_resume.c \
	's/(c->session != 0 \&\& c->version < TLS_1_3)/c->session != 0/'
mutate resume-psk $core/tls_resume.c \
	's/server->psk ? TLS_HANDSHAKE_RESUMED :/client->psk ? TLS_HANDSHAKE_RESUMED :/'
mutate data-tickets $core/data_watch.c \
	's/(server->psk ? 1 : 2)/0/'
mutate data-third-record $core/data_watch.c \
	's/(server->psk ? 1 : 2)/255/'
mutate finding-ccc src/explain/facts.c \
	's/f->came_back |= a->class == CLASS_CLEAR_CCC;/(void)0;/'
mutate finding-healthy src/explain/explain.c \
	's/f->full_moved == 0 \&\&/true \&\&/'

# --- what is told of all that
mutate meter-rest $core/meter.c \
	's/ + to.rest \/ NS_PER_MS;/;/'
mutate meter-policy $core/gate_time.c \
	's/^\t\topening_measure(gate, slot);/\t\t(void)0;/'
mutate meter-shared-grant $core/session_grant.c \
	's/s->exposed_ms -= meter_read(&slot->meter, gate->now_ns);/(void)0;/'
mutate meter-closed $core/opening_life.c \
	's/^\tset_pairs(gate, slot, 0);/\t(void)0;/'
mutate end-exposed $core/emit.c \
	's/a->exposed_ms = s->exposed_ms;/a->exposed_ms = 0;/'
mutate end-once $core/session_state.c \
	's/^\tif (!s->ended)$/\tif (true)/'
mutate learned-ports $core/servers.c \
	's/if (port > seen->high)/if (seen->count == 0)/'
mutate classes-counted $core/gate.c \
	's/^\tcount_session(gate, s, CLASS_NONE);/\t(void)0;/'

# --- pinholed-tls
mutate truncation-laundered src/terminator/relay_flow.c \
	's/^\treturn gone(r, from, status == LEG_BROKEN);/\tf->ended = true;\n\treturn true;/'
mutate killed-client-passes src/terminator/relay_flow.c \
	's/r->control == NULL || r->control->pipe\[i\].ended/false/'
mutate session-not-resumed src/terminator/relay_tls.c \
	's/session = tickets_copy(&c->tickets);/session = NULL;/'
mutate session-of-another src/tls/leg_start.c \
	's/SSL_set_session_id_context(leg->ssl, binding, LEG_BINDING)/SSL_set_session_id_context(leg->ssl, binding, 0)/'
mutate reuse-not-required src/terminator/relay_tls.c \
	's/r->service->reuse == REUSE_REQUIRE/false/'
mutate reuse-not-off src/terminator/relay_tls.c \
	's/r->service->reuse == REUSE_OFF ||/false ||/'
mutate tickets-on-data src/tls/leg_start.c \
	's/SSL_set_num_tickets(leg->ssl, 0)/SSL_set_num_tickets(leg->ssl, 2)/'
mutate oldest-ticket src/tls/tickets.c \
	's/^\tif (t->newest != NULL/\tif (t->before == NULL/'
mutate any-certificate src/tls/identity.c \
	's/X509_cmp(shown, id->shown\[i\].leaf) == 0/true/'
mutate key-for-all src/tls/key.c \
	's/(st->st_mode & S_IRWXO) != 0/false/'
mutate reads-ahead src/tls/leg_start.c \
	's/SSL_CTX_set_read_ahead(ctx, 0)/SSL_CTX_set_read_ahead(ctx, 1)/'
mutate more-than-a-line src/tls/leg.c \
	's/^\tif (lf != NULL)/\tif (false)/'

summary
