/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which of several certificates a client is shown: those that name the server that
 * it asks for (SNI), one for each type of key. Where none does, or the client
 * names nobody, those of the first identity: the first certificate, and others
 * that answer to all its names.
 */
#include <openssl/x509v3.h>
#include <string.h>

#include "tls/identity_internal.h"
#include "tls/leg.h"

/* A name with a dot in front would mean all below it. */
static bool
names(X509 *leaf, const char *name, size_t len)
{
	return len != 0 && name[0] != '.' &&
	       X509_check_host(leaf, name, len, 0, NULL) == 1;
}

/* True when @other answers to all names of @leaf. */
static bool
stands_for(X509 *leaf, X509 *other)
{
	GENERAL_NAMES *list =
		X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	unsigned count = 0, common = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(list); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);

		if (name->type != GEN_DNS)
			continue;
		count++;
		common += names(other,
				(const char *)ASN1_STRING_get0_data(
					name->d.dNSName),
				(size_t)ASN1_STRING_length(name->d.dNSName));
	}
	GENERAL_NAMES_free(list);
	if (count != 0)
		return common == count;
	return X509_NAME_cmp(X509_get_subject_name(leaf),
			     X509_get_subject_name(other)) == 0;
}

/* The client's hello has been read. Data connections may come without a name
 * where their control connection had one. */
static int
choose(SSL *ssl, void *arg)
{
	const struct identity *id = arg;
	const struct leg *leg = SSL_get_app_data(ssl);
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	bool named[IDENTITY_PAIRS_MAX], any = false;

	if (name == NULL)
		name = leg->hello.name;
	for (unsigned i = 0; i < id->shown_count; i++)
		any |= named[i] =
			names(id->shown[i].leaf, name, strlen(name));
	SSL_certs_clear(ssl);
	/* Backwards: of one type the first stays. */
	for (unsigned i = id->shown_count; i-- > 0;) {
		const struct identity_shown *s = &id->shown[i];

		if ((any ? named[i] : s->first) &&
		    SSL_use_cert_and_key(ssl, s->leaf, s->key, s->chain, 1) !=
			    1)
			return 0;
	}
	return 1;
}

void
choice_prepare(struct identity *id)
{
	for (unsigned i = 0; i < id->shown_count; i++)
		id->shown[i].first =
			i == 0 ||
			stands_for(id->shown[0].leaf, id->shown[i].leaf);
	if (id->shown_count > 1)
		SSL_CTX_set_cert_cb(id->client, choose, id);
}
