/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of the session classes. */
#include "pinholed/class.h"

const char *
class_name(enum session_class class)
{
	switch (class) {
	case CLASS_NONE:
		return "none";
	case CLASS_GREETING:
		return "greeting";
	case CLASS_CLEAR:
		return "clear";
	case CLASS_TLS_WANTED:
		return "tls-wanted";
	case CLASS_OPAQUE:
		return "opaque";
	case CLASS_CLEAR_CCC:
		return "clear-after-ccc";
	case CLASS_TERMINATED:
		return "terminated";
	case CLASS_NOT_FTP:
		return "not-ftp";
	case CLASS_DATA_PINHOLE:
	case CLASS_DATA_GRANT:
	case CLASS_DATA_RELAY:
	case CLASS_DATA_UNPROVEN:
		return "data";
	case CLASS_CUT:
		return "cut";
	}
	/* The number may come from a mark that somebody else wrote. */
	return "unknown";
}
