/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: bytes come out once, in order and as they first came, whatever the
 * network did to the segments. */
#include "core/stream.h"
#include "support.h"

enum { BLOCKS = 2 };

static struct pool pool;
static void *memory;
static struct stream s;
static struct span got;

/* A stream that waits for byte @next, and a pool with all its blocks. */
static void
start(uint32_t next)
{
	pool_init(&pool, memory, BLOCKS, stream_block_size());
	stream_init(&s);
	assert_false(s.synced);
	stream_start(&s, &pool, next);
	assert_true(s.synced);
}

static enum stream_status
insert(uint32_t seq, const char *text)
{
	return stream_insert(&s, &pool, seq, guard_text(text), &got);
}

static void
assert_got(const char *text)
{
	assert_int_equal(got.len, strlen(text));
	if (got.len != 0)
		assert_memory_equal(got.data, text, got.len);
}

/* All that was held and is in order now, in one piece. */
static void
assert_held(const char *text)
{
	char all[64];
	size_t len = 0;

	while (stream_take_held(&s, &pool, &got)) {
		assert_true(got.len != 0 && got.len < sizeof(all) - len);
		memcpy(all + len, got.data, got.len);
		len += got.len;
	}
	assert_int_equal(got.len, 0);
	all[len] = '\0';
	assert_string_equal(all, text);
}

static void
assert_lost_unchanged(uint32_t seq, struct span data)
{
	struct stream before = s;
	uint32_t used = pool.used;

	assert_int_equal(stream_insert(&s, &pool, seq, data, &got),
			 STREAM_LOST);
	assert_got("");
	assert_memory_equal(&before, &s, sizeof(s));
	assert_int_equal(pool.used, used);
}

static void
test_in_order(void **state)
{
	(void)state;
	start(100);
	assert_int_equal(insert(100, "abc"), STREAM_IN_ORDER);
	assert_got("abc");
	assert_int_equal(insert(103, "def"), STREAM_IN_ORDER);
	assert_got("def");
	assert_int_equal(s.next, 106);
	assert_int_equal(pool.used, 0);
	assert_held("");
}

static void
test_nothing_new(void **state)
{
	(void)state;
	start(100);
	assert_int_equal(insert(100, ""), STREAM_OLD);
	assert_int_equal(insert(5000000, ""), STREAM_OLD);
	assert_int_equal(insert(100, "abc"), STREAM_IN_ORDER);
	assert_int_equal(insert(100, "abc"), STREAM_OLD);
	assert_got("");
	assert_int_equal(insert(99, "xx"), STREAM_OLD);
	assert_int_equal(insert(103 - 0x7fffffffu, "x"), STREAM_OLD);
	assert_int_equal(s.next, 103);
	/* of what is held: */
	assert_int_equal(insert(105, "fgh"), STREAM_HELD);
	assert_int_equal(insert(106, "g"), STREAM_OLD);
	assert_int_equal(insert(105, "xxx"), STREAM_OLD);
	assert_got("");
	assert_int_equal(insert(103, "de"), STREAM_IN_ORDER);
	assert_held("fgh");
}

static void
test_old_front_is_cut(void **state)
{
	(void)state;
	start(100);
	assert_int_equal(insert(100, "abc"), STREAM_IN_ORDER);
	assert_int_equal(insert(98, "xxxxxde"), STREAM_IN_ORDER);
	assert_got("de");
	assert_int_equal(s.next, 105);
}

static void
test_gap(void **state)
{
	(void)state;
	start(100);
	assert_int_equal(insert(103, "def"), STREAM_HELD);
	assert_got("");
	assert_int_equal(pool.used, 1);
	assert_held("");
	assert_int_equal(insert(100, "abc"), STREAM_IN_ORDER);
	assert_got("abc");
	assert_held("def");
	assert_int_equal(s.next, 106);
	assert_int_equal(s.hold, 0);
	assert_int_equal(pool.used, 0);
}

