/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages of pinholed-tls's, from bytes to what opens: requests of valid form
 * with fields from the input, some of them changed, and bytes that are none.
 * What is taken goes to a gate; whatever opens leads from one end of the
 * request to the other, to the port that it names.
 */
#include "fuzz.h"

#include "io/terminator.h"
#include "pinholed/gate.h"

static struct policy policy;

static void
prepare(void)
{
	policy.explicit_ports[policy.explicit_count++] = 21;
	policy.implicit_ports[policy.implicit_count++] = 990;
	policy.deny[policy.deny_count++] = (struct port_range){ 3306, 3306 };
	policy.pinhole_timeout_s = 30;
	policy.grant_timeout_s = 30;
	policy.idle_timeout_s = 3600;
	policy.half_open_max = policy.client_sessions_max = 8;
	policy.client_pinholes_max = 8;
	policy.fallback.clear_active = true;
	policy.fallback.terminate = true;
}

static void
check_actions(const struct event *event, const struct actions *actions)
{
	for (uint32_t i = 0; i < actions->count; i++) {
		const struct action *a = &actions->list[i];
		const struct addr *from = &event->request.client.addr,
				  *to = &event->request.server.addr;

		if (a->kind != ACTION_OPEN)
			continue;
		if (event->request.active) {
			from = &event->request.server.addr;
			to = &event->request.client.addr;
		}
		REQUIRE(event->request.kind == REQUEST_OPEN);
		REQUIRE(addr_equal(&a->opening.source, from));
		REQUIRE(addr_equal(&a->opening.destination, to));
		REQUIRE(a->opening.port == event->request.port);
		REQUIRE(a->opening.port >= 1024 && a->opening.port != 3306);
		REQUIRE(actions->answer.handle == a->opening.handle);
	}
}

static void
check_views(const struct gate *gate)
{
	struct session_view view;
	uint32_t cursor = 0;

	while (gate_session_next(gate, 0, &cursor, &view))
		for (int i = 0; i < 2; i++)
			REQUIRE(strnlen(view.tls[i], sizeof(view.tls[i])) <
				sizeof(view.tls[i]));
}

static void
draw_request(struct span *in, struct terminator_request *r)
{
	static const uint8_t hosts[2][16] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
	enum addr_family family = draw(in, 4) == 0 ? ADDR_V6 : ADDR_V4;

	memset(r, 0, sizeof(*r));
	r->version = TERMINATOR_VERSION;
	r->kind = 1 + draw(in, 5);
	r->client.addr = addr_make(family, hosts[draw(in, 2)]);
	r->client.port = (uint16_t)(40000 + draw(in, 2));
	r->server.addr = addr_make(family, hosts[draw(in, 2)]);
	r->server.port = draw(in, 4) == 0 ? 990 : 21;
	if (r->kind == TERMINATOR_OPEN) {
		r->port = (uint16_t)draw(in, 0x10000);
		r->active = (uint8_t)draw(in, 2);
		r->relay = (uint8_t)draw(in, 2);
		r->reason = r->active != 0 ? REASON_PORT : REASON_PASV;
	}
	if (r->kind == TERMINATOR_TELL)
		memset(r->tls[draw(in, 2)], 'A' + (int)draw(in, 26),
		       draw(in, TERMINATOR_TLS_MAX));
	if (r->kind == TERMINATOR_CLOSE)
		r->handle = draw(in, 0x10000) | draw(in, 8) << 22;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct gate_limits limits = { 4, 8, 1, 1 };
	static uint8_t memory[1 << 20] __attribute__((aligned(64)));
	static struct actions actions;
	struct span in = span_make(data, size);
	struct gate *gate;

	if (policy.explicit_count == 0)
		prepare();
	REQUIRE(gate_size(&limits) <= sizeof(memory));
	gate = gate_init(memory, &limits, &policy, 0, 7, 0);
	while (in.len != 0) {
		uint8_t bytes[sizeof(struct terminator_request) + 8]
			__attribute__((aligned(8))) = { 0 };
		struct terminator_request *r = (void *)bytes;
		uint32_t how = draw(&in, 8), changes = how == 1 ? 3 : how == 2;
		size_t len = sizeof(*r);
		struct event event;
		uint64_t serial;
		bool answered;

		draw_request(&in, r);
		for (; changes > 0; changes--)
			bytes[draw(&in, sizeof(*r))] =
				(uint8_t)draw(&in, 256);
		if (how == 3)
			len = draw(&in, sizeof(bytes));
		if (!terminator_parse(guard_span(bytes, len), 1 + draw(&in, 3),
				      &event, &serial, &answered))
			continue;
		gate_step(gate, &event, &actions);
		check_actions(&event, &actions);
		REQUIRE(actions.answer.reason < REASON_COUNT);
		check_views(gate);
	}
	return 0;
}
