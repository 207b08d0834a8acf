# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens when the daemon dies, stops, is told anew, or loses its ruleset."""
import contextlib
import functools
import os

import net
import rawftp
import servers
from attacks import GOOD, Ports, check
from peers import Pair, reached
from servers import FILE

# Each at a server of its own: the grant of one must not serve another.
KINDS = {"clear": servers.PYFTPDLIB, "ccc": servers.PUREFTPD, "P": servers.VSFTPD,
         "implicit": servers.PROFTPD}


class Sessions:
    """One logged-in session of each kind, as they run when something happens to the daemon."""

    def __init__(self, lab, files):
        self.lab, self.files = lab, files

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        self.all = {}
        for kind, server in KINDS.items():
            port = 990 if kind == "implicit" else 21
            ftp = self._stack.enter_context(rawftp.Raw(self.lab, server.address(4), port))
            ftp.open(server, kind)
            if kind == "ccc":
                ftp.ccc("wait")
            self.all[kind] = ftp
        return self

    def __exit__(self, *_):
        self._stack.close()

    def answer(self):
        for kind, ftp in self.all.items():
            check(ftp.noop() == 200, f"the {kind} session does not answer NOOP")

    def transfer(self, why):
        for kind, ftp in self.all.items():
            for command in ("EPSV", "PASV") if kind != "clear" else ("EPSV", "PORT"):
                try:
                    got = ftp.fetch(command, f"RETR {FILE}")
                except OSError as error:
                    raise AssertionError(f"{kind} session, {command} {why}: {error}") from error
                check(got == self.files.content, f"{kind} session, {command}: the file differs")


def restarted(gateway, sessions):
    """A new daemon knows the running sessions at once, from the marks that the old one left: no
    word has to be said first, the very next data command gets its connection."""
    gateway.start()
    sessions.transfer("after the restart")


def killed(lab, files, gateway):
    gateway.policy(pinhole_timeout=3, grant_timeout=10)
    with Sessions(lab, files) as sessions, Pair(lab) as pair, Ports(lab, pair):
        sessions.transfer("before")
        pair.login().announce(GOOD)
        check(gateway.opened(f'"{pair.address}"'), "no pinhole to begin with")
        gateway.kill()
        sessions.answer()

        # Nothing new: neither a pinhole nor, for somebody who comes now, a grant.
        before = set(gateway.opened())
        end = sessions.all["clear"].passive("EPSV")
        check(not reached(lab, lab.client, [end]), "a new pinhole without a daemon")
        with rawftp.Raw(lab, servers.PYFTPDLIB.address(4)).open(servers.PYFTPDLIB, "P") as late:
            end = late.passive("EPSV")
            check(not reached(lab, lab.client, [end]), "a new grant without a daemon")
        check(set(gateway.opened()) <= before, "something new is open")

        # What was open ends by itself: 3 s for pinholes, 10 s for grants.
        left = gateway.wait_closed(f'"{pair.address}"', seconds=6)
        check(not left, f"the pinhole is still there: {left}")
        check(not pair.from_client(GOOD), "the pinhole can still be used")
        left = gateway.wait_closed(seconds=15)
        check(not left, f"grants are still there: {left}")
        target = [(servers.VSFTPD.address(4), servers.VSFTPD.low)]
        check(not reached(lab, lab.client, target), "the range can still be reached")

        restarted(gateway, sessions)


def running_transfer(lab, files, gateway):
    """A download that is under way does not notice that the daemon has gone."""
    with Pair(lab) as pair, lab.listen(lab.server, pair.address, GOOD) as listener:
        pair.login().announce(GOOD)
        with lab.connect(lab.client, pair.address, GOOD) as data:
            accepted, _ = listener.accept()
            with accepted:
                accepted.sendall(b"before")
                gateway.kill()
                accepted.sendall(b" and after")
                accepted.close()
                got = b""
                while chunk := data.recv(100):
                    got += chunk
        gateway.start()
        check(got == b"before and after", f"the data connection carried {got!r}")


