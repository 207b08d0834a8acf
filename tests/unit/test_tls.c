/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: records and hellos are read the same however the bytes are cut, and no
 * length in them is believed beyond what surrounds it. */
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

static void
put(struct bytes *b, uint64_t number, unsigned len)
{
	assert_true(len <= sizeof(b->data) - b->len);
	while (len-- != 0)
		b->data[b->len++] = (uint8_t)(number >> 8 * len);
}

static void
put_bytes(struct bytes *b, const void *data, size_t len)
{
	assert_true(len <= sizeof(b->data) - b->len);
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

static void
put_filler(struct bytes *b, size_t len)
{
	while (len-- != 0)
		put(b, 0x55, 1);
}

/* An extension list with one that does not matter around @versions. */
static struct bytes
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
static struct bytes
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

static void
put_message(struct bytes *b, uint8_t type, const struct bytes *body)
{
	put(b, type, 1);
	put(b, body->len, 3);
	put_bytes(b, body->data, body->len);
}

static void
put_record(struct bytes *b, uint8_t type, const void *data, size_t len)
{
	put(b, type, 1);
	put(b, 0x0303, 2);
	put(b, len, 2);
	put_bytes(b, data, len);
}

/* Handshake messages in records of at most @most bytes. */
static void
put_handshake(struct bytes *b, const struct bytes *messages, size_t most)
{
	for (size_t at = 0; at < messages->len; at += most)
		put_record(b, TLS_HANDSHAKE, messages->data + at,
			   messages->len - at < most ? messages->len - at :
						       most);
}

static void
put_encrypted(struct bytes *b, uint8_t type, size_t len)
{
	struct bytes payload = { 0 };

	put_filler(&payload, len);
	put_record(b, type, payload.data, len);
}

static void
put_change_cipher_spec(struct bytes *b)
{
	put_record(b, TLS_CHANGE_CIPHER_SPEC, "\1", 1);
}

static struct bytes
versions_of_client(const uint16_t *versions, size_t count)
{
	struct bytes b = { 0 };

	put(&b, 2 * count, 1);
	for (size_t i = 0; i < count; i++)
		put(&b, versions[i], 2);
	return b;
}

static struct bytes
version_of_server(uint16_t version)
{
	struct bytes b = { 0 };

	put(&b, version, 2);
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
	size_t consumed;
};

/* Calls with @first bytes, then with @then bytes each, @len in all. */
static void
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

			status = tls_frame(&o->framer, client, &in, &record);
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

static void
run_whole(struct outcome *o, bool client, const struct bytes *b)
{
	run(o, client, b->data, b->len, b->len, 1);
}

static void
assert_hello(const struct outcome *o, bool seen, bool retry, uint16_t version,
	     uint16_t cipher)
{
	const struct tls_hello *hello = &o->framer.hello;

	assert_int_equal(hello->seen, seen);
	assert_int_equal(hello->retry, retry);
	assert_int_equal(hello->version, version);
	assert_int_equal(hello->cipher, cipher);
}

static void
assert_records(const struct outcome *o, const uint8_t *types, size_t count)
{
	assert_int_equal(o->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(o->list[i].status, TLS_RECORD);
		assert_int_equal(o->list[i].record.type, types[i]);
	}
	assert_true(tls_at_boundary(&o->framer));
}

/* --- streams as peers send them --------------------------------------------*/

static struct bytes
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
static struct bytes
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
static struct bytes
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

static struct bytes
client_sslv2(void)
{
	struct bytes b = { 0 };

	put(&b, 0x801c010303, 5);
	put_filler(&b, 0x1c - 3);
	put_encrypted(&b, TLS_HANDSHAKE, 20);
	return b;
}

static void
test_client_tls13(void **state)
{
	static const uint8_t types[] = { 22, 20, 23, 23 };
	struct bytes b = client_tls13(4096);
	struct outcome o;

	(void)state;
	run_whole(&o, true, &b);
	assert_records(&o, types, COUNT(types));
	assert_hello(&o, true, false, 0x0304, 0);
	assert_int_equal(o.list[3].record.length, 19);
	assert_int_equal(o.list[3].record.version, 0x0303);
	assert_true(o.framer.any && o.framer.cipher_on &&
		    o.framer.application);
}

static void
test_server_retry(void **state)
{
	static const uint8_t types[] = { 22, 20, 22, 23 };
	struct bytes b = server_tls13_retry(4096);
	struct tls_framer t = { 0 };
	struct span in = span_make(b.data, b.len);
	struct tls_record record;
	struct outcome o;

	(void)state;
	run_whole(&o, false, &b);
	assert_records(&o, types, COUNT(types));
	assert_hello(&o, true, true, 0x0304, 0xc030);
	/* in between: */
	assert_int_equal(tls_frame(&t, false, &in, &record), TLS_RECORD);
	assert_true(t.hello.retry);
	assert_false(t.hello.seen);
	assert_int_equal(t.hello.version, 0);
}

static void
test_server_tls12(void **state)
{
	static const uint8_t types[] = { 22, 20, 22, 23, 21 };
	struct bytes b = server_tls12(4096);
	struct outcome o;

	(void)state;
	run_whole(&o, false, &b);
	assert_records(&o, types, COUNT(types));
	assert_hello(&o, true, false, 0x0303, 0xc030);
}

/* An SSLv2-compatible hello: only a client's, only first. */
static void
test_sslv2(void **state)
{
	static const uint8_t types[] = { TLS_SSLV2_HELLO, 22 };
	struct bytes b = client_sslv2();
	struct outcome o;

	(void)state;
	run_whole(&o, true, &b);
	assert_records(&o, types, COUNT(types));
	assert_int_equal(o.list[0].record.length, 0x1c);
	assert_int_equal(o.list[0].record.version, 0);
	assert_int_equal(o.list[0].at, 2 + 0x1c);
	assert_hello(&o, true, false, 0x0303, 0);

	run_whole(&o, false, &b);
	assert_int_equal(o.count, 1);
	assert_int_equal(o.list[0].status, TLS_NOT_TLS);

	b = client_tls13(4096);
	put(&b, 0x801c010303, 5);
	run_whole(&o, true, &b);
	assert_int_equal(o.count, 5);
	assert_int_equal(o.list[4].status, TLS_NOT_TLS);
	assert_int_equal(o.consumed, b.len - 5);
}

/* --- the cut does not matter -----------------------------------------------*/

static void
assert_cut_alike(bool client, const struct bytes *b)
{
	struct outcome whole, cut;

	run_whole(&whole, client, b);
	for (size_t first = 1; first < b->len; first++) {
		run(&cut, client, b->data, b->len, first, b->len);
		assert_memory_equal(&whole, &cut, sizeof(cut));
	}
	for (size_t each = 1; each < 9; each++) {
		run(&cut, client, b->data, b->len, each, each);
		assert_memory_equal(&whole, &cut, sizeof(cut));
	}
}

static void
test_every_cut(void **state)
{
	struct bytes b;

	(void)state;
	for (unsigned client = 0; client < 2; client++) {
		b = client_tls13(4096);
		assert_cut_alike(client, &b);
		b = server_tls13_retry(4096);
		assert_cut_alike(client, &b);
		b = server_tls12(4096);
		assert_cut_alike(client, &b);
		b = client_sslv2();
		assert_cut_alike(client, &b);
	}
}

/* Messages spread over records, of any size. */
static void
test_every_record_size(void **state)
{
	struct outcome o;
	struct bytes b;

	(void)state;
	for (size_t most = 1; most < 200; most++) {
		b = client_tls13(most);
		run_whole(&o, true, &b);
		assert_hello(&o, true, false, 0x0304, 0);
		b = server_tls13_retry(most);
		run_whole(&o, false, &b);
		assert_hello(&o, true, true, 0x0304, 0xc030);
		b = server_tls12(most + 4);
		run_whole(&o, false, &b);
		assert_hello(&o, true, false, 0x0303, 0xc030);
	}
}

/* Cut off anywhere: what was there before the end is reported, no more. */
static void
test_every_prefix(void **state)
{
	struct bytes b = server_tls13_retry(50);
	struct outcome whole, part;

	(void)state;
	run_whole(&whole, false, &b);
	for (size_t len = 1; len < b.len; len++) {
		unsigned count = 0;

		run(&part, false, b.data, len, len, 1);
		while (whole.list[count].at <= len)
			count++;
		assert_int_equal(part.count, count);
		assert_memory_equal(part.list, whole.list,
				    count * sizeof(whole.list[0]));
		assert_int_equal(part.consumed, len);
		assert_int_equal(tls_at_boundary(&part.framer),
				 count != 0 &&
					 whole.list[count - 1].at == len);
		if (part.framer.hello.seen)
			assert_hello(&part, true, true, 0x0304, 0xc030);
		else
			assert_int_equal(part.framer.hello.version, 0);
	}
}

/* --- headers ---------------------------------------------------------------*/

static void
test_headers(void **state)
{
	static const struct {
		uint64_t header; /* 5 bytes */
		bool client;
		enum tls_status status;
		size_t consumed;
	} table[] = {
		{ 0x1603010001, true, TLS_MORE, 5 },
		{ 0x1603000001, true, TLS_MORE, 5 },
		{ 0x1603040001, false, TLS_MORE, 5 },
		{ 0x1403030001, false, TLS_MORE, 5 },
		{ 0x1503030002, false, TLS_MORE, 5 },
		{ 0x1803030010, false, TLS_MORE, 5 },
		{ 0x1703034800, true, TLS_MORE, 5 },
		{ 0x1703034801, true, TLS_BROKEN, 5 },
		{ 0x1703034900, true, TLS_BROKEN, 4 },
		{ 0x1603050001, true, TLS_BROKEN, 3 },
		{ 0x1602000001, true, TLS_BROKEN, 2 },
		{ 0x1604000001, true, TLS_BROKEN, 2 },
		{ 0x1703030000, true, TLS_RECORD, 5 },
		{ 0x1603030000, true, TLS_BROKEN, 5 },
		{ 0x1403030000, true, TLS_BROKEN, 5 },
		{ 0x1503030000, true, TLS_BROKEN, 5 },
		{ 0x1303030001, true, TLS_NOT_TLS, 0 },
		{ 0x1903030001, true, TLS_NOT_TLS, 0 },
		{ 0x0003030001, true, TLS_NOT_TLS, 0 },
		{ 0x323230206f, false, TLS_NOT_TLS, 0 }, /* "220 o" */
		{ 0x800b010301, true, TLS_MORE, 5 },
		{ 0xffff010300, true, TLS_MORE, 5 },
		{ 0x800b010002, true, TLS_MORE, 5 },
		{ 0x800b010003, true, TLS_BROKEN, 5 },
		{ 0x800b010305, true, TLS_BROKEN, 5 },
		{ 0x800b010203, true, TLS_BROKEN, 4 },
		{ 0x800b020301, true, TLS_BROKEN, 3 },
		{ 0x8008010301, true, TLS_BROKEN, 2 },
		{ 0x8009010301, true, TLS_MORE, 5 },
		{ 0x800b010301, false, TLS_NOT_TLS, 0 },
	};
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct bytes b = { 0 };
		enum tls_status status;

		put(&b, table[i].header, 5);
		run_whole(&o, table[i].client, &b);
		status = o.count != 0 ? o.list[0].status : TLS_MORE;
		if (status != table[i].status ||
		    o.consumed != table[i].consumed)
			fail_msg("%010llx: status %d, %zu bytes",
				 (unsigned long long)table[i].header, status,
				 o.consumed);
		assert_cut_alike(table[i].client, &b);
		if (status != TLS_BROKEN)
			continue;

		struct span good = guard_text("\x17\3\3\0\0");
		struct tls_record record;

		assert_int_equal(tls_frame(&o.framer, true, &good, &record),
				 TLS_BROKEN);
		assert_false(tls_at_boundary(&o.framer));
	}
}

