/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sandbox: Landlock for files, a seccomp allow-list for system calls.
 *
 * All sockets but those to syslog and to the service manager are open before
 * it, so nothing that the list lets through can reach a network, start a program
 * or write a file. Threads may still be started, as the workers are: a thread
 * can do no more than the one that starts it.
 *
 * The list names what the C library may use on any architecture; a name that
 * this one does not have is passed over.
 */
#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
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

static int
allow_files(int ruleset, const char *conf_path, const char *socket_path,
	    const char *other_path)
{
	char *target = realpath(conf_path, NULL);
	int err;

	/* The directory, because editors put a new file in the old one's place;
	 * and of a symbolic link both ends. */
	err = allow_beside(ruleset, conf_path, LANDLOCK_ACCESS_FS_READ_FILE);
	if (err == 0 && target != NULL)
		err = allow_beside(ruleset, target,
				   LANDLOCK_ACCESS_FS_READ_FILE);
	free(target);
	if (err == 0)
		err = allow_beside(ruleset, socket_path,
				   LANDLOCK_ACCESS_FS_REMOVE_FILE);
	if (err == 0 && other_path != NULL)
		err = allow_beside(ruleset, other_path,
				   LANDLOCK_ACCESS_FS_REMOVE_FILE);
	if (err == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		err = -errno;
	return err;
}

static int
limit_files(const char *conf_path, const char *socket_path,
	    const char *other_path, bool *files)
{
	struct landlock_ruleset_attr attr = { 0 };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset, err;

	/* Not built in, not switched on, or refused by an outer filter. */
	*files = abi > 0;
	if (!*files)
		return 0;
	attr.handled_access_fs = all_rights(abi);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr),
			       0);
	if (ruleset < 0)
		return -errno;
	err = allow_files(ruleset, conf_path, socket_path, other_path);
	close(ruleset);
	return err;
}

/* --- system calls --------------------------------------------------------- */

/* Allowed when the bits @mask of argument @arg are @value; without a mask,
 * always. */
struct rule {
	int call;
	unsigned arg;
	uint32_t mask, value;
};

/* A thread, and nothing that is not shared with it. musl adds CLONE_DETACHED,
 * which does nothing. */
#define CLONE_THREAD_FLAGS                                        \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |      \
	 CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |            \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#if defined(__s390__) || defined(__CRIS__)
#define CLONE_FLAGS_ARG 1
#else
#define CLONE_FLAGS_ARG 0
#endif

#define CALL(name) { .call = SCMP_SYS(name) }
#define WHEN(name, number, bits, those) \
	{ .call = SCMP_SYS(name), .arg = number, .mask = bits, .value = those }

static const struct rule rules[] = {
	/* The loops of the workers and of the main thread wait. */
	CALL(poll),
	CALL(ppoll),
	CALL(ppoll_time64),
	CALL(restart_syscall), /* poll() after SIGSTOP and SIGCONT */

	/* Packets and news come, verdicts and transactions go. */
	CALL(recvmmsg),
	CALL(recvmmsg_time64),
	CALL(recvmsg),
	CALL(recvfrom),
	CALL(recv),
	CALL(sendto),
	CALL(send),

	/* signalfd, eventfd, timerfd; the log on standard error. */
	CALL(read),
	CALL(write),

	/* The clients of the control socket, and pinholed-tls. */
	CALL(epoll_wait),
	CALL(epoll_pwait),
	CALL(epoll_ctl),
	CALL(accept4),
	CALL(timerfd_settime),
	CALL(timerfd_settime64),
	CALL(close),

	/* syslog and the service manager; for socket() see below. */
	CALL(connect),
	CALL(getpid), /* in syslog's lines, and for the watchdog */

	/* SIGHUP: the configuration is read, never written; log_init() looks
	 * whether standard error is the journal. */
	WHEN(open, 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	WHEN(openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY),
	CALL(fstat),
	CALL(fstat64),
	CALL(newfstatat),
	CALL(fstatat64),
	CALL(statx),
	CALL(sysinfo), /* qsort(): how much memory it may take */

	/* The end: the control socket's name goes. */
	CALL(unlink),
	CALL(unlinkat),
	CALL(exit),
	CALL(exit_group),

	/* Threads: their start, their locks, how many arenas malloc() makes. */
	WHEN(clone, CLONE_FLAGS_ARG, ~(uint32_t)CLONE_DETACHED,
	     CLONE_THREAD_FLAGS),
	WHEN(rt_sigaction, 0, ~1U, 32), /* glibc's own two signals */
	CALL(set_robust_list),
	CALL(rseq),
	CALL(futex),
	CALL(futex_time64),
	CALL(sched_getaffinity),

	/* Memory, none of it executable. */
	CALL(brk),
	WHEN(mmap, 2, PROT_EXEC, 0),
	WHEN(mmap2, 2, PROT_EXEC, 0),
	WHEN(mprotect, 2, PROT_EXEC, 0),
	CALL(munmap),
	CALL(mremap),
	CALL(madvise),

	/* The time, where the vDSO cannot tell it. */
	CALL(clock_gettime),
	CALL(clock_gettime64),
	CALL(gettimeofday),
	CALL(time),

	/* assert() and the compiler's own checks: a last word, then abort(). */
	CALL(writev),
	CALL(gettid),
	CALL(rt_sigprocmask),
	WHEN(tgkill, 2, UINT32_MAX, SIGABRT),
};

static int
add_rule(scmp_filter_ctx filter, const struct rule *rule)
{
	struct scmp_arg_cmp condition = SCMP_CMP(
		rule->arg, SCMP_CMP_MASKED_EQ, rule->mask, rule->value);

	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rule->call,
				      rule->mask != 0, &condition);
}

