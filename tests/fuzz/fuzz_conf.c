/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration: any bytes are read or refused with a message; what was
 * accepted, printed and read again, is the same. */
#include "fuzz.h"

#include "io/conf.h"

#define TEXT_MAX 65536

/* What @conf is as text; good for three calls. */
static struct span
print(const struct conf *conf)
{
	static char texts[3][TEXT_MAX];
	static unsigned turn;
	char *text = texts[turn++ % 3];
	FILE *out = fmemopen(text, TEXT_MAX, "w");
	long len;

	REQUIRE(out != NULL);
	conf_print(conf, out);
	REQUIRE(fflush(out) == 0);
	len = ftell(out);
	fclose(out);
	REQUIRE(len > 0 && len < TEXT_MAX);
	return span_make(text, (size_t)len);
}

static unsigned
parse(struct span text, struct conf *conf, size_t *said)
{
	char *messages = NULL;
	FILE *errors = open_memstream(&messages, said);
	unsigned count;

	REQUIRE(errors != NULL);
	count = conf_parse("fuzz", text, conf, errors);
	fclose(errors);
	free(messages);
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf one, two;
	struct span first, second;
	size_t said;

	if (size > TEXT_MAX / 8)
		return 0;
	if (parse(guard_span(data, size), &one, &said) != 0) {
		REQUIRE(said != 0);
		return 0;
	}
	REQUIRE(one.limits.sessions != 0 && one.limits.openings != 0);
	REQUIRE(one.policy.server_count <= POLICY_SERVERS_MAX);
	REQUIRE(one.policy.deny_count <= POLICY_DENY_MAX);
	first = print(&one);
	REQUIRE(parse(first, &two, &said) == 0);
	second = print(&two);
	REQUIRE(first.len == second.len &&
		memcmp(first.data, second.data, first.len) == 0);
	REQUIRE(conf_restart_needed(&one, &two, stderr) == 0);
	return 0;
}
