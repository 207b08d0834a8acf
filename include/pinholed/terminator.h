/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What pinholed-tls asks of pinholed, and what it hears: one message per record
 * of a unix socket of type SOCK_SEQPACKET, at which pinholed listens.
 *
 * pinholed-tls reads the sessions that it terminates and says what is announced
 * in them; pinholed, which alone may change the firewall, holds each request
 * against its own policy. A session's two ends are said once, with
 * TERMINATOR_BEGIN, and an opening leads from one of them to the other:
 * nothing else can be asked for.
 *
 * Both ends are on one machine and of one build, so numbers are in host byte
 * order and structures go as they are. Bytes that no field uses are zero.
 */
#ifndef PINHOLED_TERMINATOR_H
#define PINHOLED_TERMINATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "pinholed/addr.h"

/* Changes with every change of the structures below or of a meaning; who hears
 * another one hangs up. */
#define TERMINATOR_VERSION 2

#define TERMINATOR_DEFAULT_PATH "/run/pinholed/terminator.sock"

/* Where nft/pinholed.nft sends control connections, and data connections. */
#define TERMINATOR_DEFAULT_PORT	     2121
#define TERMINATOR_DEFAULT_DATA_PORT (TERMINATOR_DEFAULT_PORT + 1)

/* Packet marks, as nft/pinholed.nft has them. */
#define TERMINATOR_MARK_ROUTE 0x10000000u /* deliver here: the routing rule's */
#define TERMINATOR_MARK_LEG   0x20000000u /* SO_MARK of a leg to the server */
#define TERMINATOR_MARK_MASK  0x30000000u

enum terminator_kind {
	TERMINATOR_BEGIN = 1, /* a session of these two ends; again is allowed,
				 and closes what the earlier one had open */
	TERMINATOR_OPEN = 2,  /* let .port in, see below */
	TERMINATOR_CLOSE = 3, /* .handle is not needed any more; a handle that
				 has gone is no error */
	TERMINATOR_END = 4,   /* the session is over: all of it closes */
	TERMINATOR_TELL = 5,  /* for people to see: .tls */
};

/* "TLSv1.3 TLS_AES_256_GCM_SHA384": printable ASCII, with a NUL behind it. */
#define TERMINATOR_TLS_MAX 48

struct terminator_request {
	uint32_t version; /* TERMINATOR_VERSION */
	uint32_t kind;	  /* enum terminator_kind */
	uint64_t serial;  /* the answer repeats it; BEGIN and OPEN */
	/* The control connection's ends, as the gateway sees them: the client's
	 * own address and port, and the server's. In every request. */
	struct endpoint client, server;
	uint16_t port; /* OPEN: the announced port */
	/* OPEN. 0, passive: from the client's address to the server's. 1,
	 * active: the other way round. */
	uint8_t active;
	/* OPEN. 1: the connection is sent to pinholed-tls (OPENING_RELAY); 0: it
	 * goes end to end (OPENING_PINHOLE). */
	uint8_t relay;
	/* OPEN: which announcement it was, REASON_PASV, _EPSV or _LPSV for
	 * passive, REASON_PORT, _EPRT or _LPRT for active. Else 0. */
	uint32_t reason;
	uint32_t handle; /* CLOSE: from the answer to OPEN. Else 0. */
	uint32_t pad;
	/* TELL: protocol and cipher towards the client, and towards the server;
	 * "": not in TLS. NULs behind the text, and in other requests. */
	char tls[2][TERMINATOR_TLS_MAX];
};

/* One for each BEGIN and OPEN, in the order of the requests. The others have
 * none. */
struct terminator_answer {
	uint32_t version; /* TERMINATOR_VERSION */
	uint32_t reason;  /* REASON_NONE: done, and committed in the kernel;
			     else why not */
	uint64_t serial;
	uint32_t handle; /* of the opening; 0 for BEGIN and after a refusal */
	uint32_t pad;
};

_Static_assert(sizeof(struct endpoint) == 20, "endpoints have no other form");
_Static_assert(sizeof(struct terminator_request) == 168, "no hidden padding");
_Static_assert(sizeof(struct terminator_answer) == 24, "no hidden padding");

#endif
