/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libevent behind a door of our own. */
#include "terminator/loop.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>

/* Events that are worked off before new ones are asked for. */
#define DISPATCH_MAX 256

struct loop {
	struct event_base *base;
};

struct loop_source {
	struct event event;
	enum loop_what what;
	loop_callback *callback;
	void *arg;
};

struct loop *
loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	struct event_config *config = event_config_new();

	if (loop != NULL && config != NULL) {
		event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
		event_config_require_features(config, EV_FEATURE_ET);
		event_config_set_max_dispatch_interval(config, NULL,
						       DISPATCH_MAX, 0);
		loop->base = event_base_new_with_config(config);
	}
	if (config != NULL)
		event_config_free(config);
	if (loop != NULL && loop->base == NULL) {
		free(loop);
		return NULL;
	}
	return loop;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	event_base_free(loop->base);
	free(loop);
}

void
loop_run(struct loop *loop)
{
	event_base_dispatch(loop->base);
}

void
loop_stop(struct loop *loop)
{
	event_base_loopbreak(loop->base);
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct loop_source *s = arg;

	(void)fd;
	s->callback(s->arg, (what & EV_READ) != 0, (what & EV_WRITE) != 0);
}

struct loop_source *
loop_add(struct loop *loop, enum loop_what what, int fd,
	 loop_callback *callback, void *arg)
{
	static const short flags[] = {
		[LOOP_EDGES] = EV_READ | EV_WRITE | EV_ET | EV_PERSIST,
		[LOOP_READ] = EV_READ | EV_PERSIST,
		[LOOP_WRITE] = EV_WRITE,
		[LOOP_TIMER] = 0,
		[LOOP_TICK] = EV_PERSIST,
		[LOOP_SIGNAL] = EV_SIGNAL | EV_PERSIST,
	};
	const struct timeval second = { .tv_sec = 1 };
	struct loop_source *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->what = what;
	s->callback = callback;
	s->arg = arg;
	if (event_assign(&s->event, loop->base, fd, flags[what], on_event, s) !=
		    0 ||
	    (what != LOOP_WRITE && what != LOOP_TIMER &&
	     event_add(&s->event, what == LOOP_TICK ? &second : NULL) != 0)) {
		free(s);
		return NULL;
	}
	return s;
}

void
loop_arm(struct loop_source *s, uint32_t us)
{
	const struct timeval in = { .tv_sec = us / 1000000,
				    .tv_usec = us % 1000000 };

	event_add(&s->event, s->what == LOOP_TIMER ? &in : NULL);
}

void
loop_again(struct loop_source *s)
{
	event_active(&s->event, 0, 0);
}

void
loop_drop(struct loop_source *s)
{
	if (s == NULL)
		return;
	event_del(&s->event);
	free(s);
}
