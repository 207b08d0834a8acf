#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's door: `run.py test [FILTER]` and `run.py demo`, as root.

  --open    a gateway that accepts everything, no daemon: proves the peers, not pinholed
  --quick   a selection for slow machines
  --long    what takes an hour: 100 uploads in a row for each server, client and TLS version
            through pinholed-tls, 100 MB files, sessions that are silent for long
FILTER is a regular expression; only tests whose name it matches are run.
"""
import sys

sys.dont_write_bytecode = True  # the tree stays clean

import argparse
import os
import re
import shutil
import signal
import threading
import time
import traceback

import gateway
import net
import servers

FAILED = os.environ.get("PINHOLED_LAB_FAILED",
                        os.path.join(gateway.HERE, "../../build/lab/failed"))


TOLD = 3  # failures of which the end says more than the name
TOLD_LINES = 30  # of each log of such a failure


class Skip(Exception):
    """A test that cannot be run here, and why."""


class Suite:
    """Runs tests one by one or side by side, prints a line for each, keeps what a failure needs."""

    def __init__(self, lab, the_gateway, pattern=""):
        self.lab, self.gateway = lab, the_gateway
        self.pattern = re.compile(pattern)
        self.passed = self.failed = self.skipped = 0
        self.kept = []  # (name, folder) of failures
        self.over = False  # the lab is going down: what fails now is no news
        self._lock = threading.Lock()

    def wants(self, name):
        return bool(self.pattern.search(name))

    def run(self, name, test):
        if not self.wants(name):
            return
        began, sizes = time.monotonic(), self._log_sizes()
        try:
            test()
            self._say("ok", name)
        except Skip as why:
            self._say("skip", name, str(why))
        except Exception as error:  # a test may fail in any way
            if self.over:
                return
            self._say("not ok", name, str(error) or repr(error))
            self._keep(name, began, sizes)

    def skip(self, name, why):
        if self.wants(name):
            self._say("skip", name, why)

    def _say(self, verdict, name, why=""):
        with self._lock:
            self.passed += verdict == "ok"
            self.failed += verdict == "not ok"
            self.skipped += verdict == "skip"
            why = f": {why if len(why) < 200 else why[:200] + '...'}" if why else ""
            print(f"{verdict} {name}{why}", flush=True)

    def _log_sizes(self):
        return {entry.name: entry.stat().st_size for entry in os.scandir(self.lab.dir)
                if entry.name.endswith(".log")}

    def _keep(self, name, began, sizes):
        """What there is to look at afterwards: logs, ruleset, the error's way, and the story: what
        the logs say of this test."""
        where = os.path.join(FAILED, re.sub(r"\W+", "-", name))
        os.makedirs(where, exist_ok=True)
        self.kept.append((name, where))
        story = [f"after {time.monotonic() - began:.1f} s", *traceback.format_exc().splitlines()]
        for entry in sorted(os.scandir(self.lab.dir), key=lambda entry: entry.name):
            if entry.name.endswith((".log", ".conf", ".pcap")):
                shutil.copy(entry.path, where)
            if entry.name.endswith(".log"):
                story += [f"{entry.name}: {line}" for line in
                          lines_about(name, entry.path, sizes.get(entry.name, 0))]
        with open(os.path.join(where, "story.txt"), "w") as f:
            f.write("\n".join(story) + "\n")
        if not self.gateway.open_all:
            with open(os.path.join(where, "ruleset.nft"), "w") as f:
                f.write(self.gateway.nft("list", "ruleset"))

    @staticmethod
    def parallel(work, items):
        threads = [threading.Thread(target=work, args=(item,), daemon=True) for item in items]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def lines_about(name, path, begin):
    """The first lines of a log from byte @begin on, without those that name another server than
    the test does: servers are tested side by side."""
    others = [server.address(family) for server in servers.ALL if server.name not in name
              for family in (4, 6)] if any(server.name in name for server in servers.ALL) else []
    others = re.compile("|".join(rf"{re.escape(address)}(?!\d)" for address in others) or "(?!)")
    with open(path, errors="replace") as f:
        f.seek(begin)
        lines = [line for line in f.read().splitlines() if not others.search(line)]
    return lines[:TOLD_LINES]


def tell(name, where):
    """Where nobody can look afterwards (a guest, a machine that is thrown away), this is what
    there is."""
    with open(os.path.join(where, "story.txt"), errors="replace") as f:
        print(f"--- {name}", f.read(), sep="\n", end="")


def summary(suite):
    for name, where in suite.kept[:TOLD]:
        tell(name, where)
    print(f"{suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return 1 if suite.failed else 0


def test(lab, options):
    import attacks
    import captures
    import clients
    import failures
    import faults
    import hostile
    import many
    import matrix
    import nat
    import sclient
    import seeing
    import shapes
    import terminate
    import windows
    the_gateway = gateway.Gateway(lab, options.open)
    suite = Suite(lab, the_gateway, options.filter)
    shutil.rmtree(FAILED, ignore_errors=True)
    try:
        files = servers.start_all(lab)
        the_gateway.up()
        print(the_gateway.ruleset)
        for rule in clients.NO_SERVER:
            print(f"n/a {rule[-1]}")
        if options.long:
            terminate.run(suite, lab, files, the_gateway, long=True)
            return summary(suite)
        cells = matrix.one_per_mode() if options.quick else matrix.every_cell()
        matrix.run_cells(suite, lab, files, the_gateway, cells)
        if not options.quick:
            matrix.run_two_queues(suite, lab, files, the_gateway)
        matrix.run_ccc(suite, lab, files, the_gateway, options.quick)
        for part in () if options.open else (attacks, hostile, shapes, sclient, nat, captures,
                                              failures, faults, seeing, terminate, windows, many):
            part.run(suite, lab, files, the_gateway, options.quick)
    finally:
        suite.over = True
    return summary(suite)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=["test", "demo"])
    parser.add_argument("filter", nargs="?", default="")
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--long", action="store_true")
    options = parser.parse_intermixed_args()
    if os.geteuid() != 0:
        parser.error("namespaces need root: sudo make test, sudo make demo")
    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, lambda number, _: sys.exit(128 + number))
    with net.Network() as lab:
        if options.job == "demo":
            import demo
            return demo.run(lab)
        return test(lab, options)


if __name__ == "__main__":
    sys.exit(main())
