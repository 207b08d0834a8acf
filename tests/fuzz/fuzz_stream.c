/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stream: pieces of a text whose byte at each place is known, in any order,
 * some of them with other bytes. What is handed on must come in order, each
 * place once, and as the copy that came first had it.
 */
#include "fuzz.h"

#include "core/stream.h"

#define BLOCKS 2
#define PLACES 65536
#define PIECE_MAX 2000

static uint8_t first[PLACES]; /* the copy that came first */
static bool came[PLACES];

struct reader {
	struct stream stream;
	struct pool pool;
	uint32_t start, at; /* the sequence number of place 0; places read */
};

/* What is handed on must be the next places. */
static void
read_on(struct reader *r, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		REQUIRE(r->at < PLACES && came[r->at]);
		REQUIRE(bytes.data[i] == first[r->at]);
		r->at++;
	}
}

static void
insert(struct reader *r, uint32_t place, struct span bytes)
{
	struct stream before = r->stream;
	struct span out;
	enum stream_status status = stream_insert(
		&r->stream, &r->pool, r->start + place, bytes, &out);

	if (status != STREAM_IN_ORDER)
		REQUIRE(out.len == 0);
	if (status == STREAM_LOST) {
		REQUIRE(memcmp(&before, &r->stream, sizeof(before)) == 0);
		return;
	}
	for (size_t i = 0; i < bytes.len; i++) {
		if (!came[place + i])
			first[place + i] = bytes.data[i];
		came[place + i] = true;
	}
	if (status == STREAM_IN_ORDER) {
		do
			read_on(r, out);
		while (stream_take_held(&r->stream, &r->pool, &out));
	}
	REQUIRE(r->stream.next == r->start + r->at);
	REQUIRE(r->at == PLACES || !came[r->at]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t piece[PIECE_MAX];
	static struct reader r;
	struct span in = span_make(data, size);
	void *memory = malloc(pool_bytes(BLOCKS, stream_block_size()));

	REQUIRE(memory != NULL);
	memset(came, 0, sizeof(came));
	pool_init(&r.pool, memory, BLOCKS, stream_block_size());
	r.start = draw(&in, UINT32_MAX);
	r.at = 0;
	stream_init(&r.stream);
	stream_start(&r.stream, &r.pool, r.start);
	while (in.len != 0) {
		/* Near what comes next, mostly: behind it, at it, ahead. */
		uint32_t kind = draw(&in, 8);
		uint32_t shift = draw(&in, kind < 6 ? 64 : 20000);
		uint32_t place = (kind & 1) != 0
					 ? r.at + shift
					 : r.at - (shift < r.at ? shift : r.at);
		uint32_t len = draw(&in, kind < 4 ? 32 : PIECE_MAX);
		uint8_t salt = (uint8_t)draw(&in, 4);

		if (place >= PLACES || len > PLACES - place)
			continue;
		for (uint32_t i = 0; i < len; i++)
			piece[i] = (uint8_t)((place + i) * 7 + salt);
		insert(&r, place, guard_span(piece, len));
	}
	stream_reset(&r.stream, &r.pool);
	REQUIRE(r.pool.used == 0);
	free(memory);
	return 0;
}
