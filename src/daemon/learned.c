/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line for each server and mode:
 *
 *	passive|active ADDRESS FORESEEN MISSED UNUSED STREAK LENGTHS
 *
 * LENGTHS are LENGTH:USED/UNUSED, with '+' behind those that the grammar does not
 * have. The last line is "end" and how many lines there are.
 */
#include "daemon/learned.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/log.h"

/* A full table is some 600 kB. */
#define FILE_MAX (2 * 1024 * 1024)
#define SERVERS_MAX 1024 /* lines, of all workers together */
#define WRITE_NS (60 * UINT64_C(1000000000))

struct learned {
	int fd;
	uint64_t written_ns;
	uint64_t sum; /* of all counts when it was written */
	struct learned_view views[SERVERS_MAX];
	size_t count;
};

/* --- reading ----------------------------------------------------------------- */

static bool
parse_address(const char *word, struct addr *out)
{
	uint8_t bytes[16];

	*out = (struct addr){ 0 };
	if (inet_pton(AF_INET, word, bytes) == 1)
		*out = addr_make(ADDR_V4, bytes);
	else if (inet_pton(AF_INET6, word, bytes) == 1)
		*out = addr_make(ADDR_V6, bytes);
	return out->family != ADDR_NONE;
}

static void
parse_lengths(char *text, struct learned_view *v)
{
	unsigned length, used, unused;
	char *save = NULL;

	for (char *word = strtok_r(text, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		if (sscanf(word, "%3u:%3u/%3u", &length, &used, &unused) != 3 ||
		    length >= LEARNED_LENGTHS || used > UINT8_MAX ||
		    unused > UINT8_MAX)
			continue;
		v->replies[length].used = (uint8_t)used;
		v->replies[length].unused = (uint8_t)unused;
		v->replies[length].outside = strchr(word, '+') != NULL;
	}
}

static bool
parse_line(char *line, struct learned_view *v)
{
	char mode[8], address[48];
	int at = 0;

	*v = (struct learned_view){ 0 };
	if (sscanf(line,
		   "%7s %47s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu32
		   " %n",
		   mode, address, &v->counts.foreseen,
		   &v->counts.missed, &v->counts.unused, &v->counts.streak,
		   &at) != 6 ||
	    !parse_address(address, &v->addr))
		return false;
	v->active = strcmp(mode, "active") == 0;
	parse_lengths(line + at, v);
	return true;
}

/* The lines of a whole file; none of one that is not. */
static size_t
parse(struct learned *l, char *text)
{
	char *save = NULL;
	size_t count = 0, said;

	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "end %zu", &said) == 1)
			return said == count ? count : 0;
		if (count == SERVERS_MAX ||
		    !parse_line(line, &l->views[count]))
			return 0;
		count++;
	}
	return 0;
}

static void
load(struct state *st)
{
	struct learned *l = st->learned;
	char *text = malloc(FILE_MAX + 1);
	ssize_t len = text != NULL ? pread(l->fd, text, FILE_MAX, 0) : -1;
	size_t count;

	if (len > 0) {
		text[len] = '\0';
		count = parse(l, text);
		for (size_t i = 0; i < count; i++)
			for (uint16_t w = 0; w < st->worker_count; w++)
				worker_learn(st->workers[w], &l->views[i]);
		if (count == 0 && len > (ssize_t)strlen("end 0\n"))
			log_warn("%s is not whole: what servers' replies look "
				 "like is learned anew",
				 st->conf->state_path);
	}
	free(text);
}

void
learned_open(struct state *st)
{
	struct learned *l;
	int fd;

	if (st->conf->state_path[0] == '\0')
		return;
	fd = open(st->conf->state_path,
		  O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		log_info("%s: %s; what is learned of servers will be "
			 "forgotten at the end",
			 st->conf->state_path, strerror(errno));
		return;
	}
	l = calloc(1, sizeof(*l));
	if (l == NULL) {
		close(fd);
		return;
	}
	l->fd = fd;
	l->written_ns = clock_now_ns();
	st->learned = l;
	load(st);
}

/* --- writing ----------------------------------------------------------------- */

static struct learned_view *
find(struct learned *l, const struct learned_view *v)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->views[i].active == v->active &&
		    addr_equal(&l->views[i].addr, &v->addr))
			return &l->views[i];
	return NULL;
}

/* Several workers know the same server: who knows more counts. */
static void
merge(struct learned_view *into, const struct learned_view *v)
{
	if (v->counts.foreseen + v->counts.missed >
	    into->counts.foreseen + into->counts.missed)
		into->counts = v->counts;
	for (int i = 0; i < LEARNED_LENGTHS; i++) {
		if (v->replies[i].used > into->replies[i].used)
			into->replies[i].used = v->replies[i].used;
		if (v->replies[i].unused > into->replies[i].unused)
			into->replies[i].unused = v->replies[i].unused;
		into->replies[i].outside |= v->replies[i].outside;
	}
}

/* Gathers from all workers; the sum of all counts. */
static uint64_t
gather(struct state *st)
{
	struct learned *l = st->learned;
	struct learned_view view, *known;
	uint64_t sum = 0;

	l->count = 0;
	for (uint16_t w = 0; w < st->worker_count; w++) {
		uint32_t entry = 0;

		while (worker_learned(st->workers[w], &entry, &view)) {
			sum += view.counts.foreseen + view.counts.missed +
			       view.counts.unused;
			known = find(l, &view);
			if (known != NULL)
				merge(known, &view);
			else if (l->count < SERVERS_MAX)
				l->views[l->count++] = view;
		}
	}
	return sum;
}

static void
put_line(FILE *out, const struct learned_view *v)
{
	char addr[48];

	fprintf(out, "%s %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu32,
		v->active ? "active" : "passive", log_addr(&v->addr, addr),
		v->counts.foreseen, v->counts.missed, v->counts.unused,
		v->counts.streak);
	for (int i = 0; i < LEARNED_LENGTHS; i++)
		if (v->replies[i].used != 0 || v->replies[i].unused != 0)
			fprintf(out, " %d:%u/%u%s", i, v->replies[i].used,
				v->replies[i].unused,
				v->replies[i].outside ? "+" : "");
	fputc('\n', out);
}

static bool
put_all(int fd, const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = pwrite(fd, text + at, len - at, (off_t)at);

		if (n < 0 && errno != EINTR)
			return false;
		at += n > 0 ? (size_t)n : 0;
	}
	return ftruncate(fd, (off_t)len) == 0;
}

static void
write_file(struct state *st)
{
	struct learned *l = st->learned;
	uint64_t sum = gather(st);
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	l->written_ns = clock_now_ns();
	if (sum == l->sum)
		return;
	out = open_memstream(&text, &len);
	if (out == NULL)
		return;
	for (size_t i = 0; i < l->count; i++)
		put_line(out, &l->views[i]);
	fprintf(out, "end %zu\n", l->count);
	if (fclose(out) == 0 && put_all(l->fd, text, len))
		l->sum = sum;
	else
		log_warn("%s cannot be written: %s", st->conf->state_path,
			 strerror(errno));
	free(text);
}

void
learned_look(struct state *st)
{
	if (st->learned != NULL &&
	    clock_now_ns() - st->learned->written_ns >= WRITE_NS)
		write_file(st);
}

void
learned_close(struct state *st)
{
	if (st->learned == NULL)
		return;
	write_file(st);
	close(st->learned->fd);
	free(st->learned);
	st->learned = NULL;
}
