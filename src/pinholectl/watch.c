/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `watch`: the stream of events. */
#include <stdlib.h>
#include <string.h>

#include "pinholectl/verbs.h"

static int
print_stream(const struct options *options)
{
	FILE *stream = ask_open(options->path, "watch", 0);
	char *line = NULL;
	size_t size = 0;
	int code = EXIT_SUCCESS;

	if (stream == NULL)
		return EXIT_UNREACHABLE;
	while (code == EXIT_SUCCESS && getline(&line, &size, stream) > 0) {
		fputs(line, stdout);
		code = ask_flush();
	}
	free(line);
	fclose(stream);
	if (code == EXIT_SUCCESS)
		fputs("pinholectl: the stream has ended: pinholed stopped, or "
		      "was not read fast enough\n", stderr);
	return EXIT_ANSWER;
}

int
verb_watch(const struct options *options, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return print_stream(options);
}
