/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a leg's TLS begins: the hellos, what they agree on, and what is resumed.
 *
 * A session may be resumed only where it was made: the binding is the session id
 * context, which stands in every session and ticket that we hand out, and
 * OpenSSL resumes none of another context. So a control connection never resumes
 * anything, and its data connections resume nothing but it.
 */
#include <errno.h>
#include <openssl/err.h>
#include <string.h>

#include "tls/identity_internal.h"
#include "tls/leg.h"

static struct leg *
leg_of(const SSL *ssl)
{
	return SSL_get_app_data(ssl);
}

/* --- the client's hello --------------------------------------------------- */

/* RFC 6066 section 3: a list with one host name in it. */
static void
read_name(SSL *ssl, struct leg_hello *hello)
{
	const unsigned char *ext;
	size_t len, name;

	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &ext,
				      &len) != 1 ||
	    len < 5 || ext[2] != TLSEXT_NAMETYPE_host_name)
		return;
	name = (size_t)ext[3] << 8 | ext[4];
	if (name == 0 || name > len - 5 || name >= sizeof(hello->name) ||
	    memchr(ext + 5, 0, name) != NULL)
		return;
	memcpy(hello->name, ext + 5, name);
	hello->name[name] = '\0';
}

/* RFC 7301 section 3.1: a list of names. */
static void
read_alpn(SSL *ssl, struct leg_hello *hello)
{
	const unsigned char *ext;
	size_t len;

	if (SSL_client_hello_get0_ext(
		    ssl, TLSEXT_TYPE_application_layer_protocol_negotiation,
		    &ext, &len) != 1 ||
	    len < 2 || len - 2 > LEG_ALPN_MAX ||
	    ((size_t)ext[0] << 8 | ext[1]) != len - 2)
		return;
	memcpy(hello->alpn.list, ext + 2, len - 2);
	hello->alpn.len = (uint16_t)(len - 2);
}

static int
take_hello(SSL *ssl, int *alert, void *arg)
{
	struct leg *leg = leg_of(ssl);

	(void)alert;
	(void)arg;
	if (!leg->hold)
		return SSL_CLIENT_HELLO_SUCCESS;
	leg->hello = (struct leg_hello){ 0 };
	read_name(ssl, &leg->hello);
	read_alpn(ssl, &leg->hello);
	return SSL_CLIENT_HELLO_RETRY;
}

void
leg_release_hello(struct leg *leg, const struct leg_alpn *accept)
{
	leg->hold = false;
	if (accept != NULL)
		leg->accept = *accept;
}

static int
choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
	    const unsigned char *in, unsigned in_len, void *arg)
{
	const struct leg *leg = leg_of(ssl);
	unsigned char *chosen;

	(void)arg;
	if (leg->accept.len == 0 ||
	    SSL_select_next_proto(&chosen, out_len, leg->accept.list,
				  leg->accept.len, in,
				  in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* --- sessions ------------------------------------------------------------- */

/* A ticket on a data connection would be a record that an uploading client never
 * reads: some then end with a reset, and the file's tail is lost. */
static SSL_TICKET_RETURN
use_ticket(SSL *ssl, SSL_SESSION *session, const unsigned char *name,
	   size_t name_len, SSL_TICKET_STATUS status, void *arg)
{
	bool data = leg_of(ssl)->data;

	(void)session;
	(void)name;
	(void)name_len;
	(void)arg;
	switch (status) {
	case SSL_TICKET_SUCCESS:
		return SSL_TICKET_RETURN_USE;
	case SSL_TICKET_SUCCESS_RENEW:
		return data ? SSL_TICKET_RETURN_USE :
			      SSL_TICKET_RETURN_USE_RENEW;
	default:
		return data ? SSL_TICKET_RETURN_IGNORE :
			      SSL_TICKET_RETURN_IGNORE_RENEW;
	}
}

static int
keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct tickets *tickets = leg_of(ssl)->tickets;

	if (tickets == NULL)
		return 0;
	tickets_add(tickets, session);
	return 1;
}

/* Asked where we have none that will do. A client's cannot be passed on: only the
 * client has its key. */
static int
note_wanted(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
	(void)certificate;
	(void)key;
	leg_of(ssl)->certificate_wanted = true;
	return 0;
}

static void
prepare(SSL_CTX *ctx)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	/* Behind CCC, clear text follows on the same connection: nothing may be
	 * read that belongs to it. Data legs switch it on. */
	SSL_CTX_set_read_ahead(ctx, 0);
}

void
leg_prepare_client(SSL_CTX *ctx)
{
	prepare(ctx);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_SERVER);
	SSL_CTX_set_client_hello_cb(ctx, take_hello, NULL);
	SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
	SSL_CTX_set_session_ticket_cb(ctx, NULL, use_ticket, NULL);
}

