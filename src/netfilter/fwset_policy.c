/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration as elements of sets: control ports, denied ports, and,
 * flattened, the passive ranges and the servers that are terminated.
 *
 * An interval set does not know that the most specific entry wins, and refuses
 * intervals that overlap. So the address space is cut wherever a server's
 * network begins or ends. Between two cuts the same settings hold for every
 * address, and policy_server() says for the first one which. Neighbours with
 * the same settings become one interval again.
 */
#include <errno.h>
#include <stdlib.h>

#include "netfilter/fwset.h"
#include "netfilter/fwset_internal.h"

const char *const fwset_policy_sets[FWSET_POLICY_SETS] = {
	"range4", "range6", "denied", "ports", "copied_ports",
};

const char *const fwset_tls_sets[FWSET_TLS_SETS] = {
	"terminate4", "terminate6", "required4", "required6", "denied", "ports",
};

#define CUTS_MAX (2 * POLICY_SERVERS_MAX + 1)

static int
compare_addr(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct addr));
}

/* Adds one; false when that wraps around to the first address. */
static bool
addr_increment(struct addr *a)
{
	for (size_t i = addr_len(a->family); i-- > 0;)
		if (++a->bytes[i] != 0)
			return true;
	return false;
}

static void
addr_decrement(struct addr *a)
{
	for (size_t i = addr_len(a->family); i-- > 0;)
		if (a->bytes[i]-- != 0)
			return;
}

/* Sets all bits from number @prefix on to @value. */
static void
addr_fill(struct addr *a, unsigned prefix, bool value)
{
	for (unsigned i = prefix; i < 8 * addr_len(a->family); i++) {
		uint8_t bit = (uint8_t)(0x80 >> i % 8);

		a->bytes[i / 8] &= (uint8_t)~bit;
		if (value)
			a->bytes[i / 8] |= bit;
	}
}

/* Writes to @cuts, in order, the first address of each piece of the address
 * space within which the same settings hold; the same cut may come twice. */
static size_t
cut(const struct policy *policy, enum addr_family family, struct addr *cuts)
{
	size_t count = 0;

	cuts[count++] = (struct addr){ .family = (uint8_t)family };
	for (unsigned i = 0; i < policy->server_count; i++) {
		const struct policy_server *s = &policy->servers[i];
		struct addr end = s->net;

		if (s->net.family != family)
			continue;
		cuts[count] = s->net;
		addr_fill(&cuts[count++], s->prefix, false);
		addr_fill(&end, s->prefix, true);
		if (addr_increment(&end))
			cuts[count++] = end;
	}
	qsort(cuts, count, sizeof(*cuts), compare_addr);
	return count;
}

/* What the sets say of one piece. */
struct piece {
	struct port_range range; /* that an opaque session's client may reach;
				    empty: none */
	bool terminate, required;
};

static struct piece
piece_at(const struct policy *policy, const struct addr *server)
{
	const struct policy_server *s = policy_server(policy, server);
	struct piece piece = { .terminate = s->terminate,
			       .required = s->terminate_required };

	if (s->opaque == POLICY_OPAQUE_GRANT && s->passive.high != 0)
		piece.range = s->passive;
	return piece;
}

static bool
is_same(const struct piece *a, const struct piece *b)
{
	return a->range.low == b->range.low && a->range.high == b->range.high &&
	       a->terminate == b->terminate && a->required == b->required;
}

static void
put_port(uint8_t *key, uint16_t port)
{
	key[0] = (uint8_t)(port >> 8);
	key[1] = (uint8_t)port;
}

/* nft add element inet pinholed range4 { FIRST-LAST . LOW-HIGH } */
static void
put_range(struct fwset *fw, const struct addr *first, const struct addr *last,
	  struct port_range range)
{
	size_t len = addr_len(first->family);
	struct fwtx_element e = {
		.set = first->family == ADDR_V4 ? "range4" : "range6",
		.len = (uint8_t)(len + 4),
		.has_end = true,
	};

	memcpy(e.key, first->bytes, len);
	put_port(e.key + len, range.low);
	memcpy(e.key_end, last->bytes, len);
	put_port(e.key_end + len, range.high);
	fwtx_add(&fw->tx, &e);
}