/* socket(), and what is refused but does not kill: the C library tries it. */
static int
add_special_rules(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp local = { 0, SCMP_CMP_MASKED_EQ, UINT32_MAX,
					    AF_UNIX };
	const struct scmp_arg_cmp datagram = { 1, SCMP_CMP_MASKED_EQ, 0xf,
					       SOCK_DGRAM };
	const struct scmp_arg_cmp socket_level = { 1, SCMP_CMP_MASKED_EQ,
						   UINT32_MAX, SOL_SOCKET };
	const struct scmp_arg_cmp peer_name = { 2, SCMP_CMP_MASKED_EQ,
						UINT32_MAX, SO_PEERCRED };
	const struct scmp_arg_cmp stream = { 1, SCMP_CMP_MASKED_EQ, 0xf,
					     SOCK_STREAM };
	int err;

	/* With streams one speaks to D-Bus, systemd or a container's manager,
	 * which do much for whom they take for root. syslog() tries one where
	 * datagrams are not listened for. */
	err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
			       local, datagram);
	if (err == 0)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES),
				       SCMP_SYS(socket), 2, local, stream);
	/* Who pinholed-tls is. */
	if (err == 0)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
				       SCMP_SYS(getsockopt), 2, socket_level,
				       peer_name);
	/* Its flags are in memory, where a filter cannot look; refused, the C
	 * library takes clone(). */
	if (err == 0)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				       SCMP_SYS(clone3), 0);
	return err;
}

static int
load_filter(uint32_t otherwise)
{
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int err;

	if (filter == NULL) /* the kernel cannot, or an outer filter forbids */
		return -EOPNOTSUPP;
	err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
			       SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0; err == 0 && i < sizeof(rules) / sizeof(rules[0]);
	     i++)
		err = add_rule(filter, &rules[i]);
	if (err == 0)
		err = add_special_rules(filter);
	if (err == 0)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

static void
say_number(int signal_number, siginfo_t *info, void *context)
{
	char text[96];
	int len = snprintf(text, sizeof(text),
			   "pinholed: system call %d is not on the sandbox's "
			   "list\n",
			   info->si_syscall);

	(void)signal_number;
	(void)context;
	if (write(STDERR_FILENO, text, (size_t)len) < 0)
		_exit(2);
	_exit(1);
}

int
sandbox_enter(const char *conf_path, const char *socket_path,
	      const char *other_path, bool trap, bool *files)
{
	struct sigaction action = { .sa_sigaction = say_number,
				    .sa_flags = SA_SIGINFO };
	int err;

	/* syslog() asks for the local time, and reads a file for it once. */
	tzset();
	err = limit_files(conf_path, socket_path, other_path, files);
	if (err == 0 && trap && sigaction(SIGSYS, &action, NULL) != 0)
		err = -errno;
	if (err == 0)
		err = load_filter(trap ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS);
	return err;
}
