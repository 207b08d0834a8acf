/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits beyond a gap: a ring of bytes, and which of them have come. */
#include "core/stream.h"

#include <string.h>

/* The bytes with sequence numbers from `begin` to `end` - 1. */
struct piece {
	uint32_t begin, end;
};

/*
 * A block. Byte n of the stream stands at n % STREAM_WINDOW, so `next` moves on
 * without moving bytes. All pieces lie within STREAM_WINDOW bytes from `next`;
 * they are in order and at least one byte apart.
 */
struct held {
	uint32_t count;
	struct piece pieces[STREAM_PIECES];
	uint8_t ring[STREAM_WINDOW];
};

/* Sequence numbers wrap at 2^32: the ring must come out even there. */
_Static_assert((STREAM_WINDOW & (STREAM_WINDOW - 1)) == 0,
	       "the window is a power of two");

uint32_t
stream_block_size(void)
{
	return (sizeof(struct held) + 7) / 8 * 8;
}

void
stream_init(struct stream *s)
{
	*s = (struct stream){ 0 };
}

void
stream_reset(struct stream *s, struct pool *pool)
{
	pool_give(pool, &s->hold);
	stream_init(s);
}

void
stream_start(struct stream *s, struct pool *pool, uint32_t next)
{
	stream_reset(s, pool);
	s->next = next;
	s->synced = true;
}

static void
ring_write(struct held *held, uint32_t seq, struct span data)
{
	uint32_t at = seq % STREAM_WINDOW;
	struct span head = span_head(data, STREAM_WINDOW - at);

	memcpy(held->ring + at, head.data, head.len);
	span_skip(&data, head.len);
	if (data.len != 0)
		memcpy(held->ring, data.data, data.len);
}

/* Puts @piece in the place of the @merged pieces at @index. */
static void
replace_pieces(struct held *held, uint32_t index, uint32_t merged,
	       struct piece piece)
{
	struct piece *p = &held->pieces[index];

	memmove(p + 1, p + merged, (held->count - index - merged) * sizeof(*p));
	*p = piece;
	held->count += 1 - merged;
}

/*
 * Keeps those bytes of @data that are not kept yet; @next is what the stream's
 * `next` is or is going to be. Changes nothing when it says STREAM_LOST.
 */
static enum stream_status
keep(struct stream *s, struct pool *pool, uint32_t next, uint32_t seq,
     struct span data)
{
	enum stream_status status = STREAM_OLD;
	uint32_t end = seq + (uint32_t)data.len, first = 0, behind;
	struct piece all = { seq, end };
	struct held *held;

	if (data.len > STREAM_WINDOW || seq - next > STREAM_WINDOW - data.len)
		return STREAM_LOST;
	if (s->hold == 0)
		s->hold = pool_take(pool);
	if (s->hold == 0)
		return STREAM_LOST;
	held = pool_at(pool, s->hold);

	/* From `first` up to `behind`: the pieces that @data touches. They
	 * become one with it. */
	while (first < held->count && seq_before(held->pieces[first].end, seq))
		first++;
	for (behind = first; behind < held->count; behind++) {
		struct piece old = held->pieces[behind];

		if (seq_before(end, old.begin))
			break;
		if (seq_before(old.begin, all.begin))
			all.begin = old.begin;
		if (seq_before(all.end, old.end))
			all.end = old.end;
	}
	if (behind == first && held->count == STREAM_PIECES)
		return STREAM_LOST;

	for (uint32_t i = first;; i++) {
		uint32_t stop = i < behind ? held->pieces[i].begin : end;

		if (seq_before(seq, stop)) {
			ring_write(held, seq, span_head(data, stop - seq));
			status = STREAM_HELD;
		}
		if (i == behind)
			break;
		span_skip(&data, held->pieces[i].end - seq);
		seq = held->pieces[i].end;
	}
	replace_pieces(held, first, behind - first, all);
	return status;
}

enum stream_status
stream_insert(struct stream *s, struct pool *pool, uint32_t seq,
	      struct span data, struct span *in_order)
{
	uint32_t end = seq + (uint32_t)data.len, stop = end;
	struct span rest;

	*in_order = span_make(NULL, 0);
	if (data.len == 0 || !seq_before(s->next, end))
		return STREAM_OLD;
	if (seq_before(s->next, seq))
		return keep(s, pool, s->next, seq, data);

	span_skip(&data, s->next - seq);
	if (s->hold != 0) {
		const struct held *held = pool_at(pool, s->hold);

		if (held->count != 0 && seq_before(held->pieces[0].begin, end))
			stop = held->pieces[0].begin;
	}
	rest = data;
	span_skip(&rest, stop - s->next);
	if (rest.len != 0 && keep(s, pool, stop, stop, rest) == STREAM_LOST)
		return STREAM_LOST;
	*in_order = span_head(data, stop - s->next);
	s->next = stop;
	return STREAM_IN_ORDER;
}

bool
stream_take_held(struct stream *s, struct pool *pool, struct span *out)
{
	struct piece *first;
	struct held *held;
	uint32_t at, len;

	*out = span_make(NULL, 0);
	if (s->hold == 0)
		return false;
	held = pool_at(pool, s->hold);
	first = held->pieces;
	if (held->count == 0) {
		pool_give(pool, &s->hold);
		return false;
	}
	if (first->begin != s->next)
		return false;

	at = s->next % STREAM_WINDOW;
	len = first->end - first->begin;
	if (len > STREAM_WINDOW - at)
		len = STREAM_WINDOW - at;
	*out = span_make(held->ring + at, len);
	s->next += len;
	first->begin += len;
	if (first->begin == first->end)
		memmove(first, first + 1, --held->count * sizeof(*first));
	return true;
}

void
stream_fin(struct stream *s, uint32_t seq)
{
	s->fin_seen = true;
	s->fin = seq;
}

bool
stream_finished(const struct stream *s)
{
	return s->fin_seen && !seq_before(s->next, s->fin);
}
