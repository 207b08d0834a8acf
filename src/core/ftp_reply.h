/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server's lines as replies, multi-line ones included (RFC 959 section 4.2). */
#ifndef CORE_FTP_REPLY_H
#define CORE_FTP_REPLY_H

#include "core/ftp_line.h"

/* Zeroed is "between replies". */
struct ftp_reply_reader {
	uint16_t multi; /* code of the multi-line reply we are in, or 0 */
};

enum ftp_reply_status {
	FTP_REPLY_FINAL, /* the last or only line of a reply that is not 1xx */
	FTP_REPLY_PRELIMINARY, /* the same, 1xx: another reply will follow */
	FTP_REPLY_PART,	 /* a line inside a multi-line reply, its first too */
	FTP_REPLY_NONE,	 /* outside of any reply and not the start of one */
};

struct ftp_reply {
	uint16_t code;	  /* 100 to 659; of FINAL and PRELIMINARY */
	bool multi_line;  /* the line closes a multi-line reply */
	struct span text; /* of this line, behind the code and its separator */
};

/*
 * Reads one line. A reply line is three digits, the first 1 to 6 (6 is RFC
 * 2228), the second 0 to 5, then a blank, a '-' or nothing. A multi-line reply
 * begins with "ddd-" and ends with the same code and a blank (or nothing);
 * whatever stands between is PART, other codes too. *@out is zero for PART and
 * NONE.
 */
enum ftp_reply_status ftp_reply_read(struct ftp_reply_reader *r,
				     const struct ftp_line *line,
				     struct ftp_reply *out);

#endif
