/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `explain`: what the daemon found wrong with its newest sessions. */
#include <stdlib.h>
#include <string.h>

#include "io/log.h"
#include "pinholectl/findings.h"
#include "pinholectl/text.h"
#include "pinholectl/verbs.h"

/* Whether the address of "192.0.2.1:21" or "[2001:db8::1]:21" is @wanted. */
static bool
is_at(const json_t *object, const char *key, const struct addr *wanted)
{
	const char *end = json_string_value(json_object_get(object, key));
	char text[48];
	size_t len;

	log_addr(wanted, text);
	len = strlen(text);
	if (end == NULL)
		return false;
	if (*end == '[')
		return strncmp(end + 1, text, len) == 0 && end[1 + len] == ']';
	return strncmp(end, text, len) == 0 && end[len] == ':';
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static void
print_json(const json_t *finding)
{
	char *line = json_dumps(finding, JSON_COMPACT);

	if (line != NULL)
		puts(line);
	free(line);
}

static void
print_text(const json_t *finding)
{
	uint64_t ago = (uint64_t)json_integer_value(
		json_object_get(finding, "ago_ms"));
	char text[24];

	printf("%s: %s\n", text_of(finding, "finding"),
	       text_of(finding, "sentence"));
	printf("  between   %s and %s", text_of(finding, "client"),
	       text_of(finding, "server"));
	if (json_object_get(finding, "session") != NULL)
		printf(", session %s, %s %s ago", text_of(finding, "session"),
		       json_is_true(json_object_get(finding, "ended")) ?
			       "ended" :
			       "last heard",
		       text_duration(ago, text));
	putchar('\n');
	findings_line("evidence", text_of(finding, "evidence"));
	if (text_of(finding, "gateway")[0] != '\0')
		findings_line("gateway", text_of(finding, "gateway"));
	if (text_of(finding, "peer")[0] != '\0')
		findings_line("peers", text_of(finding, "peer"));
	putchar('\n');
}

int
explain_live(const struct options *options, int argc, char **argv)
{
	json_t *objects, *finding;
	struct addr client, server;
	size_t i, shown = 0;
	int code;

	if ((argc > 0 && !explain_address(argv[0], &client)) ||
	    (argc > 1 && !explain_address(argv[1], &server)))
		return EXIT_USAGE;
	code = ask_objects(options->path, "explain", &objects);
	if (code != EXIT_SUCCESS)
		return code;
	json_array_foreach(objects, i, finding) {
		if ((argc > 0 && !is_at(finding, "client", &client)) ||
		    (argc > 1 && !is_at(finding, "server", &server)))
			continue;
		shown++;
		if (options->json)
			print_json(finding);
		else
			print_text(finding);
	}
	if (shown == 0 && !options->json)
		puts("nothing is wrong with the sessions that are remembered");
	json_decref(objects);
	return ask_flush();
}
