/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The forms in which FTP announces an address and a port. Each is read as the
 * RFC has it and as tolerant peers do; where the two give different numbers the
 * answer is REASON_AMBIGUOUS.
 */
#ifndef CORE_FTP_HOSTPORT_H
#define CORE_FTP_HOSTPORT_H

#include "pinholed/addr.h"
#include "pinholed/reason.h"
#include "pinholed/span.h"

/*
 * All of them return REASON_NONE and fill *@out, or leave *@out zero and return
 *   REASON_MALFORMED       the form is not there, or not whole;
 *   REASON_NUMBER_RANGE    a number does not fit (a byte above 255, a port
 *                          above 65535);
 *   REASON_FAMILY_UNKNOWN  a network protocol that is neither IPv4 nor IPv6;
 *   REASON_AMBIGUOUS       two readings: a number whose leading zero makes it
 *                          another one in octal (inet_aton(3)), or two
 *                          different host-ports in one text.
 * A port of 0 is read; the policy refuses it. Whether address and port may be
 * used is not decided here.
 */

/* PORT's argument: h1,h2,h3,h4,p1,p2 (RFC 959 section 4.1.2). Blanks in front
 * and behind are allowed, other text behind is REASON_MALFORMED. */
enum reason ftp_parse_port(struct span argument, struct endpoint *out);

/* EPRT's argument: |1|a.b.c.d|port| or |2|v6|port| (RFC 2428 section 2), any
 * delimiter from 33 to 126 that is no digit. */
enum reason ftp_parse_eprt(struct span argument, struct endpoint *out);

/* LPRT's argument and the parenthesised part of 228 (RFC 1639): version 4 or 6,
 * address length, address, port length 2, port. */
enum reason ftp_parse_lprt(struct span argument, struct endpoint *out);

/* The text of 227 (RFC 959 section 4.1.2, RFC 1123 section 4.1.2.6: the six
 * numbers stand anywhere, parentheses or not). Numbers before or behind them
 * are allowed as long as exactly one run of six comma-joined numbers is there. */
enum reason ftp_parse_227(struct span text, struct endpoint *out);

/* The text of 229: (|||port|) (RFC 2428 section 3). *@out has no address
 * (ADDR_NONE) then; (|1|a.b.c.d|port|) is read too and gives one. */
enum reason ftp_parse_229(struct span text, struct endpoint *out);

/* The text of 228 (RFC 1639 section 2): the one parenthesised group. */
enum reason ftp_parse_228(struct span text, struct endpoint *out);

#endif
