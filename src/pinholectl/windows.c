/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pinholectl windows: what is known of each server's windows. */
#include <stdlib.h>
#include <string.h>

#include "pinholectl/text.h"
#include "pinholectl/verbs.h"

static void
put(json_t *row, const char *key, const json_t *counts, const char *from)
{
	json_object_set(row, key, json_object_get(counts, from));
}

/* A row for each mode of @server that anything is known of. */
static void
add_rows(json_t *rows, const json_t *server)
{
	static const char *const modes[] = { "passive", "active" };

	for (int i = 0; i < 2; i++) {
		const json_t *counts = json_object_get(server, modes[i]);
		json_t *row;

		if (json_integer_value(json_object_get(counts, "foreseen")) +
			    json_integer_value(
				    json_object_get(counts, "missed")) +
			    json_integer_value(
				    json_object_get(counts, "unused")) ==
		    0)
			continue;
		row = json_object();
		put(row, "server", server, "server");
		put(row, "window", server, "window");
		put(row, "proof", server, "proof");
		json_object_set_new(row, "mode", json_string(modes[i]));
		put(row, "foreseen", counts, "foreseen");
		put(row, "missed", counts, "missed");
		put(row, "unused", counts, "unused");
		put(row, "streak", counts, "streak");
		json_array_append_new(rows, row);
	}
}

int
verb_windows(const struct options *options, int argc, char **argv)
{
	json_t *objects, *object, *rows;
	size_t i;
	int code;

	(void)argc;
	(void)argv;
	if (options->json)
		return ask_lines(options->path, "servers");
	code = ask_objects(options->path, "servers", &objects);
	if (code != EXIT_SUCCESS)
		return code;
	rows = json_array();
	json_array_foreach(objects, i, object)
		add_rows(rows, object);
	text_print_windows(rows);
	json_decref(rows);
	json_decref(objects);
	return ask_flush();
}
