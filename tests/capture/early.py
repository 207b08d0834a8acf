#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""early.py CAPTURE: the same capture (pcap, Ethernet, IPv4) on standard output, with every answer on
port 21 in front of what it answers."""
import struct
import sys

with open(sys.argv[1], "rb") as f:
    head, data = f.read(24), f.read()
packets = []
while data:
    length = 16 + struct.unpack("<I", data[8:12])[0]
    packets.append(data[:length])
    data = data[length:]


def said(packet):
    """Who says something on a control connection: "client", "server" or None."""
    tcp = 16 + 14 + 20
    ports = struct.unpack(">HH", packet[tcp:tcp + 4])
    size = struct.unpack(">H", packet[32:34])[0] - 20 - (packet[tcp + 12] >> 4) * 4
    return None if 21 not in ports or size == 0 else "server" if ports[0] == 21 else "client"


at = 0
while at + 1 < len(packets):
    first, second = said(packets[at]), said(packets[at + 1])
    if first and second and first != second:
        # The times stay: a capture's are in order where its packets are not.
        a, b = packets[at], packets[at + 1]
        packets[at:at + 2] = a[:8] + b[8:], b[:8] + a[8:]
        at += 1
    at += 1
sys.stdout.buffer.write(head + b"".join(packets))
