/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reply lines: where a reply begins and where it ends. */
#include "core/ftp_reply.h"

#include "core/text.h"

/* The code in front of @s, which then stands behind it; 0: none. */
static uint16_t
take_code(struct span *s)
{
	const uint8_t *d = s->data;

	if (s->len < 3 || d[0] < '1' || d[0] > '6' || d[1] < '0' ||
	    d[1] > '5' || !text_is_digit(d[2]))
		return 0;
	span_skip(s, 3);
	return (uint16_t)((d[0] - '0') * 100 + (d[1] - '0') * 10 + d[2] - '0');
}

/* RFC 959 section 4.2 */
enum ftp_reply_status
ftp_reply_read(struct ftp_reply_reader *r, const struct ftp_line *line,
	       struct ftp_reply *out)
{
	struct span text = line->text;
	uint16_t code = take_code(&text);
	bool first = code != 0 && text_take(&text, '-');
	bool last = code != 0 && !first &&
		    (text.len == 0 || text_take(&text, ' '));

	*out = (struct ftp_reply){ 0 };
	if (r->multi != 0) {
		if (!last || code != r->multi)
			return FTP_REPLY_PART;
	} else if (first) {
		r->multi = code;
		return FTP_REPLY_PART;
	} else if (!last) {
		return FTP_REPLY_NONE;
	}
	out->code = code;
	out->multi_line = r->multi != 0;
	out->text = text;
	r->multi = 0;
	return code < 200 ? FTP_REPLY_PRELIMINARY : FTP_REPLY_FINAL;
}
