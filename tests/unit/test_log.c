/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: one event is one line, in the form that docs/log.md shows, whatever
 * bytes are in it and however many threads write; and docs/log.md explains
 * every reason word that there is.
 */
#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <regex.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/log.h"

static char written[1 << 20];
static int saved_stderr, file;

/* From here on standard error is a file ... */
static void
capture_begin(void)
{
	char name[] = "/tmp/test_log.XXXXXX";

	file = mkstemp(name);
	assert_true(file >= 0);
	unlink(name);
	fflush(stderr);
	saved_stderr = dup(STDERR_FILENO);
	dup2(file, STDERR_FILENO);
}

/* ... and until here; what is in it goes to @written. */
static void
capture_end(void)
{
	ssize_t n = pread(file, written, sizeof(written) - 1, 0);

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(file);
	assert_true(n >= 0);
	written[n] = '\0';
}

static void
assert_match(const char *text, const char *pattern)
{
	regex_t regex;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED), 0);
	if (regexec(&regex, text, 0, NULL, 0) != 0)
		fail_msg("%s does not match %s", text, pattern);
	regfree(&regex);
}

static const struct action example = {
	.kind = ACTION_OPEN,
	.level = NOTE_INFO,
	.reason = REASON_PASV,
	.class = CLASS_CLEAR,
	.session = 42,
	.client = { { { 10, 0, 0, 2 }, ADDR_V4 }, 40000 },
	.server = { { { 192, 0, 2, 1 }, ADDR_V4 }, 21 },
	.has_opening = true,
	.opening = { .kind = OPENING_PINHOLE,
		     .source = { { 10, 0, 0, 2 }, ADDR_V4 },
		     .destination = { { 192, 0, 2, 1 }, ADDR_V4 },
		     .port = 50001,
		     .timeout_s = 60,
		     .open_ms = 1234 },
};

/* The line of @action, behind its time stamp. */
static const char *
line_of(const struct action *action)
{
	capture_begin();
	log_init(LOG_TARGET_STDERR, LOG_LEVEL_DEBUG);
	log_action(action);
	capture_end();
	assert_match(written, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:"
			      "[0-9]{2}\\.[0-9]{3}Z [^\n]*\n$");
	return strchr(written, ' ') + 1;
}

static void
test_open(void **state)
{
	(void)state;
	assert_string_equal(
		line_of(&example),
		"0-42 open pinhole source=10.0.0.2 destination=192.0.2.1 "
		"port=50001 timeout=60s reason=pasv client=10.0.0.2:40000 "
		"server=192.0.2.1:21\n");
}

/* Goal: who refuses a line because it can be read in two ways says which. */
static void
test_readings(void **state)
{
	struct action a = example;

	(void)state;
	a.kind = ACTION_NOTE;
	a.level = NOTE_WARN;
	a.reason = REASON_AMBIGUOUS;
	a.has_opening = false;
	a.lenient = (struct endpoint){ example.client.addr, 39989 };
	a.text_len = 6;
	memcpy(a.text, "PORT 1", 6);
	assert_string_equal(
		line_of(&a),
		"0-42 note reason=ambiguous class=clear "
		"client=10.0.0.2:40000 server=192.0.2.1:21 strict=nothing "
		"lenient=10.0.0.2:39989 text=\"PORT 1\"\n");
}

static void
test_close_of_a_grant(void **state)
{
	struct action a = example;

	(void)state;
	a.kind = ACTION_CLOSE;
	a.reason = REASON_CONTROL_ENDED;
	a.session = (3ULL << 48) | 7;
	a.opening.kind = OPENING_GRANT_PASSIVE;
	a.opening.port = 0;
	assert_string_equal(
		line_of(&a),
		"3-7 close passive-grant source=10.0.0.2 "
		"destination=192.0.2.1 open=1234ms reason=control-ended "
		"client=10.0.0.2:40000 server=192.0.2.1:21\n");
}

static void
test_mark_v6(void **state)
{
	struct action a = {
		.kind = ACTION_MARK,
		.reason = REASON_TLS_EXPLICIT,
		.class = CLASS_OPAQUE,
		.session = 1,
		.client = { { { 0x20, 1, 0xd, 0xb8, [15] = 2 }, ADDR_V6 }, 9 },
		.server = { { { 0x20, 1, 0xd, 0xb8, [15] = 1 }, ADDR_V6 }, 21 },
	};

	(void)state;
	assert_string_equal(line_of(&a),
			    "0-1 mark reason=tls-explicit class=opaque "
			    "client=[2001:db8::2]:9 server=[2001:db8::1]:21\n");
}

static void
test_text_is_escaped(void **state)
{
	struct action a = { .kind = ACTION_NOTE,
			    .level = NOTE_WARN,
			    .reason = REASON_MALFORMED };
	static const char hostile[] = "227 \"x\"\\\r\n0-1 open\x1b[2J\xff\0.";

	(void)state;
	memcpy(a.text, hostile, sizeof(hostile) - 1);
	a.text_len = sizeof(hostile) - 1;
	assert_string_equal(
		line_of(&a),
		"- note reason=malformed text=\"227 \\x22x\\x22\\x5c\\x0d\\x0a"
		"0-1 open\\x1b[2J\\xff\\x00.\"\n");
	/* The most that an action can hold, each byte in its longest form. */
	memset(a.text, 0, sizeof(a.text));
	a.text_len = ACTION_TEXT_MAX;
	assert_int_equal(strlen(line_of(&a)), 32 + 4 * ACTION_TEXT_MAX);
}

