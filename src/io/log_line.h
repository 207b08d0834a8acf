/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of the log on its way out: log.c has the ways, log_action.c puts together
 * what is said of the core's actions. */
#ifndef IO_LOG_LINE_H
#define IO_LOG_LINE_H

#include <stddef.h>

#include "io/log.h"

/* Grows up to its bound; what does not fit is cut off. */
struct log_line {
	size_t len;
	char text[1024];
};

/* With what stands in front of each line. */
void log_line_begin(struct log_line *line, enum log_level level);

/* printf, behind what there is. */
void log_line_add(struct log_line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes it. Never waits. */
void log_line_end(struct log_line *line, enum log_level level);

#endif
