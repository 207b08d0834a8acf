/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns payload text into bytes; makes TLS records that look like real ones. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

/* Record types, RFC 8446 section 5.1 */
enum { CCS = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION = 23 };

static void
put(struct bytes *b, unsigned value)
{
	if (b->len < BYTES_MAX)
		b->data[b->len++] = (uint8_t)value;
}

static void
put16(struct bytes *b, unsigned value)
{
	put(b, value >> 8);
	put(b, value & 0xff);
}

/* What ciphertext looks like: any byte may come, line feeds among them. */
static void
put_noise(struct bytes *b, size_t count)
{
	uint32_t x = 2463534242u + (uint32_t)count;

	while (count-- > 0) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		put(b, x >> 24);
	}
}

/* Sets the two bytes at @at to the number of bytes behind them. */
static void
close_length(struct bytes *b, size_t at)
{
	size_t n = b->len - at - 2;

	b->data[at] = (uint8_t)(n >> 8);
	b->data[at + 1] = (uint8_t)n;
}

static size_t
open_record(struct bytes *b, unsigned type, unsigned version)
{
	put(b, type);
	put16(b, version);
	put16(b, 0);
	return b->len - 2;
}

static void
put_record(struct bytes *b, unsigned type, size_t length)
{
	size_t at = open_record(b, type, 0x0303);

	put_noise(b, length);
	close_length(b, at);
}

/* RFC 8446 section 4: type and a length of three bytes. */
static size_t
open_message(struct bytes *b, unsigned type)
{
	put(b, type);
	put(b, 0);
	put16(b, 0);
	return b->len - 2;
}

static void
put_extension(struct bytes *b, unsigned type, const void *data, size_t len)
{
	put16(b, type);
	put16(b, (unsigned)len);
	for (size_t i = 0; i < len; i++)
		put(b, ((const uint8_t *)data)[i]);
}

static void
put_client_hello(struct bytes *b, bool tls13, bool psk)
{
	static const uint8_t groups[] = { 0, 4, 0, 29, 0, 23 };
	static const uint8_t signatures[] = { 0, 4, 4, 3, 8, 4 };
	static const uint8_t versions[] = { 4, 3, 4, 3, 3 };
	uint8_t key_share[2 + 4 + 32] = { 0, 36, 0, 29, 0, 32, 0x5a, 0x0a };
	size_t record = open_record(b, HANDSHAKE, 0x0301);
	size_t message = open_message(b, 1), list;

	put16(b, 0x0303);
	put_noise(b, 32);
	put(b, 32);
	put_noise(b, 32);
	put16(b, 8);
	put16(b, tls13 ? 0x1301 : 0xc030);
	put16(b, 0xc02f);
	put16(b, 0xcca8);
	put16(b, 0x00ff);
	put(b, 1);
	put(b, 0);
	put16(b, 0);
	list = b->len - 2;
	put_extension(b, 10, groups, sizeof(groups));
	put_extension(b, 13, signatures, sizeof(signatures));
	put_extension(b, 23, NULL, 0);
	if (tls13) {
		put_extension(b, 43, versions, sizeof(versions));
		put_extension(b, 51, key_share, sizeof(key_share));
	}
	if (psk) /* the last one, RFC 8446 section 4.2.11; its text is not read */
		put_extension(b, 41, key_share, sizeof(key_share));
	close_length(b, list);
	close_length(b, message);
	close_length(b, record);
}

/* RFC 8446 section 4.1.3: the random of a HelloRetryRequest. */
static const uint8_t retry_random[32] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
	0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
	0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static void
put_server_hello(struct bytes *b, bool tls13, unsigned cipher, bool retry,
		 bool psk)
{
	static const uint8_t version[] = { 3, 4 };
	uint8_t key_share[4 + 32] = { 0, 29, 0, 32, 0x33, 0x0d };
	size_t record = open_record(b, HANDSHAKE, 0x0303);
	size_t message = open_message(b, 2), list;

	put16(b, 0x0303);
	if (retry)
		for (size_t i = 0; i < sizeof(retry_random); i++)
			put(b, retry_random[i]);
	else
		put_noise(b, 32);
	put(b, 32);
	put_noise(b, 32);
	put16(b, cipher);
	put(b, 0);
	put16(b, 0);
	list = b->len - 2;
	if (tls13) {
		put_extension(b, 43, version, sizeof(version));
		put_extension(b, 51, key_share, retry ? 2 : sizeof(key_share));
		if (psk)
			put_extension(b, 41, "\0", 2);
	} else {
		put_extension(b, 0xff01, "\0", 1);
	}
	close_length(b, list);
	close_length(b, message);
	close_length(b, record);
}

