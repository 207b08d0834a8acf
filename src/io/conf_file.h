/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration file as a whole, and its lines. */
#ifndef IO_CONF_FILE_H
#define IO_CONF_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "pinholed/span.h"

/* The file's bytes, owned by the caller: free() .data. Its data is NULL where it
 * cannot be read, which has been said on @errors by then. */
struct conf_file {
	uint8_t *data;
	size_t len;
};
struct conf_file conf_file_read(const char *path, FILE *errors);

/* Takes the next line off *@text, without its end (LF or CRLF). False when there
 * is none. */
bool conf_file_line(struct span *text, struct span *line);

#endif
