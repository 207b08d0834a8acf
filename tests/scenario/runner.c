/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs scenarios: runner [-v] FILE.sc...
 *
 * Each is run as it is written; then with its segments cut, swapped and doubled,
 * where all its expectations must hold as well, because what is opened must not
 * depend on how the bytes were cut; then in the smallest gate that there can be,
 * where only the rules of model.c are checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "run.h"

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

/* True when @mode was run and passed, or does not apply. */
static bool
run_scenario(const char *path, const char *text, enum run_mode mode,
	     bool verbose)
{
	struct run *r = calloc(1, sizeof(*r));
	char *copy = strdup(text), *rest = copy, *line;
	bool passed;

	if (r == NULL || copy == NULL)
		abort();
	r->path = path;
	r->mode = mode;
	r->verbose = verbose;
	r->start_ns = r->now_ns = UINT64_C(1000000000000);
	r->model.flows = r->flows;
	while (!r->failed && (line = strsep(&rest, "\n")) != NULL) {
		r->line++;
		if (strcmp(line, "segmentation matters") != 0)
			run_statement(r, line);
	}
	if (!r->failed)
		run_finish(r);
	passed = !r->failed;
	for (unsigned i = 0; i < r->held_count; i++)
		free(r->held[i].bytes);
	free(r->memory);
	free(copy);
	free(r);
	return passed;
}

static bool
run_file(const char *path, bool verbose)
{
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
	for (int mode = 0; mode < RUN_MODE_COUNT; mode++) {
		if (fixed && mode != RUN_WRITTEN && mode != RUN_TINY)
			continue;
		if (!run_scenario(path, text, mode,
				  verbose && mode == RUN_WRITTEN))
			return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;
	bool verbose = false;
	int option;

	while ((option = getopt(argc, argv, "v")) != -1) {
		if (option != 'v') {
			fprintf(stderr, "usage: %s [-v] FILE.sc...\n", *argv);
			return 2;
		}
		verbose = true;
	}
	for (int i = optind; i < argc; i++) {
		if (run_file(argv[i], verbose))
			passed++;
		else
			failed++;
	}
	printf("scenarios: %u passed, %u failed, 0 skipped\n", passed, failed);
	return failed != 0 || passed == 0;
}
