/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker's birth and death: its sockets, and its gate's memory, all of it
 * taken before the first packet. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "daemon/worker_state.h"
#include "io/log.h"
#include "netfilter/ctnl.h"
#include "netfilter/fwset.h"

static int
open_gate(struct worker *w, const struct conf *conf,
	  const struct policy *policy)
{
	uint64_t seed;

	w->memory_size = gate_size(&conf->limits);
	w->memory = mmap(NULL, w->memory_size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (w->memory == MAP_FAILED) {
		w->memory = NULL;
		return -errno;
	}
	/* Large pages, where there are any: sessions are met in no order.
	 * Populated now (gate_init() writes it all): memory must not grow, or
	 * fail, under load. */
	madvise(w->memory, w->memory_size, MADV_HUGEPAGE);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return -EIO;
	w->gate = gate_init(w->memory, &conf->limits, policy, w->index, seed,
			    clock_now_ns());
	/* For the chronicle, which keeps little of it. */
	gate_trace(w->gate, true);
	w->policy = policy;
	return 0;
}

/* It works without, only slower. With several workers nobody could tell which of
 * them a copy is for. */
static void
open_copies(struct worker *w, const struct conf *conf)
{
	int err;

	if (conf->copies == CONF_NO_COPIES || conf->queue_count > 1)
		return;
	err = traffic_open_copies(&w->traffic, (uint16_t)conf->copies);
	if (err != 0)
		log_warn("NFLOG group %d cannot be had (%s): every packet of a "
			 "control connection is held until it is read; see "
			 "`copies` in pinholed.conf(5)",
			 conf->copies,
			 /* We may, or there would be no queue. */
			 err == -EPERM ? "another program has it" :
					 strerror(-err));
}

int
worker_open(const struct conf *conf, const struct policy *policy,
	    uint16_t index, int feed_wake, struct worker **out,
	    const char **what)
{
	struct worker *w = calloc(1, sizeof(*w));
	uint16_t number = (uint16_t)(conf->queue_first + index);
	int err;

	*out = NULL;
	*what = "memory";
	if (w == NULL)
		return -ENOMEM;
	w->index = index;
	w->wake = -1;
	pthread_mutex_init(&w->lock, NULL);
	err = open_gate(w, conf, policy);
	if (err == 0) {
		w->feed = feed_new(feed_wake);
		w->chronicle = chronicle_new();
		if (w->feed == NULL || w->chronicle == NULL)
			err = -ENOMEM;
	}
	if (err == 0) {
		*what = "queue";
		err = traffic_open(&w->traffic, number, conf->queue_length);
	}
	if (err == 0)
		open_copies(w, conf);
	if (err == 0) {
		*what = "connection tracking";
		err = ctnl_open(&w->ct);
	}
	if (err == 0) {
		*what = "nftables";
		err = fwset_open(conf->table, &w->fw);
	}
	if (err == 0) {
		*what = "eventfd";
		w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		err = w->wake < 0 ? -errno : 0;
	}
	if (err != 0) {
		worker_close(w);
		return err;
	}
	w->ledger.fw = w->fw;
	w->ledger.ct = w->ct;
	w->ledger.feed = w->feed;
	w->ledger.shadow = policy->shadow;
	*out = w;
	return 0;
}

void
worker_close(struct worker *w)
{
	if (w == NULL)
		return;
	if (w->wake >= 0)
		close(w->wake);
	fwset_close(w->fw);
	ctnl_close(w->ct);
	traffic_close(&w->traffic);
	feed_free(w->feed);
	chronicle_free(w->chronicle);
	if (w->memory != NULL)
		munmap(w->memory, w->memory_size);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
