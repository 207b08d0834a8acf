/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sandbox on this kernel: a child enters it as the daemon does, tries one
 * thing, and its end tells. As root the child first becomes the daemon's kind
 * of process with privileges_drop(); otherwise it is an ordinary one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine/privileges.h"
#include "daemon/sandbox.h"

/* How a child ends besides with its attempt's errno (0: it worked). */
#define NOT_ENTERED 200

/* In a directory each; the configuration is a symbolic link to a third one. */
static char base[] = "/tmp/pinholed-sandbox-XXXXXX";
static char conf_path[64], socket_path[64];
static char outside[64]; /* a socket that listens */
static int net = -1; /* a socket from before */

typedef int (*attempt_fn)(void);

static int
result(long rc)
{
	return rc < 0 ? errno : 0;
}

static void
become_daemon(bool trap, bool *files)
{
	/* No line in the log of cores for what is meant to die. */
	const struct rlimit none = { 0, 0 };
	static const unsigned keep[] = { CAP_NET_ADMIN };

	setrlimit(RLIMIT_CORE, &none);
	if (geteuid() == 0 ? privileges_drop("", keep, 1) != 0
			   : prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		_exit(NOT_ENTERED);
	if (sandbox_enter(conf_path, socket_path, NULL, trap, files) != 0)
		_exit(NOT_ENTERED);
}

/* Runs @attempt in the sandbox; the child's wait status. */
static int
try(attempt_fn attempt)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		bool files;

		become_daemon(false, &files);
		_exit(attempt());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == NOT_ENTERED);
	return status;
}

static void
assert_killed(const char *what, attempt_fn attempt)
{
	int status = try(attempt);

	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
		fail_msg("%s: not killed, wait status %#x", what, status);
}

static void
assert_result(const char *what, attempt_fn attempt, int expected)
{
	int status = try(attempt);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != expected)
		fail_msg("%s: wait status %#x, expected errno %d", what,
			 status, expected);
}

/* --- what must not work --------------------------------------------------- */

static int
do_execve(void)
{
	char path[] = "/bin/true", *argv[] = { path, NULL };

	return result(execve(path, argv, NULL));
}

static int
do_execveat(void)
{
	char path[] = "/bin/true", *argv[] = { path, NULL };

	return result(syscall(SYS_execveat, AT_FDCWD, path, argv, NULL, 0));
}

static int
do_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return result(pid);
}

static int
do_vfork(void)
{
	return result(syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0L,
			      0L, 0L, 0L));
}

/* Refused, not killed: the C library is to take clone() instead. */
static int
do_clone3(void)
{
	return result(syscall(SYS_clone3, NULL, 0L));
}

static int
do_namespace(void)
{
	return result(unshare(CLONE_NEWUSER));
}

