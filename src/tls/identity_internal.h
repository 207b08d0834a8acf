/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the files of src/tls only. */
#ifndef TLS_IDENTITY_INTERNAL_H
#define TLS_IDENTITY_INTERNAL_H

#include <openssl/ssl.h>

#include "tls/identity.h"

/* What a client may be shown. */
struct identity_shown {
	X509 *leaf;
	EVP_PKEY *key;
	STACK_OF(X509) *chain;
	bool first; /* of the first identity, which is shown by default */
};

struct identity {
	unsigned holders;
	SSL_CTX *client, *server; /* of the legs towards them */
	struct identity_shown shown[IDENTITY_PAIRS_MAX];
	unsigned shown_count;
	enum identity_verify verify;
	time_t expires;
};

/* Sets what a leg needs of its context: leg.c's callbacks. */
void leg_prepare_client(SSL_CTX *ctx);
void leg_prepare_server(SSL_CTX *ctx);

/* The newest error of this thread, as text; empties the queue. */
const char *tls_error(char *out, size_t size);

/* What is wrong into @error; empties the queue. -1. */
int tls_fail(char *error, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* key.c: the key of @pair, opened where it is locked, or NULL with what is wrong
 * in @error. Owned by the caller: EVP_PKEY_free(). */
EVP_PKEY *key_load(const struct identity_pair *pair, char *error, size_t size);

/* choice.c: has each client shown the certificates that fit what it asks for. */
void choice_prepare(struct identity *id);

#endif
