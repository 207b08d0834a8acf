/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a captured frame to the IP packet in it. */
#ifndef REPLAY_LINK_H
#define REPLAY_LINK_H

#include <stdbool.h>

#include "pinholed/span.h"

/* Whether frames of this link type (libpcap's DLT_ number) can be read. */
bool link_is_known(int type);

/*
 * The IP packet in @frame, or an empty span where there is none: Ethernet with
 * any number of VLAN tags (up to 8), MPLS labels and PPPoE, Linux cooked
 * captures of both versions, raw IP, BSD null and loop, PPP, Cisco HDLC, 802.11
 * data frames in clear (bare or behind radiotap), NFLOG, and BSD's enc and pflog.
 * Never reads beyond the frame.
 */
struct span link_ip(int type, struct span frame);

#endif
