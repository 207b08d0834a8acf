/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a daemon shuts itself in: Landlock for files, a seccomp list for system
 * calls. What is on the list is each daemon's own business. */
#ifndef CONFINE_CONFINE_H
#define CONFINE_CONFINE_H

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A condition on argument @arg: its bits @mask are @value. No condition where
 * @mask is 0. */
struct confine_when {
	unsigned arg;
	uint32_t mask, value;
};

/* One system call that is let through, or fails with @refuse (an errno). What no
 * rule names ends the process. */
struct confine_rule {
	int call;
	int refuse;
	struct confine_when when[2];
};

#define CONFINE_CALL(name) { .call = SCMP_SYS(name) }
#define CONFINE_WHEN(name, number, bits, those) \
	{ .call = SCMP_SYS(name), .when = { { number, bits, those } } }
#define CONFINE_WHEN2(name, number, bits, those, number2, bits2, those2) \
	{ .call = SCMP_SYS(name), \
	  .when = { { number, bits, those }, { number2, bits2, those2 } } }

struct confine_list {
	const struct confine_rule *rules;
	size_t count;
};

/* What every daemon needs: memory, time, its files, its log, its end. */
extern const struct confine_list confine_common;

/*
 * From here on, in this thread and all that it starts, files can be read in the
 * directories of @readable and removed in those of @removable (paths, with NULL
 * behind; of symbolic links both ends), everywhere else nothing. *@files is false
 * where the kernel has no Landlock to hold us to it. 0 or -errno.
 */
int confine_files(const char *const *readable, const char *const *removable,
		  bool *files) __attribute__((warn_unused_result));

/* Lets through what @lists (@count of them) say. With @trap the number of another
 * call is written to standard error first. @name is the program's. 0 or -errno;
 * there is no way back. */
int confine_calls(const struct confine_list *lists, size_t count, bool trap,
		  const char *name) __attribute__((warn_unused_result));

#endif
