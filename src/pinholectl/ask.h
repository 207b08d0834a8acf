/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions to the daemon, and its answers. */
#ifndef PINHOLECTL_ASK_H
#define PINHOLECTL_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define DEFAULT_SOCKET "/run/pinholed/control.sock"

/* Exit codes, as in pinholectl(1). */
enum { EXIT_USAGE = 1, EXIT_UNREACHABLE = 2, EXIT_ANSWER = 3 };

/* What the command line says, for all verbs. */
struct options {
	const char *path; /* of the socket */
	bool json;
	const char *config; /* pinholed.conf for replays; NULL: the defaults */
	const char *replay; /* explain: a capture; NULL: the daemon */
};

/* Puts the question @word. NULL after saying what is wrong; else the answer is to
 * be read from the stream, which is the caller's own. @patience_s: how long each
 * piece of it may take; 0: for ever. */
FILE *ask_open(const char *path, const char *word, unsigned patience_s);

/* The whole answer without its end: an array, the caller's own, in *@objects. An
 * exit code; all but EXIT_SUCCESS have been said, and leave NULL. */
int ask_objects(const char *path, const char *word, json_t **objects);

/* The same, at most @most objects, and nothing is said. */
int ask_some(const char *path, const char *word, size_t most,
	     json_t **objects);

/* Puts the question and returns the socket, or -1; nothing is said. */
int ask_fd(const char *path, const char *word);

/* Prints the lines of the answer as they are. An exit code. */
int ask_lines(const char *path, const char *word);

/* EXIT_SUCCESS, or EXIT_ANSWER after saying that what was printed did not get
 * out. */
int ask_flush(void);

#endif
