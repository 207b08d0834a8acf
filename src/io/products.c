/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FTP servers' default passive ranges; docs/products.md has the sources. */
#include "io/products.h"

#include <string.h>

/* Where a server lets its system choose the port, the range is the system's
 * ephemeral one: Linux's net.ipv4.ip_local_port_range, Windows' since 2008. */
#define LINUX_EPHEMERAL	  { 32768, 60999 }
#define WINDOWS_EPHEMERAL { 49152, 65535 }
#define ANY		  { 1024, 65535 }

static const struct product products[] = {
	{ "aws-transfer", { 8192, 8200 } },
	{ "filezilla-server", WINDOWS_EPHEMERAL },
	{ "iis", WINDOWS_EPHEMERAL },
	{ "iis6", { 1025, 5000 } },
	{ "proftpd", LINUX_EPHEMERAL },
	{ "pure-ftpd", ANY },
	{ "pyftpdlib", LINUX_EPHEMERAL },
	{ "sftpgo", { 50000, 50100 } },
	{ "vsftpd", ANY },
};

const struct product *
product_at(size_t index)
{
	return index < sizeof(products) / sizeof(products[0]) ? &products[index]
							      : NULL;
}

const struct product *
product_find(struct span name)
{
	const struct product *product;

	for (size_t i = 0; (product = product_at(i)) != NULL; i++)
		if (strlen(product->name) == name.len &&
		    memcmp(product->name, name.data, name.len) == 0)
			return product;
	return NULL;
}