/* --- hellos ----------------------------------------------------------------*/

static void
run_hello(struct outcome *o, bool client, const struct bytes *body)
{
	struct bytes messages = { 0 }, b = { 0 };

	put_message(&messages, client ? CLIENT_HELLO : SERVER_HELLO, body);
	put_handshake(&b, &messages, 4096);
	run_whole(o, client, &b);
	assert_int_equal(o->count, 1);
	assert_int_equal(o->list[0].status, TLS_RECORD);
}

static void
test_versions(void **state)
{
	static const struct {
		uint16_t legacy, offered[4], version;
	} table[] = {
		{ 0x0303, { 0x0304, 0x0303, GREASE }, 0x0304 },
		{ 0x0303, { GREASE, 0x0302, 0x0303, 0x0304 }, 0x0304 },
		{ 0x0303, { 0x0303 }, 0x0303 },
		{ 0x0303, { 0x0302, 0x0301 }, 0x0302 },
		{ 0x0303, { GREASE, 0x7f1c }, 0 },
	};
	struct bytes body, versions, list;
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		size_t count = 0;

		while (count < 4 && table[i].offered[count] != 0)
			count++;
		versions = versions_of_client(table[i].offered, count);
		list = extensions(&versions);
		body = hello_body(true, table[i].legacy, plain_random, &list);
		run_hello(&o, true, &body);
		assert_hello(&o, true, false, table[i].version, 0);
	}
	/* no extensions at all, and an empty list of them */
	body = hello_body(true, 0x0302, plain_random, NULL);
	run_hello(&o, true, &body);
	assert_hello(&o, true, false, 0x0302, 0);
	list.len = 0;
	body = hello_body(false, 0x0301, plain_random, &list);
	run_hello(&o, false, &body);
	assert_hello(&o, true, false, 0x0301, 0xc030);
	/* the client's random has no meaning */
	body = hello_body(true, 0x0303, retry_random, NULL);
	run_hello(&o, true, &body);
	assert_hello(&o, true, false, 0x0303, 0);
	/* a retry before TLS 1.3 is none, but no ServerHello either */
	body = hello_body(false, 0x0303, retry_random, NULL);
	run_hello(&o, false, &body);
	assert_hello(&o, false, true, 0, 0);
}