static int
do_inet(void)
{
	return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int
do_inet6(void)
{
	return result(socket(AF_INET6, SOCK_DGRAM, 0));
}

static int
do_netlink(void)
{
	return result(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int
do_packet(void)
{
	return result(socket(AF_PACKET, SOCK_RAW, 0));
}

static int
do_unix_seqpacket(void)
{
	return result(socket(AF_UNIX, SOCK_SEQPACKET, 0));
}

/* Refused, not killed: syslog() tries it. */
static int
do_unix_stream(void)
{
	return result(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int
do_bind(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };

	return result(bind(net, (const struct sockaddr *)&any, sizeof(any)));
}

static int
do_listen(void)
{
	return result(listen(net, 1));
}

static int
do_setsockopt(void)
{
	int on = 1;

	return result(setsockopt(net, SOL_SOCKET, SO_REUSEADDR, &on,
				 sizeof(on)));
}

static int
do_ptrace(void)
{
	return result(ptrace(PTRACE_ATTACH, 1, NULL, NULL));
}

static int
do_read_memory(void)
{
	return result(syscall(SYS_process_vm_readv, 1, NULL, 0L, NULL, 0L, 0L));
}

static int
do_kill(void)
{
	return result(kill(getpid(), 0));
}

static int
do_tgkill(void)
{
	return result(syscall(SYS_tgkill, getpid(), gettid(), SIGCONT));
}

static int
do_map_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int
do_make_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int
do_open_write(void)
{
	return result(open(conf_path, O_WRONLY));
}

static int
do_open_create(void)
{
	return result(open(conf_path, O_RDONLY | O_CREAT, 0600));
}

static int
do_open_truncate(void)
{
	return result(open(conf_path, O_RDONLY | O_TRUNC));
}

static int
do_rename(void)
{
	return result(rename(conf_path, outside));
}

static int
do_chmod(void)
{
	return result(chmod(conf_path, 0777));
}

static int
do_mkdir(void)
{
	return result(mkdir(outside, 0700));
}

static int
do_ioctl(void)
{
	int n;

	return result(ioctl(net, FIONREAD, &n));
}

static int
do_prctl(void)
{
	return result(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int
do_setuid(void)
{
	return result(setuid(1));
}

static int
do_mount(void)
{
	return result(syscall(SYS_mount, NULL, "/", NULL, 0L, NULL));
}

static int
do_bpf(void)
{
	return result(syscall(SYS_bpf, 0L, NULL, 0L));
}

static int
do_io_uring(void)
{
	return result(syscall(SYS_io_uring_setup, 1L, NULL));
}

static int
do_handler(void)
{
	return result(sigaction(SIGSYS, &(struct sigaction){ 0 }, NULL));
}

/* Who is at the other end may be asked, and nothing else. */
static int
do_getsockopt(void)
{
	int value;
	socklen_t len = sizeof(value);

	return result(getsockopt(net, SOL_SOCKET, SO_TYPE, &value, &len));
}

static void
test_killed(void **state)
{
	(void)state;
#define KILLED(what) assert_killed(#what, do_##what)
	KILLED(execve);
	KILLED(execveat);
	KILLED(fork);
	KILLED(vfork);
	KILLED(namespace);
	KILLED(inet);
	KILLED(inet6);
	KILLED(netlink);
	KILLED(packet);
	KILLED(unix_seqpacket);
	KILLED(bind);
	KILLED(listen);
	KILLED(setsockopt);
	KILLED(ptrace);
	KILLED(read_memory);
	KILLED(kill);
	KILLED(tgkill);
	KILLED(map_code);
	KILLED(make_code);
	KILLED(open_write);
	KILLED(open_create);
	KILLED(open_truncate);
	KILLED(rename);
	KILLED(chmod);
	KILLED(mkdir);
	KILLED(ioctl);
	KILLED(prctl);
	KILLED(setuid);
	KILLED(mount);
	KILLED(bpf);
	KILLED(io_uring);
	KILLED(handler);
	KILLED(getsockopt);
	assert_result("clone3", do_clone3, ENOSYS);
	assert_result("unix_stream", do_unix_stream, EACCES);
}

/* A call that the kernel knows and that nobody ever thinks of: the list is one
 * of what is allowed. Also in a thread that is started later. */
static void *
run_unknown(void *arg)
{
	(void)arg;
	syscall(SYS_getppid);
	return NULL;
}

static int
do_unknown_in_thread(void)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, run_unknown, NULL);

	if (err == 0)
		err = pthread_join(thread, NULL);
	return err;
}

static void
test_killed_in_thread(void **state)
{
	(void)state;
	assert_killed("getppid in a thread", do_unknown_in_thread);
}

/* --- files ---------------------------------------------------------------- */

static int
do_read_outside(void)
{
	return result(open("/etc/passwd", O_RDONLY));
}

static int
do_read_socket_directory(void)
{
	char path[80];

	snprintf(path, sizeof(path), "%s.secret", socket_path);
	return result(open(path, O_RDONLY));
}

static int
do_list(void)
{
	return result(open("/", O_RDONLY | O_DIRECTORY));
}

static int
do_remove_conf(void)
{
	return result(unlink(conf_path));
}

static int
do_remove_outside(void)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/file", base);
	return result(unlink(path));
}

static void
test_files_refused(void **state)
{
	(void)state;
	if (syscall(SYS_landlock_create_ruleset, NULL, 0,
		    LANDLOCK_CREATE_RULESET_VERSION) < 1)
		skip(); /* this kernel has no Landlock */
	assert_result("read outside", do_read_outside, EACCES);
	assert_result("read beside the socket", do_read_socket_directory,
		      EACCES);
	assert_result("list a directory", do_list, EACCES);
	assert_result("remove the configuration", do_remove_conf, EACCES);
	assert_result("remove outside", do_remove_outside, EACCES);
}

/* --- what must work ------------------------------------------------------- */

static int
do_ask_who(void)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return result(getsockopt(net, SOL_SOCKET, SO_PEERCRED, &who, &len));
}

static int
do_read_conf(void)
{
	return result(open(conf_path, O_RDONLY | O_CLOEXEC));
}

/* What an editor will put into its place. */
static int
do_read_new_conf(void)
{
	char path[80];

	snprintf(path, sizeof(path), "%s.new", conf_path);
	return result(open(path, O_RDONLY | O_CLOEXEC));
}

static int
do_remove_socket(void)
{
	return result(unlink(socket_path));
}

/* syslog, and the service manager's socket: a name outside of everything. */
static int
do_notify(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", outside);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		return errno;
	return result(sendto(fd, "x", 1, 0, NULL, 0));
}

static void *
run_memory(void *arg)
{
	bool *ok = arg;
	char *small = malloc(100), *large = malloc(4 << 20);

	large = realloc(large, 64 << 20);
	*ok = small != NULL && large != NULL;
	free(small);
	free(large);
	return NULL;
}

static int
do_threads(void)
{
	pthread_t threads[4];
	bool ok[4] = { false };

	for (int i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, run_memory, &ok[i]) != 0)
			return EAGAIN;
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		if (!ok[i])
			return ENOMEM;
	}
	return 0;
}

