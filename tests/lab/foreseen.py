# SPDX-License-Identifier: GPL-3.0-or-later
"""How many of the matrix's encrypted transfers windows foresaw, by server, client and TLS version.

Cells of one server never overlap, so what pinholed has counted for the server's address between
a cell's two ends is the cell's own.
"""
import collections
import contextlib
import threading

import net
from seeing import ctl

# A window is false when no data connection came through it: one in so many commands may be, and a
# few where a quick selection has only some hundred commands.
COMMANDS_PER_FALSE = 100
FALSE_AT_LEAST = 5


class Foreseen:
    def __init__(self, gateway):
        self.gateway = gateway
        self.rows, self._lock = collections.defaultdict(collections.Counter), threading.Lock()
        self.commands = -self._commands()

    def _commands(self):
        return ctl(self.gateway, "--json", "status")[0]["counters"]["records_commands"]

    def _of(self, address):
        count = collections.Counter()
        for row in ctl(self.gateway, "--json", "windows"):
            if row["server"] == address:
                for mode in ("passive", "active"):
                    count.update({key: row[mode][key] for key in ("foreseen", "missed", "unused")})
        return count

    def _ended(self, address):
        return not any(s["server"].startswith((address + ":", f"[{address}]"))
                       for s in ctl(self.gateway, "--json", "sessions"))

    @contextlib.contextmanager
    def cell(self, cell):
        address = cell.server.address(cell.family)
        before = self._of(address)
        yield
        net.wait_for(lambda: self._ended(address), 2)  # only then its last window is not used
        after = self._of(address)
        after.subtract(before)
        with self._lock:
            row = self.rows[cell.server.name, cell.client, cell.tls]
            row.update(after)
            row["cells"] += 1

    def report(self):
        """Prints the table; raises when a transfer was missed or too many windows were false."""
        commands = self.commands + self._commands()
        total = collections.Counter()
        print("| server | client | TLS | cells | foreseen | missed | false |")
        print("|---|---|---|---|---|---|---|")
        for key, row in [*sorted(self.rows.items()), ((f"all, {commands} commands", "", ""), total)]:
            if row is not total:
                total.update(row)
            print("|", " | ".join([*key, *(str(row[c])
                                           for c in ("cells", "foreseen", "missed", "unused"))]), "|")
        assert total["foreseen"] >= total["cells"], "some cell's transfer was not counted"
        assert total["missed"] == 0, f"{total['missed']} transfers were not foreseen"
        most = max(commands // COMMANDS_PER_FALSE, FALSE_AT_LEAST)
        assert total["unused"] <= most, f"{total['unused']} false windows"