/* Offsets in hello_body()'s result. */
enum {
	AT_SESSION = 34,
	AT_CIPHERS = 67,
	AT_METHODS = 75,
	AT_LIST = 77,
	AT_SERVER_LIST = 70,
	TO_FIRST = 2,	  /* from a list's length to its first extension */
	TO_VERSIONS = 10, /* and to supported_versions */
};

static void
test_lengths_beyond_their_parent(void **state)
{
	static const struct {
		bool client;
		size_t at;
		unsigned len;
		uint32_t number;
	} table[] = {
		{ true, AT_SESSION, 1, 255 },
		{ true, AT_CIPHERS, 2, 0xffff },
		{ true, AT_METHODS, 1, 255 },
		{ true, AT_LIST, 2, 0xffff },
		{ true, AT_LIST, 2, 25 },	/* one more than there is */
		{ true, AT_LIST, 2, 23 },	/* one less */
		{ true, AT_LIST, 2, 0 },
		{ true, AT_LIST + TO_FIRST + 2, 2, 0xffff },
		{ true, AT_LIST + TO_FIRST + 2, 2, 21 },
		{ true, AT_LIST + TO_FIRST + 2, 2, 19 }, /* half a header left */
		{ true, AT_LIST + TO_VERSIONS + 2, 2, 0xffff },
		{ true, AT_LIST + TO_VERSIONS + 2, 2, 0 },
		{ true, AT_LIST + TO_VERSIONS + 4, 1, 255 },
		{ true, AT_LIST + TO_VERSIONS + 4, 1, 4 },
		{ true, AT_LIST + TO_VERSIONS + 4, 1, 3 },
		{ true, AT_LIST + TO_VERSIONS + 4, 1, 0 },
		{ false, AT_SESSION, 1, 255 },
		{ false, AT_SERVER_LIST, 2, 0xffff },
		{ false, AT_SERVER_LIST, 2, 0 },
		{ false, AT_SERVER_LIST + TO_VERSIONS + 2, 2, 3 },
		{ false, AT_SERVER_LIST + TO_VERSIONS + 2, 2, 1 },
		{ false, AT_SERVER_LIST + TO_VERSIONS + 2, 2, 0 },
		/* to the end of the list, and beyond */
		{ false, AT_SERVER_LIST + TO_VERSIONS + 2, 2, 6 },
		{ false, AT_SERVER_LIST + TO_VERSIONS + 2, 2, 7 },
	};
	static const uint16_t offered[] = { 0x0304 };
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		bool client = table[i].client;
		struct bytes versions = client ?
						versions_of_client(offered, 1) :
						version_of_server(0x0304);
		struct bytes list = extensions(&versions);
		struct bytes body =
			hello_body(client, 0x0303, plain_random, &list);
		size_t len = body.len;

		run_hello(&o, client, &body);
		assert_hello(&o, true, false, 0x0304, client ? 0 : 0xc030);
		body.len = table[i].at;
		put(&body, table[i].number, table[i].len);
		body.len = len;
		run_hello(&o, client, &body);
		if (o.framer.hello.seen)
			fail_msg("case %zu was read", i);
		assert_hello(&o, false, false, 0, 0);
	}
}

