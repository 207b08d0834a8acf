/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sandbox of pinholed-tls on this kernel: a child enters it as the daemon does,
 * tries one thing, and its end tells. As root the child first becomes the daemon's
 * kind of process; otherwise it is an ordinary one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <pthread.h>
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
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine/privileges.h"
#include "terminator/sandbox.h"

#define NOT_ENTERED 77

static char base[] = "/tmp/pinholed-sandbox-tls-XXXXXX";
static char conf_path[80], key_path[80], outside[80];
static struct tls_conf conf;
static bool files;

static int
result(long rc)
{
	return rc < 0 ? errno : 0;
}

/* --- attempts ------------------------------------------------------------- */

static int
do_execve(void)
{
	char path[] = "/bin/true", *argv[] = { path, NULL };

	return result(execve(path, argv, NULL));
}

static int
do_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return result(pid);
}

static void *
nothing(void *arg)
{
	return arg;
}

static int
do_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, nothing, NULL);
}

static int
do_listen(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return result(listen(fd, 1));
}

static int
do_datagram(void)
{
	return result(socket(AF_INET, SOCK_DGRAM, 0));
}

/* CAP_NET_RAW would allow it: every packet of the machine. */
static int
do_packet_socket(void)
{
	return result(socket(AF_PACKET, SOCK_RAW, 0));
}

static int
do_raw_socket(void)
{
	return result(socket(AF_INET, SOCK_RAW, IPPROTO_TCP));
}

static int
do_netlink(void)
{
	return result(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int
do_bind_to_device(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return result(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
}

static int
do_write_file(void)
{
	return result(open(conf_path, O_WRONLY));
}

static int
do_create_file(void)
{
	return result(open(outside, O_RDONLY | O_CREAT, 0600));
}

static int
do_unlink(void)
{
	return result(unlink(conf_path));
}

static int
do_executable_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result(p == MAP_FAILED ? -1 : 0);
}

static int
do_ptrace(void)
{
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int
do_kill(void)
{
	return result(kill(getppid(), 0));
}

static int
do_prctl(void)
{
	return result(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int
do_setuid(void)
{
	return result(setuid(0));
}

static int
do_ioctl(void)
{
	int n;

	return result(ioctl(0, FIONREAD, &n));
}

static int
do_read_outside(void)
{
	return result(open("/etc/passwd", O_RDONLY));
}

static int
do_unix_stream(void)
{
	return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

/* --- what it needs -------------------------------------------------------- */

static int
do_work(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr = { htonl(INADDR_LOOPBACK) } };
	const struct linger now = { .l_onoff = 1 };
	socklen_t len = sizeof(a);
	int one = 1, err = 0, fd = socket(AF_INET, SOCK_STREAM, 0);
	struct stat st;
	FILE *f;

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) != 0)
		return 1;
	a.sin_port = htons(1); /* where nobody listens */
	if (connect(fd, (struct sockaddr *)&a, len) == 0)
		return 2;
	len = sizeof(err);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) != 0 ||
	    fcntl(fd, F_DUPFD_CLOEXEC, 0) < 0 || sockatmark(fd) < 0)
		return 3;
	if (socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0) < 0)
		return 4;
	f = fopen(key_path, "r");
	if (f == NULL || fstat(fileno(f), &st) != 0 || fgetc(f) != 'k')
		return 5;
	fclose(f);
	close(fd);
	return 0;
}

/* --- the frame ------------------------------------------------------------ */

static int
try(int (*attempt)(void))
{
	const struct rlimit none = { 0, 0 };
	static const unsigned keep[] = { CAP_NET_RAW, CAP_NET_BIND_SERVICE };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		if (geteuid() == 0 ?
			    privileges_drop("", keep, 2) != 0 :
			    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
			_exit(NOT_ENTERED);
		if (tls_sandbox_enter(conf_path, &conf, false, &files) != 0)
			_exit(NOT_ENTERED);
		_exit(attempt());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == NOT_ENTERED);
	return status;
}

static void
test_killed(void **state)
{
	static const struct {
		const char *name;
		int (*attempt)(void);
	} all[] = {
		{ "execve", do_execve },
		{ "fork", do_fork },
		{ "a thread", do_thread },
		{ "listen", do_listen },
		{ "datagrams to the network", do_datagram },
		{ "a packet socket", do_packet_socket },
		{ "a raw socket", do_raw_socket },
		{ "netlink", do_netlink },
		{ "SO_BINDTODEVICE", do_bind_to_device },
		{ "open for writing", do_write_file },
		{ "a new file", do_create_file },
		{ "unlink", do_unlink },
		{ "executable memory", do_executable_memory },
		{ "ptrace", do_ptrace },
		{ "kill", do_kill },
		{ "prctl", do_prctl },
		{ "setuid", do_setuid },
		{ "ioctl", do_ioctl },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		int status = try(all[i].attempt);

		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("%s: not killed, wait status %#x", all[i].name,
				 status);
	}
}

static void
test_refused(void **state)
{
	bool landlock;
	int status = try(do_unix_stream);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EACCES);
	status = try(do_read_outside);
	assert_true(WIFEXITED(status));
	/* Asked in a child, so as not to enter it ourselves. */
	landlock = access("/sys/kernel/security/landlock", F_OK) == 0 ||
		   WEXITSTATUS(status) == EACCES;
	if (landlock)
		assert_int_equal(WEXITSTATUS(status), EACCES);
	else
		print_message("no Landlock here\n");
}

static void
test_works(void **state)
{
	int status = try(do_work);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
touch(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
set_up(void **state)
{
	char path[80];

	(void)state;
	assert_non_null(mkdtemp(base));
	snprintf(path, sizeof(path), "%s/etc", base);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/keys", base);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(conf_path, sizeof(conf_path), "%s/etc/conf", base);
	touch(conf_path, "");
	snprintf(key_path, sizeof(key_path), "%s/keys/key", base);
	touch(key_path, "k");
	snprintf(outside, sizeof(outside), "%s/new", base);
	strcpy(conf.pinholed_conf, conf_path);
	strcpy(conf.fallback.tls.pairs[0].certificate, key_path);
	strcpy(conf.fallback.tls.pairs[0].key, key_path);
	conf.fallback.tls.pair_count = 1;
	return 0;
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
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_works),
	};

	return cmocka_run_group_tests_name("sandbox of pinholed-tls", tests,
					   set_up, tear_down);
}
