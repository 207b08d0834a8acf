/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings on standard output. */
#include "pinholectl/findings.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "explain/banner.h"
#include "io/log.h"

/* Where lines are broken. */
#define WIDTH 78

void
findings_line(const char *title, const char *text)
{
	int column = printf("  %-9s ", title), indent = column;

	while (*text != 0) {
		int word = (int)strcspn(text, " ");

		if (column > indent && column + 1 + word > WIDTH)
			column = printf("\n%*s", indent, "") - 1;
		if (column > indent)
			column += printf(" ");
		column += printf("%.*s", word, text);
		text += word;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void
print_text(const struct facts *f, const char *file, const struct finding *found)
{
	char client[56], server[56], between[160];

	printf("%s: %s\n", finding_word(found->kind),
	       finding_sentence(found->kind));
	snprintf(between, sizeof(between), "%s and %s%s%s",
		 log_endpoint(&f->client, client),
		 log_endpoint(&f->server, server),
		 f->product[0] != 0 ? ", " : "",
		 f->product[0] != 0 ? banner_title(f->product) : "");
	findings_line("between", between);
	if (file != NULL)
		findings_line("in", file);
	findings_line("evidence", found->evidence);
	if (found->gateway[0] != 0)
		findings_line("gateway", found->gateway);
	if (found->peer[0] != 0)
		findings_line("peers", found->peer);
	putchar('\n');
}

static void
print_json(const struct facts *f, const char *file, const struct finding *found)
{
	char text[56];
	json_t *o = json_object();

	json_object_set_new(o, "type", json_string("finding"));
	json_object_set_new(o, "session",
			    json_string(log_session_id(f->session, text)));
	json_object_set_new(o, "client",
			    json_string(log_endpoint(&f->client, text)));
	json_object_set_new(o, "server",
			    json_string(log_endpoint(&f->server, text)));
	if (f->product[0] != 0)
		json_object_set_new(o, "product", json_string(f->product));
	json_object_set_new(o, "finding",
			    json_string(finding_word(found->kind)));
	json_object_set_new(o, "sentence",
			    json_string(finding_sentence(found->kind)));
	json_object_set_new(o, "evidence", json_string(found->evidence));
	json_object_set_new(o, "gateway", json_string(found->gateway));
	json_object_set_new(o, "peer", json_string(found->peer));
	if (file != NULL)
		json_object_set_new(o, "file", json_string(file));
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

unsigned
findings_print(const struct facts *f, const char *file, bool json)
{
	struct finding found[FINDING_COUNT];
	unsigned count = explain(f, found);

	for (unsigned i = 0; i < count; i++) {
		if (json)
			print_json(f, file, &found[i]);
		else
			print_text(f, file, &found[i]);
	}
	return count;
}
