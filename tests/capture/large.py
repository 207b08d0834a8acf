#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Goal: a large capture streams through in constant memory.

large.py PINHOLECTL MEGABYTES MEMORY_MEGABYTES

Writes a capture of that size to a pipe, never to a file: sessions with a login, a PASV exchange and
a download each, many at once, most of them without an end. Every pinhole must be found and every
data connection let in, within that much memory (the resident set's peak)."""
import json
import os
import resource
import struct
import subprocess
import sys
import threading

CLIENTS, CHUNK, CHUNKS, AT_ONCE = 4000, 1400, 150, 50
FIN, SYN, PSH, ACK = 1, 2, 8, 16


class Writer:
    def __init__(self, pipe, size):
        self.pipe, self.left, self.now = pipe, size, 1_700_000_000_000_000_000
        self.sessions = 0
        pipe.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))

    def packet(self, source, destination, seq, ack, flags, payload=b""):
        (host, port), (peer, peer_port) = source, destination
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, 40 + len(payload), 0, 0, 64, 6, 0, host, peer)
        tcp = struct.pack(">HHIIBBHHH", port, peer_port, seq & 0xffffffff, ack & 0xffffffff,
                          0x50, flags, 65535, 0, 0)
        frame = b"\2" * 12 + b"\x08\0" + ip + tcp + payload
        self.now += 20_000
        self.pipe.write(struct.pack("<IIII", self.now // 10**9, self.now % 10**9, len(frame),
                                    len(frame)) + frame)
        self.left -= 16 + len(frame)

    def session(self, number):
        """One session, in steps, so that many can run side by side."""
        self.sessions += 1
        client = 0x0a000000 + 2 + number % CLIENTS, 1025 + number * 7 % 60000
        server = 0xc0000201 + number % 5, 21
        seq = [1000 + number, 5000 + number]
        ends = [client, server]

        def say(side, payload):
            self.packet(ends[side], ends[1 - side], seq[side], seq[1 - side], PSH | ACK, payload)
            seq[side] += len(payload)

        self.packet(client, server, seq[0], 0, SYN)
        seq[0] += 1
        self.packet(server, client, seq[1], seq[0], SYN | ACK)
        seq[1] += 1
        port = 20000 + number % 30000
        for side, line in ((1, "220 ready"), (0, "USER u"), (1, "331 and?"), (0, "PASS p"),
                           (1, "230 in"), (0, "PASV"),
                           (1, f"227 ({','.join(map(str, struct.pack('>I', server[0])))},"
                               f"{port // 256},{port % 256})"), (0, "RETR f")):
            say(side, line.encode() + b"\r\n")
            yield
        source, sink = (server[0], port), (client[0], 1024 + (client[1] + 1) % 60000)
        self.packet(sink, source, 77, 0, SYN)
        self.packet(source, sink, 88, 78, SYN | ACK)
        say(1, b"150 coming\r\n")
        for i in range(CHUNKS):
            self.packet(source, sink, 89 + i * CHUNK, 78, ACK, b"x" * CHUNK)
            yield
        if number % 4 == 0:  # the others just go silent
            self.packet(source, sink, 89 + CHUNKS * CHUNK, 78, FIN | ACK)
            self.packet(sink, source, 78, 90 + CHUNKS * CHUNK, FIN | ACK)
            say(1, b"226 done\r\n")

    def run(self):
        running, number = [], 0
        while self.left > 0 or running:
            if self.left > 0 and len(running) < AT_ONCE:
                running.append(self.session(number))
                number += 1
            running = [s for s in running if next(s, True) is None]
        self.pipe.close()


def main():
    pinholectl, size, memory = sys.argv[1], int(sys.argv[2]) << 20, int(sys.argv[3])
    process = subprocess.Popen([pinholectl, "--json", "replay", "-"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    writer = Writer(process.stdin, size)
    thread = threading.Thread(target=writer.run, daemon=True)
    thread.start()
    pinholes, last = 0, b"{}"
    for last in process.stdout:
        pinholes += b'"type":"pinhole"' in last
    thread.join()
    status = process.wait()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    total = json.loads(last)
    problems = [what for what, wrong in (
        (f"exit status {status}", status != 0),
        (f"{peak} MB of memory, {memory} allowed", peak > memory),
        (f"{pinholes} pinholes of {writer.sessions}", pinholes != writer.sessions),
        (f"{total.get('passed')} data connections let in of {writer.sessions}",
         total.get("passed") != writer.sessions)) if wrong]
    name = f"capture of {size >> 20} MB, {writer.sessions} sessions, {peak} MB of memory"
    print(f"not ok - {name}: {'; '.join(problems)}" if problems else f"ok - {name}")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
