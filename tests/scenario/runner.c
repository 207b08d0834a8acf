/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs scenarios: runner [-v] [-m COUNT] FILE.sc...
 *
 * Each is run as it is written; then with its segments cut, swapped, doubled
 * and shuffled, where all its expectations must hold as well, because what is
 * opened must not depend on how the bytes were cut; then in gates that are too
 * small for it, where only the rules of model.c are checked. With -m the lines
 * of all of them are mixed into COUNT more that make no sense, and checked in
 * the same way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mix.h"
#include "run.h"

#define RANDOM_RUNS 16

#define FILE_MAX 65536

/* Reads the file into @text. False: it cannot be read, or is too long. */
static bool
load(const char *path, char text[static FILE_MAX])
{
	FILE *f = fopen(path, "r");
	size_t n;
	bool whole;

	if (f == NULL)
		return false;
	n = fread(text, 1, FILE_MAX, f);
	whole = n < FILE_MAX && !ferror(f);
	fclose(f);
	if (whole)
		text[n] = '\0';
	return whole;
}

static bool
run_scenario(const char *path, const char *text, const struct run_kind *kind,
	     uint32_t seed, bool verbose)
{
	struct run *r = calloc(1, sizeof(*r));
	char *copy = strdup(text), *rest = copy, *line;
	bool passed;

	if (r == NULL || copy == NULL)
		abort();
	run_init(r, path, kind, seed);
	r->verbose = verbose;
	while (!r->failed && (line = strsep(&rest, "\n")) != NULL) {
		r->line++;
		if (strcmp(line, "segmentation matters") != 0)
			run_statement(r, line);
	}
	if (!r->failed)
		run_finish(r);
	passed = !r->failed;
	free(copy);
	run_free(r);
	return passed;
}

static bool
run_kinds(const char *path, bool verbose)
{
	static const struct run_kind kinds[] = {
		{ "as written", CUT_NONE, RUN_ROOM, false },
		{ "in single bytes", CUT_BYTES, RUN_ROOM, false },
		{ "in swapped halves", CUT_SWAPPED, RUN_ROOM, false },
		{ "every segment twice", CUT_TWICE, RUN_ROOM, false },
		{ "shuffled", CUT_RANDOM, RUN_ROOM, false },
		{ "in a tiny gate", CUT_NONE, 1, false },
		{ "shuffled, in a tiny gate", CUT_RANDOM, 1, false },
		{ "shuffled, in a small gate", CUT_RANDOM, 2, false },
	};
	static char text[FILE_MAX];
	bool fixed;

	if (!load(path, text)) {
		printf("%s: cannot be read\n", path);
		return false;
	}
	if (strncmp(text, "# Goal: ", 8) != 0) {
		printf("%s:1: must begin with: # Goal:\n", path);
		return false;
	}
	fixed = strstr(text, "\nsegmentation matters\n") != NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const struct run_kind *kind = &kinds[i];
		uint32_t seeds = kind->cut == CUT_RANDOM ? RANDOM_RUNS : 1;

		if (fixed && kind->cut != CUT_NONE && kind->room == RUN_ROOM)
			continue;
		for (uint32_t seed = 0; seed < seeds; seed++)
			if (!run_scenario(path, text, kind, seed,
					  verbose && i == 0))
				return false;
	}
	return true;
}

/* Runs the scenario in every way and says how that went. */
static bool
run_file(const char *path, bool verbose)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	bool passed = run_kinds(path, verbose);

	printf("%s - scenario %.*s\n", passed ? "ok" : "not ok",
	       (int)strcspn(name, "."), name);
	return passed;
}

/* False: @path cannot be read; run_file() has said so. */
static bool
mix_file(const char *path)
{
	char *text = malloc(FILE_MAX);

	/* Kept until the end. */
	if (text == NULL)
		abort();
	if (!load(path, text)) {
		free(text);
		return false;
	}
	mix_add(text);
	return true;
}

int
main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0, mixes = 0;
	bool verbose = false;
	int option;

	while ((option = getopt(argc, argv, "vm:")) != -1) {
		if (option == 'm') {
			mixes = (unsigned)strtoul(optarg, NULL, 10);
		} else if (option == 'v') {
			verbose = true;
		} else {
			fprintf(stderr,
				"usage: %s [-v] [-m COUNT] FILE.sc..."
				"\n",
				*argv);
			return 2;
		}
	}
	for (int i = optind; i < argc; i++) {
		if (run_file(argv[i], verbose) &&
		    (mixes == 0 || mix_file(argv[i])))
			passed++;
		else
			failed++;
	}
	if (mixes != 0 && failed == 0) {
		unsigned seed = 0;

		while (seed < mixes && mix_run(seed))
			seed++;
		/* All of them count as one. */
		if (seed == mixes)
			passed++;
		else
			failed++;
		printf("%s - scenario mixed, %u times\n",
		       seed == mixes ? "ok" : "not ok", mixes);
	}
	printf("scenarios: %u passed, %u failed, 0 skipped\n", passed, failed);
	return failed != 0 || passed == 0;
}
