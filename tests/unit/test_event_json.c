/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: each action becomes one object of the right type, with the members that
 * docs/control-protocol.md names, whatever bytes are in it; commands and replies
 * become none.
 */
#include "support.h"

#include "io/event_json.h"

static struct action
make_action(enum action_kind kind, enum reason reason)
{
	static const uint8_t client[] = { 10, 0, 0, 2 };
	static const uint8_t server[] = { 192, 0, 2, 1 };

	return (struct action){
		.kind = kind,
		.level = NOTE_INFO,
		.reason = reason,
		.class = CLASS_CLEAR,
		.session = 42,
		.client = { addr_make(ADDR_V4, client), 40000 },
		.server = { addr_make(ADDR_V4, server), 21 },
	};
}

static void
put_opening(struct action *a, enum opening_kind kind)
{
	a->has_opening = true;
	a->opening = (struct opening){
		.kind = kind,
		.source = a->client.addr,
		.destination = a->server.addr,
		.port = opening_has_port(kind) ? 50001 : 0,
		.timeout_s = 60,
		.open_ms = 38,
	};
}

#define ENDS "\"session\":\"0-42\",\"client\":\"10.0.0.2:40000\"," \
	     "\"server\":\"192.0.2.1:21\","
#define PAIR "\"source\":\"10.0.0.2\",\"destination\":\"192.0.2.1\","

static void
expect(const struct action *a, const char *text)
{
	json_t *object = event_json(a, 1.5);
	char *got = json_dumps(object, EVENT_JSON_FLAGS);

	if (text == NULL) {
		assert_null(object);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, text);
	free(got);
	json_decref(object);
}

static void
test_openings(void **state)
{
	struct action a = make_action(ACTION_OPEN, REASON_PASV);

	(void)state;
	put_opening(&a, OPENING_PINHOLE);
	expect(&a, "{\"time\":1.5,\"type\":\"pinhole\"," ENDS
		   "\"event\":\"open\",\"kind\":\"pinhole\"," PAIR
		   "\"port\":50001,\"timeout_s\":60,\"reason\":\"pasv\"}");
	a.level = NOTE_DEBUG; /* the kernel did not take it */
	expect(&a, NULL);
	a = make_action(ACTION_CLOSE, REASON_CONTROL_ENDED);
	put_opening(&a, OPENING_GRANT_PASSIVE);
	expect(&a, "{\"time\":1.5,\"type\":\"grant\"," ENDS
		   "\"event\":\"close\",\"kind\":\"passive-grant\"," PAIR
		   "\"open_ms\":38,\"reason\":\"control-ended\"}");
	a.kind = ACTION_REFRESH;
	expect(&a, NULL);
	a = make_action(ACTION_OPEN, REASON_PASV);
	put_opening(&a, OPENING_RELAY);
	expect(&a, "{\"time\":1.5,\"type\":\"pinhole\"," ENDS
		   "\"event\":\"open\",\"kind\":\"relay\"," PAIR
		   "\"port\":50001,\"timeout_s\":60,\"reason\":\"pasv\"}");
}

static void
test_data(void **state)
{
	struct action a = make_action(ACTION_NOTE, REASON_USED);

	(void)state;
	put_opening(&a, OPENING_PINHOLE);
	expect(&a, "{\"time\":1.5,\"type\":\"data\"," ENDS
		   "\"by\":\"pinhole\"," PAIR
		   "\"port\":50001,\"open_ms\":38,\"reason\":\"used\"}");
	/* Of what a grant let in the port is known; a window's is its lane. */
	a.reason = REASON_DATA;
	a.opening.kind = OPENING_GRANT_PASSIVE;
	expect(&a, "{\"time\":1.5,\"type\":\"data\"," ENDS
		   "\"by\":\"passive-grant\"," PAIR
		   "\"port\":50001,\"open_ms\":38,\"reason\":\"data\"}");
	a.reason = REASON_USED;
	a.opening.kind = OPENING_WINDOW_PASSIVE;
	a.opening.port = 1;
	expect(&a, "{\"time\":1.5,\"type\":\"data\"," ENDS
		   "\"by\":\"passive-window\"," PAIR
		   "\"open_ms\":38,\"reason\":\"used\"}");
}

static void
test_notes(void **state)
{
	static const struct {
		enum reason reason;
		enum note_level level;
		const char *type;
	} cases[] = {
		{ REASON_SESSION_NEW, NOTE_DEBUG, "session" },
		{ REASON_PICKED_UP, NOTE_INFO, "session" },
		{ REASON_TLS_EXPLICIT, NOTE_INFO, "state" },
		{ REASON_CCC, NOTE_INFO, "state" },
		{ REASON_NOT_FTP, NOTE_INFO, "state" },
		{ REASON_NO_RANGE, NOTE_WARN, "refused" },
		{ REASON_PORT_PRIVILEGED, NOTE_WARN, "refused" },
		{ REASON_LIMIT_CLIENT, NOTE_WARN, "refused" },
		{ REASON_LIMIT_CLIENT, NOTE_DEBUG, "note" },
		{ REASON_PASV_ADDRESS, NOTE_INFO, "note" },
		{ REASON_STREAM_LOST, NOTE_WARN, "note" },
	};
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct action a = make_action(ACTION_NOTE, cases[i].reason);

		a.level = cases[i].level;
		snprintf(text, sizeof(text),
			 "{\"time\":1.5,\"type\":\"%s\"," ENDS
			 "\"class\":\"clear\",\"reason\":\"%s\"}",
			 cases[i].type, reason_word(cases[i].reason));
		expect(&a, text);
	}
}

static void
test_end(void **state)
{
	struct action a = make_action(ACTION_NOTE, REASON_IDLE);

	(void)state;
	a.ends = true;
	a.age_ms = 1000;
	a.exposed_ms = 77;
	expect(&a, "{\"time\":1.5,\"type\":\"end\"," ENDS
		   "\"class\":\"clear\",\"reason\":\"idle\","
		   "\"age_ms\":1000,\"exposed_ms\":77}");
}

static void
test_not_told(void **state)
{
	static const enum reason reasons[] = { REASON_COMMAND, REASON_REPLY,
					       REASON_REPLY_LINE };
	struct action a;

	(void)state;
	for (int i = 0; i < 3; i++) {
		a = make_action(ACTION_NOTE, reasons[i]);
		expect(&a, NULL);
	}
	a = make_action(ACTION_MARK, REASON_NONE);
	expect(&a, NULL);
}

/* Any byte that a peer may send leaves JSON that can be read, on one line. */
static void
test_bytes(void **state)
{
	struct action a = make_action(ACTION_NOTE, REASON_MALFORMED);

	(void)state;
	a.level = NOTE_WARN;
	for (unsigned first = 0; first < 256; first += ACTION_TEXT_MAX) {
		char line[1024];
		json_t *object;
		size_t len;

		for (unsigned i = 0; i < ACTION_TEXT_MAX; i++)
			a.text[i] = (uint8_t)(first + i);
		a.text_len = ACTION_TEXT_MAX;
		object = event_json(&a, 1795526400.123);
		len = json_dumpb(object, line, sizeof(line), EVENT_JSON_FLAGS);
		assert_in_range(len, 1, sizeof(line));
		json_decref(object);
		assert_null(memchr(line, '\n', len));
		object = json_loadb(line, len, 0, NULL);
		assert_non_null(object);
		json_decref(object);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_openings), cmocka_unit_test(test_data),
		cmocka_unit_test(test_notes),	 cmocka_unit_test(test_end),
		cmocka_unit_test(test_not_told), cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
