/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates, keys and settings, made into one context for each leg. */
#include "tls/identity.h"

#include <stdarg.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "tls/identity_internal.h"

/* Tickets and sessions of a control connection serve its data connections for
 * as long as it lives: RFC 8446 section 4.6.1 allows seven days. */
#define SESSION_LIFE_S 604800

const char *
tls_error(char *out, size_t size)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);

	if (code == 0)
		snprintf(out, size, "no further word");
	else if (reason != NULL)
		snprintf(out, size, "%s", reason);
	else if (ERR_SYSTEM_ERROR(code))
		snprintf(out, size, "%s", strerror(ERR_GET_REASON(code)));
	else
		ERR_error_string_n(code, out, size);
	ERR_clear_error();
	return out;
}

int
tls_fail(char *error, size_t size, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(error, size, format, ap);
	va_end(ap);
	ERR_clear_error();
	return -1;
}

/* The pair's certificate, its chain and its key for @ctx. */
static int
use_pair(SSL_CTX *ctx, const struct identity_pair *pair, char *error,
	 size_t size)
{
	char text[120];
	EVP_PKEY *key;
	bool fits;

	if (SSL_CTX_use_certificate_chain_file(ctx, pair->certificate) != 1)
		return tls_fail(error, size,
				"%s: no certificate can be read: %s",
				pair->certificate,
				tls_error(text, sizeof(text)));
	key = key_load(pair, error, size);
	if (key == NULL)
		return -1;
	fits = SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
	       SSL_CTX_check_private_key(ctx) == 1;
	EVP_PKEY_free(key);
	if (fits)
		return 0;
	return tls_fail(error, size, "%s: is not the key of the certificate: %s",
			pair->key, tls_error(text, sizeof(text)));
}

static void
note_expiry(struct identity *id, const X509 *leaf)
{
	struct tm tm = { 0 };
	time_t when;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &tm) != 1)
		return;
	when = timegm(&tm);
	if (id->expires == 0 || when < id->expires)
		id->expires = when;
}

static int
load_pair(struct identity *id, const struct identity_pair *pair, char *error,
	  size_t size)
{
	struct identity_shown *s = &id->shown[id->shown_count];
	STACK_OF(X509) *chain = NULL;

	if (use_pair(id->client, pair, error, size) != 0)
		return -1;
	SSL_CTX_get0_chain_certs(id->client, &chain);
	if (chain != NULL && (s->chain = X509_chain_up_ref(chain)) == NULL)
		return tls_fail(error, size, "out of memory");
	s->leaf = SSL_CTX_get0_certificate(id->client);
	s->key = SSL_CTX_get0_privatekey(id->client);
	X509_up_ref(s->leaf);
	EVP_PKEY_up_ref(s->key);
	id->shown_count++;
	note_expiry(id, s->leaf);
	return 0;
}

static int
set_protocol(SSL_CTX *ctx, const struct identity_protocol *p, const char *leg,
	     char *error, size_t size)
{
	char text[120];

	if (SSL_CTX_set_min_proto_version(ctx, p->low) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, p->high) != 1)
		return tls_fail(error, size, "%s-tls: these versions are not to be "
					 "had from OpenSSL", leg);
	if (p->ciphers[0] != '\0' &&
	    SSL_CTX_set_cipher_list(ctx, p->ciphers) != 1)
		return tls_fail(error, size, "%s-ciphers: %s: %s", leg, p->ciphers,
			    tls_error(text, sizeof(text)));
	if (p->suites[0] != '\0' &&
	    SSL_CTX_set_ciphersuites(ctx, p->suites) != 1)
		return tls_fail(error, size, "%s-suites: %s: %s", leg, p->suites,
			    tls_error(text, sizeof(text)));
	return 0;
}

static bool
is_ours(const struct identity *id, const X509 *shown)
{
	for (unsigned i = 0; i < id->shown_count; i++)
		if (shown != NULL && X509_cmp(shown, id->shown[i].leaf) == 0)
			return true;
	return false;
}

/* The server must show a certificate that we hold ourselves: nobody has to vouch
 * for it, and no name or date matters. */
static int
verify_pin(X509_STORE_CTX *store, void *arg)
{
	if (is_ours(arg, X509_STORE_CTX_get0_cert(store)))
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	return 0;
}

static int
set_verify(struct identity *id, const struct identity_settings *settings,
	   char *error, size_t size)
{
	char text[120];

	if (settings->verify == IDENTITY_VERIFY_NONE)
		return 0;
	SSL_CTX_set_verify(id->server, SSL_VERIFY_PEER, NULL);
	if (settings->verify == IDENTITY_VERIFY_PIN)
		SSL_CTX_set_cert_verify_callback(id->server, verify_pin, id);
	else if (SSL_CTX_load_verify_file(id->server, settings->ca_file) != 1)
		return tls_fail(error, size, "%s: no certificates can be read: %s",
			    settings->ca_file, tls_error(text, sizeof(text)));
	return 0;
}

static int
load(struct identity *id, const struct identity_settings *settings,
     char *error, size_t size)
{
	id->client = SSL_CTX_new(TLS_server_method());
	id->server = SSL_CTX_new(TLS_client_method());
	if (id->client == NULL || id->server == NULL)
		return tls_fail(error, size, "out of memory");
	leg_prepare_client(id->client);
	leg_prepare_server(id->server);
	SSL_CTX_set_timeout(id->client, SESSION_LIFE_S);
	SSL_CTX_set_dh_auto(id->client, 1);
	for (unsigned i = 0; i < settings->pair_count; i++)
		if (load_pair(id, &settings->pairs[i], error, size) != 0)
			return -1;
	choice_prepare(id);
	if (settings->own.certificate[0] != '\0') {
		if (use_pair(id->server, &settings->own, error, size) != 0)
			return -1;
		note_expiry(id, SSL_CTX_get0_certificate(id->server));
	}
	if (set_protocol(id->client, &settings->client, "client", error,
			 size) != 0 ||
	    set_protocol(id->server, &settings->server, "server", error,
			 size) != 0)
		return -1;
	return set_verify(id, settings, error, size);
}

int
identity_load(const struct identity_settings *settings, struct identity **out,
	      char *error, size_t size)
{
	struct identity *id = calloc(1, sizeof(*id));

	*out = NULL;
	if (id == NULL)
		return tls_fail(error, size, "out of memory");
	id->holders = 1;
	id->verify = settings->verify;
	if (load(id, settings, error, size) != 0) {
		identity_drop(id);
		return -1;
	}
	*out = id;
	return 0;
}

struct identity *
identity_take(struct identity *id)
{
	id->holders++;
	return id;
}

void
identity_drop(struct identity *id)
{
	if (id == NULL || --id->holders != 0)
		return;
	for (unsigned i = 0; i < id->shown_count; i++) {
		X509_free(id->shown[i].leaf);
		EVP_PKEY_free(id->shown[i].key);
		sk_X509_pop_free(id->shown[i].chain, X509_free);
	}
	SSL_CTX_free(id->client);
	SSL_CTX_free(id->server);
	free(id);
}

time_t
identity_expires(const struct identity *id)
{
	return id->expires;
}
