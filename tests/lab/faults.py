# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens when something that the daemon relies on fails: sets that take no more, a kernel that
refuses, no file descriptors, a clock that jumps, an administrator without patience. Afterwards
sessions work, nothing stays open, and the log says what happened."""
import contextlib
import functools
import os
import resource
import signal
import socket
import threading
import time

import net
import rawftp
import servers
from attacks import GOOD, Ports, check
from peers import Pair
from servers import FILE

SET_SIZE = 65536  # of pin4, as nft/pinholed.nft has it


def works(lab, files, gateway, why):
    """A session of before or of now does what it should, and leaves nothing behind."""
    with Pair(lab, number=34) as pair, Ports(lab, pair):
        pair.login().announce(GOOD)
        check(pair.from_client(GOOD), f"no pinhole {why}")
    left = gateway.wait_closed(f'"{pair.address}"')
    check(not left, f"left open {why}: {left}")


def set_full(lab, files, gateway):
    """Whoever filled it: what does not fit is refused and noted, its session goes on, and so do
    the openings that have their place."""
    filler = "".join(f"add element inet pinholed pin4 {{ 198.18.{i >> 8}.{i & 255} . 198.19.0.1 . 5000 "
                     "timeout 1h }\n" for i in range(SET_SIZE))

    def fill():
        try:
            gateway.nft("-f", "-", stdin=filler)
        except RuntimeError as e:
            # What was used up counts until the kernel has swept.
            if "Too many open files" not in str(e):
                raise
            return False
        return True

    with Pair(lab) as pair, Ports(lab, pair):
        pair.login()
        try:
            check(net.wait_for(fill, 10, 0.5), "the set cannot be filled")
            mark = gateway.mark()
            pair.announce(GOOD)
            check(gateway.wait_event(mark, verb="note", reason="kernel-refused"), "no word of it")
            check(not gateway.events(mark, verb="open", kind="pinhole"),
                  "the log says that it is open")
            check(not pair.from_client(GOOD), "it is open all the same")
        finally:
            gateway.nft("flush", "set", "inet", "pinholed", "pin4")
        pair.announce(GOOD)
        check(pair.from_client(GOOD), "nothing opens when there is room again")
    works(lab, files, gateway, "behind a full set")


def there_already(lab, files, gateway):
    """An element that nobody here put there, and that soon goes: the pinhole takes its place."""
    with Pair(lab) as pair, Ports(lab, pair):
        pair.login()
        gateway.nft("add", "element", "inet", "pinholed", "pin4",
                    f"{{ {pair.client_address} . {pair.address} . {GOOD} timeout {int(2 * net.SLOW)}s }}")
        mark = gateway.mark()
        pair.announce(GOOD)
        check(not gateway.wait_event(mark, 0.3, verb="note", reason="kernel-refused"), "refused")
        time.sleep(2 * net.SLOW)
        check(pair.from_client(GOOD), "the other one's time counted")
    works(lab, files, gateway, "where one had been there already")


def transaction_refused(lab, files, gateway):
    """A ruleset of another version, whose pin4 has another key: the kernel refuses each pinhole;
    what it takes (a grant, in the same batch) is not lost with it."""
    with rawftp.Raw(lab, servers.VSFTPD.address(4)).open(servers.VSFTPD, "P") as opaque, \
            Pair(lab) as pair, Ports(lab, pair):
        pair.login()
        try:
            gateway.nft("delete", "table", "inet", "pinholed")
            gateway.load_ruleset("/set pin4/,/}/s/type .*/type ipv4_addr . ipv4_addr/;/@pin4/d")
            check(net.wait_for(lambda: gateway.elements("grant4")), "the grant did not come back")
            mark = gateway.mark()
            pair.announce(GOOD)
            check(gateway.wait_event(mark, verb="note", reason="kernel-refused"), "no word of it")
            check(not pair.from_client(GOOD), "something is open")
            got = opaque.fetch("EPSV", f"RETR {FILE}")
            check(got == files.content, "the grant does not work")
        finally:
            mark = gateway.mark()
            gateway.nft("delete", "table", "inet", "pinholed")
            gateway.load_ruleset()
            net.wait_for(lambda: any("loaded again" in line for line in gateway.lines(mark)))
        pair.announce(GOOD)
        check(pair.from_client(GOOD), "nothing opens with the right ruleset")
    works(lab, files, gateway, "behind a wrong ruleset")


def first_free(gateway):
    """The number that the daemon's next file descriptor gets."""
    taken = {int(name) for name in os.listdir(f"/proc/{gateway.daemon.pid}/fd")}
    return next(number for number in range(len(taken) + 1) if number not in taken)


