/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is wrong with sessions, printed. */
#ifndef PINHOLECTL_FINDINGS_H
#define PINHOLECTL_FINDINGS_H

#include "explain/explain.h"

/* Prints what explain() finds, as text or as JSON objects of type "finding"
 * (docs/replay.md). @file: named where it is not NULL. Returns how many there
 * were; without any, nothing is printed. */
unsigned findings_print(const struct facts *f, const char *file, bool json);

/* One line of a finding: a title and its text, broken between words. */
void findings_line(const char *title, const char *text);

#endif