/* A handshake message in clear in a record of its own. */
static void
put_handshake(struct bytes *b, unsigned type, size_t length)
{
	size_t record = open_record(b, HANDSHAKE, 0x0303);
	size_t message = open_message(b, type);

	put_noise(b, length);
	close_length(b, message);
	close_length(b, record);
}

/* RFC 5246 appendix E.2: a hello in the shape of SSL version 2. */
static void
put_sslv2_hello(struct bytes *b)
{
	put16(b, 0x8000 | (9 + 6 + 16));
	put(b, 1);
	put16(b, 0x0303);
	put16(b, 6);
	put16(b, 0);
	put16(b, 16);
	put_noise(b, 6 + 16);
}

/* One <...> of the payload text. */
static bool
put_item(struct bytes *b, const char *item)
{
	char word[16] = "", first[16] = "", second[16] = "";
	int count = sscanf(item, "%15s %15s %15s", word, first, second);
	unsigned long n = strtoul(first, NULL, 10);
	bool tls13 = strcmp(first, "1.3") == 0;
	bool psk = strcmp(second, "psk") == 0;
	unsigned cipher = tls13 ? 0x1301 : 0xc02f;

	if (strcmp(second, "chacha") == 0)
		cipher = tls13 ? 0x1303 : 0xcca8;
	else if (strcmp(second, "ccm8") == 0)
		cipher = 0x1305;

	if (strcmp(word, "client-hello") == 0 && count >= 2)
		put_client_hello(b, tls13, psk);
	else if (strcmp(word, "server-hello") == 0 && count >= 2)
		put_server_hello(b, tls13, cipher, false, psk);
	else if (strcmp(word, "retry") == 0 && count == 1)
		put_server_hello(b, true, 0x1301, true, false);
	else if (strcmp(word, "sslv2-hello") == 0 && count == 1)
		put_sslv2_hello(b);
	else if (strcmp(word, "handshake") == 0 && count == 3)
		put_handshake(b, (unsigned)n, strtoul(second, NULL, 10));
	else if (strcmp(word, "ccs") == 0 && count == 1)
		put_record(b, CCS, 1);
	else if (strcmp(word, "app") == 0 && count == 2)
		put_record(b, APPLICATION, n);
	else if (strcmp(word, "alert") == 0 && count == 2)
		put_record(b, ALERT, n);
	else if (strcmp(word, "finished") == 0 && count == 2)
		put_record(b, HANDSHAKE, n);
	else if (strcmp(word, "noise") == 0 && count == 2)
		put_noise(b, n);
	else if (strcmp(word, "x") == 0 && count == 3)
		while (n-- > 0)
			put(b, (unsigned char)second[0]);
	else if (strcmp(word, "blank") == 0 && count == 2)
		while (n-- > 0)
			put(b, ' ');
	else
		return false;
	return true;
}

const char *
bytes_parse(const char *text, struct bytes *out)
{
	out->len = 0;
	while (*text != '\0') {
		unsigned value;
		char item[64];
		int used = 0;

		if (*text == '<') {
			if (sscanf(text, "<%63[^>]>%n", item, &used) != 1 ||
			    used == 0 || !put_item(out, item))
				return "unknown <item>";
			text += used;
			continue;
		}
		if (*text != '\\') {
			put(out, (unsigned char)*text++);
			continue;
		}
		switch (text[1]) {
		case 'r':
			put(out, '\r');
			break;
		case 'n':
			put(out, '\n');
			break;
		case 't':
			put(out, '\t');
			break;
		case '0':
			put(out, '\0');
			break;
		case '\\':
		case '<':
			put(out, (unsigned char)text[1]);
			break;
		case 'x':
			if (!isxdigit((unsigned char)text[2]) ||
			    !isxdigit((unsigned char)text[3]) ||
			    sscanf(text + 2, "%2x", &value) != 1)
				return "\\x needs two hex digits";
			put(out, value);
			text += 2;
			break;
		default:
			return "unknown escape";
		}
		text += 2;
	}
	return out->len < BYTES_MAX ? NULL : "payload too long";
}
