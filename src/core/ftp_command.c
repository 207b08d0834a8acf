/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs and the arguments of EPSV and AUTH. */
#include "core/ftp_command.h"

#include <string.h>

#include "core/text.h"

/* In the order of the enum, which is alphabetical from FTP_OTHER + 1 on. */
static const char names[FTP_VERB_COUNT][6] = {
	[FTP_OTHER] = "OTHER",
#define X(verb) [FTP_##verb] = #verb,
	FTP_VERBS(X)
#undef X
};

const char *
ftp_verb_name(enum ftp_verb verb)
{
	return names[(unsigned)verb < FTP_VERB_COUNT ? verb : FTP_OTHER];
}

bool
ftp_verb_is_public(enum ftp_verb verb)
{
	/* SITE: some servers' change of password. OTHER: a password that was
	 * typed in the wrong place, for one. */
	return verb != FTP_OTHER && verb != FTP_USER && verb != FTP_PASS &&
	       verb != FTP_ACCT && verb != FTP_ADAT && verb != FTP_SITE &&
	       verb != FTP_MIC && verb != FTP_CONF && verb != FTP_ENC;
}

/* Verbs whose argument says what happens next. */
static bool
has_telling_argument(enum ftp_verb verb)
{
	static const enum ftp_verb verbs[] = {
		FTP_AUTH, FTP_PBSZ, FTP_PROT, FTP_EPSV, FTP_PORT, FTP_EPRT,
		FTP_LPRT, FTP_TYPE, FTP_MODE, FTP_STRU, FTP_REST, FTP_OPTS,
		FTP_PRET, FTP_LANG, FTP_HOST, FTP_CLNT, FTP_RETR, FTP_STOR,
		FTP_APPE, FTP_LIST, FTP_NLST, FTP_MLSD, FTP_MLST, FTP_SIZE,
		FTP_MDTM, FTP_CWD,  FTP_DELE, FTP_MKD,	FTP_RMD,  FTP_RNFR,
		FTP_RNTO,
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (verbs[i] == verb)
			return true;
	return false;
}

struct span
ftp_command_public(const struct ftp_command *c)
{
	return has_telling_argument(c->verb) ? c->argument :
					       (struct span){ 0 };
}

/* The four letters as one number that sorts as they do. */
static uint32_t
name_key(const char *name)
{
	uint32_t key = 0;

	for (unsigned i = 0; i < 4; i++)
		key = key << 8 | (uint8_t)name[i];
	return key;
}

static enum ftp_verb
verb_find(uint32_t key)
{
	unsigned low = FTP_OTHER + 1, high = FTP_VERB_COUNT;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		uint32_t here = name_key(names[middle]);

		if (here == key)
			return (enum ftp_verb)middle;
		if (here < key)
			low = middle + 1;
		else
			high = middle;
	}
	return FTP_OTHER;
}

/* The key of a word of 3 or 4 letters, 0 for any other. */
static uint32_t
word_key(struct span word)
{
	uint32_t key = 0;

	if (word.len != 3 && word.len != 4)
		return 0;
	for (size_t i = 0; i < word.len; i++) {
		uint8_t c = text_upper(word.data[i]);

		if (c < 'A' || c > 'Z')
			return 0;
		key = key << 8 | c;
	}
	return word.len == 4 ? key : key << 8;
}

static bool
has_tab(struct span s)
{
	return s.len != 0 && memchr(s.data, '\t', s.len) != NULL;
}

void
ftp_command_parse(const struct ftp_line *line, struct ftp_command *out)
{
	struct span rest = line->text, blanks;
	size_t leading = text_skip_blanks(&rest);
	struct span word = rest;
	uint32_t key;

	while (rest.len != 0 && !text_is_blank(rest.data[0]))
		span_skip(&rest, 1);
	word.len -= rest.len;
	blanks = rest;
	blanks.len = text_skip_blanks(&rest);

	key = word_key(word);
	*out = (struct ftp_command){
		.verb = verb_find(key),
		.word = word,
		.argument = rest,
		.empty = word.len == 0,
		.ambiguous = leading != 0 || has_tab(blanks) ||
			     line->had_telnet || line->had_nul ||
			     line->bare_lf || line->bare_cr,
		.plausible = key != 0,
	};
}

enum ftp_epsv
ftp_epsv_parse(struct span argument)
{
	argument = text_trim(argument);
	if (argument.len == 0)
		return FTP_EPSV_PLAIN;
	if (text_is_word(argument, "1"))
		return FTP_EPSV_V4;
	if (text_is_word(argument, "2"))
		return FTP_EPSV_V6;
	return text_is_word(argument, "ALL") ? FTP_EPSV_ALL : FTP_EPSV_OTHER;
}

bool
ftp_auth_is_tls(struct span argument)
{
	argument = text_trim(argument);
	return text_is_word(argument, "TLS") || text_is_word(argument, "SSL") ||
	       text_is_word(argument, "TLS-C") ||
	       text_is_word(argument, "TLS-P");
}
