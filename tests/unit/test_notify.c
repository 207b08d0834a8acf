/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: the service manager hears what sd_notify(3) promises, at a path and at
 * an abstract address, and a daemon without one is not bothered.
 */
#include "support.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "io/notify.h"

static char heard[1024];

/* A manager's socket; @name as in $NOTIFY_SOCKET. */
static int
listen_at(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				    strlen(name));
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, name);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_return_code(bind(fd, (struct sockaddr *)&address, len), errno);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static const char *
hear(int fd)
{
	ssize_t n = recv(fd, heard, sizeof(heard) - 1, 0);

	assert_true(n > 0);
	heard[n] = '\0';
	return heard;
}

static void
test_send(void **state)
{
	char name[64];

	(void)state;
	for (int abstract = 0; abstract < 2; abstract++) {
		int fd;

		snprintf(name, sizeof(name), "%s/tmp/test_notify.%d",
			 abstract ? "@" : "", (int)getpid());
		fd = listen_at(name);
		assert_int_equal(notify_send("READY=1\nSTATUS=%d", 7), 0);
		assert_string_equal(hear(fd), "READY=1\nSTATUS=7");
		assert_int_equal(notify_send("WATCHDOG=1"), 0);
		assert_string_equal(hear(fd), "WATCHDOG=1");
		close(fd);
		if (!abstract)
			unlink(name);
	}
}

static void
test_reloading(void **state)
{
	unsigned long long usec;
	struct timespec ts;
	char name[64];
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "@test_notify.%d", (int)getpid());
	fd = listen_at(name);
	assert_int_equal(notify_reloading(), 0);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	assert_int_equal(sscanf(hear(fd), "RELOADING=1\nMONOTONIC_USEC=%llu",
				&usec), 1);
	assert_in_range(usec, ((unsigned long long)ts.tv_sec - 1) * 1000000,
			((unsigned long long)ts.tv_sec + 1) * 1000000);
	close(fd);
}

static void
test_nobody_there(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_send("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "/tmp/no/such/socket", 1);
	assert_int_equal(notify_send("READY=1"), -ENOENT);
	setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
	assert_int_equal(notify_send("READY=1"), -EINVAL);
	unsetenv("NOTIFY_SOCKET");
}

static void
test_watchdog(void **state)
{
	char pid[24];

	(void)state;
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	assert_int_equal(notify_watchdog_ns(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_true(notify_watchdog_ns() == 15000000000);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_true(notify_watchdog_ns() == 15000000000);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_ns(), 0);
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "30s", 1);
	assert_int_equal(notify_watchdog_ns(), 0);
	unsetenv("WATCHDOG_USEC");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_send),
		cmocka_unit_test(test_reloading),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_watchdog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
