/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the gateway is to both ends of a server's sessions: the server's own
 * certificates and keys towards clients, and towards the server somebody who
 * knows exactly that certificate.
 */
#ifndef TLS_IDENTITY_H
#define TLS_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define IDENTITY_PATH_MAX  256
/* RSA and ECDSA, and both during a change; for several names. */
#define IDENTITY_PAIRS_MAX 8
#define IDENTITY_CIPHERS_MAX 256

enum identity_verify {
	IDENTITY_VERIFY_PIN, /* the server shows one of our certificates */
	IDENTITY_VERIFY_CA,  /* one that .ca_file vouches for, any name */
	IDENTITY_VERIFY_NONE,
};

/* A certificate with its chain, and its key; PEM. */
struct identity_pair {
	char certificate[IDENTITY_PATH_MAX], key[IDENTITY_PATH_MAX];
	char passphrase[IDENTITY_PATH_MAX]; /* a file; "": the key has none */
};

/* What a leg speaks. */
struct identity_protocol {
	uint16_t low, high; /* TLS1_2_VERSION and so on */
	char ciphers[IDENTITY_CIPHERS_MAX]; /* up to TLS 1.2; "": default */
	char suites[IDENTITY_CIPHERS_MAX];  /* TLS 1.3; "": default */
};

struct identity_settings {
	struct identity_pair pairs[IDENTITY_PAIRS_MAX];
	unsigned pair_count;
	struct identity_pair own; /* shown to a server that asks for a client's
				     certificate; .certificate "": none */
	enum identity_verify verify;
	char ca_file[IDENTITY_PATH_MAX];
	struct identity_protocol client, server; /* towards each */
};

/* Counted: a session that runs keeps the one that it began with. */
struct identity;

/*
 * Reads the files. A key, or a passphrase, that others than its owner may read,
 * than the group that we run as, and than root, is refused. 0; otherwise what is wrong stands in @error,
 * with the cure. Owned by the caller: identity_drop().
 */
int identity_load(const struct identity_settings *settings,
		  struct identity **out, char *error, size_t size)
	__attribute__((warn_unused_result));

struct identity *identity_take(struct identity *identity);

/* NULL is allowed. */
void identity_drop(struct identity *identity);

/* When the first of its certificates expires. */
time_t identity_expires(const struct identity *identity);

#endif
