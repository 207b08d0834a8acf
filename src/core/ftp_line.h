/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * FTP control text cut into lines (RFC 959 sections 4.1 and 5.3: Telnet strings
 * ended by CRLF), whatever the segments.
 */
#ifndef CORE_FTP_LINE_H
#define CORE_FTP_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/pool.h"
#include "pinholed/span.h"

/* Bytes of a line that are kept. No announcement is longer; a longer line (a
 * path name) still ends where it ends, marked `overlong`. */
#define FTP_LINE_MAX 512

/* Size of a block in the pool that readers take from. */
uint32_t ftp_line_block_size(void);

/*
 * Reads one direction; zeroed is "at the start of a line". It takes a block only
 * while half a line waits for its rest, or while Telnet bytes are taken out.
 */
struct ftp_line_reader {
	pool_handle block; /* the line so far, Telnet bytes taken out */
	uint16_t len;	   /* bytes in it */
	uint8_t telnet;	   /* state of a Telnet command in the making */
	bool cr : 1;	   /* the last byte was CR */
	bool ended : 1;	   /* the line was handed out; the block holds it until
			      the next call */
	/* Properties of the line so far, as in struct ftp_line. */
	bool bare_cr : 1, overlong : 1, had_telnet : 1, had_nul : 1;
};

/* How a line was written, where readers of the field differ. */
struct ftp_line {
	struct span text;  /* without its end, and without Telnet commands;
			      borrowed until the next call */
	bool bare_lf;	   /* ended by LF alone, which RFC 959 does not know */
	bool bare_cr;	   /* holds a CR that no LF follows (CR NUL included) */
	bool had_telnet;   /* Telnet bytes were taken out (RFC 854), be it one
			      of IAC IAC */
	bool had_nul;	   /* holds a NUL byte */
	bool overlong;	   /* only its first FTP_LINE_MAX bytes are in .text */
};

enum ftp_line_status {
	FTP_LINE_MORE,	   /* @in is used up, the line goes on */
	FTP_LINE_DONE,	   /* *line is one line; @in stands behind it */
	FTP_LINE_NO_BLOCK, /* the pool is empty: the line cannot be kept.
			      Reset the reader and treat the stream as lost. */
};

/*
 * Consumes from *@in up to the end of the next line. Telnet (RFC 854): IAC IAC
 * is the byte 255; IAC WILL, WONT, DO, DONT take an option byte; IAC SB runs to
 * IAC SE; any other IAC command is two bytes. The outcome does not depend on
 * how the bytes were cut into calls.
 */
enum ftp_line_status ftp_line_read(struct ftp_line_reader *r,
				   struct pool *pool, struct span *in,
				   struct ftp_line *line);

/* At the start of a line again; gives its block back. */
void ftp_line_reset(struct ftp_line_reader *r, struct pool *pool);

/* True when no byte of a line has been read since the last one ended. */
bool ftp_line_at_start(const struct ftp_line_reader *r);

#endif
