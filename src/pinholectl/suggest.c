/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The passive ranges that servers really use, as configuration lines.
 *
 * The daemon learns ports from the replies that it can read, and from the data
 * connections that a grant let in. The second kind is never outside of the
 * configured range: what the ruleset drops is not seen.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pinholectl/verbs.h"

/* Below this many ports seen a range is a guess: its line is a comment. */
#define ENOUGH 10

struct seen {
	int low, high;
	uint64_t count;
};

struct server {
	char name[48];
	int low, high; /* configured; 0: not */
	struct seen announced, connected;
};

static void
seen_add(struct seen *to, const struct seen *from)
{
	if (from->count == 0)
		return;
	if (to->count == 0 || from->low < to->low)
		to->low = from->low;
	if (from->high > to->high)
		to->high = from->high;
	to->count += from->count;
}

static struct seen
seen_of(const json_t *object, const char *key)
{
	const json_t *seen = json_object_get(object, key);
	struct seen out = { 0 };

	if (!json_is_object(seen))
		return out;
	out.low = (int)json_integer_value(json_object_get(seen, "low"));
	out.high = (int)json_integer_value(json_object_get(seen, "high"));
	out.count = (uint64_t)json_integer_value(
		json_object_get(seen, "count"));
	return out;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct server *)a)->name,
		      ((const struct server *)b)->name);
}

/* One entry for each server, of the objects of all workers; the caller's own. */
static struct server *
merge(const json_t *objects, size_t *count)
{
	struct server *all = calloc(json_array_size(objects) + 1, sizeof(*all));
	const json_t *object;
	size_t i, n = 0;

	json_array_foreach(objects, i, object) {
		const json_t *range = json_object_get(object, "configured");
		const char *name = json_string_value(
			json_object_get(object, "server"));
		struct server *s = &all[i];

		if (all == NULL || name == NULL)
			continue;
		snprintf(s->name, sizeof(s->name), "%s", name);
		s->low = (int)json_integer_value(json_array_get(range, 0));
		s->high = (int)json_integer_value(json_array_get(range, 1));
		s->announced = seen_of(object, "announced");
		s->connected = seen_of(object, "connected");
	}
	if (all == NULL)
		return NULL;
	qsort(all, json_array_size(objects), sizeof(*all), compare_names);
	for (i = 0; i < json_array_size(objects); i++) {
		if (n != 0 && strcmp(all[n - 1].name, all[i].name) == 0) {
			seen_add(&all[n - 1].announced, &all[i].announced);
			seen_add(&all[n - 1].connected, &all[i].connected);
		} else {
			all[n++] = all[i];
		}
	}
	*count = n;
	return all;
}

static void
print_evidence(const char *what, const struct seen *seen)
{
	if (seen->count != 0)
		printf("#   %" PRIu64 " %s: %d-%d\n", seen->count, what,
		       seen->low, seen->high);
}

static void
print_warnings(const struct server *s, const struct seen *all)
{
	bool misses = s->announced.count != 0 &&
		      (s->announced.low < s->low ||
		       s->announced.high > s->high);

	if (s->high == 0) {
		puts("#   no range is configured: encrypted sessions get no data "
		     "connection");
		return;
	}
	if (misses)
		printf("#   warning: the configured range %d-%d misses ports "
		       "that the server announces\n",
		       s->low, s->high);
	if (all->low > s->low || all->high < s->high)
		printf("#   warning: the configured range %d-%d is wider (%d "
		       "ports, seen were %d-%d)\n",
		       s->low, s->high, s->high - s->low + 1, all->low,
		       all->high);
}

static void
print_server(const struct server *s)
{
	struct seen all = s->announced;

	seen_add(&all, &s->connected);
	printf("# %s\n", s->name);
	print_evidence("ports announced where it could be read", &s->announced);
	print_evidence("data connections of encrypted sessions", &s->connected);
	if (all.count == 0) {
		puts("#   no passive port seen yet");
		if (s->high == 0)
			print_warnings(s, &all);
		putchar('\n');
		return;
	}
	print_warnings(s, &all);
	if (all.count < ENOUGH)
		puts("#   few ports seen yet: look again later");
	printf("%sserver %s passive-range %d-%d\n\n",
	       all.count < ENOUGH ? "# " : "", s->name, all.low, all.high);
}

int
verb_suggest(const struct options *options, int argc, char **argv)
{
	struct server *all;
	json_t *objects;
	size_t count = 0;
	int code;

	(void)argc;
	(void)argv;
	if (options->json)
		return ask_lines(options->path, "servers");
	code = ask_objects(options->path, "servers", &objects);
	if (code != EXIT_SUCCESS)
		return code;
	all = merge(objects, &count);
	json_decref(objects);
	if (all == NULL) {
		fputs("pinholectl: out of memory\n", stderr);
		return EXIT_ANSWER;
	}
	puts("# Passive ranges that were really used since pinholed started; "
	     "a server may use\n# more than it has been seen to. The range in "
	     "its own configuration is what counts.\n");
	if (count == 0)
		puts("# No server has had a data connection yet.");
	for (size_t i = 0; i < count; i++)
		print_server(&all[i]);
	free(all);
	return ask_flush();
}