static void
test_first_copy_wins(void **state)
{
	(void)state;
	start(100);
	assert_int_equal(insert(102, "cd"), STREAM_HELD);
	assert_int_equal(insert(106, "gh"), STREAM_HELD);
	/* over both ends of both pieces */
	assert_int_equal(insert(101, "bXXefXXi"), STREAM_HELD);
	assert_int_equal(insert(100, "aYYYYYYYYj"), STREAM_IN_ORDER);
	assert_got("a");
	assert_held("bcdefghij");
	assert_int_equal(pool.used, 0);
}

static void
test_in_order_reaches_held(void **state)
{
	(void)state;
	start(100);
	assert_int_equal(insert(103, "d"), STREAM_HELD);
	assert_int_equal(insert(105, "f"), STREAM_HELD);
	assert_int_equal(insert(99, "xabcXeXgh"), STREAM_IN_ORDER);
	assert_got("abc");
	assert_held("defgh");
	/* up to the held byte and not into it */
	assert_int_equal(insert(110, "k"), STREAM_HELD);
	assert_int_equal(insert(108, "ij"), STREAM_IN_ORDER);
	assert_got("ij");
	assert_held("k");
	assert_int_equal(s.next, 111);
}

static void
test_held_bytes_stay_until_next_call(void **state)
{
	struct span one;

	(void)state;
	start(100);
	assert_int_equal(insert(101, "bcd"), STREAM_HELD);
	assert_int_equal(insert(100, "a"), STREAM_IN_ORDER);
	assert_true(stream_take_held(&s, &pool, &one));
	/* another stream must not get the block */
	assert_int_equal(pool.used, 1);
	assert_int_equal(pool_take(&pool), 2);
	assert_int_equal(pool_take(&pool), 0);
	assert_memory_equal(one.data, "bcd", 3);
	assert_false(stream_take_held(&s, &pool, &one));
	assert_int_equal(pool.used, 1);
}

static void
test_window(void **state)
{
	static uint8_t bytes[STREAM_WINDOW + 3];
	size_t len = 0;

	(void)state;
	start(100);
	assert_lost_unchanged(101, guard_span(bytes, STREAM_WINDOW));
	assert_lost_unchanged(101, guard_span(bytes, STREAM_WINDOW + 1));
	assert_lost_unchanged(100 + STREAM_WINDOW, guard_text("x"));
	assert_lost_unchanged(100 + 0x7fffffffu, guard_text("x"));
	assert_int_equal(insert(100 + STREAM_WINDOW - 1, "x"), STREAM_HELD);
	assert_lost_unchanged(100 + STREAM_WINDOW, guard_text("x"));
	/* a long way in order is no loss */
	assert_int_equal(stream_insert(&s, &pool, 100,
				       guard_span(bytes, STREAM_WINDOW - 1),
				       &got),
			 STREAM_IN_ORDER);
	assert_int_equal(got.len, STREAM_WINDOW - 1);
	assert_held("x");

	start(100);
	assert_int_equal(insert(101, "x"), STREAM_HELD);
	assert_lost_unchanged(99, guard_span(bytes, STREAM_WINDOW + 3));
	assert_int_equal(stream_insert(&s, &pool, 100,
				       guard_span(bytes, STREAM_WINDOW + 1),
				       &got),
			 STREAM_IN_ORDER);
	assert_int_equal(got.len, 1);
	while (stream_take_held(&s, &pool, &got))
		len += got.len;
	assert_int_equal(len, STREAM_WINDOW);
	assert_int_equal(s.next, 100 + STREAM_WINDOW + 1);
}

static void
test_pieces(void **state)
{
	(void)state;
	start(100);
	for (uint32_t i = 0; i < STREAM_PIECES; i++)
		assert_int_equal(insert(102 + 2 * i, "x"), STREAM_HELD);
	assert_lost_unchanged(102 + 2 * STREAM_PIECES, guard_text("x"));
	/* what joins two of them is no new piece */
	assert_int_equal(insert(103, "y"), STREAM_HELD);
	assert_int_equal(insert(102 + 2 * STREAM_PIECES, "x"), STREAM_HELD);
	assert_lost_unchanged(110 + 2 * STREAM_PIECES, guard_text("x"));
	assert_int_equal(insert(101, "zzzzzzzzzzzzzzzzzzzz"), STREAM_HELD);
	assert_int_equal(insert(100, "a"), STREAM_IN_ORDER);
	assert_held("zxyxzxzxzxzxzxzxzxzz");
	assert_int_equal(pool.used, 0);
}

