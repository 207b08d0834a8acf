/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random scenarios made of the lines of real ones. */
#ifndef SCENARIO_MIX_H
#define SCENARIO_MIX_H

#include <stdbool.h>

/* Adds the lines of a scenario to what is mixed; @text stays borrowed. */
void mix_add(char *text);

/*
 * Plays random lines in random sessions to a gate that is too small for them.
 * What comes out has no meaning; the rules of model.c must hold. False: one was
 * broken; the lines that led there have been printed.
 */
bool mix_run(unsigned seed);

#endif