def reload_good(lab, files, gateway):
    with Sessions(lab, files) as sessions, Pair(lab) as pair, Ports(lab, pair):
        pair.login().announce(GOOD)
        gateway.configure(pinhole_timeout=7)
        said = gateway.reload()
        check(any("loaded" in line and "not loaded" not in line for line in said),
              f"no word of success: {said}")
        check(pair.from_client(GOOD), "a pinhole was lost")
        mark = gateway.mark()
        pair.announce(GOOD)
        check(gateway.wait_event(mark, verb="open", port=GOOD, timeout="7s"),
              "the new pinhole-timeout is not used")
        sessions.transfer("after the reload")


def reload_bad(lab, files, gateway):
    with Sessions(lab, files) as sessions, Pair(lab) as pair:
        pair.login()
        ranges = gateway.nft("list", "set", "inet", "pinholed", "range4")
        gateway.configure(pinhole_timeout=9)
        with open(gateway.config, "a") as f:
            f.write("opaque maybe\n")
        bad = sum(1 for _ in open(gateway.config))
        said = gateway.reload()
        check(any("not loaded" in line for line in said), f"no word of failure: {said}")
        where = f"{gateway.config}:{bad}: opaque:"
        check(any(where in line for line in said), f"'{where}' is not in {said}")
        check(gateway.nft("list", "set", "inet", "pinholed", "range4") == ranges,
              "the ranges have changed")
        mark = gateway.mark()
        pair.announce(GOOD)
        opened = gateway.wait_event(mark, verb="open", port=GOOD)
        check(opened and opened[0]["timeout"] != "9s", f"half of it was taken: {opened}")
        sessions.transfer("after the refused reload")
        os.unlink(gateway.config)
        check(any("not loaded" in line for line in gateway.reload()), "no word of a missing file")
        sessions.answer()
    gateway.policy()


def policy_opaque(lab, files, gateway):
    """`opaque refuse` takes the grants of running sessions away; `grant` gives them back."""
    server = servers.VSFTPD
    with rawftp.Raw(lab, server.address(4)).open(server, "P") as ftp:
        check(ftp.fetch("EPSV", "LIST"), "no listing to begin with")
        gateway.policy("opaque refuse opaque-active refuse")
        left = gateway.wait_closed(f'"{server.address(4)}"')
        check(not left, f"still open: {left}")
        check(not reached(lab, lab.client, [(server.address(4), server.low)]), "still reached")
        gateway.policy()
        net.wait_for(lambda: gateway.opened(f'"{server.address(4)}"'))
        check(ftp.fetch("EPSV", "LIST"), "no listing after the policy came back")


def policy_active(lab, files, gateway, policy, works):
    """Active mode in sessions that nobody can read: by policy, and by source port."""
    gateway.policy(f"opaque grant opaque-active {policy}")
    try:
        for server in (servers.VSFTPD, servers.PROFTPD):
            with rawftp.Raw(lab, server.address(4), timeout=3).open(server, "P") as ftp:
                listener = ftp.listener()
                ftp.command(ftp.announcement("PORT", listener), 200)
                ftp.send(b"LIST\r\n")
                listener.settimeout((5 if server in works else 1.5) * net.SLOW)
                try:
                    listener.accept()[0].close()
                    got = True
                except TimeoutError:
                    got = False
                listener.close()
                check(got == (server in works), f"{server.name}: "
                      + ("reached the client" if got else "did not reach the client"))
    finally:
        gateway.policy()


def terminated(lab, files, gateway):
    with Sessions(lab, files) as sessions, Pair(lab) as pair, Ports(lab, pair):
        sessions.transfer("before")
        pair.login().announce(GOOD)
        check(gateway.opened(), "nothing is open")
        status = gateway.terminate()
        check(status == 0, f"exit status {status}")
        check(not gateway.opened(), f"left open: {gateway.opened()}")
        check(not pair.from_client(GOOD), "the pinhole can still be used")
        sessions.answer()
        restarted(gateway, sessions)


