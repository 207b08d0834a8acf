/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hello walk. The messages are a row of fields; each is announced with its
 * length, which is taken off what surrounds it before a byte of it is read. So
 * no length reaches beyond its parent, and nothing is kept but the number that
 * is being read.
 */
#include "core/tls_hello.h"

/* RFC 8446 section 4 and 4.2 */
enum {
	MESSAGE_CLIENT_HELLO = 1,
	MESSAGE_SERVER_HELLO = 2,
	MESSAGE_NEW_SESSION_TICKET = 4, /* RFC 5077 section 3.3 */
	MESSAGE_CERTIFICATE = 11,	/* RFC 5246 section 7.4 */
	MESSAGE_SERVER_KEY_EXCHANGE = 12,
	MESSAGE_SERVER_HELLO_DONE = 14,
	EXTENSION_SERVER_NAME = 0, /* RFC 6066 section 3 */
	EXTENSION_SESSION_TICKET = 35, /* RFC 5077 section 3.2 */
	EXTENSION_PRE_SHARED_KEY = 41,
	EXTENSION_SUPPORTED_VERSIONS = 43,
};

/* In the order of RFC 8446 sections 4.1.2 and 4.1.3. */
enum field {
	BETWEEN_MESSAGES,
	MESSAGE_HEADER,
	MESSAGE_BODY, /* of one that is no hello */
	LEGACY_VERSION,
	RANDOM,
	SESSION_LENGTH,
	SESSION,
	CIPHERS_LENGTH, /* client */
	CIPHERS,
	CIPHER, /* server */
	METHODS_LENGTH,
	METHODS, /* the server's is always one */
	EXTENSIONS_LENGTH,
	EXTENSION_HEADER,
	EXTENSION_BODY, /* of one that does not matter */
	OFFERED_LENGTH, /* the client's supported_versions */
	OFFERED,
	CHOSEN, /* the server's */
	OFFERED_TICKET, /* the client's session_ticket */
	OFFERED_NAME,	/* the client's server_name */
	TICKET_LIFETIME, /* NewSessionTicket */
	TICKET_LENGTH,
	TICKET,
	MALFORMED,
};

/* RFC 8446 section 4.1.3: the random that makes a ServerHello a
 * HelloRetryRequest. */
static const uint8_t retry_random[32] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
	0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
	0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static bool
is_fingerprinted(enum field field)
{
	return field == SESSION || field == OFFERED_TICKET ||
	       field == OFFERED_NAME || field == TICKET;
}

/* The next field is @field, @len bytes that are taken off *@left. */
static void
expect(struct tls_hello_walk *w, uint32_t *left, enum field field, uint32_t len)
{
	if (len > *left) {
		w->field = MALFORMED;
		return;
	}
	*left -= len;
	w->field = (uint8_t)field;
	w->field_left = len;
	w->number = 0;
	if (w->key != NULL && is_fingerprinted(field))
		siphash_begin(&w->hash, w->key);
}

/* The fingerprint of the field that has ended; never 0, unless there is none. */
static uint64_t
fingerprint(const struct tls_hello_walk *w)
{
	uint64_t print;

	if (w->key == NULL || w->hash.len == 0)
		return 0;
	print = siphash_end(&w->hash);
	return print != 0 ? print : 1;
}

/* A message's type and length have been read. */
static void
begin_message(struct tls_hello_walk *w, bool client, struct tls_hello *hello)
{
	uint32_t type = w->number >> 24, *message = &w->message_left;

	*message = w->number & 0xffffff;
	if (!hello->seen &&
	    type == (client ? MESSAGE_CLIENT_HELLO : MESSAGE_SERVER_HELLO)) {
		expect(w, message, LEGACY_VERSION, 2);
	} else if (hello->seen && type == MESSAGE_NEW_SESSION_TICKET) {
		expect(w, message, TICKET_LIFETIME, 4);
	} else {
		hello->full |= hello->seen &&
			       (type == MESSAGE_CERTIFICATE ||
				type == MESSAGE_SERVER_KEY_EXCHANGE ||
				type == MESSAGE_SERVER_HELLO_DONE);
		expect(w, message, MESSAGE_BODY, *message);
	}
}

static void
end_message(struct tls_hello_walk *w, bool client, struct tls_hello *hello)
{
	if (!client && w->retry_random) {
		hello->retry = true;
	} else {
		hello->version = w->version;
		hello->cipher = w->cipher;
		hello->session = w->session;
		hello->ticket = w->ticket;
		hello->name = w->name;
		hello->psk = w->psk;
		hello->seen = true;
	}
	w->field = BETWEEN_MESSAGES;
}

/* Behind the compression methods, or behind an extension. */
static void
next_extension(struct tls_hello_walk *w, bool client, struct tls_hello *hello)
{
	if (w->message_left == 0)
		end_message(w, client, hello);
	else
		expect(w, &w->message_left, EXTENSION_HEADER, 4);
}

/* Extensions that matter are walked, not passed over. */
static void
begin_extension(struct tls_hello_walk *w, bool client, uint32_t type)
{
	uint32_t *left = &w->extension_left;

	if (type == EXTENSION_SUPPORTED_VERSIONS && client)
		expect(w, left, OFFERED_LENGTH, 1);
	else if (type == EXTENSION_SUPPORTED_VERSIONS)
		expect(w, left, CHOSEN, 2);
	else if (type == EXTENSION_SESSION_TICKET && client)
		expect(w, left, OFFERED_TICKET, *left);
	else if (type == EXTENSION_SERVER_NAME && client)
		expect(w, left, OFFERED_NAME, *left);
	w->psk |= type == EXTENSION_PRE_SHARED_KEY;
}

