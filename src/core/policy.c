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
policy_port_allowed(const struct policy *policy, uint16_t port)
{
	if (port < POLICY_PORT_MIN || policy_is_explicit(policy, port) ||
	    policy_is_implicit(policy, port))
		return false;
	for (unsigned i = 0; i < policy->deny_count; i++)
		if (policy->deny[i].low <= port && port <= policy->deny[i].high)
			return false;
	return true;
}
