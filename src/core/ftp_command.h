/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client's line as a command: its verb and its argument. */
#ifndef CORE_FTP_COMMAND_H
#define CORE_FTP_COMMAND_H

#include "core/ftp_line.h"
#include "pinholed/span.h"

/* X(verb): RFC 959, 1639, 2228, 2389, 2428, 3659, 4217, 5797, 7151. Any other
 * word is FTP_OTHER: it awaits a reply like the rest. */
#define FTP_VERBS(X) \
	X(ABOR) X(ACCT) X(ADAT) X(ALLO) X(APPE) X(AUTH) X(CCC) X(CDUP) \
	X(CLNT) X(CONF) X(CPSV) X(CWD) X(DELE) X(ENC) X(EPRT) X(EPSV) X(FEAT) \
	X(HELP) X(HOST) X(LANG) X(LIST) X(LPRT) X(LPSV) X(MDTM) X(MFMT) \
	X(MIC) X(MKD) X(MLSD) X(MLST) X(MODE) X(NLST) X(NOOP) X(OPTS) X(PASS) \
	X(PASV) X(PBSZ) X(PORT) X(PRET) X(PROT) X(PWD) X(QUIT) X(REIN) \
	X(REST) X(RETR) X(RMD) X(RNFR) X(RNTO) X(SITE) X(SIZE) X(SMNT) \
	X(SSCN) X(STAT) X(STOR) X(STOU) X(STRU) X(SYST) X(TYPE) X(USER) \
	X(XCUP) X(XCWD) X(XMKD) X(XPWD) X(XRMD)

enum ftp_verb {
	FTP_OTHER,
#define X(verb) FTP_##verb,
	FTP_VERBS(X)
#undef X
	FTP_VERB_COUNT
};

struct ftp_command {
	enum ftp_verb verb;
	struct span word;     /* the verb as it was sent, for the log */
	struct span argument; /* behind the first run of blanks; may be empty */
	bool empty;	      /* nothing but blanks: servers send no reply */
	/* Readers of the field disagree about this line's verb: leading blanks,
	 * a tab behind the verb, Telnet bytes or a NUL inside, LF alone, a bare
	 * CR. Such a line opens nothing by itself (PORT, EPRT, LPRT). */
	bool ambiguous;
	/* The word is letters only and 3 to 4 of them: it can be FTP at all. */
	bool plausible;
};

/* Reads @line; never fails. Any case (RFC 959 section 5.3). The spans borrow
 * from @line. */
void ftp_command_parse(const struct ftp_line *line, struct ftp_command *out);

/* The verb in capitals, "OTHER" for FTP_OTHER; never NULL. */
const char *ftp_verb_name(enum ftp_verb verb);

/* Whether what the server says to it can be shown to people: no name, password,
 * key or unknown word is in it. */
bool ftp_verb_is_public(enum ftp_verb verb);

/* Of the command's argument what can be shown to people: all of it or nothing. */
struct span ftp_command_public(const struct ftp_command *c);

/* EPSV's argument, RFC 2428 section 3. */
enum ftp_epsv {
	FTP_EPSV_PLAIN, /* none */
	FTP_EPSV_V4,	/* 1 */
	FTP_EPSV_V6,	/* 2 */
	FTP_EPSV_ALL,
	FTP_EPSV_OTHER, /* anything else: the server will refuse it */
};
enum ftp_epsv ftp_epsv_parse(struct span argument);

/* AUTH's argument, RFC 4217 section 4 and RFC 2228: true for TLS, SSL, TLS-C
 * and TLS-P in any case. */
bool ftp_auth_is_tls(struct span argument);

#endif