/* A message whose end cuts the hello anywhere, with more bytes behind it. */
static void
test_every_message_length(void **state)
{
	struct bytes versions = version_of_server(0x0304);
	struct bytes list = extensions(&versions);
	struct bytes body = hello_body(false, 0x0303, plain_random, &list);
	struct outcome o;

	(void)state;
	for (size_t len = 0; len < body.len; len++) {
		struct bytes messages = { 0 }, b = { 0 };

		put(&messages, SERVER_HELLO, 1);
		put(&messages, len, 3);
		put_bytes(&messages, body.data, body.len);
		put_handshake(&b, &messages, 4096);
		run_whole(&o, false, &b);
		/* behind the compression method a hello may end */
		if (len == AT_SERVER_LIST)
			assert_hello(&o, true, false, 0x0303, 0xc030);
		else
			assert_hello(&o, false, false, 0, 0);
	}
}

/* Behind a ChangeCipherSpec the handshake is encrypted, whatever it looks like;
 * a message of another type before the hello is passed over. */
static void
test_which_messages_are_read(void **state)
{
	struct bytes body = hello_body(false, 0x0303, plain_random, NULL);
	struct bytes messages = { 0 }, none = { 0 }, b = { 0 };
	struct outcome o;

	(void)state;
	put_message(&messages, SERVER_HELLO, &body);
	put_change_cipher_spec(&b);
	put_handshake(&b, &messages, 4096);
	run_whole(&o, false, &b);
	assert_hello(&o, false, false, 0, 0);

	b.len = messages.len = 0;
	put_message(&messages, 0, &none); /* HelloRequest */
	put_message(&messages, CLIENT_HELLO, &body);
	put_message(&messages, SERVER_HELLO, &body);
	put_handshake(&b, &messages, 4096);
	run_whole(&o, false, &b);
	assert_hello(&o, true, false, 0x0303, 0xc030);

	/* the first hello counts */
	messages.len = b.len = 0;
	body = hello_body(false, 0x0302, plain_random, NULL);
	put_message(&messages, SERVER_HELLO, &body);
	body = hello_body(false, 0x0301, plain_random, NULL);
	put_message(&messages, SERVER_HELLO, &body);
	put_handshake(&b, &messages, 60);
	put_handshake(&b, &messages, 4096);
	run_whole(&o, false, &b);
	assert_hello(&o, true, false, 0x0302, 0xc030);

	/* application data is no handshake */
	b.len = 0;
	put_record(&b, TLS_APPLICATION_DATA, messages.data, messages.len);
	run_whole(&o, false, &b);
	assert_hello(&o, false, false, 0, 0);
}