void
leg_prepare_server(SSL_CTX *ctx)
{
	prepare(ctx);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT |
						    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, keep_session);
	SSL_CTX_set_client_cert_cb(ctx, note_wanted);
}

/* --- beginnings ----------------------------------------------------------- */

static int
begin(struct leg *leg, SSL_CTX *ctx, bool data)
{
	leg->ssl = SSL_new(ctx);
	if (leg->ssl == NULL || SSL_set_fd(leg->ssl, leg->fd) != 1) {
		SSL_free(leg->ssl);
		leg->ssl = NULL;
		ERR_clear_error();
		return -ENOMEM;
	}
	SSL_set_app_data(leg->ssl, leg);
	leg->data = data;
	leg->tls_in = leg->tls_out = true;
	leg->ready = leg->said_close = false;
	if (data) {
		SSL_set_read_ahead(leg->ssl, 1);
		SSL_set_default_read_buffer_len(leg->ssl, 65536);
	}
	return 0;
}

int
leg_start_client(struct leg *leg, const struct identity *id,
		 const uint8_t binding[static LEG_BINDING], bool data,
		 bool hold)
{
	if (begin(leg, id->client, data) != 0)
		return -ENOMEM;
	leg->hold = hold;
	if (SSL_set_session_id_context(leg->ssl, binding, LEG_BINDING) != 1)
		return -ENOMEM;
	if (data)
		SSL_set_num_tickets(leg->ssl, 0);
	SSL_set_accept_state(leg->ssl);
	return 0;
}

int
leg_start_server(struct leg *leg, const struct identity *id,
		 const struct leg_hello *hello, SSL_SESSION *resume,
		 struct tickets *tickets, bool data)
{
	if (begin(leg, id->server, data) != 0)
		return -ENOMEM;
	leg->tickets = tickets;
	if (hello->name[0] != '\0')
		SSL_set_tlsext_host_name(leg->ssl, hello->name);
	if (hello->alpn.len != 0)
		SSL_set_alpn_protos(leg->ssl, hello->alpn.list,
				    hello->alpn.len);
	if (resume != NULL)
		SSL_set_session(leg->ssl, resume);
	ERR_clear_error();
	SSL_set_connect_state(leg->ssl);
	return 0;
}

/* --- what was agreed ------------------------------------------------------ */

bool
leg_resumed(const struct leg *leg)
{
	return leg->ssl != NULL && SSL_session_reused(leg->ssl) == 1;
}

bool
leg_certificate_refused(const struct leg *leg)
{
	return leg->ssl != NULL && SSL_get_verify_result(leg->ssl) != X509_V_OK;
}

const char *
leg_version(const struct leg *leg)
{
	return leg->ssl != NULL ? SSL_get_version(leg->ssl) : "-";
}

const char *
leg_cipher(const struct leg *leg)
{
	return leg->ssl != NULL ? SSL_get_cipher_name(leg->ssl) : "-";
}

void
leg_agreed(const struct leg *leg, struct leg_alpn *out)
{
	const unsigned char *name = NULL;
	unsigned len = 0;

	*out = (struct leg_alpn){ 0 };
	if (leg->ssl != NULL)
		SSL_get0_alpn_selected(leg->ssl, &name, &len);
	if (len == 0 || len >= LEG_ALPN_MAX)
		return;
	out->list[0] = (uint8_t)len;
	memcpy(out->list + 1, name, len);
	out->len = (uint16_t)(len + 1);
}