static int
compare_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* As many servers in a configuration that is loaded anew. */
static int
do_sort(void)
{
	static int numbers[1 << 16];

	for (int i = 0; i < 1 << 16; i++)
		numbers[i] = (i * 7919) & 0xffff;
	qsort(numbers, 1 << 16, sizeof(numbers[0]), compare_int);
	return numbers[1] == 1 ? 0 : EINVAL;
}

static void
test_works(void **state)
{
	(void)state;
	assert_result("read the configuration", do_read_conf, 0);
	assert_result("ask who it is", do_ask_who, 0);
	assert_result("read a new configuration", do_read_new_conf, 0);
	assert_result("notify", do_notify, 0);
	assert_result("threads with memory", do_threads, 0);
	assert_result("sort", do_sort, 0);
	assert_result("remove the socket", do_remove_socket, 0);
	assert_int_not_equal(access(socket_path, F_OK), 0);
}

static int
do_abort(void)
{
	abort();
}

/* A failed assertion must be seen as one. */
static void
test_abort(void **state)
{
	int status = try(do_abort);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

/* Bring-up: the number is said before the end. */
static void
test_trap(void **state)
{
	char text[128] = "", expected[16];
	int said[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(said), 0);
	pid = fork();
	if (pid == 0) {
		bool files;

		dup2(said[1], STDERR_FILENO);
		become_daemon(true, &files);
		_exit(do_ptrace());
	}
	close(said[1]);
	assert_true(read(said[0], text, sizeof(text) - 1) > 0);
	close(said[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	snprintf(expected, sizeof(expected), " %d ", (int)SYS_ptrace);
	if (strstr(text, expected) == NULL)
		fail_msg("no%sin: %s", expected, text);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

/* --- what it happens in --------------------------------------------------- */

static void
touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static int
set_up(void **state)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	char path[80];
	int fd;

	(void)state;
	assert_non_null(mkdtemp(base));
	snprintf(path, sizeof(path), "%s/etc", base);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/run", base);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/file", base);
	touch(path);
	snprintf(path, sizeof(path), "%s/elsewhere", base);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/elsewhere/conf", base);
	touch(path);
	snprintf(conf_path, sizeof(conf_path), "%s/etc/conf", base);
	assert_int_equal(symlink("../elsewhere/conf", conf_path), 0);
	snprintf(path, sizeof(path), "%s.new", conf_path);
	touch(path);
	snprintf(socket_path, sizeof(socket_path), "%s/run/sock", base);
	touch(socket_path);
	snprintf(path, sizeof(path), "%s.secret", socket_path);
	touch(path);
	snprintf(outside, sizeof(outside), "%s/outside", base);
	net = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(net >= 0);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", outside);
	return bind(fd, (const struct sockaddr *)&name, sizeof(name));
}

static int
tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", base);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_killed_in_thread),
		cmocka_unit_test(test_files_refused),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_trap),
		cmocka_unit_test(test_works),
	};

	return cmocka_run_group_tests_name("sandbox", tests, set_up, tear_down);
}