static void
test_no_block(void **state)
{
	pool_handle other[BLOCKS];

	(void)state;
	start(100);
	for (unsigned i = 0; i < BLOCKS; i++)
		other[i] = pool_take(&pool);
	assert_lost_unchanged(101, guard_text("b"));
	assert_int_equal(insert(100, "a"), STREAM_IN_ORDER);
	pool_give(&pool, &other[0]);
	assert_int_equal(insert(102, "c"), STREAM_HELD);
}

static void
test_reset(void **state)
{
	(void)state;
	start(100);
	assert_int_equal(insert(102, "c"), STREAM_HELD);
	stream_fin(&s, 103);
	stream_start(&s, &pool, 500);
	assert_int_equal(pool.used, 0);
	assert_false(stream_finished(&s));
	assert_false(s.fin_seen);
	assert_int_equal(insert(500, "a"), STREAM_IN_ORDER);
	assert_held("");
	assert_int_equal(insert(502, "c"), STREAM_HELD);
	stream_reset(&s, &pool);
	assert_int_equal(pool.used, 0);
	assert_false(s.synced);
}

static void
test_fin(void **state)
{
	(void)state;
	start(0xffffffff);
	assert_false(stream_finished(&s));
	stream_fin(&s, 1);
	assert_false(stream_finished(&s));
	assert_int_equal(insert(0, "b"), STREAM_HELD);
	assert_false(stream_finished(&s));
	assert_int_equal(insert(0xffffffff, "a"), STREAM_IN_ORDER);
	assert_false(stream_finished(&s));
	assert_held("b");
	assert_true(stream_finished(&s));
}

static void
test_seq_before(void **state)
{
	(void)state;
	assert_true(seq_before(1, 2));
	assert_false(seq_before(2, 2));
	assert_false(seq_before(3, 2));
	assert_true(seq_before(0xffffffff, 0));
	assert_false(seq_before(0, 0xffffffff));
}

/*
 * The reference: for each byte of a stretch around the wrap, whether it came
 * and what it was then. Every segment has bytes of its own, so that a byte of a
 * later copy would show.
 */
enum { STRETCH = 120000, ORIGIN_SLACK = 60000 };

static struct {
	bool have[STRETCH];
	uint8_t value[STRETCH];
	uint32_t origin; /* sequence number of byte 0 */
	uint32_t next;	 /* bytes handed on */
} model;

static uint32_t
model_pieces(uint32_t from, uint32_t to)
{
	uint32_t pieces = 0;

	/* Nothing is held further than a window from `next`. */
	for (uint32_t i = model.next; i < model.next + STREAM_WINDOW; i++) {
		bool now = model.have[i] || (i >= from && i < to);
		bool then =
			i != 0 && (model.have[i - 1] || (i > from && i <= to));

		pieces += now && (!then || i == model.next);
	}
	return pieces;
}

static enum stream_status
model_expects(uint32_t from, uint32_t to, uint32_t *in_order)
{
	uint32_t stop = model.next;

	*in_order = 0;
	if (from == to || to <= model.next)
		return STREAM_OLD;
	if (from > model.next) {
		if (to > model.next + STREAM_WINDOW ||
		    model_pieces(from, to) > STREAM_PIECES)
			return STREAM_LOST;
		for (uint32_t i = from; i < to; i++)
			if (!model.have[i])
				return STREAM_HELD;
		return STREAM_OLD;
	}
	while (stop < to && !model.have[stop])
		stop++;
	if (to > stop + STREAM_WINDOW)
		return STREAM_LOST;
	*in_order = stop - model.next;
	return STREAM_IN_ORDER;
}

static void
model_check(struct span out)
{
	assert_true(out.len <= STRETCH - model.next);
	assert_true(out.len != 0);
	for (size_t i = 0; i < out.len; i++)
		assert_true(model.have[model.next + i]);
	assert_memory_equal(out.data, model.value + model.next, out.len);
	model.next += (uint32_t)out.len;
	assert_int_equal(s.next, model.origin + model.next);
}

