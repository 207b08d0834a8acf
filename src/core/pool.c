/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of free blocks, and the blocks that no one has taken yet. */
#include "core/pool.h"

#include <string.h>

size_t
pool_bytes(uint32_t count, uint32_t size)
{
	return (size_t)count * size;
}

void
pool_init(struct pool *pool, void *memory, uint32_t count, uint32_t size)
{
	*pool = (struct pool){
		.blocks = memory,
		.size = size,
		.count = count,
	};
}

void *
pool_at(const struct pool *pool, pool_handle handle)
{
	return pool->blocks + (size_t)(handle - 1) * pool->size;
}

pool_handle
pool_take(struct pool *pool)
{
	pool_handle handle = pool->free;

	if (handle != 0)
		memcpy(&pool->free, pool_at(pool, handle), sizeof(handle));
	else if (pool->fresh < pool->count)
		handle = ++pool->fresh;
	else
		return 0;
	pool->used++;
	memset(pool_at(pool, handle), 0, pool->size);
	return handle;
}

void
pool_give(struct pool *pool, pool_handle *handle)
{
	if (*handle == 0)
		return;
	memcpy(pool_at(pool, *handle), &pool->free, sizeof(*handle));
	pool->free = *handle;
	pool->used--;
	*handle = 0;
}
