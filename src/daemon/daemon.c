/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The main thread. It wires: workers do the work, this thread answers questions
 * and signals, tells the service manager that all is well, and watches the
 * ruleset, which somebody else may empty or reload at any time.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "confine/privileges.h"
#include "io/control.h"
#include "io/log.h"
#include "io/log_limit.h"
#include "io/notify.h"
#include "netfilter/fwset.h"
#include "daemon/findings.h"
#include "daemon/learned.h"
#include "daemon/peers.h"
#include "daemon/reload.h"
#include "daemon/ruleset.h"
#include "daemon/sandbox.h"
#include "daemon/source.h"
#include "daemon/state.h"
#include "daemon/stream.h"

/* How often the ruleset, the workers and the watchdog are looked after. */
#define LOOK_MS 1000
/* A worker whose loop has not turned for so long is stuck. */
#define STUCK_NS (10 * UINT64_C(1000000000))

static int
fail(const char *what, int err)
{
	const char *cure = "";

	if (err == -EPERM)
		cure = "; start as root, or with CAP_NET_ADMIN";
	else if (err == -EBUSY)
		cure = "; another program has it: see `queues` in "
		       "pinholed.conf(5)";
	else if (err == -EADDRINUSE)
		cure = "; is pinholed running already?";
	log_err("cannot start: %s: %s%s", what, strerror(-err), cure);
	return err;
}

static int
open_signals(struct state *st)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	/* Before any thread: they inherit the mask. */
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
		return -EINVAL;
	signal(SIGPIPE, SIG_IGN);
	st->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return st->signals < 0 ? -errno : 0;
}

static int
open_workers(struct state *st)
{
	const char *what = "";
	int err;

	st->feed_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (st->feed_wake < 0)
		return fail("eventfd", -errno);
	for (uint16_t i = 0; i < st->conf->queue_count; i++) {
		err = worker_open(st->conf, &st->conf->policy, i,
				  st->feed_wake, &st->workers[i], &what);
		if (err != 0)
			return fail(what, err);
		st->worker_count++;
	}
	return 0;
}

/* Only where it is wanted: else there is one socket less to attack. */
static int
open_terminator(struct state *st)
{
	struct terminator_handler handler = peers_make(st);
	int err;

	if (!policy_terminates(&st->conf->policy))
		return 0;
	err = terminator_open(st->conf->terminator_path,
			      st->conf->terminator_group, &handler,
			      &st->terminator);
	return err == 0 ? 0 : fail(st->conf->terminator_path, err);
}

static int
enter_sandbox(const struct state *st)
{
	const struct conf *conf = st->conf;
	bool trap = conf->sandbox == CONF_SANDBOX_TRAP, files;
	int err;

	if (conf->sandbox == CONF_SANDBOX_OFF) {
		log_warn("the sandbox is off");
		return 0;
	}
	err = sandbox_enter(st->path, conf->socket_path,
			    st->terminator != NULL ? conf->terminator_path :
						     NULL,
			    trap, &files);
	if (err != 0)
		return fail("sandbox (see pinholed.conf(5))", err);
	if (!files)
		log_info("this kernel has no Landlock: files are kept from us "
			 "by their modes and the service manager alone");
	return 0;
}

/* All that needs privileges; after it they are gone. Packets are read only in
 * the sandbox: the workers start last. */
static int
start(struct state *st)
{
	/* For life: nfnetlink asks for it with every message, verdicts
	 * included. */
	static const unsigned keep[] = { CAP_NET_ADMIN };
	struct control_source source = source_make(st);
	int err = open_signals(st);

	if (err != 0)
		return fail("signals", err);
	err = fwset_open(st->conf->table, &st->fw);
	if (err != 0)
		return fail("nftables", err);
	err = ruleset_check(st);
	if (err == -ENOENT) /* the log says what is missing */
		return err;
	if (err != 0)
		return fail("nftables", err);
	if (open_workers(st) != 0)
		return -1;
	err = findings_open(&st->findings);
	if (err != 0)
		return fail("connection tracking", err);
	learned_open(st);
	err = control_open(st->conf->socket_path, st->conf->socket_group,
			   &source, &st->control);
	if (err != 0)
		return fail(st->conf->socket_path, err);
	if (open_terminator(st) != 0)
		return -1;
	err = privileges_drop(st->conf->user, keep, 1);
	if (err != 0)
		return fail(st->conf->user, err);
	if (enter_sandbox(st) != 0)
		return -1;
	err = ruleset_sync(st, &st->conf->policy);
	if (err != 0)
		return fail("configured ports and ranges", err);
	for (uint16_t i = 0; i < st->worker_count; i++) {
		err = worker_find_flows(st->workers[i], st->worker_count == 1,
					&st->tls);
		if (err == 0)
			err = worker_start(st->workers[i]);
		if (err != 0)
			return fail("worker", err);
		st->workers_running++;
	}
	err = ruleset_settle(st);
	return err == 0 ? 0 : fail("nftables", err);
}