def ruleset_again(lab, files, gateway):
    """Loading the ruleset once more takes nothing away from anybody."""
    with Sessions(lab, files) as sessions, Pair(lab) as pair, Ports(lab, pair):
        pair.login().announce(GOOD)
        gateway.load_ruleset()
        check(pair.from_client(GOOD), "a pinhole was lost")
        sessions.transfer("after the ruleset was loaded again")


def ruleset_gone(lab, files, gateway):
    """Somebody flushes everything; the admin loads both files again and reloads the daemon."""
    with Sessions(lab, files) as sessions:
        gateway.nft("flush", "ruleset")
        gateway.load_admin()
        gateway.load_ruleset()
        gateway.reload()
        check(net.wait_for(lambda: gateway.opened(f'"{servers.VSFTPD.address(4)}"')),
              "the grants do not come back")
        sessions.transfer("after the ruleset came back")


def shadow(lab, files, gateway):
    """All is decided and said, nothing is opened, marked or cut; without it, the same opens."""
    gateway.terminate()
    gateway.configure(shadow="on", starttls_violation="cut")
    gateway.start()
    try:
        mark = gateway.mark()
        with Pair(lab) as pair, Ports(lab, pair):
            pair.login().announce(GOOD)
            check(gateway.wait_event(mark, verb="open", port=GOOD), "it was not decided")
            check(not gateway.opened(), f"open: {gateway.opened()}")
            check(not pair.from_client(GOOD), "the port can be reached")
        with rawftp.Raw(lab, servers.VSFTPD.address(4)).open(servers.VSFTPD, "P"):
            check(gateway.wait_event(mark, verb="open", kind="passive-grant") or
                  gateway.wait_event(mark, verb="open"), "the grant was not decided")
            check(not gateway.opened(), f"open: {gateway.opened()}")
        with Pair(lab) as pair:
            pair.server("220 ready")
            pair.client("AUTH TLS\r\nNOOP")
            pair.server("234 go")  # arrives: nobody cuts
            check(gateway.wait_event(mark, verb="note", reason="cut"), "no word of cutting")
    finally:
        gateway.terminate()
        gateway.configure()
        gateway.start()
    with Pair(lab) as pair, Ports(lab, pair):
        pair.login().announce(GOOD)
        check(pair.from_client(GOOD), "nothing opens without shadow")


def sandboxed(lab, files, gateway):
    """All tests are worth as much as the sandbox that they ran in: every thread is in it."""
    tasks = list(os.scandir(f"/proc/{gateway.daemon.pid}/task"))
    check(len(tasks) > 1, "no worker")
    for task in tasks:
        with open(os.path.join(task.path, "status")) as f:
            status = dict(line.split(":", 1) for line in f)
        for key, value in {"Seccomp": 2, "NoNewPrivs": 1, "CapEff": 1 << 12}.items():
            got = int(status[key], 16)
            check(got == value, f"{key} of thread {task.name} is {got}, not {value}")


def run(suite, lab, files, gateway, quick=False):
    def test(name, function, *arguments):
        def whole():
            try:
                function(lab, files, gateway, *arguments)
            finally:
                if not gateway.alive():
                    gateway.configure()
                    gateway.start()
        suite.run(f"failure: {name}", functools.partial(whole))

    test("every thread is in the sandbox", sandboxed)
    test("kill -9, expiry, restart: clear, CCC and opaque sessions go on", killed)
    gateway.policy()
    test("kill -9 during a transfer", running_transfer)
    test("SIGTERM closes all, a restart picks up", terminated)
    test("the ruleset is loaded again", ruleset_again)
    test("the ruleset is flushed and loaded", ruleset_gone)
    if quick:  # the others are the same on every kernel
        return
    test("shadow: all is said, nothing is opened", shadow)
    gateway.policy()
    test("SIGHUP with a good configuration", reload_good)
    test("SIGHUP with a bad configuration", reload_bad)
    test("SIGHUP: opaque refuse and back", policy_opaque)
    test("opaque-active refuse", policy_active, "refuse", [])
    test("opaque-active ftp-data: source port 20 only", policy_active, "ftp-data",
         [servers.VSFTPD])
    test("opaque-active any", policy_active, "any", [servers.VSFTPD, servers.PROFTPD])
