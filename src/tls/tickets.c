/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tickets, newest first. */
#include "tls/tickets.h"

void
tickets_add(struct tickets *t, SSL_SESSION *session)
{
	SSL_SESSION_free(t->before);
	t->before = t->newest;
	t->newest = session;
}

SSL_SESSION *
tickets_copy(const struct tickets *t)
{
	if (t->newest != NULL && SSL_SESSION_is_resumable(t->newest))
		return SSL_SESSION_dup(t->newest);
	if (t->before != NULL && SSL_SESSION_is_resumable(t->before))
		return SSL_SESSION_dup(t->before);
	return NULL;
}

void
tickets_clear(struct tickets *t)
{
	SSL_SESSION_free(t->before);
	SSL_SESSION_free(t->newest);
	*t = (struct tickets){ 0 };
}