/* Says once that pinholectl gets no answer, and why. */
static void
watch_descriptors(struct state *st)
{
	bool none = control_is_starved(st->control);

	if (none && !st->out_of_descriptors)
		log_err("no file descriptor is left for pinholectl; control "
			"and data connections are not concerned; see "
			"LimitNOFILE in systemd.exec(5)");
	st->out_of_descriptors = none;
}

/* False when a worker cannot go on: then neither can we, and the service
 * manager starts us anew. */
static bool
look_after(struct state *st)
{
	uint64_t now = clock_now_ns();
	bool stuck = false;

	ruleset_watch(st);
	watch_descriptors(st);
	learned_look(st);
	for (uint16_t i = 0; i < st->worker_count; i++) {
		uint64_t alive = worker_alive_ns(st->workers[i]);

		if (alive == 0)
			return false;
		stuck |= now > alive && now - alive > STUCK_NS;
	}
	if (!stuck && notify_watchdog_ns() != 0)
		notify_send("WATCHDOG=1");
	return true;
}

/* True: stop. */
static bool
take_signal(struct state *st)
{
	struct signalfd_siginfo info;

	while (read(st->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGHUP)
			return true;
		reload(st);
	}
	return false;
}

static int
loop(struct state *st)
{
	struct pollfd fds[4] = {
		{ .fd = st->signals, .events = POLLIN },
		{ .fd = control_fd(st->control), .events = POLLIN },
		{ .fd = st->feed_wake, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};
	uint64_t now, looked = 0;

	if (st->terminator != NULL)
		fds[3].fd = terminator_fd(st->terminator);
	for (;;) {
		if (poll(fds, 4, LOOK_MS) < 0 && errno != EINTR)
			return fail("poll", -errno);
		if ((fds[0].revents & POLLIN) != 0 && take_signal(st))
			return 0;
		if (fds[1].revents != 0)
			control_step(st->control);
		if (fds[1].revents != 0 || fds[2].revents != 0)
			stream_step(st);
		if (fds[3].revents != 0)
			terminator_step(st->terminator);
		now = clock_now_ns();
		if (now - looked < LOOK_MS * UINT64_C(1000000))
			continue;
		looked = now;
		if (!look_after(st))
			return -1;
	}
}

/* Closes what we opened: a stopped daemon leaves no hole. */
static void
stop(struct state *st)
{
	int err = 0;

	for (uint16_t i = 0; i < st->workers_running; i++)
		worker_stop(st->workers[i]);
	learned_close(st);
	terminator_close(st->terminator);
	if (st->workers_running != 0)
		err = fwset_flush(st->fw);
	if (err != 0)
		log_err("what is open could not be closed (%s); it ends by "
			"its timeouts",
			strerror(-err));
	control_close(st->control);
	for (uint16_t i = 0; i < st->worker_count; i++)
		worker_close(st->workers[i]);
	findings_close(st->findings);
	fwset_close(st->fw);
	if (st->feed_wake >= 0)
		close(st->feed_wake);
	if (st->signals >= 0)
		close(st->signals);
}

int
daemon_run(const char *path, struct conf *conf, bool debug)
{
	struct state st = {
		.path = path,
		.conf = conf,
		.debug = debug,
		.signals = -1,
		.feed_wake = -1,
		.started_ns = clock_now_ns(),
		.ruleset_loaded = true,
	};
	int err;

	log_init(conf->log_target, debug ? LOG_LEVEL_DEBUG : conf->log_level);
	log_limit_set(conf->log_rate);
	err = start(&st);
	if (err == 0) {
		log_info("pinholed %s started: %u worker%s from queue %u on, "
			 "%s",
			 PINHOLED_VERSION, conf->queue_count,
			 conf->queue_count == 1 ? "" : "s", conf->queue_first,
			 path);
		if (conf->policy.shadow)
			log_warn("shadow: openings are decided and logged, "
				 "nothing is opened");
		notify_send("READY=1\nSTATUS=watching control connections");
		err = loop(&st);
		notify_send("STOPPING=1");
		log_info("pinholed stops");
	}
	stop(&st);
	free(st.conf);
	return err == 0 ? 0 : 1;
}
