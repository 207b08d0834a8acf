/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two ways in which readers of the field take an ambiguous announcement.
 * For the log alone: what can be read in two ways opens nothing (RFC 959
 * section 5.3 has one way, peers have more).
 */
#ifndef CORE_FTP_READING_H
#define CORE_FTP_READING_H

#include "core/ftp_hostport.h"

/* One of the parsers of ftp_hostport.h. */
typedef enum reason ftp_parser(struct span text, struct endpoint *out);

/* All zero where a reader sees no announcement. */
struct ftp_readings {
	struct endpoint strict, lenient;
};

/*
 * Reads @text, which @parse takes for ambiguous or which stands in a line whose
 * verb is (@odd_line: to a strict reader there is no announcement at all).
 *   numbers with a leading zero   strict: decimal; lenient: octal, as
 *                                 inet_aton(3) has it
 *   two host-ports in one text    strict: the first; lenient: the last
 * At most FTP_LINE_MAX bytes are looked at, in a bounded number of tries.
 */
struct ftp_readings ftp_read_both(ftp_parser *parse, struct span text,
				  bool odd_line);

#endif
