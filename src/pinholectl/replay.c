/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs that read captures: replay, and explain with --replay. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/conf.h"
#include "pinholectl/findings.h"
#include "pinholectl/verbs.h"
#include "replay/capture.h"
#include "replay/timeline.h"

/* One run over one or more captures. */
struct job {
	const struct options *options;
	struct conf conf;
	struct capture_files files;
	struct timeline timeline;
	struct addr client, server; /* of interest; ADDR_NONE: all */
	unsigned sessions, findings;
};

static bool
prepare(struct job *job, const struct options *options)
{
	*job = (struct job){ .options = options };
	conf_defaults(&job->conf);
	return options->config == NULL ||
	       conf_load(options->config, &job->conf, stderr) == 0;
}

/* Plays all files, each by itself. */
static int
play_all(struct job *job, const struct replay_sink *sink)
{
	int code = EXIT_SUCCESS;

	for (size_t i = 0; i < job->files.count; i++) {
		const char *path = job->files.paths[i];
		struct replay *r = replay_new(&job->conf, sink);

		if (r == NULL) {
			fputs("pinholectl: out of memory\n", stderr);
			return EXIT_ANSWER;
		}
		if (job->files.count > 1)
			job->timeline.file = path;
		job->timeline.blank = false;
		if (job->files.count > 1 && !job->options->json &&
		    sink->moment != NULL)
			printf("%s%s\n", i != 0 ? "\n" : "", path);
		if (!capture_play(path, r, stderr))
			code = EXIT_ANSWER;
		replay_free(r);
	}
	return code;
}

static int
finish(struct job *job, int code)
{
	int flushed = ask_flush();

	capture_files_free(&job->files);
	return code != EXIT_SUCCESS ? code : flushed;
}

int
verb_replay(const struct options *options, int argc, char **argv)
{
	static struct job job; /* a configuration is large */
	struct replay_sink sink = {
		.context = &job.timeline,
		.moment = options->json ? timeline_json : timeline_text,
	};

	if (argc == 0) {
		fputs("pinholectl: replay what? Name a capture, a directory of "
		      "them, or - for standard input\n\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (!prepare(&job, options))
		return EXIT_ANSWER;
	for (int i = 0; i < argc; i++)
		if (!capture_find(&job.files, argv[i], stderr))
			return finish(&job, EXIT_ANSWER);
	return finish(&job, play_all(&job, &sink));
}

/* --- explain ---------------------------------------------------------------- */

bool
explain_address(const char *text, struct addr *out)
{
	uint8_t bytes[16];

	*out = (struct addr){ 0 };
	if (inet_pton(AF_INET, text, bytes) == 1)
		*out = addr_make(ADDR_V4, bytes);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		*out = addr_make(ADDR_V6, bytes);
	else
		fprintf(stderr, "pinholectl: \"%s\" is no address\n", text);
	return out->family != ADDR_NONE;
}

static bool
is_wanted(const struct addr *wanted, const struct addr *have)
{
	return wanted->family == ADDR_NONE || addr_equal(wanted, have);
}

static void
explain_session(void *context, const struct facts *f)
{
	struct job *job = context;

	if (!is_wanted(&job->client, &f->client.addr) ||
	    !is_wanted(&job->server, &f->server.addr))
		return;
	job->sessions++;
	job->findings += findings_print(f, job->timeline.file,
					job->options->json);
}

int
explain_replay(const struct options *options, int argc, char **argv)
{
	static struct job job;
	struct replay_sink sink = {
		.context = &job,
		.over = explain_session,
	};
	int code;

	if (!prepare(&job, options))
		return EXIT_ANSWER;
	if ((argc > 0 && !explain_address(argv[0], &job.client)) ||
	    (argc > 1 && !explain_address(argv[1], &job.server)))
		return EXIT_USAGE;
	if (!capture_find(&job.files, options->replay, stderr))
		return finish(&job, EXIT_ANSWER);
	code = play_all(&job, &sink);
	if (!options->json)
		printf("%u sessions, %u findings\n", job.sessions,
		       job.findings);
	return finish(&job, code);
}
