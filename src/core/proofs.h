/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data connections that windows let in, until they have shown what they are, and
 * a moment longer: their packets may be on their way to us still. */
#ifndef CORE_PROOFS_H
#define CORE_PROOFS_H

#include "core/data_watch.h"
#include "pinholed/addr.h"

/* At once. When there are more, the one that was heard longest ago goes, and is
 * cut if it was still to show something. */
#define PROOFS_MAX 1024

enum proof_state {
	PROOF_PENDING,
	PROOF_PASSED,
	PROOF_FAILED,
};

struct proof {
	struct endpoint source, destination; /* of its SYN */
	struct endpoint client, server;	     /* of the control connection */
	uint64_t session;
	uint64_t due_ns; /* forgotten then */
	uint32_t syn;	 /* the SYN's sequence number */
	uint8_t state;	 /* enum proof_state */
	bool in_use;
	bool from_client; /* the FTP client sent the SYN */
	/* What it has to show: */
	bool tls;    /* a TLS handshake */
	bool resume; /* of the control connection's session */
	bool psk;    /* by a pre-shared key: that session is TLS 1.3 */
	bool name;   /* the control connection's server name */
	/* What is learned when it has: */
	bool foreseen;	/* it came through a window */
	uint8_t reply;	/* the length that announced it; 0: none */
	struct data_watch watch;
	uint32_t hash_next, older, newer;
};

struct proofs {
	struct proof slots[PROOFS_MAX];
	uint32_t buckets[PROOFS_MAX];
	uint32_t oldest, newest, free, fresh;
	uint64_t key[2];
};

/* @p is zeroed. */
void proofs_init(struct proofs *p, const uint64_t key[static 2]);

/* The connection whose SYN went from @source to @destination, or NULL. */
struct proof *proofs_find(struct proofs *p, const struct endpoint *source,
			  const struct endpoint *destination);

/* A new one, which must not be there, newest of all. NULL: there are too many;
 * remove the oldest. */
struct proof *proofs_add(struct proofs *p, const struct endpoint *source,
			 const struct endpoint *destination);
void proofs_remove(struct proofs *p, struct proof *proof);
void proofs_touch(struct proofs *p, struct proof *proof);
struct proof *proofs_oldest(struct proofs *p);

#endif
