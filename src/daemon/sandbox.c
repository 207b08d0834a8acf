/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sandbox of pinholed: what it needs beyond what every daemon does
 * (confine/confine.c).
 *
 * All sockets but those to syslog and to the service manager are open before
 * it, so nothing that the list lets through can reach a network, start a program or
 * write another file than the one for what is learned. Threads may still be started,
 * as the workers are: a thread can do no more than the one that starts it.
 */
#include "daemon/sandbox.h"

#include <sched.h>
#include <sys/socket.h>

#include "confine/confine.h"

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

static const struct confine_rule rules[] = {
	/* Packets and news come, verdicts and transactions go. */
	CONFINE_CALL(recvmmsg),
	CONFINE_CALL(recvmmsg_time64),
	CONFINE_CALL(recvmsg),
	CONFINE_CALL(recvfrom),
	CONFINE_CALL(recv),

	/* The clients of the control socket, and pinholed-tls. */
	CONFINE_CALL(timerfd_settime),
	CONFINE_CALL(timerfd_settime64),

	/* The end: the control socket's name goes. */
	CONFINE_CALL(unlink),
	CONFINE_CALL(unlinkat),

	/* What is learned, into the one file that is open for it (learned.c). */
	CONFINE_CALL(pwrite64),
	CONFINE_CALL(ftruncate),
	CONFINE_CALL(ftruncate64),

	/* Threads: their start, their locks, how many arenas malloc() makes. */
	CONFINE_WHEN(clone, CLONE_FLAGS_ARG, ~(uint32_t)CLONE_DETACHED,
	     CLONE_THREAD_FLAGS),
	CONFINE_WHEN(rt_sigaction, 0, ~1U, 32), /* glibc's own two signals */
	CONFINE_CALL(set_robust_list),
	CONFINE_CALL(rseq),
	CONFINE_CALL(sched_getaffinity),
	CONFINE_CALL(sched_yield), /* before a reader sleeps: traffic.c */

	/* Who pinholed-tls is. */
	CONFINE_WHEN2(getsockopt, 1, UINT32_MAX, SOL_SOCKET, 2, UINT32_MAX,
		      SO_PEERCRED),
};

int
sandbox_enter(const char *conf_path, const char *socket_path,
	      const char *other_path, bool trap, bool *files)
{
	const char *const readable[] = { conf_path, NULL };
	const char *const removable[] = { socket_path, other_path, NULL };
	const struct confine_list lists[] = {
		confine_common,
		{ rules, sizeof(rules) / sizeof(rules[0]) },
	};
	int err = confine_files(readable, removable, files);

	return err != 0 ? err : confine_calls(lists, 2, trap, "pinholed");
}
