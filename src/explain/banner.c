/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Greetings as the products send them when nobody changed the text. */
#include "explain/banner.h"

#include <string.h>

static const struct {
	const char *words, *product, *title;
} banners[] = {
	{ "vsFTPd", "vsftpd", "vsftpd" },
	{ "ProFTPD", "proftpd", "ProFTPD" },
	{ "Pure-FTPd", "pure-ftpd", "Pure-FTPd" },
	{ "FileZilla Server", "filezilla-server", "FileZilla Server" },
	{ "Microsoft FTP Service", "iis", "IIS" },
	{ "pyftpdlib", "pyftpdlib", "pyftpdlib" },
	{ "SFTPGo", "sftpgo", "SFTPGo" },
	{ "AWS Transfer", "aws-transfer", "AWS Transfer" },
};

void
banner_product(struct span line, char out[static 20])
{
	for (size_t i = 0; i < sizeof(banners) / sizeof(banners[0]); i++) {
		if (line.len != 0 && memmem(line.data, line.len,
					    banners[i].words,
					    strlen(banners[i].words)) != NULL) {
			strcpy(out, banners[i].product);
			return;
		}
	}
}

const char *
banner_title(const char *product)
{
	for (size_t i = 0; i < sizeof(banners) / sizeof(banners[0]); i++)
		if (strcmp(product, banners[i].product) == 0)
			return banners[i].title;
	return "the server";
}