static unsigned
lines_written(void)
{
	unsigned n = 0;

	for (const char *p = written; (p = strchr(p, '\n')) != NULL; p++)
		n++;
	return n;
}

static void
test_levels(void **state)
{
	struct action a = example;

	(void)state;
	for (int level = LOG_LEVEL_ERR; level <= LOG_LEVEL_DEBUG; level++) {
		capture_begin();
		log_init(LOG_TARGET_STDERR, (enum log_level)level);
		assert_true(log_enabled((enum log_level)level));
		log_err("e");
		log_warn("w");
		log_info("i");
		log_debug("d");
		capture_end();
		assert_int_equal(lines_written(), level + 1);
	}
	/* Refreshing and marking are steps on the way, whatever they say. */
	a.kind = ACTION_REFRESH;
	capture_begin();
	log_init(LOG_TARGET_STDERR, LOG_LEVEL_INFO);
	log_action(&a);
	a.kind = ACTION_MARK;
	log_action(&a);
	capture_end();
	assert_string_equal(written, "");
	capture_begin();
	a.kind = ACTION_NOTE;
	a.level = NOTE_WARN;
	log_init(LOG_TARGET_STDERR, LOG_LEVEL_WARN);
	log_action(&a);
	a.level = NOTE_INFO;
	log_action(&a);
	capture_end();
	assert_int_equal(lines_written(), 1);
}

static void
test_free_text(void **state)
{
	char longer[4096];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	capture_begin();
	log_init(LOG_TARGET_STDERR, LOG_LEVEL_INFO);
	errno = EBADF;
	log_info("%s: %d", "one\ntwo\x1b", 7);
	log_info("%s", longer);
	assert_int_equal(errno, EBADF);
	capture_end();
	assert_non_null(strstr(written, "Z one?two?: 7\n"));
	assert_int_equal(lines_written(), 2);
	assert_in_range(strlen(written), 1000, 1100);
}

static void
test_journal(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	capture_begin();
	assert_return_code(fstat(STDERR_FILENO, &st), errno);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
		 (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init(LOG_TARGET_STDERR, LOG_LEVEL_DEBUG);
	log_err("e");
	log_warn("w");
	log_info("i");
	log_debug("d");
	/* Standard error was sent elsewhere: the journal does not see it. */
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_init(LOG_TARGET_STDERR, LOG_LEVEL_DEBUG);
	log_err("e");
	unsetenv("JOURNAL_STREAM");
	capture_end();
	assert_match(written, "^<3>e\n<4>w\n<6>i\n<7>d\n2[^<]*Z e\n$");
}

static void *
write_many(void *arg)
{
	for (unsigned i = 0; i < 500; i++)
		log_info("%s", (const char *)arg);
	return NULL;
}

static void
test_threads(void **state)
{
	static char texts[4][200];
	pthread_t threads[4];
	char *line, *save = NULL;

	(void)state;
	capture_begin();
	log_init(LOG_TARGET_STDERR, LOG_LEVEL_INFO);
	for (unsigned i = 0; i < 4; i++) {
		memset(texts[i], 'a' + (int)i, sizeof(texts[i]) - 1);
		pthread_create(&threads[i], NULL, write_many, texts[i]);
	}
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	capture_end();
	assert_int_equal(lines_written(), 2000);
	for (line = strtok_r(written, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *text = strchr(line, ' ') + 1;

		assert_int_equal(strlen(text), 199);
		assert_int_equal(strspn(text, (char[]){ text[0], 0 }), 199);
	}
}

static void
test_addresses(void **state)
{
	struct addr none = { .family = ADDR_NONE };
	char text[56];

	(void)state;
	assert_string_equal(log_addr(&none, text), "-");
	assert_string_equal(log_session_id(UINT64_MAX, text),
			    "65535-281474976710655");
}

/* Run from the top of the source tree, as `make` does. */
static void
test_reasons_are_documented(void **state)
{
	static char document[65536];
	FILE *in = fopen("docs/log.md", "r");
	char row[256];
	size_t n;

	(void)state;
	if (in == NULL) {
		print_message("docs/log.md is not here\n");
		skip();
	}
	n = fread(document, 1, sizeof(document) - 1, in);
	fclose(in);
	document[n] = '\0';
	for (int r = 0; r < REASON_COUNT; r++) {
		snprintf(row, sizeof(row), "| `%s` | %s |\n",
			 reason_word((enum reason)r),
			 reason_sentence((enum reason)r));
		if (strstr(document, row) == NULL)
			fail_msg("docs/log.md lacks: %s", row);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_close_of_a_grant),
		cmocka_unit_test(test_readings),
		cmocka_unit_test(test_mark_v6),
		cmocka_unit_test(test_text_is_escaped),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_free_text),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_reasons_are_documented),
	};

	unsetenv("JOURNAL_STREAM");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
