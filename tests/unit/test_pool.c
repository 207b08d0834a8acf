/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: a pool gives out each block once, zeroed, and takes it back. */
#include "core/pool.h"
#include "support.h"

enum { COUNT = 5, SIZE = 24 };

static uint64_t memory[COUNT * SIZE / 8];

static struct pool
dirty_pool(void)
{
	struct pool pool;

	memset(memory, 0xee, sizeof(memory));
	pool_init(&pool, memory, COUNT, SIZE);
	return pool;
}

static void
test_bytes(void **state)
{
	(void)state;
	assert_int_equal(pool_bytes(COUNT, SIZE), sizeof(memory));
	assert_true(pool_bytes(1u << 20, 1u << 14) == (size_t)1 << 34);
}

static void
test_every_block_once(void **state)
{
	static const uint8_t zero[SIZE];
	struct pool pool = dirty_pool();
	pool_handle h[COUNT];

	(void)state;
	for (unsigned i = 0; i < COUNT; i++) {
		uint8_t *block;

		h[i] = pool_take(&pool);
		assert_int_not_equal(h[i], 0);
		block = pool_at(&pool, h[i]);
		assert_true(block >= (uint8_t *)memory &&
			    block + SIZE <= (uint8_t *)(memory + COUNT * 3));
		assert_memory_equal(block, zero, SIZE);
		memset(block, (int)i + 1, SIZE);
		assert_int_equal(pool.used, i + 1);
	}
	assert_int_equal(pool_take(&pool), 0);
	assert_int_equal(pool.used, COUNT);
	for (unsigned i = 0; i < COUNT; i++) {
		const uint8_t *block = pool_at(&pool, h[i]);

		for (unsigned k = 0; k < SIZE; k++)
			assert_int_equal(block[k], i + 1);
	}
}

static void
test_give_and_take(void **state)
{
	static const uint8_t zero[SIZE];
	struct pool pool = dirty_pool();
	pool_handle h[COUNT] = { 0 };

	(void)state;
	for (unsigned round = 0; round < 1000; round++) {
		unsigned i = test_random(COUNT), owned = 0;

		if (h[i] == 0) {
			h[i] = pool_take(&pool);
			assert_int_not_equal(h[i], 0);
			assert_memory_equal(pool_at(&pool, h[i]), zero, SIZE);
			memset(pool_at(&pool, h[i]), 0xee, SIZE);
		} else {
			pool_give(&pool, &h[i]);
			assert_int_equal(h[i], 0);
		}
		for (unsigned k = 0; k < COUNT; k++) {
			owned += h[k] != 0;
			for (unsigned n = 0; n < k; n++)
				assert_true(h[k] == 0 || h[k] != h[n]);
		}
		assert_int_equal(pool.used, owned);
	}
}

static void
test_give_nothing(void **state)
{
	struct pool pool = dirty_pool();
	pool_handle none = 0;

	(void)state;
	pool_give(&pool, &none);
	assert_int_equal(pool.used, 0);
	assert_int_equal(none, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_every_block_once),
		cmocka_unit_test(test_give_and_take),
		cmocka_unit_test(test_give_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
