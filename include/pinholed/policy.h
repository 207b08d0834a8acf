/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be opened, compiled from the configuration. The core only reads it. */
#ifndef PINHOLED_POLICY_H
#define PINHOLED_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "pinholed/addr.h"

#define POLICY_PORTS_MAX   16  /* control ports of each kind */
#define POLICY_DENY_MAX    64  /* entries of the deny-list */
#define POLICY_SERVERS_MAX 1024
#define POLICY_SESSION_PINHOLES_MAX 4  /* of one session, open at once */
#define POLICY_SESSION_COMMANDS_MAX 16 /* of one session, without a reply */

/* No data connection is ever opened to a port below this one (field.md's A3;
 * RFC 2577 section 3). Not configurable. */
#define POLICY_PORT_MIN 1024

/* A closed interval of ports; empty when high is 0. */
struct port_range {
	uint16_t low, high;
};

/* What happens for a session that nobody here can read. */
enum policy_opaque {
	POLICY_OPAQUE_REFUSE, /* nothing opens */
	POLICY_OPAQUE_GRANT,  /* the server's passive range, for that client */
};

/* Active mode (server to client) in an opaque session. */
enum policy_active {
	POLICY_ACTIVE_REFUSE,
	POLICY_ACTIVE_FTP_DATA, /* from the control port - 1 only: 20 or 989 */
	POLICY_ACTIVE_ANY,      /* from any source port */
};

/* When the range opens for an encrypted session that has a grant. */
enum policy_window {
	POLICY_WINDOW_OFF,    /* for as long as it lives */
	POLICY_WINDOW_LEARN,  /* for one connection, when the lengths of a
				 command and its reply can be PASV and 227; what
				 comes without is let in where it can be a
				 transfer, until the server is known well */
	POLICY_WINDOW_STRICT, /* never without such lengths */
};

/* What a data connection that a window let in has to show. */
enum policy_proof {
	POLICY_PROOF_AUTO,   /* what the session's earlier ones did show */
	POLICY_PROOF_NONE,
	POLICY_PROOF_TLS,    /* a TLS handshake, the FTP client its client */
	POLICY_PROOF_RESUME, /* that it resumes the control connection's */
};

/* One `server` directive: an address or network and what holds for it. */
struct policy_server {
	struct addr net;
	uint8_t prefix;               /* bits of @net that count */
	uint8_t opaque;               /* enum policy_opaque */
	uint8_t opaque_active;        /* enum policy_active */
	uint8_t window;		      /* enum policy_window */
	uint8_t proof;		      /* enum policy_proof */
	bool clear_active;            /* PORT and EPRT in readable sessions */
	bool terminate;               /* pinholed-tls may have its sessions:
					 EVENT_REQUEST */
	bool terminate_required;      /* and nobody else: without it they are
					 refused */
	bool relay;                   /* EVENT_STREAM: protected data is for
					 pinholed-tls to relay */
	struct port_range passive;    /* managed range; empty: not known */
};

struct policy {
	uint16_t explicit_ports[POLICY_PORTS_MAX]; /* RFC 4217, usually 21 */
	uint16_t implicit_ports[POLICY_PORTS_MAX]; /* TLS first, usually 990 */
	uint16_t explicit_count, implicit_count;
	/* Reset sessions that break the rules of AUTH (RFC 4217 section 4):
	 * clear bytes where TLS must begin, AUTH stripped on its way. */
	bool starttls_cut;
	/* Decide and say, but change nothing: not looked at in the core. */
	bool shadow;
	struct port_range deny[POLICY_DENY_MAX]; /* never a data port */
	uint16_t deny_count;
	uint32_t pinhole_timeout_s; /* an unused pinhole closes after this */
	uint32_t window_timeout_s;  /* an unused window closes after this */
	uint32_t grant_timeout_s;   /* a grant's life without a refresh */
	uint32_t idle_timeout_s;    /* a silent session is given up */
	uint32_t half_open_max;	    /* sessions that wait for their greeting */
	uint32_t client_sessions_max; /* of one client address */
	uint32_t client_pinholes_max; /* of one client address, open at once */
	uint32_t session_pinholes_max; /* POLICY_SESSION_PINHOLES_MAX at most */
	uint32_t session_commands_max; /* POLICY_SESSION_COMMANDS_MAX at most */
	struct policy_server fallback; /* for servers that no entry names */
	uint16_t server_count;
	struct policy_server servers[POLICY_SERVERS_MAX];
};

/*
 * The settings for @server: the entry with the longest matching prefix, the
 * first of two equally long ones, or the fallback. Never NULL; the result
 * lives as long as @policy.
 */
const struct policy_server *policy_server(const struct policy *policy,
					  const struct addr *server);

/* Whether pinholed-tls is to have the sessions of any server. */
bool policy_terminates(const struct policy *policy);

/* True when @port may be a data port: not below POLICY_PORT_MIN, not on the
 * deny-list, not a control port. The one place for this decision. */
bool policy_port_allowed(const struct policy *policy, uint16_t port);

/* How many of @range's ports policy_port_allowed() allows. */
uint32_t policy_range_ports(const struct policy *policy,
			    struct port_range range);

/* Whether servers take control connections on @port: such as begin in clear text
 * (RFC 959, RFC 4217), such as begin with TLS, either. */
bool policy_is_explicit(const struct policy *policy, uint16_t port);
bool policy_is_implicit(const struct policy *policy, uint16_t port);
bool policy_is_control(const struct policy *policy, uint16_t port);

#endif
