/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS streams as peers send them, and what a framer makes of them. */
#ifndef TESTS_UNIT_TLS_BYTES_H
#define TESTS_UNIT_TLS_BYTES_H

#include "core/tls.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11 };
enum { VERSIONS = 43, GREASE = 0x8a8a };

/* --- bytes to send ---------------------------------------------------------*/

struct bytes {
	size_t len;
	uint8_t data[8192];
};

static inline void
put(struct bytes *b, uint64_t number, unsigned len)
{
	assert_true(len <= sizeof(b->data) - b->len);
	while (len-- != 0)
		b->data[b->len++] = (uint8_t)(number >> 8 * len);
}

static inline void
put_bytes(struct bytes *b, const void *data, size_t len)
{
	assert_true(len <= sizeof(b->data) - b->len);
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

static inline void
put_filler(struct bytes *b, size_t len)
{
	while (len-- != 0)
		put(b, 0x55, 1);
}

/* An extension list with one that does not matter around @versions. */
static inline struct bytes
extensions(const struct bytes *versions)
{
	struct bytes list = { 0 };

	put(&list, 0x000a0004, 4);
	put(&list, 0x0002001d, 4);
	put(&list, VERSIONS, 2);
	put(&list, versions->len, 2);
	put_bytes(&list, versions->data, versions->len);
	put(&list, 0x00170000, 4);
	return list;
}

static const uint8_t plain_random[32] = { 0xcf, 0x21, 0xad, 0x74 };
static const uint8_t retry_random[32] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
	0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
	0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

/* The body of a hello; no extensions at all where @list is NULL. */
static inline struct bytes
hello_body(bool client, uint16_t version, const uint8_t *random,
	   const struct bytes *list)
{
	struct bytes body = { 0 };

	put(&body, version, 2);
	put_bytes(&body, random, 32);
	put(&body, 32, 1);
	put_filler(&body, 32);
	if (client) {
		put(&body, 6, 2);
		put(&body, 0x13011302c030, 6);
		put(&body, 0x0100, 2);
	} else {
		put(&body, 0xc030, 2);
		put(&body, 0, 1);
	}
	if (list != NULL) {
		put(&body, list->len, 2);
		put_bytes(&body, list->data, list->len);
	}
	return body;
}

static inline void
put_message(struct bytes *b, uint8_t type, const struct bytes *body)
{
	put(b, type, 1);
	put(b, body->len, 3);
	put_bytes(b, body->data, body->len);
}

static inline void
put_record(struct bytes *b, uint8_t type, const void *data, size_t len)
{
	put(b, type, 1);
	put(b, 0x0303, 2);
	put(b, len, 2);
	put_bytes(b, data, len);
}

/* Handshake messages in records of at most @most bytes. */
static inline void
put_handshake(struct bytes *b, const struct bytes *messages, size_t most)
{
	for (size_t at = 0; at < messages->len; at += most)
		put_record(b, TLS_HANDSHAKE, messages->data + at,
			   messages->len - at < most ? messages->len - at
						     : most);
}

static inline void
put_encrypted(struct bytes *b, uint8_t type, size_t len)
{
	struct bytes payload = { 0 };

	put_filler(&payload, len);
	put_record(b, type, payload.data, len);
}

static inline void
put_change_cipher_spec(struct bytes *b)
{
	put_record(b, TLS_CHANGE_CIPHER_SPEC, "\1", 1);
}

static inline struct bytes
versions_of_client(const uint16_t *versions, size_t count)
{
	struct bytes b = { 0 };

	put(&b, 2 * count, 1);
	for (size_t i = 0; i < count; i++)
		put(&b, versions[i], 2);
	return b;
}

static inline struct bytes
version_of_server(uint16_t version)
{
	struct bytes b = { 0 };

	put(&b, version, 2);
	return b;
}

/* --- streams as peers send them --------------------------------------------*/

static inline struct bytes
client_tls13(size_t most)
{
	static const uint16_t offered[] = { GREASE, 0x0304, 0x0303, 0x7f1c };
	struct bytes versions = versions_of_client(offered, COUNT(offered));
	struct bytes list = extensions(&versions);
	struct bytes body = hello_body(true, 0x0303, plain_random, &list);
	struct bytes messages = { 0 }, b = { 0 };

	put_message(&messages, CLIENT_HELLO, &body);
	put_handshake(&b, &messages, most);
	put_change_cipher_spec(&b);
	put_encrypted(&b, TLS_APPLICATION_DATA, 53);
	put_encrypted(&b, TLS_APPLICATION_DATA, 19);
	return b;
}

/* HelloRetryRequest, a ChangeCipherSpec of the compatibility mode, ServerHello:
 * RFC 8446 appendix D.4. */
static inline struct bytes
server_tls13_retry(size_t most)
{
	struct bytes versions = version_of_server(0x0304);
	struct bytes list = extensions(&versions);
	struct bytes retry = hello_body(false, 0x0303, retry_random, &list);
	struct bytes body = hello_body(false, 0x0303, plain_random, &list);
	struct bytes messages = { 0 }, b = { 0 };

	put_message(&messages, SERVER_HELLO, &retry);
	put_handshake(&b, &messages, most);
	put_change_cipher_spec(&b);
	messages.len = 0;
	put_message(&messages, SERVER_HELLO, &body);
	put_handshake(&b, &messages, most);
	put_encrypted(&b, TLS_APPLICATION_DATA, 1000);
	return b;
}

/* All messages of the flight in a row, then encrypted ones. */
static inline struct bytes
server_tls12(size_t most)
{
	struct bytes body = hello_body(false, 0x0303, plain_random, NULL);
	struct bytes messages = { 0 }, certificate = { 0 }, b = { 0 };

	put_filler(&certificate, 700);
	put_message(&messages, SERVER_HELLO, &body);
	put_message(&messages, CERTIFICATE, &certificate);
	put_handshake(&b, &messages, most);
	put_change_cipher_spec(&b);
	put_encrypted(&b, TLS_HANDSHAKE, 40);
	put_encrypted(&b, TLS_APPLICATION_DATA, 60);
	put_encrypted(&b, TLS_ALERT, 26);
	return b;
}

static inline struct bytes
client_sslv2(void)
{
	struct bytes b = { 0 };

	put(&b, 0x801c010303, 5);
	put_filler(&b, 0x1c - 3);
	put_encrypted(&b, TLS_HANDSHAKE, 20);
	return b;
}

/* --- what came of it -------------------------------------------------------*/

struct outcome {
	unsigned count;
	struct {
		enum tls_status status;
		struct tls_record record;
		size_t at; /* bytes consumed then */
	} list[256];
	struct tls_framer framer;
	struct tls_hello_walk walk;
	size_t consumed;
};

/* Calls with @first bytes, then with @then bytes each, @len in all. */
static inline void
run(struct outcome *o, bool client, const uint8_t *data, size_t len,
    size_t first, size_t then)
{
	size_t chunk = first;

	memset(o, 0, sizeof(*o));
	while (len != 0) {
		struct span in = guard_span(data, chunk < len ? chunk : len);
		enum tls_status status;
		size_t before = in.len;

		chunk = then;
		do {
			size_t had = in.len;
			struct tls_record record;

			status = tls_frame(&o->framer, &o->walk, client, &in,
					   &record);
			assert_true(in.len <= had);
			o->consumed += had - in.len;
			if (status == TLS_MORE)
				break;
			assert_true(o->count < COUNT(o->list));
			o->list[o->count].status = status;
			o->list[o->count].record = record;
			o->list[o->count++].at = o->consumed;
		} while (status == TLS_RECORD);
		if (status != TLS_MORE)
			return;
		assert_int_equal(in.len, 0);
		data += before;
		len -= before;
	}
}

static inline void
run_whole(struct outcome *o, bool client, const struct bytes *b)
{
	run(o, client, b->data, b->len, b->len, 1);
}

static inline void
assert_hello(const struct outcome *o, bool seen, bool retry, uint16_t version,
	     uint16_t cipher)
{
	const struct tls_hello *hello = &o->framer.hello;

	assert_int_equal(hello->seen, seen);
	assert_int_equal(hello->retry, retry);
	assert_int_equal(hello->version, version);
	assert_int_equal(hello->cipher, cipher);
}

#endif
