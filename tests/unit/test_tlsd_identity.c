/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates and keys: what is loaded, and what is refused with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tls/identity.h"
#include "tlsd_peers.h"

static char base[] = "/tmp/pinholed-identity-XXXXXX";
static char cert[PATH_MAX_HERE], key[PATH_MAX_HERE];
static char other_cert[PATH_MAX_HERE], other_key[PATH_MAX_HERE];
static char error[512];

static int
load(const char *c, const char *k, const char *ciphers)
{
	struct identity_settings s = { .pair_count = 1 };
	struct identity *identity;
	int rc;

	s.client.low = s.server.low = TLS1_2_VERSION;
	s.client.high = s.server.high = TLS1_3_VERSION;
	strcpy(s.pairs[0].certificate, c);
	strcpy(s.pairs[0].key, k);
	strcpy(s.server.ciphers, ciphers);
	rc = identity_load(&s, &identity, error, sizeof(error));
	if (rc == 0)
		assert_true(identity_expires(identity) > time(NULL));
	identity_drop(identity);
	return rc;
}

static void
assert_refused(const char *c, const char *k, const char *ciphers,
	       const char *message)
{
	assert_int_not_equal(load(c, k, ciphers), 0);
	if (strstr(error, message) == NULL)
		fail_msg("`%s` does not say `%s`", error, message);
}

static void
test_good(void **state)
{
	(void)state;
	assert_int_equal(load(cert, key, ""), 0);
	assert_int_equal(load(other_cert, other_key, "HIGH"), 0);
}

static void
test_key_that_others_may_read(void **state)
{
	(void)state;
	chmod(key, 0604);
	assert_refused(cert, key, "", "everybody may read this key");
	chmod(key, 0602);
	assert_refused(cert, key, "", "everybody may read this key");
	chmod(key, 0640); /* our own group */
	assert_int_equal(load(cert, key, ""), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(key, 0, 12345), 0);
		assert_refused(cert, key, "", "a group of other users");
		assert_int_equal(chown(key, 0, getegid()), 0);
	}
	chmod(key, 0600);
}

static void
test_refusals(void **state)
{
	(void)state;
	assert_refused(cert, other_key, "", "is not the key of the certificate");
	assert_refused(key, key, "", "no certificate can be read");
	assert_refused(cert, cert, "", "everybody may read");
	chmod(other_cert, 0600);
	assert_refused(cert, other_cert, "", "holds no private key");
	assert_refused(cert, "/nowhere/key", "", "cannot be read: No such file");
	assert_refused(cert, base, "", "is no file");
	assert_refused(cert, key, "NONSENSE", "server-ciphers: NONSENSE");
}

/* --- locked keys ---------------------------------------------------------- */

static char locked[PATH_MAX_HERE + 20], secret[PATH_MAX_HERE + 20];

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fchmod(fileno(f), 0600);
	fputs(text, f);
	fclose(f);
}

/* The key of `one` again, locked as PKCS #8, or in the old way of PEM. */
static void
lock_key(const char *passphrase, bool old)
{
	BIO *in = BIO_new_file(key, "r"), *out = BIO_new_file(locked, "w");
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	const unsigned char *text = (const unsigned char *)passphrase;
	int len = (int)strlen(passphrase);

	chmod(locked, 0600);
	if (old)
		assert_int_equal(PEM_write_bio_PrivateKey_traditional(
					 out, pkey, EVP_aes_256_cbc(), text,
					 len, NULL, NULL),
				 1);
	else
		assert_int_equal(PEM_write_bio_PKCS8PrivateKey(
					 out, pkey, EVP_aes_256_cbc(),
					 passphrase, len, NULL, NULL),
				 1);
	EVP_PKEY_free(pkey);
	BIO_free(in);
	BIO_free(out);
}

static int
load_locked(const char *passphrase_file)
{
	struct identity_settings s = { .pair_count = 1 };
	struct identity *identity;
	int rc;

	s.client.low = s.server.low = TLS1_2_VERSION;
	s.client.high = s.server.high = TLS1_3_VERSION;
	strcpy(s.pairs[0].certificate, cert);
	strcpy(s.pairs[0].key, locked);
	strcpy(s.pairs[0].passphrase, passphrase_file);
	memset(error, 0, sizeof(error));
	rc = identity_load(&s, &identity, error, sizeof(error));
	identity_drop(identity);
	return rc;
}

static void
assert_stays_locked(const char *passphrase_file, const char *message)
{
	assert_int_not_equal(load_locked(passphrase_file), 0);
	if (strstr(error, message) == NULL)
		fail_msg("`%s` does not say `%s`", error, message);
	assert_null(strstr(error, "open sesame"));
}

static void
test_locked_key(void **state)
{
	char longest[1024 + 2];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[1023] = '\0';
	for (int old = 0; old < 2; old++) {
		lock_key("open sesame", old);
		/* The first line, whatever ends it. */
		write_file(secret, "open sesame\nno more\n");
		assert_int_equal(load_locked(secret), 0);
		write_file(secret, "open sesame\r\n");
		assert_int_equal(load_locked(secret), 0);
		write_file(secret, "open sesame");
		assert_int_equal(load_locked(secret), 0);
		lock_key(longest, old);
		write_file(secret, longest);
		assert_int_equal(load_locked(secret), 0);
	}
	/* One that needs none may have one. */
	snprintf(locked, sizeof(locked), "%s", key);
	assert_int_equal(load_locked(secret), 0);
	snprintf(locked, sizeof(locked), "%s/locked", base);
}

static void
test_locked_key_refusals(void **state)
{
	char text[1024 + 2];

	(void)state;
	lock_key("open sesame", false);
	assert_stays_locked("", "is locked with a passphrase; name the file");
	assert_stays_locked("/nowhere/p", "/nowhere/p: cannot be read: No such");
	assert_stays_locked(base, "is no file");
	write_file(secret, "shut sesame\n");
	assert_stays_locked(secret, "does not open it");
	write_file(secret, "\nopen sesame\n");
	assert_stays_locked(secret, "no passphrase stands in its first line");
	write_file(secret, "");
	assert_stays_locked(secret, "no passphrase stands in its first line");
	memset(text, 'x', sizeof(text));
	text[1024] = '\0';
	write_file(secret, text);
	assert_stays_locked(secret, "is longer than 1023 bytes");
	write_file(secret, "open sesame\n");
	chmod(secret, 0604);
	assert_stays_locked(secret, "everybody may read this passphrase");
	chmod(secret, 0440);
	if (geteuid() == 0) {
		assert_int_equal(chown(secret, 0, 12345), 0);
		assert_stays_locked(secret, "a group of other users may read "
					    "this passphrase");
		assert_int_equal(chown(secret, 0, 0), 0);
	}
	assert_int_equal(load_locked(secret), 0);
	write_file(locked, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n"
			   "-----END ENCRYPTED PRIVATE KEY-----\n");
	assert_stays_locked(secret, "holds no private key in PEM form");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_key_that_others_may_read),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_locked_key),
		cmocka_unit_test(test_locked_key_refusals),
	};
	int failed;

	if (mkdtemp(base) == NULL)
		return 1;
	snprintf(locked, sizeof(locked), "%s/locked", base);
	snprintf(secret, sizeof(secret), "%s/secret", base);
	make_certificate(base, "one", cert, key);
	make_certificate(base, "two", other_cert, other_key);
	failed = cmocka_run_group_tests_name("tlsd_identity", tests, NULL,
					     NULL);
	unlink(locked);
	unlink(secret);
	unlink(cert);
	unlink(key);
	unlink(other_cert);
	unlink(other_key);
	rmdir(base);
	return failed;
}
