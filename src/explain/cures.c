/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of settings; docs/products.md has those for ranges, too. */
#include "explain/cures.h"

#include <stdio.h>
#include <string.h>

#include "explain/banner.h"

/* "%L" and "%H" are the range's ends. NULL: that product has no such setting, and
 * `none` says what that means. */
static const struct settings {
	const char *product, *text[CURE_COUNT];
} table[] = {
	{ "vsftpd",
	  { [CURE_RANGE] = "pasv_min_port=%L and pasv_max_port=%H",
	    [CURE_ADDRESS] = "pasv_address=, and no pasv_addr_resolve",
	    [CURE_REUSE] = "require_ssl_reuse=NO",
	    [CURE_CCC] = NULL,
	    [CURE_TLS] = "ssl_enable=YES, rsa_cert_file and "
			 "rsa_private_key_file" } },
	{ "proftpd",
	  { [CURE_RANGE] = "PassivePorts %L %H",
	    [CURE_ADDRESS] = "MasqueradeAddress",
	    [CURE_REUSE] = "TLSOptions NoSessionReuseRequired",
	    [CURE_CCC] = "TLSRequired off or auth+data, which allow CCC",
	    [CURE_TLS] = "TLSEngine on, in the virtual host too" } },
	{ "pure-ftpd",
	  { [CURE_RANGE] = "PassivePortRange %L %H (option -p %L:%H)",
	    [CURE_ADDRESS] = "ForcePassiveIP (option -P)",
	    [CURE_REUSE] = NULL,
	    [CURE_CCC] = "nothing: it takes CCC as it is",
	    [CURE_TLS] = "TLS 1 (option -Y 1)" } },
	{ "filezilla-server",
	  { [CURE_RANGE] = "Passive mode, use custom port range: %L to %H",
	    [CURE_ADDRESS] = "Passive mode, the public IP or host",
	    [CURE_REUSE] = "up to 0.9: SSL/TLS settings, \"Require TLS session "
			   "resumption on data connection when using PROT P\"; "
			   "no setting later",
	    [CURE_CCC] = NULL,
	    [CURE_TLS] = "listener protocol \"Explicit FTP over TLS\"" } },
	{ "iis",
	  { [CURE_RANGE] = "FTP Firewall Support, Data Channel Port Range: "
			   "%L-%H, then restart the FTP service",
	    [CURE_ADDRESS] = "FTP Firewall Support, External IP Address of "
			     "Firewall (externalIp4Address)",
	    [CURE_REUSE] = NULL,
	    [CURE_CCC] = "FTP SSL Settings, Custom, control channel \"Require "
			 "only for credentials\"",
	    [CURE_TLS] = "FTP SSL Settings: a certificate, and \"Allow SSL "
			 "connections\"" } },
	{ "pyftpdlib",
	  { [CURE_RANGE] = "handler.passive_ports = range(%L, %H + 1)",
	    [CURE_ADDRESS] = "handler.masquerade_address",
	    [CURE_REUSE] = NULL,
	    [CURE_CCC] = NULL,
	    [CURE_TLS] = "TLS_FTPHandler with a certfile" } },
	{ "sftpgo",
	  { [CURE_RANGE] = "passive_port_range, start %L and end %H",
	    [CURE_ADDRESS] = "force_passive_ip",
	    [CURE_REUSE] = NULL,
	    [CURE_CCC] = NULL,
	    [CURE_TLS] = "tls_mode 1 of the binding" } },
	{ "aws-transfer",
	  { [CURE_RANGE] = NULL,
	    [CURE_ADDRESS] = "PassiveIp of the server's protocol details",
	    [CURE_REUSE] = "TlsSessionResumptionMode ENABLED instead of "
			   "ENFORCED",
	    [CURE_CCC] = NULL,
	    [CURE_TLS] = "the protocol FTPS, with a certificate" } },
};

/* Of those that a list for an unknown server names. */
#define LISTED 5

static void
add_char(char *out, size_t size, char c)
{
	size_t len = strlen(out);

	if (len + 1 < size) {
		out[len] = c;
		out[len + 1] = 0;
	}
}

static void
add(char *out, size_t size, const char *text, struct port_range range)
{
	char number[8];

	for (; *text != 0; text++) {
		if (text[0] != '%' || (text[1] != 'L' && text[1] != 'H')) {
			add_char(out, size, *text);
			continue;
		}
		snprintf(number, sizeof(number), "%u",
			 *++text == 'L' ? range.low : range.high);
		for (const char *n = number; *n != 0; n++)
			add_char(out, size, *n);
	}
}

static void
add_setting(char *out, size_t size, const struct settings *s, enum cure cure,
	    struct port_range range)
{
	if (*out != 0)
		add(out, size, "; ", range);
	add(out, size, banner_title(s->product), range);
	add(out, size, ": ", range);
	add(out, size, s->text[cure], range);
}

char *
cure_write(enum cure cure, const char *product, struct port_range range,
	   char *out, size_t size)
{
	bool known = false;

	*out = 0;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(product, table[i].product) != 0)
			continue;
		known = true;
		if (table[i].text[cure] != NULL)
			add_setting(out, size, &table[i], cure, range);
	}
	for (size_t i = 0; !known && i < LISTED; i++)
		if (table[i].text[cure] != NULL)
			add_setting(out, size, &table[i], cure, range);
	return out;
}
