# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway in its terminating mode: pinholed-tls beside pinholed, the routes that bring
connections to it, and what it says."""
import os
import re
import signal

import gateway
import net
import servers


class Terminator:
    """`with Terminator(...)` turns the gateway over; leaving turns it back."""

    def __init__(self, lab, the_gateway, files):
        self.lab, self.gateway, self.files = lab, the_gateway, files
        self.log = os.path.join(lab.dir, "pinholed-tls.log")
        self.config = os.path.join(lab.dir, "pinholed-tls.conf")
        self.daemon = None
        self.addresses = [server.address(family) for server in servers.ALL for family in (4, 6)]
        self.addresses += [net.server_address(number, family)
                           for number in (31, 32, 33) for family in (4, 6)]

    def __enter__(self):
        self._routes("add")
        # Else what goes past pinholed-tls between the ports of an earlier connection of its own
        # is lost. For a minute behind its end, too: it is not set back, as by the unit.
        self.lab.sysctl(self.lab.gateway, "ipv4/tcp_early_demux", 0)
        self.gateway.terminate()
        self.gateway.configure_terminated(self.addresses)
        self.gateway.start()
        self.configure()
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
        self.gateway.kill()
        self.gateway.configure()
        self.gateway.start()
        self._routes("del")

    def _routes(self, verb):
        for family in ("-4", "-6"):
            for words in (f"rule {verb} fwmark 0x10000000/0x10000000 lookup 2121",
                          f"route {verb} local default dev lo table 2121"):
                net.run("ip", "-n", self.lab.gateway, family, *words.split())

    def configure(self, servers_lines=(), **settings):
        """Settings are directives, '_' for '-'; `servers_lines` are written as they are."""
        lines = [f"pinholed-conf {self.gateway.config}", "sandbox trap", "log-rate 100000",
                 "log-level debug"]
        lines += [f"{key.replace('_', '-')} {value}" for key, value in
                  {"certificate": f"{self.files.cert} {self.files.key}", **settings}.items()]
        with open(self.config, "w") as f:
            f.write("\n".join([*lines, *servers_lines]) + "\n")

    def start(self):
        mark, there = self.mark(), self.gateway.mark()
        self.daemon = self.lab.start(self.lab.gateway, [gateway.TERMINATOR, "-c", self.config],
                                     self.log)
        net.wait_for(lambda: self.daemon.poll() is not None or
                     any("started" in line for line in self.lines(mark)), 10)
        if self.daemon.poll() is not None:
            raise RuntimeError("pinholed-tls does not start: " + " / ".join(self.lines(mark)[-3:]))
        if self.gateway.alive():
            self.wait_link(there)

    def wait_link(self, mark):
        """Until pinholed has heard of it."""
        if not net.wait_for(lambda: any("pinholed-tls is here" in line
                                        for line in self.gateway.lines(mark)), 10):
            raise RuntimeError("pinholed-tls does not reach pinholed")

    def kill(self):
        self.daemon.kill()
        self.daemon.wait()

    def policy(self, servers_lines=(), **settings):
        """SIGHUP with another configuration."""
        self.configure(servers_lines, **settings)
        mark = self.mark()
        self.daemon.send_signal(signal.SIGHUP)
        if not net.wait_for(lambda: any("loaded" in line for line in self.lines(mark)), 5):
            raise RuntimeError("pinholed-tls does not reload")
        if any("not loaded" in line for line in self.lines(mark)):
            raise RuntimeError("pinholed-tls does not reload: " + self.lines(mark)[-1])

    def alive(self):
        return self.daemon is not None and self.daemon.poll() is None

    def mark(self):
        return os.path.getsize(self.log) if os.path.exists(self.log) else 0

    def lines(self, mark=0):
        if not os.path.exists(self.log):
            return []
        with open(self.log, "rb") as f:
            f.seek(mark)
            return f.read().decode("latin-1").splitlines()

    def wait_line(self, mark, pattern, seconds=5):
        """A line of its log, or of pinholed's, that matches."""
        wanted = re.compile(pattern)
        return net.wait_for(lambda: [x for x in self.lines(mark) if wanted.search(x)], seconds)