def busy_seconds(gateway):
    with open(f"/proc/{gateway.daemon.pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def no_descriptors(lab, files, gateway):
    """pinholectl waits; control and data connections do not notice, and nobody spins."""
    soft, hard = resource.prlimit(gateway.daemon.pid, resource.RLIMIT_NOFILE)
    mark = gateway.mark()
    resource.prlimit(gateway.daemon.pid, resource.RLIMIT_NOFILE, (first_free(gateway), hard))
    try:
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as asker:
            asker.connect(gateway.socket)
            check(net.wait_for(lambda: any("no file descriptor" in line
                                           for line in gateway.lines(mark)), 5), "no word of it")
            began = busy_seconds(gateway)
            time.sleep(1)
            spent = busy_seconds(gateway) - began
            check(spent < 0.1, f"it spins: {spent} s in one")
            works(lab, files, gateway, "without descriptors")
            gateway.reload()
            works(lab, files, gateway, "after a reload that could not read the file")
            resource.prlimit(gateway.daemon.pid, resource.RLIMIT_NOFILE, (soft, hard))
            asker.settimeout(5 * net.SLOW)
            asker.sendall(b"status\n")
            check(b'"type":"status"' in asker.recv(65536).replace(b" ", b""), "no answer afterwards")
    finally:
        resource.prlimit(gateway.daemon.pid, resource.RLIMIT_NOFILE, (soft, hard))


def impatient(lab, files, gateway):
    """SIGHUP all the time, in the middle of everything."""
    over = threading.Event()
    count = 0

    def hang_up():
        nonlocal count
        while not over.wait(0.003) and count < 3000:
            gateway.daemon.send_signal(signal.SIGHUP)
            count += 1
    thread = threading.Thread(target=hang_up, daemon=True)
    thread.start()
    try:
        with rawftp.Raw(lab, servers.PYFTPDLIB.address(4)).open(servers.PYFTPDLIB) as clear, \
                rawftp.Raw(lab, servers.VSFTPD.address(4)).open(servers.VSFTPD, "P") as opaque:
            until = time.monotonic() + 20 * net.SLOW
            while count <= 100 and time.monotonic() < until:
                for command in ("PASV", "EPSV", "PORT"):
                    for ftp in (clear, opaque):
                        got = ftp.fetch(command, f"RETR {FILE}")
                        check(got == files.content, "the file differs")
    finally:
        over.set()
        thread.join()
    check(count > 100, f"only {count} signals")
    check(gateway.alive(), "the daemon has gone")
    works(lab, files, gateway, "behind the signals")


def clock_jumps(lab, files, gateway):
    """The time of day goes forth and back by hours; what has a timeout keeps it."""
    with Pair(lab) as pair, Ports(lab, pair):
        pair.login()
        for hours in (5, -10, 5):
            pair.announce(GOOD)
            time.clock_settime(time.CLOCK_REALTIME, time.time() + hours * 3600)
            check(gateway.opened(f'"{pair.address}"', GOOD), f"{hours} h: the pinhole has gone")
            check(pair.from_client(GOOD), f"{hours} h: the pinhole is closed")
    works(lab, files, gateway, "behind the jumps")


def run(suite, lab, files, gateway, quick=False):
    def test(name, function):
        def whole():
            try:
                function(lab, files, gateway)
            finally:
                if not gateway.alive():
                    gateway.start()
        suite.run(f"fault: {name}", functools.partial(whole))

    gateway.policy()
    test("a set that is full", set_full)
    test("an element that is there already", there_already)
    test("a transaction that the kernel refuses", transaction_refused)
    if not quick:  # the same on every kernel
        test("out of file descriptors", no_descriptors)
        test("SIGHUP in the middle of everything", impatient)
    # The clock of a machine that others use is not ours to set: in the guest only.
    if os.environ.get("PINHOLED_LAB_OWN_CLOCK"):
        test("the clock jumps", clock_jumps)
