/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a fuzz target over files, without a fuzzer: TARGET NAME PATH...
 * Each PATH is a file or a folder of files; one that is not there counts as an
 * empty folder. Prints one line at the end. An input that breaks something is
 * the one that standard error named last.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

#define INPUT_MAX ((size_t)1 << 20)

static char current[4096];

/* Names the input that is at work; only calls that a handler may make. */
static void
on_crash(int signal_number)
{
	static const char text[] = "not ok - fuzz input: ";
	ssize_t n = write(STDOUT_FILENO, text, sizeof(text) - 1);

	n = write(STDOUT_FILENO, current, strlen(current));
	n = write(STDOUT_FILENO, "\n", 1);
	(void)n;
	raise(signal_number);
}

static unsigned
run_file(const char *path)
{
	static uint8_t bytes[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	size_t len;
	uint8_t *copy;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	snprintf(current, sizeof(current), "%s", path);
	len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	/* Its own block, so that a sanitizer sees where it ends. */
	copy = malloc(len + (len == 0));
	REQUIRE(copy != NULL);
	memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	return 1;
}

static unsigned
run_folder(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);
	unsigned count = 0;

	for (int i = 0; i < n; i++) {
		char name[4096];

		snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			count += run_file(name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return count;
}

int
main(int argc, char **argv)
{
	const struct sigaction action = {
		.sa_handler = on_crash,
		.sa_flags = (int)SA_RESETHAND,
	};
	unsigned count = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: %s NAME PATH...\n", argv[0]);
		return 2;
	}
	sigaction(SIGABRT, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	for (int i = 2; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) != 0)
			continue;
		count += S_ISDIR(st.st_mode) ? run_folder(argv[i])
					     : run_file(argv[i]);
	}
	printf("ok - fuzz %s: %u inputs\n", argv[1], count);
	return 0;
}
