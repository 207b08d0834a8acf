/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two walls. The lists name what the C library may use on any architecture;
 * a name that this one does not have is passed over.
 */
#include "confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* --- files ---------------------------------------------------------------- */

/* Newer than the headers of some distributions that we build on. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif

/* Everything that this kernel's Landlock can refuse. */
static uint64_t
all_rights(long abi)
{
	/* The first version had all up to making symbolic links. */
	uint64_t rights = 2 * LANDLOCK_ACCESS_FS_MAKE_SYM - 1;

	if (abi >= 2)
		rights |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (abi >= 5)
		rights |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	return rights;
}

/* Gives @right back for what is beneath the directory of @path. */
static int
allow_beside(int ruleset, const char *path, uint64_t right)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = right };
	char *copy = strdup(path);
	long rc = 0;

	if (copy == NULL)
		return -ENOMEM;
	rule.parent_fd = open(dirname(copy), O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	/* What cannot be reached now could not be used later either. */
	if (rule.parent_fd < 0)
		return 0;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		    &rule, 0) != 0)
		rc = -errno;
	close(rule.parent_fd);
	return (int)rc;
}

/* The directory, because editors put a new file in the old one's place. */
static int
allow_both_ends(int ruleset, const char *path, uint64_t right)
{
	char *target = realpath(path, NULL);
	int err = allow_beside(ruleset, path, right);

	if (err == 0 && target != NULL)
		err = allow_beside(ruleset, target, right);
	free(target);
	return err;
}

static int
allow_files(int ruleset, const char *const *readable,
	    const char *const *removable)
{
	int err = 0;

	for (; err == 0 && *readable != NULL; readable++)
		err = allow_both_ends(ruleset, *readable,
				      LANDLOCK_ACCESS_FS_READ_FILE);
	for (; err == 0 && *removable != NULL; removable++)
		err = allow_beside(ruleset, *removable,
				   LANDLOCK_ACCESS_FS_REMOVE_FILE);
	if (err == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		err = -errno;
	return err;
}

int
confine_files(const char *const *readable, const char *const *removable,
	      bool *files)
{
	struct landlock_ruleset_attr attr = { 0 };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset, err;

	/* syslog() asks for the local time, and reads a file for it once. */
	tzset();
	/* Not built in, not switched on, or refused by an outer filter. */
	*files = abi > 0;
	if (!*files)
		return 0;
	attr.handled_access_fs = all_rights(abi);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr),
			       0);
	if (ruleset < 0)
		return -errno;
	err = allow_files(ruleset, readable, removable);
	close(ruleset);
	return err;
}

/* --- system calls --------------------------------------------------------- */

