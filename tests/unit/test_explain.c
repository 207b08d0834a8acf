/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: each fault gives its finding, with evidence and a cure by the product's own
 * words, and what is in order gives none. */
#include "explain/banner.h"
#include "explain/explain.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct endpoint client = { { { 10, 0, 0, 2 }, ADDR_V4 }, 40000 };
static const struct endpoint server = { { { 192, 0, 2, 1 }, ADDR_V4 }, 21 };
static const struct endpoint elsewhere = { { { 10, 9, 9, 9 }, ADDR_V4 },
					   50001 };

static struct facts facts;
static struct finding found[FINDING_COUNT];

static void
begin(uint16_t low, uint16_t high)
{
	const struct policy_server policy = { .passive = { low, high } };

	facts_begin(&facts, 1, &client, &server, &policy);
}

static void
note(enum reason reason, enum session_class class, const char *text)
{
	struct action a = { .kind = ACTION_NOTE,
			    .reason = reason,
			    .class = class,
			    .text_len = (uint8_t)strlen(text) };

	assert_true(strlen(text) <= ACTION_TEXT_MAX);
	memcpy(a.text, text, strlen(text));
	facts_take_action(&facts, &a);
}

static void
data(bool from_client, uint16_t port, enum data_fate fate, enum data_tls tls,
     bool moved)
{
	struct data_seen d = {
		.source = from_client ? client : server,
		.destination = from_client ? server : client,
		.fate = fate,
		.tls = tls,
		.moved = moved,
		.established = true,
	};

	d.source.port = from_client ? 40001 : 20;
	d.destination.port = port;
	facts_take_syn(&facts, &d);
	facts_take_data(&facts, &d);
}

static void
opaque(void)
{
	note(REASON_REPLY, CLASS_GREETING, "220 ProFTPD Server ready");
	note(REASON_AUTH_SENT, CLASS_TLS_WANTED, "");
	note(REASON_TLS_EXPLICIT, CLASS_OPAQUE, "");
}

/* Exactly these, and the texts of the first name all of @words. */
static void
assert_found(unsigned count, enum finding_kind first, const char *const *words)
{
	char all[1600];

	assert_int_equal(explain(&facts, found), count);
	if (count == 0)
		return;
	assert_int_equal(found[0].kind, first);
	snprintf(all, sizeof(all), "%s %s %s", found[0].evidence,
		 found[0].gateway, found[0].peer);
	for (; *words != NULL; words++)
		if (strstr(all, *words) == NULL)
			fail_msg("\"%s\" is not in: %s", *words, all);
}

#define ASSERT_FOUND(count, first, ...)                                        \
	assert_found(count, FINDING_##first,                                   \
		     (const char *const[]){ __VA_ARGS__ NULL })
#define ASSERT_FINE() ASSERT_FOUND(0, NO_RANGE, )

static void
test_fine(void **state)
{
	(void)state;
	begin(50000, 50099);
	ASSERT_FINE();
	opaque();
	note(REASON_REPLY_LINE, CLASS_CLEAR, " CCC");
	data(true, 50001, DATA_BY_GRANT, DATA_TLS_RESUMED, true);
	data(true, 50002, DATA_BY_GRANT, DATA_TLS_RESUMED, false);
	ASSERT_FINE();
	/* a server that does not ask for resumption, and an empty file */
	data(true, 50003, DATA_BY_GRANT, DATA_TLS_FULL, true);
	data(true, 50004, DATA_BY_GRANT, DATA_TLS_FULL, false);
	ASSERT_FINE();
}

static void
test_no_range(void **state)
{
	(void)state;
	begin(0, 0);
	opaque();
	note(REASON_NO_RANGE, CLASS_OPAQUE, "");
	ASSERT_FOUND(1, NO_RANGE, "server 192.0.2.1 passive-range",
		     "product proftpd", "PassivePorts", );
	/* and what else would help */
	note(REASON_REPLY_LINE, CLASS_CLEAR, " CCC");
	ASSERT_FOUND(2, NO_RANGE, "0 data connections", );
	assert_int_equal(found[1].kind, FINDING_CCC_UNUSED);
	note(REASON_COMMAND, CLASS_CLEAR_CCC, "PASV");
	ASSERT_FINE();
}

static void
test_opaque_refused(void **state)
{
	(void)state;
	begin(50000, 50099);
	opaque();
	note(REASON_OPAQUE_REFUSED, CLASS_OPAQUE, "");
	data(true, 50001, DATA_BLOCKED, DATA_TLS_SILENT, false);
	ASSERT_FOUND(1, OPAQUE_REFUSED, "1 data connections",
		     "passive-range 50000-50099 opaque grant", );
}

static void
test_outside_range(void **state)
{
	(void)state;
	begin(50000, 50099);
	opaque();
	data(true, 49152, DATA_BLOCKED, DATA_TLS_SILENT, false);
	data(true, 60000, DATA_BLOCKED, DATA_TLS_SILENT, false);
	ASSERT_FOUND(1, OUTSIDE_RANGE, "2 connections", "49152 to 60000",
		     "passive-range 49152-60000", "PassivePorts 50000 50099", );
	/* Where lines can be read it is something else. */
	begin(50000, 50099);
	note(REASON_GREETED, CLASS_CLEAR, "");
	data(true, 49152, DATA_BLOCKED, DATA_TLS_SILENT, false);
	ASSERT_FINE();
}

