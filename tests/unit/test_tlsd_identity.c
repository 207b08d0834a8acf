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

static void
test_encrypted_key(void **state)
{
	static const char text[] =
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n"
		"-----END ENCRYPTED PRIVATE KEY-----\n";
	char path[PATH_MAX_HERE + 20];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/locked", base);
	f = fopen(path, "w");
	fchmod(fileno(f), 0600);
	fputs(text, f);
	fclose(f);
	assert_refused(cert, path, "", "without a passphrase");
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_key_that_others_may_read),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_encrypted_key),
	};
	int failed;

	if (mkdtemp(base) == NULL)
		return 1;
	make_certificate(base, "one", cert, key);
	make_certificate(base, "two", other_cert, other_key);
	failed = cmocka_run_group_tests_name("tlsd_identity", tests, NULL,
					     NULL);
	unlink(cert);
	unlink(key);
	unlink(other_cert);
	unlink(other_key);
	rmdir(base);
	return failed;
}