/* nft add element inet pinholed_tls SET { FIRST-LAST } */
static void
put_servers(struct fwset *fw, const char *set, const struct addr *first,
	    const struct addr *last)
{
	struct fwtx_element e = {
		.table = fw->tls_table,
		.set = set,
		.len = (uint8_t)addr_len(first->family),
	};
	struct addr end = *last;

	memcpy(e.key, first->bytes, e.len);
	fwtx_add(&fw->tx, &e);
	/* An interval that has no end reaches to the last address. */
	if (!addr_increment(&end))
		return;
	memcpy(e.key, end.bytes, e.len);
	e.interval_end = true;
	fwtx_add(&fw->tx, &e);
}

static int
put_pieces(struct fwset *fw, const struct policy *policy,
	   enum addr_family family)
{
	bool v6 = family == ADDR_V6;
	struct addr *cuts = calloc(CUTS_MAX, sizeof(*cuts));
	size_t count, next;

	if (cuts == NULL)
		return -ENOMEM;
	count = cut(policy, family, cuts);
	for (size_t i = 0; i < count; i = next) {
		struct piece piece = piece_at(policy, &cuts[i]);
		struct addr last = { .family = (uint8_t)family };

		for (next = i + 1; next < count; next++) {
			struct piece p = piece_at(policy, &cuts[next]);

			if (!is_same(&p, &piece))
				break;
		}
		if (next < count) {
			last = cuts[next];
			addr_decrement(&last);
		} else {
			addr_fill(&last, 0, true);
		}
		if (piece.range.high != 0)
			put_range(fw, &cuts[i], &last, piece.range);
		if (piece.terminate)
			put_servers(fw, v6 ? "terminate6" : "terminate4",
				    &cuts[i], &last);
		if (piece.required)
			put_servers(fw, v6 ? "required6" : "required4",
				    &cuts[i], &last);
	}
	free(cuts);
	return 0;
}

/* nft add element inet TABLE denied { FIRST-LAST }, for each run of ports
 * from POLICY_PORT_MIN on that carry no data; the ruleset denies the others. */
static void
put_denied(struct fwset *fw, const char *table, const struct policy *policy)
{
	struct fwtx_element e = { .table = table, .set = "denied", .len = 2 };
	bool denied = false;

	for (uint32_t port = POLICY_PORT_MIN; port <= UINT16_MAX; port++) {
		if (policy_port_allowed(policy, (uint16_t)port) != denied)
			continue;
		denied = !denied;
		put_port(e.key, (uint16_t)port);
		e.interval_end = !denied;
		fwtx_add(&fw->tx, &e);
	}
}

/* nft add element inet TABLE SET { PORT } */
static void
put_ports(struct fwset *fw, const char *table, const char *set,
	  const uint16_t *ports, unsigned count)
{
	struct fwtx_element e = { .table = table, .set = set, .len = 2 };

	for (unsigned i = 0; i < count; i++) {
		put_port(e.key, ports[i]);
		fwtx_add(&fw->tx, &e);
	}
}

/* What both tables have to know. */
static void
put_common(struct fwset *fw, const char *table, const struct policy *policy)
{
	put_denied(fw, table, policy);
	put_ports(fw, table, "ports", policy->explicit_ports,
		  policy->explicit_count);
	put_ports(fw, table, "ports", policy->implicit_ports,
		  policy->implicit_count);
}

int
fwset_sync_policy(struct fwset *fw, const struct policy *policy, bool copies)
{
	int err;

	for (size_t i = 0; i < FWSET_POLICY_SETS; i++)
		fwtx_delete_all(&fw->tx, NULL, fwset_policy_sets[i]);
	for (size_t i = 0; i < FWSET_TLS_SETS; i++)
		fwtx_delete_all(&fw->tx, fw->tls_table, fwset_tls_sets[i]);
	put_common(fw, NULL, policy);
	put_common(fw, fw->tls_table, policy);
	if (policy_terminates(policy))
		fwtx_set_dormant(&fw->tx, fw->tls_table, false);
	/* TLS from the first byte has nothing that need not be held. */
	if (copies)
		put_ports(fw, NULL, "copied_ports", policy->explicit_ports,
			  policy->explicit_count);
	/* Control connections must be read; nothing else is touched. */
	err = policy->shadow ? 0 : put_pieces(fw, policy, ADDR_V4);
	if (err == 0 && !policy->shadow)
		err = put_pieces(fw, policy, ADDR_V6);
	if (err != 0) {
		fwtx_abort(&fw->tx);
		return err;
	}
	return fwtx_commit(&fw->tx);
}

int
fwset_sleep_tls(struct fwset *fw)
{
	fwtx_set_dormant(&fw->tx, fw->tls_table, true);
	return fwtx_commit(&fw->tx);
}