/* Damage to what is in the records changes no record. */
static void
test_damaged_payload(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		bool client = test_random(2);
		struct bytes b = client ? client_tls13(4096) :
					  server_tls13_retry(4096);
		struct outcome whole, cut;
		uint32_t payload = 5 + ((uint32_t)b.data[3] << 8 | b.data[4]);

		run_whole(&whole, client, &b);
		for (unsigned n = 1 + test_random(4); n != 0; n--)
			b.data[5 + test_random(payload - 5)] =
				(uint8_t)test_random(256);
		run(&cut, client, b.data, b.len, 1 + test_random(300),
		    1 + test_random(300));
		assert_int_equal(cut.count, whole.count);
		assert_memory_equal(cut.list, whole.list, sizeof(cut.list));
		run_whole(&whole, client, &b);
		assert_memory_equal(&cut, &whole, sizeof(cut));
	}
}

/* Bytes of no sense, headers damaged too. */
static void
test_damaged_stream(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		bool client = test_random(2);
		struct bytes b = test_random(2) ? server_tls12(60) :
						  client_sslv2();
		struct outcome whole, cut;

		for (unsigned n = 1 + test_random(4); n != 0; n--)
			b.data[test_random((uint32_t)b.len)] =
				(uint8_t)test_random(256);
		run_whole(&whole, client, &b);
		run(&cut, client, b.data, b.len, 1 + test_random(300),
		    1 + test_random(300));
		assert_memory_equal(&cut, &whole, sizeof(cut));
	}
}

