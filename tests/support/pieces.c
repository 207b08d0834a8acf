/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of pieces; new ones at its end, so that recorded inputs keep their
 * meaning. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pieces.h"
#include "scenario/bytes.h"

#define COUNT (sizeof(texts) / sizeof(texts[0]))

/* In the language of scenarios (tests/scenario/README.md). */
static const char *const texts[] = {
	"220 ready\\r\\n",
	"USER a\\r\\n",
	"331 who\\r\\n",
	"PASS b\\r\\n",
	"230 in\\r\\n",
	"PASV\\r\\n",
	"227 x (192,0,2,1,195,80)\\r\\n",
	"EPSV\\r\\n",
	"229 x (|||50001|)\\r\\n",
	"PORT 10,0,0,1,195,82\\r\\n",
	"200 ok\\r\\n",
	"500 no\\r\\n",
	"AUTH TLS\\r\\n",
	"234 go\\r\\n",
	"<client-hello 1.3>",
	"<server-hello 1.3>",
	"<app 40>",
	"<app 19>",
	"NOOP\\r\\n",
	"220-hello\\r\\n",
	"220 \\r\\n",
	"EPSV ALL\\r\\n",
	"LPSV\\r\\n",
	"150 here it comes\\r\\n",
	"226 done\\r\\n",
	"227 x (192,0,2,1,0,22)\\r\\n",
	"227 x (10,0,0,9,195,81)\\r\\n",
	"228 x (4,4,192,0,2,1,2,195,83)\\r\\n",
	"229 x (|||3306|)\\r\\n",
	"229 x (|||21|)\\r\\n",
	"PORT 10,0,0,2,195,82\\r\\n",
	"PORT 10,0,0,1,0,80\\r\\n",
	"EPRT |1|10,0,0,1|50003|\\r\\n",
	"EPRT |1|10.0.0.1|50003|\\r\\n",
	"EPRT |1|10.0.0.1|50004|\\r\\n",
	"EPRT |1|10.0.0.1|50005|\\r\\n",
	"EPRT |1|10.0.0.1|3306|\\r\\n",
	"EPRT |2|2001:db8::1|50006|\\r\\n",
	"LPRT 4,4,10,0,0,1,2,195,84\\r\\n",
	"AUTH GSSAPI\\r\\n",
	"ADAT x\\r\\n",
	"334 more\\r\\n",
	"235 done\\r\\n",
	"631 x\\r\\n",
	"504 no\\r\\n",
	"REIN\\r\\n",
	"QUIT\\r\\n",
	"221 bye\\r\\n",
	"211-x\\r\\n",
	"211 x\\r\\n",
	"GET / HTTP/1.1\\r\\n",
	"\\r\\n",
	"\\n",
	"\\xff\\xf4\\xff\\xf2",
	"\\xff\\xfb",
	"CCC\\r\\n",
	"500 OOPS\\r\\n",
	"<client-hello 1.2>",
	"<server-hello 1.2>",
	"<ccs>",
	"<alert 26>",
	"<alert 2>",
	"<sslv2-hello>",
	"<handshake 11 300>",
	"\\x16\\x03\\x01\\x00\\x02xx",
	"\\x17\\x03\\x09",
	"<x 600 a>",
	"<noise 50>",
	"CPSV\\r\\n",
	"PASV\\n",
	" PASV\\r\\n",
	"227 x (192,0,2,1,195,85)\\n",
	"227-x (192,0,2,1,195,86)\\r\\n",
	"227 x (192,0,2,1,195,0120)\\r\\n",
	"421 too many\\r\\n",
	"RETR x\\r\\n",
	"PROT P\\r\\n",
	"PROT C\\r\\n",
	"AUTH SSL\\r\\n",
	"<app 23>",
	"<app 64>",
	"<app 62>",
	"<app 55>",
	"<app 25>",
	"<app 46>",
	"<app 33>",
	"<app 65>",
	"<app 80>",
};

uint32_t
pieces_count(void)
{
	return (uint32_t)COUNT;
}

struct span
pieces_named(const char *text)
{
	for (uint32_t i = 0; i < COUNT; i++)
		if (strcmp(texts[i], text) == 0)
			return pieces_at(i);
	abort(); /* it stands in the table, or the test is wrong */
}

struct span
pieces_at(uint32_t index)
{
	static struct span pieces[COUNT];
	static struct bytes bytes;
	uint8_t *copy;

	if (pieces[index].data == NULL) {
		const char *wrong = bytes_parse(texts[index], &bytes);

		copy = malloc(bytes.len);
		if (wrong != NULL || copy == NULL) {
			fprintf(stderr, "%s: %s\n", texts[index],
				wrong != NULL ? wrong : "no memory");
			abort();
		}
		memcpy(copy, bytes.data, bytes.len);
		pieces[index] = span_make(copy, bytes.len);
	}
	return pieces[index];
}