static void
test_foreign(void **state)
{
	struct data_seen d = { .source = client, .destination = elsewhere };

	(void)state;
	begin(50000, 50099);
	note(REASON_REPLY, CLASS_GREETING, "220 (vsFTPd 3.0.3)");
	note(REASON_PASV_ADDRESS, CLASS_CLEAR,
	     "227 Entering Passive Mode (10,9,9,9,195,81).");
	ASSERT_FINE(); /* the client knows better */
	facts_take_syn(&facts, &d);
	facts_take_data(&facts, &d);
	ASSERT_FOUND(1, FOREIGN_ADDRESS, "(10,9,9,9,195,81)", "10.9.9.9",
		     "pasv_address", );
}

static void
test_active(void **state)
{
	(void)state;
	begin(50000, 50099);
	opaque();
	data(false, 40005, DATA_BLOCKED, DATA_TLS_SILENT, false);
	ASSERT_FOUND(1, ACTIVE_OPAQUE, "from port 20", "opaque-active ftp-data",
		     "passive mode", );
}

static void
test_reuse(void **state)
{
	(void)state;
	begin(50000, 50099);
	opaque();
	data(true, 50001, DATA_BY_GRANT, DATA_TLS_FULL, false);
	ASSERT_FOUND(1, NO_REUSE, "1 data connections",
		     "TLSOptions NoSessionReuseRequired", "curl", );
	facts.server_left = true;
	ASSERT_FOUND(1, NO_REUSE, "closed the control connection", );
	/* pure-ftpd never asks for it */
	strcpy(facts.product, "pure-ftpd");
	ASSERT_FINE();
	/* where the refusal can be read */
	begin(50000, 50099);
	note(REASON_COMMAND, CLASS_CLEAR_CCC, "PASV");
	data(true, 50001, DATA_BY_PINHOLE, DATA_TLS_REFUSED, false);
	note(REASON_REPLY, CLASS_CLEAR_CCC,
	     "522 SSL connection failed: session reuse required");
	ASSERT_FOUND(1, NO_REUSE, "522 SSL connection failed",
		     "in 1 of them the client offered", "require_ssl_reuse=NO", "FileZilla Server", );
}

static void
test_auth_refused(void **state)
{
	(void)state;
	begin(50000, 50099);
	note(REASON_REPLY, CLASS_GREETING, "220 Microsoft FTP Service");
	note(REASON_REPLY, CLASS_TLS_WANTED, "534 Policy requires no \x07SSL.");
	note(REASON_AUTH_REFUSED, CLASS_CLEAR, "");
	ASSERT_FOUND(1, AUTH_REFUSED, "534 Policy requires no ?SSL.",
		     "IIS: FTP SSL Settings", );
	/* curl asks for SSL first, then for TLS */
	note(REASON_AUTH_ACCEPTED, CLASS_TLS_WANTED, "");
	note(REASON_TLS_EXPLICIT, CLASS_OPAQUE, "");
	ASSERT_FINE();
}

static void
test_sides(void **state)
{
	(void)state;
	begin(50000, 50099);
	facts_hear(&facts, true, true);
	ASSERT_FOUND(1, ONE_SIDED, "client only", "flowtable", );
	facts_hear(&facts, false, false);
	ASSERT_FINE();
	begin(50000, 50099);
	facts_hear(&facts, false, true);
	ASSERT_FOUND(1, ONE_SIDED, "server only", );
}

/* Everything wrong at once, with the longest texts: all fits. */
static void
test_bounds(void **state)
{
	(void)state;
	begin(65534, 65535);
	facts.server.addr = (struct addr){ .family = ADDR_V6 };
	memset(facts.server.addr.bytes, 0xff, 16);
	facts.opaque = facts.no_range = facts.opaque_refused = true;
	facts.ccc_offered = facts.spoke_client = facts.server_left = true;
	facts.outside = facts.active = facts.foreign_tried = UINT32_MAX;
	facts.blocked = facts.full_failed = UINT32_MAX;
	facts.outside_high = facts.active_source = UINT16_MAX;
	facts.foreign = facts.server;
	facts.reuse_code = 522;
	facts.reuse_len = facts.foreign_len = UINT8_MAX;
	memset(facts.reuse_text, '"', sizeof(facts.reuse_text));
	memset(facts.foreign_text, 'x', sizeof(facts.foreign_text));
	assert_in_range(explain(&facts, found), 8, FINDING_COUNT);
	for (unsigned i = 0; i < explain(&facts, found); i++) {
		assert_true(strlen(found[i].evidence) <
			    sizeof(found[i].evidence));
		assert_true(strlen(found[i].gateway) <
			    sizeof(found[i].gateway));
		assert_true(strlen(found[i].peer) < sizeof(found[i].peer) - 1);
		assert_string_not_equal(finding_word(found[i].kind), "unknown");
	}
	assert_string_equal(finding_word(FINDING_COUNT), "unknown");
	assert_string_equal(finding_sentence(FINDING_COUNT), "unknown");
}

static void
test_banners(void **state)
{
	static const struct {
		const char *line, *product;
	} table[] = {
		{ "220 (vsFTPd 3.0.3)", "vsftpd" },
		{ "220 ProFTPD Server (base) [10.77.2.12]", "proftpd" },
		{ "220---------- Welcome to Pure-FTPd [privsep] [TLS] ----",
		  "pure-ftpd" },
		{ "220-FileZilla Server 1.7.3", "filezilla-server" },
		{ "220 Microsoft FTP Service", "iis" },
		{ "220 pyftpdlib 1.5.7 ready.", "pyftpdlib" },
		{ "220 SFTPGo 2.5 ready", "sftpgo" },
		{ "220 ready", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char product[20] = "";

		banner_product(guard_text(table[i].line), product);
		assert_string_equal(product, table[i].product);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_no_range),
		cmocka_unit_test(test_opaque_refused),
		cmocka_unit_test(test_outside_range),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_active),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_auth_refused),
		cmocka_unit_test(test_sides),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_banners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