static void
test_close_shape(void **state)
{
	static const struct {
		uint8_t type;
		uint16_t length, version, cipher;
		bool cipher_on, expected;
	} table[] = {
		{ 23, 19, 0x0304, 0x1301, true, true },
		{ 23, 19, 0x0304, 0x1303, false, true },
		{ 23, 18, 0x0304, 0x1301, true, false },
		{ 23, 20, 0x0304, 0x1301, true, false },
		{ 23, 11, 0x0304, 0x1301, true, false },
		{ 23, 11, 0x0304, 0x1305, true, true },
		{ 23, 19, 0x0304, 0x1305, true, false },
		{ 21, 19, 0x0304, 0x1301, true, false },
		{ 21, 2, 0x0304, 0x1301, true, false },
		{ 21, 26, 0x0303, 0xc030, true, true },
		{ 21, 18, 0x0303, 0xcca8, true, true },
		{ 21, 32, 0x0301, 0x002f, true, true },
		{ 21, 26, 0x0303, 0xc030, false, false },
		{ 21, 2, 0x0303, 0xc030, true, false },
		{ 21, 2, 0x0303, 0xc030, false, false },
		{ 23, 26, 0x0303, 0xc030, true, false },
		{ 23, 19, 0x0303, 0xc030, true, false },
		{ 22, 26, 0x0303, 0xc030, true, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct tls_record record = { .type = table[i].type,
					     .version = 0x0303,
					     .length = table[i].length };

		if (tls_is_close_shaped(&record, table[i].version,
					table[i].cipher, table[i].cipher_on) !=
		    table[i].expected)
			fail_msg("case %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_client_tls13),
		cmocka_unit_test(test_server_retry),
		cmocka_unit_test(test_server_tls12),
		cmocka_unit_test(test_sslv2),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_every_record_size),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_lengths_beyond_their_parent),
		cmocka_unit_test(test_every_message_length),
		cmocka_unit_test(test_which_messages_are_read),
		cmocka_unit_test(test_damaged_payload),
		cmocka_unit_test(test_damaged_stream),
		cmocka_unit_test(test_close_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