/* The field is whole: what comes next? */
static void
end_field(struct tls_hello_walk *w, bool client, struct tls_hello *hello)
{
	uint32_t number = w->number, *message = &w->message_left;

	switch ((enum field)w->field) {
	case BETWEEN_MESSAGES:
		w->message_left = 4;
		expect(w, message, MESSAGE_HEADER, 4);
		break;
	case MESSAGE_HEADER:
		begin_message(w, client, hello);
		break;
	case MESSAGE_BODY:
		w->field = BETWEEN_MESSAGES;
		break;
	case LEGACY_VERSION:
		w->version = (uint16_t)number;
		w->cipher = 0;
		w->retry_random = true;
		w->session = w->ticket = w->name = 0;
		w->psk = false;
		expect(w, message, RANDOM, sizeof(retry_random));
		break;
	case RANDOM:
		expect(w, message, SESSION_LENGTH, 1);
		break;
	case SESSION_LENGTH:
		expect(w, message, SESSION, number);
		break;
	case SESSION:
		w->session = fingerprint(w);
		expect(w, message, client ? CIPHERS_LENGTH : CIPHER, 2);
		break;
	case CIPHERS_LENGTH:
		expect(w, message, CIPHERS, number);
		break;
	case CIPHERS:
		expect(w, message, METHODS_LENGTH, 1);
		break;
	case CIPHER:
		w->cipher = (uint16_t)number;
		expect(w, message, METHODS, 1);
		break;
	case METHODS_LENGTH:
		expect(w, message, METHODS, number);
		break;
	case METHODS:
		/* RFC 5246 section 7.4.1.2: extensions may be missing. */
		if (w->message_left == 0)
			end_message(w, client, hello);
		else
			expect(w, message, EXTENSIONS_LENGTH, 2);
		break;
	case EXTENSIONS_LENGTH:
		/* They are the last thing in a hello. */
		if (number != w->message_left)
			w->field = MALFORMED;
		else
			next_extension(w, client, hello);
		break;
	case EXTENSION_HEADER:
		w->extension_left = number & 0xffff;
		expect(w, message, EXTENSION_BODY, w->extension_left);
		if (w->field != MALFORMED)
			begin_extension(w, client, number >> 16);
		break;
	case OFFERED_LENGTH:
		/* RFC 8446 section 4.2.1: legacy_version counts no more. */
		w->version = 0;
		if (number != w->extension_left)
			w->field = MALFORMED;
		else
			expect(w, &w->extension_left, OFFERED, 2);
		break;
	case OFFERED:
		/* Major version 3 only: the rest is GREASE (RFC 8701) and
		 * drafts. */
		if (number >> 8 == 3 && number > w->version)
			w->version = (uint16_t)number;
		if (w->extension_left == 0)
			next_extension(w, client, hello);
		else
			expect(w, &w->extension_left, OFFERED, 2);
		break;
	case CHOSEN:
		w->version = (uint16_t)number;
		if (w->extension_left != 0)
			w->field = MALFORMED;
		else
			next_extension(w, client, hello);
		break;
	case EXTENSION_BODY:
		next_extension(w, client, hello);
		break;
	case OFFERED_TICKET:
		w->ticket = fingerprint(w);
		next_extension(w, client, hello);
		break;
	case OFFERED_NAME:
		w->name = fingerprint(w);
		next_extension(w, client, hello);
		break;
	case TICKET_LIFETIME:
		expect(w, message, TICKET_LENGTH, 2);
		break;
	case TICKET_LENGTH:
		if (number != *message)
			w->field = MALFORMED;
		else
			expect(w, message, TICKET, number);
		break;
	case TICKET:
		hello->ticket = fingerprint(w);
		w->field = BETWEEN_MESSAGES;
		break;
	case MALFORMED:
		break;
	}
}

bool
tls_hello_is_between(const struct tls_hello_walk *w)
{
	return (w->field == BETWEEN_MESSAGES && w->field_left == 0) ||
	       (w->field == MESSAGE_HEADER && w->field_left == 4);
}

/* What follows is encrypted, or of no interest, or makes no sense. */
bool
tls_hello_is_done(const struct tls_hello_walk *w, bool client,
		  const struct tls_hello *hello)
{
	return w->field == MALFORMED ||
	       (hello->seen &&
		(client || hello->retry || hello->version >= TLS_1_3));
}

void
tls_hello_read(struct tls_hello_walk *w, bool client, struct span in,
	       struct tls_hello *hello)
{
	while (!tls_hello_is_done(w, client, hello)) {
		if (w->field_left == 0) {
			end_field(w, client, hello);
			continue;
		}
		if (in.len == 0)
			return;
		if (w->field == RANDOM &&
		    in.data[0] !=
			    retry_random[sizeof(retry_random) - w->field_left])
			w->retry_random = false;
		if (w->key != NULL && is_fingerprinted((enum field)w->field))
			siphash_add(&w->hash, in.data[0]);
		w->number = w->number << 8 | in.data[0];
		w->field_left--;
		span_skip(&in, 1);
	}
}
