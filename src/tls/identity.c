/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates, keys and settings, made into one context for each leg. */
#include "tls/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

__attribute__((format(printf, 3, 4))) static int
fail(char *error, size_t size, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(error, size, format, ap);
	va_end(ap);
	ERR_clear_error();
	return -1;
}

/* A key that strangers on this machine can read is no secret. */
static int
check_key_mode(const char *path, const struct stat *st, char *error,
	       size_t size)
{
	if (!S_ISREG(st->st_mode))
		return fail(error, size, "%s: is no file", path);
	if ((st->st_mode & S_IRWXO) != 0)
		return fail(error, size,
			    "%s: everybody may read this key; chmod o= it, and "
			    "change the key if others have accounts here",
			    path);
	if ((st->st_mode & S_IRWXG) != 0 && st->st_gid != getegid())
		return fail(error, size,
			    "%s: a group of other users may read this key; "
			    "chmod g= it, or chgrp it to the group of "
			    "pinholed-tls",
			    path);
	return 0;
}

/* Without it OpenSSL would ask at the terminal. */
static int
no_passphrase(char *buffer, int size, int writing, void *arg)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static int
load_key(SSL_CTX *ctx, const char *path, char *error, size_t size)
{
	char text[120];
	struct stat st;
	EVP_PKEY *key = NULL;
	FILE *file = NULL;
	int rc = -1, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0 ||
	    (file = fdopen(fd, "r")) == NULL) {
		fail(error, size, "%s: cannot be read: %s%s", path,
		     strerror(errno),
		     errno == EACCES ? "; the user that pinholed-tls runs as "
				       "must own it, or its group" :
				       "");
		goto out;
	}
	setvbuf(file, NULL, _IONBF, 0); /* no copy of the key in the heap */
	if (check_key_mode(path, &st, error, size) != 0)
		goto out;
	key = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
	if (key == NULL) {
		fail(error, size, "%s: holds no private key in PEM form that "
				  "can be read without a passphrase: %s",
		     path, tls_error(text, sizeof(text)));
		goto out;
	}
	if (SSL_CTX_use_PrivateKey(ctx, key) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1) {
		fail(error, size, "%s: is not the key of the certificate: %s",
		     path, tls_error(text, sizeof(text)));
		goto out;
	}
	rc = 0;
out:
	EVP_PKEY_free(key);
	if (file != NULL)
		fclose(file);
	else if (fd >= 0)
		close(fd);
	return rc;
}

static void
note_expiry(struct identity *id, const X509 *leaf)
{
	struct tm tm = { 0 };
	time_t when;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &tm) != 1)
		return;
	when = timegm(&tm);
	if (id->leaf_count == 0 || when < id->expires)
		id->expires = when;
}

static int
load_pair(struct identity *id, const struct identity_pair *pair, char *error,
	  size_t size)
{
	char text[120];
	X509 *leaf;

	if (SSL_CTX_use_certificate_chain_file(id->client,
					       pair->certificate) != 1)
		return fail(error, size, "%s: no certificate can be read: %s",
			    pair->certificate, tls_error(text, sizeof(text)));
	leaf = SSL_CTX_get0_certificate(id->client);
	if (load_key(id->client, pair->key, error, size) != 0)
		return -1;
	note_expiry(id, leaf);
	X509_up_ref(leaf);
	id->leaves[id->leaf_count++] = leaf;
	return 0;
}

static int
set_protocol(SSL_CTX *ctx, const struct identity_protocol *p, const char *leg,
	     char *error, size_t size)
{
	char text[120];

	if (SSL_CTX_set_min_proto_version(ctx, p->low) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, p->high) != 1)
		return fail(error, size, "%s-tls: these versions are not to be "
					 "had from OpenSSL", leg);
	if (p->ciphers[0] != '\0' &&
	    SSL_CTX_set_cipher_list(ctx, p->ciphers) != 1)
		return fail(error, size, "%s-ciphers: %s: %s", leg, p->ciphers,
			    tls_error(text, sizeof(text)));
	if (p->suites[0] != '\0' &&
	    SSL_CTX_set_ciphersuites(ctx, p->suites) != 1)
		return fail(error, size, "%s-suites: %s: %s", leg, p->suites,
			    tls_error(text, sizeof(text)));
	return 0;
}

static bool
is_ours(const struct identity *id, const X509 *shown)
{
	for (unsigned i = 0; i < id->leaf_count; i++)
		if (shown != NULL && X509_cmp(shown, id->leaves[i]) == 0)
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
		return fail(error, size, "%s: no certificates can be read: %s",
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
		return fail(error, size, "out of memory");
	leg_prepare_client(id->client);
	leg_prepare_server(id->server);
	SSL_CTX_set_timeout(id->client, SESSION_LIFE_S);
	SSL_CTX_set_dh_auto(id->client, 1);
	for (unsigned i = 0; i < settings->pair_count; i++)
		if (load_pair(id, &settings->pairs[i], error, size) != 0)
			return -1;
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
		return fail(error, size, "out of memory");
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
	for (unsigned i = 0; i < id->leaf_count; i++)
		X509_free(id->leaves[i]);
	SSL_CTX_free(id->client);
	SSL_CTX_free(id->server);
	free(id);
}

time_t
identity_expires(const struct identity *id)
{
	return id->expires;
}
