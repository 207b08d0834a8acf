/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Start, time and the end. */
#include "terminator/program.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "confine/privileges.h"
#include "io/log.h"
#include "io/log_limit.h"
#include "io/notify.h"
#include "terminator/control.h"
#include "terminator/link.h"
#include "terminator/loop.h"
#include "terminator/reader.h"
#include "terminator/relay.h"
#include "terminator/reload.h"
#include "terminator/sandbox.h"
#include "terminator/sockets.h"

#define NS_PER_S UINT64_C(1000000000)

uint64_t
program_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void
program_bury(struct program *p, struct mortal *mortal,
	     void (*free_it)(struct mortal *))
{
	mortal->free = free_it;
	SLIST_INSERT_HEAD(&p->dead, mortal, next);
	loop_arm(p->reaper, 0);
}

/* Behind all events that were due with the one that buried them. */
static void
on_reaper(void *arg, bool readable, bool writable)
{
	struct program *p = arg;
	struct mortal *m;

	(void)readable;
	(void)writable;
	while ((m = SLIST_FIRST(&p->dead)) != NULL) {
		SLIST_REMOVE_HEAD(&p->dead, next);
		m->free(m);
	}
}

/* --- the end --------------------------------------------------------------- */

static void
on_stop(void *arg, bool readable, bool writable)
{
	struct program *p = arg;

	(void)readable;
	(void)writable;
	p->stopping = true;
	loop_stop(p->loop);
}

static bool
is_idle(const struct program *p)
{
	return table_total(p->table, TABLE_SESSIONS) == 0 &&
	       table_total(p->table, TABLE_DATA) == 0;
}

/* --- time ----------------------------------------------------------------- */

static void
look(struct control *c, void *arg)
{
	control_look(c, *(const uint64_t *)arg);
}

static void
on_second(void *arg, bool readable, bool writable)
{
	struct program *p = arg;
	uint64_t now = program_now_ns();

	(void)readable;
	(void)writable;
	link_look(p->link);
	reader_tick(p);
	relay_look(p);
	table_each_control(p->table, look, &now);
	if (now - p->warned_ns > UINT64_C(86400000000000)) {
		p->warned_ns = now;
		services_warn(p->services, EXPIRY_DAYS);
	}
	if (p->stop_ns != 0 && (is_idle(p) || now >= p->stop_ns))
		on_stop(p, false, false);
	if (notify_watchdog_ns() != 0)
		notify_send("WATCHDOG=1\nSTATUS=%u sessions, %u data "
			    "connections",
			    table_total(p->table, TABLE_SESSIONS),
			    table_total(p->table, TABLE_DATA));
}

/* --- signals -------------------------------------------------------------- */

static void
on_counters(void *arg, bool readable, bool writable)
{
	const struct program *p = arg;

	(void)readable;
	(void)writable;
#define X(name, help) \
	log_info("%s: %llu", help, (unsigned long long)p->counters.name);
	PROGRAM_COUNTERS(X)
#undef X
	log_info("now: %u sessions, %u data connections",
		 table_total(p->table, TABLE_SESSIONS),
		 table_total(p->table, TABLE_DATA));
	services_log_days(p->services);
}

/* New sessions go elsewhere; what runs may end by itself. */
static void
on_drain(void *arg, bool readable, bool writable)
{
	struct program *p = arg;

	if (p->stop_ns == 0)
		intake_drain(p);
	if (p->stop_ns != 0 || p->conf->stop_timeout_s == 0 || is_idle(p)) {
		on_stop(p, readable, writable);
		return;
	}
	p->stop_ns = program_now_ns() + p->conf->stop_timeout_s * NS_PER_S;
	notify_send("STOPPING=1");
	log_info("no new sessions: %u sessions and %u data connections have "
		 "%u s to end",
		 table_total(p->table, TABLE_SESSIONS),
		 table_total(p->table, TABLE_DATA), p->conf->stop_timeout_s);
}

static void
on_reload(void *arg, bool readable, bool writable)
{
	(void)readable;
	(void)writable;
	reload(arg);
}

/* --- start ---------------------------------------------------------------- */

static int
fail(const char *what, int err)
{
	const char *cure = "";

	if (err == -EPERM)
		cure = "; start as root, or with CAP_NET_RAW and "
		       "CAP_NET_BIND_SERVICE";
	else if (err == -EADDRINUSE)
		cure = "; is pinholed-tls running already?";
	log_err("cannot start: %s: %s%s", what, strerror(-err), cure);
	return err;
}

