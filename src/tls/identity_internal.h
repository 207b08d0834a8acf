/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the files of src/tls only. */
#ifndef TLS_IDENTITY_INTERNAL_H
#define TLS_IDENTITY_INTERNAL_H

#include <openssl/ssl.h>

#include "tls/identity.h"

struct identity {
	unsigned holders;
	SSL_CTX *client, *server; /* of the legs towards them */
	X509 *leaves[IDENTITY_PAIRS_MAX];
	unsigned leaf_count;
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

#endif
