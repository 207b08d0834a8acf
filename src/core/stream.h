/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One direction of a TCP connection, put in order. */
#ifndef CORE_STREAM_H
#define CORE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/pool.h"
#include "pinholed/span.h"

/* How far ahead of the gap bytes are kept, and in how many pieces. */
#define STREAM_WINDOW 16384
#define STREAM_PIECES 8

/* Size of a block in the pool that streams take from. */
uint32_t stream_block_size(void);

/*
 * Small on purpose: a quiet direction owns no block. The state:
 *   unsynced  (after stream_init or a loss): nothing is known; the caller
 *             decides when stream_start() may be called;
 *   in order  hold == 0: every byte so far was handed on;
 *   gap       hold != 0: some bytes beyond `next` wait in a block.
 */
struct stream {
	uint32_t next;	    /* sequence number of the next byte to hand on */
	pool_handle hold;   /* bytes beyond a gap; 0: none */
	uint32_t fin;	    /* sequence number of the FIN */
	bool synced : 1;
	bool fin_seen : 1;  /* `fin` is valid */
};

enum stream_status {
	STREAM_IN_ORDER, /* *in_order holds new bytes (see stream_insert) */
	STREAM_HELD,	 /* beyond a gap, kept */
	STREAM_OLD,	 /* nothing new: a retransmission, or empty */
	STREAM_LOST,	 /* cannot be kept: too far ahead, too many pieces,
			    or no block left */
};

/* Unsynced, owning nothing. */
void stream_init(struct stream *s);

/* Synced; the next byte to hand on has sequence number @next. Gives back what
 * was held. */
void stream_start(struct stream *s, struct pool *pool, uint32_t next);

/* Forgets all and gives back what was held: unsynced. */
void stream_reset(struct stream *s, struct pool *pool);

/*
 * Takes a segment's payload at sequence number @seq (of its first payload byte:
 * a SYN's own number counted off by the caller). The part that continues the
 * stream is put into *@in_order, borrowed from @data: bytes that were handed on
 * already are cut off in front, and bytes are never handed on twice. Where
 * copies of a byte differ, the first that came is the one that counts.
 * A segment that starts at or before `next` and reaches into what is held: only
 * its part up to the first held byte comes in *@in_order; call
 * stream_take_held() after it, until it says false. (The held bytes win; parts
 * of @data that lie in gaps between held pieces are kept too.)
 * Sequence numbers compare modulo 2^32 (RFC 9293 section 3.4). A segment more
 * than STREAM_WINDOW bytes ahead of `next` is STREAM_LOST, one that lies behind
 * it entirely is STREAM_OLD. On STREAM_LOST the stream is unchanged: the caller
 * decides whether to reset it. The stream must be synced. Sets *@in_order to
 * empty for every status but STREAM_IN_ORDER.
 */
enum stream_status stream_insert(struct stream *s, struct pool *pool,
				 uint32_t seq, struct span data,
				 struct span *in_order);

/*
 * Bytes that were held and are now in order: true and *@out, which stays valid
 * until the next call that takes the same stream. False: none; the block went
 * back when it was empty.
 */
bool stream_take_held(struct stream *s, struct pool *pool, struct span *out);

/* Remembers a FIN at @seq (the number of the FIN itself). */
void stream_fin(struct stream *s, uint32_t seq);

/* True when all bytes up to the FIN were handed on. */
bool stream_finished(const struct stream *s);

/* a < b in sequence space. */
static inline bool
seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

#endif
