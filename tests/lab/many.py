# SPDX-License-Identifier: GPL-3.0-or-later
"""Short sessions by the thousand, eight at a time: what goes wrong once in some thousands."""
import os
import subprocess

import net
import servers
from attacks import check
from gateway import DAEMON
from seeing import ctl, fresh

PROGRAMS = os.path.join(os.path.dirname(DAEMON), "bench")
SERVER = net.server_address(38, 4)  # no other test has it
MS = 2000
# For the clients: few come again while it lasts.
PORTS = 10000, 39999


def counters(gateway):
    return ctl(gateway, "--json", "status")[0]["counters"]


def short_sessions(lab, files, gateway):
    """Login, EPSV, a file of 1 KB: each gets it, and none loses its place in the stream."""
    gateway.configure()
    fresh(gateway)
    server = lab.start(lab.server, [os.path.join(PROGRAMS, "ftpd"), SERVER, "50000", "51999",
                                    files.cert, files.key])
    lab.sysctl(lab.client, "ipv4/ip_local_port_range", "{} {}".format(*PORTS))
    lab.sysctl(lab.client, "ipv4/tcp_tw_reuse", 1)
    try:
        check(servers.ready(lab, SERVER, 21), "the server does not start")
        with lab.inside(lab.client):
            load = subprocess.run([os.path.join(PROGRAMS, "load"), "sessions", SERVER, "8", "clear"],
                                  input=f"{MS}\n", capture_output=True, text=True, timeout=60)
        seen = counters(gateway)
        lost = {name: seen[name] for name in ("streams_lost", "refused", "copy_overruns",
                                              "queue_overruns", "open_failed") if seen[name]}
        check(load.returncode == 0, f"a session failed: {load.stderr.strip()}; {lost}")
        check(not lost, f"{lost}")
        check(seen["pinholes_opened"] > MS, f"only {seen['pinholes_opened']} sessions")
        print(f"# {seen['pinholes_opened']} sessions, {seen['packets_copied']} of "
              f"{seen['packets']} packets by copy")
    finally:
        lab.stop(server)
        lab.sysctl(lab.client, "ipv4/tcp_tw_reuse", 2)
        lab.sysctl(lab.client, "ipv4/ip_local_port_range", "{} {}".format(*net.ANY_PORTS))


def run(suite, lab, files, gateway, quick=False):
    # An emulated guest makes hundreds of them.
    if not quick:
        suite.run("many: short sessions", lambda: short_sessions(lab, files, gateway))
