# SPDX-License-Identifier: GPL-3.0-or-later
"""An attacker who tries every data port of a server and of a client, over and over."""
import threading

import net
from peers import reached


class Attacker(threading.Thread):
    """`with Attacker(...)`: tries while the block runs; then `tries` and `reached`."""

    def __init__(self, lab, server, family):
        super().__init__(daemon=True)
        self.lab, self.tries, self.reached = lab, 0, []
        low, high = net.CLIENT_PORTS
        self._targets = [(server.address(family), port)
                         for port in range(server.low, server.high + 1)]
        self._targets += [(net.CLIENT[family], port) for port in range(low, high + 1)]
        self._stop_now = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._stop_now.set()
        self.join()

    def run(self):
        # The answer to a packet that gets through is here within a fraction of a millisecond.
        while not self._stop_now.is_set():
            self.reached += reached(self.lab, self.lab.attacker, self._targets, seconds=0.005)
            self.tries += len(self._targets)
