/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The daemon's answers as text for people. */
#ifndef PINHOLECTL_TEXT_H
#define PINHOLECTL_TEXT_H

#include <jansson.h>
#include <stdint.h>

/* Prints the objects of one answer (an array, without the end) as a table, or
 * says that there is nothing. */
void text_print_status(const json_t *objects);
void text_print_sessions(const json_t *objects);
void text_print_pinholes(const json_t *objects);
void text_print_windows(const json_t *objects);

/* What a counter of `status` counts; NULL for one that is not known. */
const char *text_counter_help(const char *name);

/* "412ms", "9s", "3m 05s", "2h 10m" or "4d 03h"; @out of 24 bytes. */
char *text_duration(uint64_t ms, char out[static 24]);

#endif
