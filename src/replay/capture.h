/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Capture files: pcap and pcapng, one by one or a directory of them. */
#ifndef REPLAY_CAPTURE_H
#define REPLAY_CAPTURE_H

#include <stdio.h>

#include "replay/replay.h"

struct capture_files {
	char **paths;
	size_t count;
};

/*
 * Adds @path to @files, or, where it is a directory, the captures in it, in the
 * order of their names; what is no capture there is passed over. False: it cannot
 * be read, which is said on @errors.
 */
bool capture_find(struct capture_files *files, const char *path, FILE *errors);
void capture_files_free(struct capture_files *files);

/*
 * Plays the file, as it comes ("-" is standard input), to @r and ends it. False:
 * it is no capture, of a link type without IP, or breaks off; said on @errors.
 * What came before it broke off has been played.
 */
bool capture_play(const char *path, struct replay *r, FILE *errors);

#endif
