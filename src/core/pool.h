/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fixed-size blocks from memory that was set aside at start. */
#ifndef CORE_POOL_H
#define CORE_POOL_H

#include <stddef.h>
#include <stdint.h>

/* Names a block; 0 is "none", so zeroed owners own nothing. */
typedef uint32_t pool_handle;

struct pool {
	uint8_t *blocks;     /* count * size bytes, borrowed */
	uint32_t size;	     /* bytes of a block, a multiple of 8 */
	uint32_t count;
	pool_handle free;    /* head of the list of blocks that were given back,
				which runs through them */
	uint32_t fresh;	     /* blocks beyond this handle were never taken:
				their memory is not touched before */
	uint32_t used;
};

/* Bytes that a pool of @count blocks of @size bytes needs. */
size_t pool_bytes(uint32_t count, uint32_t size);

/* @memory: pool_bytes() bytes, 8-byte aligned, borrowed for the pool's life. */
void pool_init(struct pool *pool, void *memory, uint32_t count, uint32_t size);

/* A zeroed block, or 0 when none is left. */
pool_handle pool_take(struct pool *pool);

/* Gives a block back and sets *@handle to 0. 0 is allowed and does nothing. */
void pool_give(struct pool *pool, pool_handle *handle);

/* The block's bytes; @handle must be a taken one. */
void *pool_at(const struct pool *pool, pool_handle handle);

#endif
