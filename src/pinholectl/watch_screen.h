/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live view on the terminal, with ncurses. */
#ifndef PINHOLECTL_WATCH_SCREEN_H
#define PINHOLECTL_WATCH_SCREEN_H

#include <stdbool.h>

#include "pinholectl/watch_data.h"

/* False, and said, where there is no terminal for it. */
bool screen_open(void);
void screen_close(void);

/* Draws all anew, at the terminal's present size. */
void screen_draw(const struct watch_data *d);

/* Takes the keys that were pressed. False when one of them was for leaving. A new
 * size comes as a key, too. */
bool screen_keys(void);

#endif
