/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes read as a life of a few sessions. */
#ifndef TESTS_SUPPORT_PLAY_H
#define TESTS_SUPPORT_PLAY_H

#include "world.h"

/*
 * Steps @w through the events that @in stands for, until it is used up:
 * segments made of pieces of dialogues and of raw bytes, lost and repeated
 * ones, news and time in between.
 */
void play(struct world *w, struct span in);

/* The same with what pinholed-tls brings in between: decrypted bytes and
 * requests. */
void play_terminated(struct world *w, struct span in);

/* Draws a payload for one segment from *@in into @out (WORLD_PAYLOAD_MAX
 * bytes); returns its length. */
size_t play_payload(struct span *in, uint8_t *out);

#endif
