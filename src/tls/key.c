/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private keys, and the passphrases that open them: who may read the files, and
 * what is in them. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tls/identity_internal.h"

#define PASSPHRASE_MAX 1023 /* what OpenSSL has room for, and less */

struct passphrase {
	char text[PASSPHRASE_MAX + 1]; /* one byte more says: too long */
	size_t len;
	bool given, asked;
};

/*
 * A secret that strangers on this machine can read is none. The group root is no
 * stranger: what an access list grants (systemd's credentials have one) shows as
 * the right of the file's group, and the files are root's.
 */
static int
check_mode(const char *path, const char *what, const struct stat *st,
	   char *error, size_t size)
{
	if (!S_ISREG(st->st_mode))
		return tls_fail(error, size, "%s: is no file", path);
	if ((st->st_mode & S_IRWXO) != 0)
		return tls_fail(error, size,
				"%s: everybody may read this %s; chmod o= it, "
				"and change the %s if others have accounts "
				"here",
				path, what, what);
	if ((st->st_mode & S_IRWXG) != 0 && st->st_gid != getegid() &&
	    st->st_gid != 0)
		return tls_fail(error, size,
				"%s: a group of other users may read this %s; "
				"chmod g= it, or chgrp it to the group of "
				"pinholed-tls",
				path, what);
	return 0;
}

/* The descriptor of a file that only we, and root, may read; or -1. */
static int
open_secret(const char *path, const char *what, char *error, size_t size)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0)
		tls_fail(error, size, "%s: cannot be read: %s%s", path,
			 strerror(errno),
			 errno == EACCES ? "; the user that pinholed-tls runs "
					   "as must own it, or its group" :
					   "");
	else if (check_mode(path, what, &st, error, size) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* --- passphrases ---------------------------------------------------------- */

/* The first line of the file. */
static int
read_passphrase(const char *path, struct passphrase *p, char *error,
		size_t size)
{
	const char *end;
	ssize_t n = 1;
	int fd = open_secret(path, "passphrase", error, size);

	if (fd < 0)
		return -1;
	while (n > 0 && p->len < sizeof(p->text)) {
		n = read(fd, p->text + p->len, sizeof(p->text) - p->len);
		if (n > 0)
			p->len += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (n < 0)
		tls_fail(error, size, "%s: cannot be read: %s", path,
			 strerror(errno));
	close(fd);
	if (n < 0)
		return -1;
	end = memchr(p->text, '\n', p->len);
	if (end != NULL)
		p->len = (size_t)(end - p->text);
	if (p->len != 0 && p->text[p->len - 1] == '\r')
		p->len--;
	if (p->len == 0)
		return tls_fail(error, size,
				"%s: no passphrase stands in its first line",
				path);
	if (p->len > PASSPHRASE_MAX)
		return tls_fail(error, size,
				"%s: the passphrase is longer than %d bytes",
				path, PASSPHRASE_MAX);
	p->given = true;
	return 0;
}

/* Without this OpenSSL would ask at the terminal. */
static int
give_passphrase(char *buffer, int size, int writing, void *arg)
{
	struct passphrase *p = arg;

	(void)writing;
	p->asked = true;
	if (!p->given || size < 0 || p->len > (size_t)size)
		return -1;
	memcpy(buffer, p->text, p->len);
	return (int)p->len;
}

/* --- keys ----------------------------------------------------------------- */

static EVP_PKEY *
read_key(const struct identity_pair *pair, struct passphrase *p, char *error,
	 size_t size)
{
	char text[120];
	EVP_PKEY *key;
	FILE *file;
	int fd = open_secret(pair->key, "key", error, size);

	if (fd < 0)
		return NULL;
	file = fdopen(fd, "r");
	if (file == NULL) {
		tls_fail(error, size, "%s: out of memory", pair->key);
		close(fd);
		return NULL;
	}
	setvbuf(file, NULL, _IONBF, 0); /* no copy of the key in the heap */
	key = PEM_read_PrivateKey(file, NULL, give_passphrase, p);
	fclose(file);
	if (key != NULL)
		return key;
	tls_error(text, sizeof(text));
	if (p->asked && !p->given)
		tls_fail(error, size,
			 "%s: is locked with a passphrase; name the file that "
			 "holds it: passphrase-file PATH behind the key",
			 pair->key);
	else if (p->asked)
		tls_fail(error, size,
			 "%s: the passphrase in %s does not open it: %s",
			 pair->key, pair->passphrase, text);
	else
		tls_fail(error, size,
			 "%s: holds no private key in PEM form: %s", pair->key,
			 text);
	return NULL;
}

EVP_PKEY *
key_load(const struct identity_pair *pair, char *error, size_t size)
{
	struct passphrase p = { .len = 0 };
	EVP_PKEY *key = NULL;

	if (pair->passphrase[0] == '\0' ||
	    read_passphrase(pair->passphrase, &p, error, size) == 0)
		key = read_key(pair, &p, error, size);
	OPENSSL_cleanse(&p, sizeof(p));
	return key;
}
