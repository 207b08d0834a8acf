/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that a step ahead will touch. */
#ifndef CORE_SEND_FOR_H
#define CORE_SEND_FOR_H

/* Into the second cache: what a whole batch needs has no room in the first, where
 * it would push itself out again. */
#define send_for(address) __builtin_prefetch((address), 0, 2)

#endif
