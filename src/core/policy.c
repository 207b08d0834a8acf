/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the configuration says of a server and of a port. */
#include "pinholed/policy.h"

const struct policy_server *
policy_server(const struct policy *policy, const struct addr *server)
{
	const struct policy_server *best = NULL;

	for (unsigned i = 0; i < policy->server_count; i++) {
		const struct policy_server *s = &policy->servers[i];

		if ((best == NULL || s->prefix > best->prefix) &&
		    addr_in_prefix(server, &s->net, s->prefix))
			best = s;
	}
	return best != NULL ? best : &policy->fallback;
}

bool
policy_terminates(const struct policy *policy)
{
	for (unsigned i = 0; i < policy->server_count; i++)
		if (policy->servers[i].terminate)
			return true;
	return false;
}

static bool
port_listed(const uint16_t *ports, unsigned count, uint16_t port)
{
	for (unsigned i = 0; i < count; i++)
		if (ports[i] == port)
			return true;
	return false;
}

bool
policy_is_explicit(const struct policy *policy, uint16_t port)
{
	return port_listed(policy->explicit_ports, policy->explicit_count,
			   port);
}

bool
policy_is_implicit(const struct policy *policy, uint16_t port)
{
	return port_listed(policy->implicit_ports, policy->implicit_count,
			   port);
}

bool
policy_is_control(const struct policy *policy, uint16_t port)
{
	return policy_is_explicit(policy, port) ||
	       policy_is_implicit(policy, port);
}

bool
policy_port_allowed(const struct policy *policy, uint16_t port)
{
	if (port < POLICY_PORT_MIN || policy_is_control(policy, port))
		return false;
	for (unsigned i = 0; i < policy->deny_count; i++)
		if (policy->deny[i].low <= port && port <= policy->deny[i].high)
			return false;
	return true;
}

/* The first port above @port from which on the answer may be another. */
static uint32_t
next_edge(const struct policy *policy, uint32_t port)
{
	uint32_t next = UINT16_MAX + 1;
	uint32_t edges[2 * (POLICY_DENY_MAX + 2 * POLICY_PORTS_MAX)];
	unsigned count = 0;

	for (unsigned i = 0; i < policy->deny_count; i++) {
		edges[count++] = policy->deny[i].low;
		edges[count++] = policy->deny[i].high + 1u;
	}
	for (unsigned i = 0; i < policy->explicit_count; i++) {
		edges[count++] = policy->explicit_ports[i];
		edges[count++] = policy->explicit_ports[i] + 1u;
	}
	for (unsigned i = 0; i < policy->implicit_count; i++) {
		edges[count++] = policy->implicit_ports[i];
		edges[count++] = policy->implicit_ports[i] + 1u;
	}
	for (unsigned i = 0; i < count; i++)
		if (edges[i] > port && edges[i] < next)
			next = edges[i];
	return next;
}

uint32_t
policy_range_ports(const struct policy *policy, struct port_range range)
{
	uint32_t port = range.low, end = range.high + 1u, count = 0, next;

	if (port < POLICY_PORT_MIN)
		port = POLICY_PORT_MIN;
	for (; port < end; port = next) {
		next = next_edge(policy, port);
		if (next > end)
			next = end;
		if (policy_port_allowed(policy, (uint16_t)port))
			count += next - port;
	}
	return count;
}
