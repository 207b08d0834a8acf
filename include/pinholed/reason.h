/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why something was opened, closed, refused or noted: one word per decision. */
#ifndef PINHOLED_REASON_H
#define PINHOLED_REASON_H

/*
 * X(name, word, sentence): the word is what logs, JSON and tests use and never
 * changes its meaning; the sentence is for people.
 */
#define REASONS(X) \
	X(NONE, "none", "no particular reason") \
	/* openings */ \
	X(PASV, "pasv", "the server answered PASV with 227") \
	X(EPSV, "epsv", "the server answered EPSV with 229") \
	X(LPSV, "lpsv", "the server answered LPSV with 228") \
	X(PORT, "port", "the client announced its data port with PORT") \
	X(EPRT, "eprt", "the client announced its data port with EPRT") \
	X(LPRT, "lprt", "the client announced its data port with LPRT") \
	X(OPAQUE, "opaque", "the session is encrypted and the policy grants the range") \
	X(WINDOW, "window", "a reply of this length can announce a data port") \
	X(RESTORED, "restored", "the ruleset had been emptied or reloaded") \
	/* closings */ \
	X(REPLACED, "replaced", "the session announced a newer data port") \
	X(PORT_REJECTED, "port-rejected", "the server did not accept the announced port") \
	X(CONTROL_ENDED, "control-ended", "the control connection ended") \
	X(EXPIRED, "expired", "nobody used it in time") \
	X(USED, "used", "its data connection arrived") \
	X(IDLE, "idle", "the control connection was silent for too long") \
	X(STATE_CHANGED, "state-changed", "the session left the state that allowed it") \
	X(POLICY_CHANGED, "policy-changed", "a new configuration does not allow it") \
	X(WITHDRAWN, "withdrawn", "pinholed-tls does not need it any more") \
	X(TERMINATOR_LOST, "terminator-lost", "the connection to pinholed-tls ended") \
	/* refusals */ \
	X(UNSOLICITED, "unsolicited", "the reply answers no pending command of this kind") \
	X(PORT_PRIVILEGED, "port-privileged", "the announced port is below 1024") \
	X(PORT_DENIED, "port-denied", "the announced port is on the deny-list") \
	X(ADDRESS_FOREIGN, "address-foreign", "the announced address is not the session's own end") \
	X(FAMILY_UNKNOWN, "family-unknown", "the announced network protocol is not this session's") \
	X(MALFORMED, "malformed", "the host and port cannot be read") \
	X(NUMBER_RANGE, "number-range", "a number is out of its range") \
	X(AMBIGUOUS, "ambiguous", "strict and lenient readings disagree") \
	X(LINE_TOO_LONG, "line-too-long", "the line is longer than any announcement can be") \
	X(NOT_GREETED, "not-greeted", "the server has not greeted yet") \
	X(NOT_LOGGED_IN, "not-logged-in", "the server has not accepted a login yet") \
	X(NOT_PROVEN, "not-proven", "the stream was picked up and no exchange has been read since") \
	X(NOT_FTP, "not-ftp", "the connection did not begin as FTP") \
	X(NO_WINDOW, "no-window", "no window was open for this data connection; if it was a transfer, see window in pinholed.conf(5)") \
	X(UNPROVEN, "unproven", "a data connection did not show what it has to; see proof in pinholed.conf(5)") \
	X(NO_RANGE, "no-range", "no passive range is configured for this server") \
	X(OPAQUE_REFUSED, "opaque-refused", "the policy opens nothing for encrypted sessions") \
	X(ACTIVE_REFUSED, "active-refused", "the policy does not allow active mode") \
	X(EPSV_ALL, "epsv-all", "the client promised EPSV only") \
	X(LIMIT_SESSIONS, "limit-sessions", "the session table is full") \
	X(LIMIT_HALF_OPEN, "limit-half-open", "too many control connections await their greeting; the oldest is given up") \
	X(LIMIT_CLIENT, "limit-client", "this client address has as much as one may have") \
	X(LIMIT_PINHOLES, "limit-pinholes", "the limit of open pinholes is reached") \
	X(LIMIT_GRANTS, "limit-grants", "the grant table is full") \
	X(LIMIT_COMMANDS, "limit-commands", "too many commands await their reply") \
	X(LIMIT_BUFFERS, "limit-buffers", "no buffer is left") \
	X(NOT_TERMINATED, "not-terminated", "the policy does not hand this server's sessions to pinholed-tls") \
	X(SESSION_UNKNOWN, "session-unknown", "no session of these two ends has begun") \
	X(KERNEL_REFUSED, "kernel-refused", "the kernel did not take the change") \
	X(LINK_LOST, "link-lost", "pinholed does not answer") \
	X(UNANNOUNCED, "unannounced", "nobody announced this data connection") \
	X(NO_CERTIFICATE, "no-certificate", "no certificate is configured for this server") \
	X(LIMIT_DATA, "limit-data", "there are as many data connections as there may be") \
	X(COMMAND_REFUSED, "command-refused", "the policy does not let the server have this command") \
	X(REUSE_REQUIRED, "reuse-required", "the client's data connection did not resume its control connection's session") \
	/* session events */ \
	X(SESSION_NEW, "session-new", "a control connection began") \
	X(PICKED_UP, "picked-up", "a control connection that was already running") \
	X(GREETED, "greeted", "the server greeted") \
	X(LOGGED_IN, "logged-in", "the server accepted the login") \
	X(AUTH_SENT, "auth-sent", "the client asked for TLS") \
	X(AUTH_ACCEPTED, "auth-accepted", "the server accepted AUTH") \
	X(AUTH_REFUSED, "auth-refused", "the server refused AUTH") \
	X(AUTH_OTHER, "auth-other", "a security mechanism that is not TLS") \
	X(TLS_EXPLICIT, "tls-explicit", "TLS began after AUTH") \
	X(TLS_IMPLICIT, "tls-implicit", "TLS began with the first byte") \
	X(TLS_BROKEN, "tls-broken", "the bytes are not TLS records any more") \
	X(CLEAR_IN_TLS, "clear-in-tls", "clear text inside TLS without CCC") \
	X(CCC, "ccc", "the session came back to clear text") \
	X(TERMINATED, "terminated", "pinholed-tls has taken the session over") \
	X(PROTECTION, "protection", "the protection of data connections changed") \
	X(REIN, "rein", "the client started anew") \
	X(STREAM_LOST, "stream-lost", "bytes passed unseen; waiting for a safe point") \
	X(RESYNC, "resync", "the stream can be read again") \
	X(PASV_ADDRESS, "pasv-address", "227 names another address; the session's own server end is used") \
	X(LEARNED, "learned", "a data connection without a window was let in, to learn from") \
	X(BEFORE_REPLY, "before-reply", "the server connected before it answered what can be PORT or EPRT") \
	X(PROVEN, "proven", "a data connection showed what it has to") \
	X(WINDOW_STRICT, "window-strict", "enough transfers were foreseen without a miss: nothing is let in without a window any more") \
	X(DATA, "data", "a data connection was let in by a grant") \
	X(AUTH_TRAILING, "auth-trailing", "clear bytes between AUTH and the TLS handshake") \
	X(AUTH_STRIPPED, "auth-stripped", "AUTH was refused by a server that had accepted it before") \
	X(CUT, "cut", "the connection is reset, as the policy says") \
	X(TLS_BOTH, "tls-both", "TLS stands between client and gateway and between gateway and server") \
	X(HANDSHAKE_FAILED, "handshake-failed", "a TLS handshake failed") \
	X(CERTIFICATE_WRONG, "certificate-wrong", "the server showed another certificate than the configured one") \
	X(CERTIFICATE_WANTED, "certificate-wanted", "the server asked for a client certificate, which cannot be passed on") \
	X(SERVER_UNREACHABLE, "server-unreachable", "the server could not be connected to") \
	X(CLIENT_UNREACHABLE, "client-unreachable", "the client could not be connected to") \
	X(RELAYED, "relayed", "a data connection was relayed to its end") \
	X(NOT_RESUMED, "not-resumed", "the server did not resume the control connection's session for a data connection") \
	X(TRUNCATED, "truncated", "a data connection ended without a proper end; the other side was reset") \
	X(TIMED_OUT, "timed-out", "nothing happened for too long") \
	X(PACKET_BAD, "packet-bad", "the packet cannot be walked") \
	/* with gate_trace() */ \
	X(COMMAND, "command", "the client sent a command") \
	X(REPLY, "reply", "the server sent a reply") \
	X(REPLY_LINE, "reply-line", "a line of the greeting or of FEAT's reply")

enum reason {
#define X(name, word, sentence) REASON_##name,
	REASONS(X)
#undef X
	REASON_COUNT
};

/* Both never return NULL; an unknown value gives "unknown". */
const char *reason_word(enum reason reason);
const char *reason_sentence(enum reason reason);

#endif
