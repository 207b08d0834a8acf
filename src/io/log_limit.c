/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The limit: an allowance for each second of the clock. */
#include "io/log_limit.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t limit = LOG_LIMIT_DEFAULT;
static uint64_t second; /* that `used` belongs to */
static uint32_t used;
static uint64_t unsaid; /* left out, and not said yet */
static uint64_t total;

void
log_limit_set(uint32_t lines_per_s)
{
	pthread_mutex_lock(&lock);
	limit = lines_per_s;
	pthread_mutex_unlock(&lock);
}

bool
log_limit_admit(uint64_t now_s, uint64_t *missed)
{
	bool admitted;

	*missed = 0;
	pthread_mutex_lock(&lock);
	if (now_s != second) {
		second = now_s;
		used = 0;
		*missed = unsaid;
		unsaid = 0;
	}
	admitted = used < limit;
	if (admitted) {
		used++;
	} else {
		unsaid++;
		total++;
	}
	pthread_mutex_unlock(&lock);
	return admitted;
}

void
log_limit_lost(void)
{
	pthread_mutex_lock(&lock);
	total++;
	pthread_mutex_unlock(&lock);
}

uint64_t
log_limit_total(void)
{
	uint64_t value;

	pthread_mutex_lock(&lock);
	value = total;
	pthread_mutex_unlock(&lock);
	return value;
}