static const struct confine_rule common[] = {
	/* SIGHUP: the configuration is read, never written; log_init() looks
	 * whether standard error is the journal. */
	CONFINE_WHEN(open, 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	CONFINE_WHEN(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	CONFINE_CALL(fstat),
	CONFINE_CALL(fstat64),
	CONFINE_CALL(newfstatat),
	CONFINE_CALL(fstatat64),
	CONFINE_CALL(statx),
	CONFINE_CALL(sysinfo), /* qsort(): how much memory it may take */

	/* Memory, none of it executable. */
	CONFINE_CALL(brk),
	CONFINE_WHEN(mmap, 2, PROT_EXEC, 0),
	CONFINE_WHEN(mmap2, 2, PROT_EXEC, 0),
	CONFINE_WHEN(mprotect, 2, PROT_EXEC, 0),
	CONFINE_CALL(munmap),
	CONFINE_CALL(mremap),
	CONFINE_CALL(madvise),

	/* The time, where the vDSO cannot tell it. */
	CONFINE_CALL(clock_gettime),
	CONFINE_CALL(clock_gettime64),
	CONFINE_CALL(gettimeofday),
	CONFINE_CALL(time),

	/* assert() and the compiler's own checks: a last word, then abort(). */
	CONFINE_CALL(writev),
	CONFINE_CALL(gettid),
	CONFINE_CALL(rt_sigprocmask),
	CONFINE_WHEN(tgkill, 2, UINT32_MAX, SIGABRT),
	/* The end. */
	CONFINE_CALL(exit),
	CONFINE_CALL(exit_group),

	/* The log, and syslog's lines. */
	CONFINE_CALL(read),
	CONFINE_CALL(write),
	CONFINE_CALL(close),
	CONFINE_CALL(connect), /* sockets are limited by socket() */
	CONFINE_CALL(getpid),
	CONFINE_CALL(poll),
	CONFINE_CALL(ppoll),
	CONFINE_CALL(ppoll_time64),
	CONFINE_CALL(restart_syscall), /* poll() after SIGSTOP and SIGCONT */
	CONFINE_CALL(sendto),
	CONFINE_CALL(send),

	/* Locks. */
	CONFINE_CALL(futex),
	CONFINE_CALL(futex_time64),

	/* Events. */
	CONFINE_CALL(epoll_wait),
	CONFINE_CALL(epoll_pwait),
	CONFINE_CALL(epoll_ctl),
	CONFINE_CALL(accept4),

	/* Datagrams to syslog and the service manager. With streams one speaks
	 * to D-Bus, systemd or a container's manager, which do much for whom
	 * they take for root; syslog() tries one where datagrams are not
	 * listened for. */
	CONFINE_WHEN2(socket, 0, UINT32_MAX, AF_UNIX, 1, 0xf, SOCK_DGRAM),
	{ .call = SCMP_SYS(socket),
	  .refuse = EACCES,
	  .when = { { 0, UINT32_MAX, AF_UNIX }, { 1, 0xf, SOCK_STREAM } } },
	/* Its flags are in memory, where a filter cannot look; refused, the C
	 * library takes clone(). */
	{ .call = SCMP_SYS(clone3), .refuse = ENOSYS },
};

const struct confine_list confine_common = { common,
					     sizeof(common) /
						     sizeof(common[0]) };

static int
add_rule(scmp_filter_ctx filter, const struct confine_rule *rule)
{
	uint32_t action = rule->refuse != 0 ?
				  SCMP_ACT_ERRNO((uint32_t)rule->refuse) :
				  SCMP_ACT_ALLOW;
	struct scmp_arg_cmp conditions[2];
	unsigned count = 0;

	for (; count < 2 && rule->when[count].mask != 0; count++)
		conditions[count] = SCMP_CMP(rule->when[count].arg,
					     SCMP_CMP_MASKED_EQ,
					     rule->when[count].mask,
					     rule->when[count].value);
	return seccomp_rule_add_array(filter, action, rule->call, count,
				      conditions);
}

static int
load_filter(const struct confine_list *lists, size_t count, uint32_t otherwise)
{
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int err;

	if (filter == NULL) /* the kernel cannot, or an outer filter forbids */
		return -EOPNOTSUPP;
	err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
			       SCMP_ACT_KILL_PROCESS);
	for (size_t n = 0; err == 0 && n < count; n++)
		for (size_t i = 0; err == 0 && i < lists[n].count; i++)
			err = add_rule(filter, &lists[n].rules[i]);
	if (err == 0)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

static const char *program = "";

static void
say_number(int signal_number, siginfo_t *info, void *context)
{
	char text[96];
	int len = snprintf(text, sizeof(text),
			   "%s: system call %d is not on the sandbox's list\n",
			   program, info->si_syscall);

	(void)signal_number;
	(void)context;
	if (write(STDERR_FILENO, text, (size_t)len) < 0)
		_exit(2);
	_exit(1);
}

int
confine_calls(const struct confine_list *lists, size_t count, bool trap,
	      const char *name)
{
	struct sigaction action = { .sa_sigaction = say_number,
				    .sa_flags = SA_SIGINFO };

	program = name;
	if (trap && sigaction(SIGSYS, &action, NULL) != 0)
		return -errno;
	return load_filter(lists, count,
			   trap ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS);
}