static enum stream_status
model_step(uint32_t from, uint32_t len)
{
	static uint8_t bytes[STRETCH];
	enum stream_status status;
	uint32_t in_order;

	for (uint32_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)test_random(256);
	status = stream_insert(&s, &pool, model.origin + from,
			       guard_span(bytes, len), &got);
	assert_int_equal(status, model_expects(from, from + len, &in_order));
	assert_int_equal(got.len, in_order);
	if (status == STREAM_LOST || status == STREAM_OLD)
		return status;
	for (uint32_t i = from; i < from + len; i++) {
		if (model.have[i] || i < model.next)
			continue;
		model.have[i] = true;
		model.value[i] = bytes[i - from];
	}
	if (status == STREAM_IN_ORDER)
		model_check(got);
	while (stream_take_held(&s, &pool, &got))
		model_check(got);
	assert_true(!model.have[model.next]);
	assert_int_equal(pool.used, model_pieces(0, 0) != 0);
	return status;
}

static void
test_random_segments(void **state)
{
	unsigned seen[STREAM_LOST + 1] = { 0 };

	(void)state;
	for (unsigned round = 0; round < 32; round++) {
		memset(&model, 0, sizeof(model));
		model.origin = 0u - test_random(ORIGIN_SLACK);
		start(model.origin);
		while (model.next < ORIGIN_SLACK) {
			/* Mostly near the gap, now and then at the edges. */
			uint32_t ahead =
				test_random(4) != 0
					? test_random(1500)
					: test_random(STREAM_WINDOW + 9);
			uint32_t from = model.next + ahead;
			uint32_t len = test_random(3) != 0 ? test_random(600)
							   : test_random(20000);

			from = from > 1000 ? from - 1000 : 0;
			seen[model_step(from, len)]++;
		}
	}
	for (unsigned i = 0; i <= STREAM_LOST; i++)
		assert_true(seen[i] > 10);
}

/* Segments in any order, some twice: what comes out is what was sent. */
static void
test_shuffled_segments(void **state)
{
	static uint8_t sent[STRETCH], received[STRETCH];
	uint32_t origin = 0u - test_random(STRETCH), done = 0, cut = 0;

	(void)state;
	for (unsigned i = 0; i < STRETCH; i++)
		sent[i] = (uint8_t)test_random(256);
	start(origin);
	while (cut < STRETCH) {
		uint32_t at[2 * STREAM_PIECES], end[2 * STREAM_PIECES];
		unsigned count = 0;

		while (count < STREAM_PIECES && cut < STRETCH) {
			uint32_t len = 1 + test_random(1460);

			at[count] = cut;
			cut = len < STRETCH - cut ? cut + len : STRETCH;
			end[count++] = cut;
		}
		for (unsigned i = count; i < 2 * count; i++) {
			unsigned again = test_random(count);

			at[i] = at[again];
			end[i] = end[again];
		}
		for (unsigned i = 2 * count; i-- != 0;) {
			unsigned k = test_random(i + 1);
			uint32_t from = at[k], to = end[k];
			struct span in = guard_span(sent + from, to - from);

			at[k] = at[i];
			end[k] = end[i];
			assert_int_not_equal(stream_insert(&s, &pool,
							   origin + from, in,
							   &got),
					     STREAM_LOST);
			do {
				assert_true(got.len <= STRETCH - done);
				if (got.len != 0)
					memcpy(received + done, got.data,
					       got.len);
				done += (uint32_t)got.len;
			} while (stream_take_held(&s, &pool, &got));
		}
		assert_int_equal(done, cut);
		assert_int_equal(pool.used, 0);
	}
	assert_memory_equal(sent, received, STRETCH);
}

static int
set_up(void **state)
{
	(void)state;
	memory = malloc(pool_bytes(BLOCKS, stream_block_size()));
	return memory == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(memory);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_nothing_new),
		cmocka_unit_test(test_old_front_is_cut),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_first_copy_wins),
		cmocka_unit_test(test_in_order_reaches_held),
		cmocka_unit_test(test_held_bytes_stay_until_next_call),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_no_block),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_fin),
		cmocka_unit_test(test_seq_before),
		cmocka_unit_test(test_random_segments),
		cmocka_unit_test(test_shuffled_segments),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