/* What is in memory stays there: no core dump, no debugger, and room for all
 * descriptors that we may have. */
static void
limit_process(void)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit files;

	setrlimit(RLIMIT_CORE, &none);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int
open_loop(struct program *p)
{
	struct loop *loop = p->loop = loop_new();

	signal(SIGPIPE, SIG_IGN);
	if (loop == NULL)
		return -ENOMEM;
	p->reaper = loop_add(loop, LOOP_TIMER, -1, on_reaper, p);
	/* These live as long as the loop. */
	if (p->reaper == NULL ||
	    loop_add(loop, LOOP_TICK, -1, on_second, p) == NULL ||
	    loop_add(loop, LOOP_SIGNAL, SIGTERM, on_drain, p) == NULL ||
	    loop_add(loop, LOOP_SIGNAL, SIGINT, on_stop, p) == NULL ||
	    loop_add(loop, LOOP_SIGNAL, SIGHUP, on_reload, p) == NULL ||
	    loop_add(loop, LOOP_SIGNAL, SIGUSR1, on_counters, p) == NULL)
		return -ENOMEM;
	return 0;
}

static int
enter_sandbox(const struct program *p)
{
	bool files;
	int err;

	if (p->conf->sandbox == CONF_SANDBOX_OFF) {
		log_warn("the sandbox is off");
		return 0;
	}
	err = tls_sandbox_enter(p->path, p->conf,
				p->conf->sandbox == CONF_SANDBOX_TRAP, &files);
	if (err != 0)
		return fail("sandbox (see pinholed-tls.conf(5))", err);
	if (!files)
		log_info("this kernel has no Landlock: files are kept from us "
			 "by their modes and the service manager alone");
	return 0;
}

/* All that needs privileges, then all that must not have them. */
static int
start(struct program *p)
{
	static const unsigned keep[] = { CAP_NET_RAW, CAP_NET_BIND_SERVICE };
	int err;

	limit_process();
	err = intake_open(p);
	if (err != 0)
		return fail("listener", err);
	if (sockets_early_demux())
		log_warn("net.ipv4.tcp_early_demux is on: for a minute behind a "
			 "relay, a data connection between the same two ports "
			 "that is not relayed is lost; set it to 0");
	err = open_loop(p);
	if (err != 0)
		return fail("event loop", err);
	err = privileges_drop(p->conf->user, keep, 2);
	if (err != 0)
		return fail(p->conf->user[0] != '\0' ? p->conf->user :
						       "privileges",
			    err);
	/* Behind the change of user, which would undo it. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fail("PR_SET_DUMPABLE", -errno);
	if (!reload_services(p) || enter_sandbox(p) != 0)
		return -1;
	p->table = table_new();
	if (p->table == NULL)
		return fail("memory", -ENOMEM);
	err = reader_open(p);
	if (err != 0)
		return fail("memory", err);
	p->link = link_new(p);
	if (p->link == NULL)
		return fail("memory", -ENOMEM);
	err = intake_watch(p);
	return err != 0 ? fail("listener", err) : 0;
}

static void
end(struct control *c, void *arg)
{
	(void)arg;
	control_end(c, true);
}

static void
stop(struct program *p)
{
	intake_close(p);
	if (p->table != NULL)
		table_each_control(p->table, end, NULL);
	link_free(p->link);
}

int
program_run(const char *path, bool debug)
{
	struct program p = { .path = path,
			     .debug = debug,
			     .listeners = { -1, -1, -1, -1 },
			     .spare = -1,
			     .started_ns = program_now_ns(),
			     .warned_ns = program_now_ns() };
	int err;

	SLIST_INIT(&p.dead);
	if (!reload_conf(&p, stderr))
		return 1;
	log_name("pinholed-tls");
	log_init(p.conf->log_target,
		 debug ? LOG_LEVEL_DEBUG : p.conf->log_level);
	log_limit_set(p.conf->log_rate);
	err = start(&p);
	if (err == 0) {
		services_warn(p.services, EXPIRY_DAYS);
		log_info("pinholed-tls %s started: port %u, %s",
			 PINHOLED_VERSION, p.conf->port, path);
		notify_send("READY=1");
		loop_run(p.loop);
		notify_send("STOPPING=1");
		log_info("pinholed-tls stops");
	}
	stop(&p);
	return err == 0 ? 0 : 1;
}
