# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures of what real peers do, replayed: `pinholectl replay` must decide as the daemon did, tell
TLS session reuse as the servers do, and `pinholectl explain` must find each fault that is made
here, and none where all is well."""
import functools
import ftplib
import json
import os
import re
import signal
import subprocess

import clients
import matrix
import net
import rawftp
import servers
from attacks import check
from clients import Cell
from servers import FILE, PROFTPD, PUREFTPD, VSFTPD

CTL = os.path.join(os.path.dirname(os.environ.get("PINHOLED", "../../build/pinholed")), "pinholectl")


class Capture:
    """tcpdump on the gateway, for the time of a `with`. On all its legs ("any") what is forwarded is
    seen twice, and what is dropped once."""

    def __init__(self, lab, name, expression="tcp", device="any"):
        self.lab = lab
        self.path = os.path.join(lab.dir, re.sub(r"\W+", "-", name) + ".pcap")
        self._argv = ["tcpdump", "-i", device, "-s", "4096", "-B", "16384", "-U",
                      "--immediate-mode", "-w", self.path, *expression.split()]
        self._log = self.path + ".tcpdump"

    def __enter__(self):
        self._process = self.lab.start(self.lab.gateway, self._argv, self._log)
        check(net.wait_for(lambda: "listening on" in open(self._log).read()), "tcpdump does not start")
        return self

    def __exit__(self, *_):
        # The last packets may be on their way through the ring.
        size = -1
        while size != (size := os.path.getsize(self.path) if os.path.exists(self.path) else 0):
            net.wait_for(lambda: False, 0.3)
        self.lab.stop(self._process, signal.SIGINT)

    def _ctl(self, *words):
        done = subprocess.run([CTL, "--json", *words], capture_output=True, text=True)
        check(done.returncode == 0, f"pinholectl {' '.join(words)}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def replay(self, config):
        return self._ctl("--config", config, "replay", self.path)

    def data(self, config):
        return [e for e in self.replay(config) if e["type"] == "data"]

    def findings(self, config, *ends):
        return self._ctl("--config", config, "--replay", self.path, "explain", *ends)


def words(findings):
    return sorted({f["finding"] for f in findings})


# --- the matrix: as the daemon decided, and nothing to complain about -----------------------------

def healthy(lab, files, gateway, policy, cells):
    gateway.policy(policy)
    mark = gateway.mark()
    with Capture(lab, f"healthy {policy}") as capture:
        for cell in cells:
            clients.transfer(lab, files, cell)
    events = capture.replay(gateway.config)
    told = lambda found: sorted((e["source"], e["destination"], int(e["port"])) for e in found)
    daemon = told(gateway.events(mark, verb="open", kind="pinhole"))
    replayed = told(e for e in events if e["type"] == "pinhole")
    check(daemon == replayed, f"the daemon opened {daemon}, the replay {replayed}")
    blocked = [e for e in events if e["type"] == "data" and not e["passed"]]
    check(not blocked, f"would not pass: {blocked}")
    findings = capture.findings(gateway.config)
    check(not findings, f"findings where all is well: {findings}")


# --- TLS session reuse ------------------------------------------------------------------------------

class StockFtplib(ftplib.FTP_TLS):
    """As it comes, but for saying whether its data connections resumed the session."""
    reused = ()

    def ntransfercmd(self, cmd, rest=None):
        conn, size = super().ntransfercmd(cmd, rest)
        self.reused += (conn.session_reused,)
        return conn, size


def stock_ftplib(lab, server, tls):
    """Whether the listing came, and what the sockets said of reuse."""
    with lab.inside(lab.client):
        ftp = StockFtplib(context=rawftp.context(tls), timeout=10 * net.SLOW)
        try:
            ftp.connect(server.address(4), 21)
            ftp.login(server.user, server.password)
            ftp.prot_p()
            lines = []
            ftp.retrlines("LIST", lines.append)
            ftp.quit()
            return bool(lines), ftp.reused
        except ftplib.all_errors:
            return False, ftp.reused
        finally:
            ftp.close()


def refusals(lab, server):
    """How often the server's own log says that a session was not reused."""
    name, text = {VSFTPD: ("vsftpd-protocol.log", "522 SSL connection failed: session reuse"),
                  PROFTPD: ("proftpd-tls.log", "client did not reuse"),
                  PUREFTPD: (None, None)}[server]
    if name is None:
        return 0
    path = os.path.join(lab.dir, name)
    return open(path, errors="replace").read().count(text) if os.path.exists(path) else 0


# pure-ftpd gives out no tickets in TLS 1.3.
NEVER = {(PUREFTPD, "1.3")}


def reuse(lab, files, gateway, server, client, tls):
    gateway.policy(matrix.RANGE_AND_BACK)
    before = refusals(lab, server)
    worked, said = None, None
    with Capture(lab, f"reuse {server.name} {client} {tls}", f"host {server.address(4)}",
                 "net1") as capture:
        if client == "ftplib":
            worked, said = stock_ftplib(lab, server, tls)
        else:
            command = "EPSV" if client == "curl" else "PASV"
            clients.transfer(lab, files, Cell("P", command, 4, server, client, tls))
            worked = True
    refused = refusals(lab, server) - before
    data = capture.data(gateway.config)
    verdicts = [e["tls"] for e in data]
    findings = words(capture.findings(gateway.config))
    check(verdicts, "no data connection in the capture")
    check({e["tls_version"] for e in data} == {tls}, "another TLS version")
    # curl begins TLS as soon as it is connected; the others wait for the 150.
    begun = {e["hello"] for e in data}
    check(begun == {"before-command" if client == "curl" else "after-reply"}, f"begun: {begun}")
    check(not any(e["unprotected"] for e in data), "a ClientHello was missed")
    if said is not None:
        check([v == "resumed" for v in verdicts] == list(said),
              f"the client says {said}, the replay {verdicts}")
    if server is PUREFTPD:
        want = "full" if client == "ftplib" or (server, tls) in NEVER else "resumed"
        check(set(verdicts) <= ({"full", "refused"} if want == "full" else {"resumed"}),
              f"want {want}: {verdicts}")
        check(not findings, f"pure-ftpd demands nothing: {findings}")
        return
    # These two demand it: what worked was resumed, what was not resumed did not work.
    check(worked == (refused == 0), f"worked: {worked}, refusals in the server's log: {refused}")
    if worked:
        check(set(verdicts) == {"resumed"}, f"all must be resumed: {verdicts}")
        check(not findings, f"nothing was wrong: {findings}")
    else:
        check(verdicts == ["full"] * refused, f"{refused} refused, the replay says {verdicts}")
        check(findings == ["no-reuse"], f"not found: {findings}")


# --- faults --------------------------------------------------------------------------------------------

def configure(gateway, *server_lines):
    """A configuration with these server lines only."""
    gateway.configure()
    with open(gateway.config) as f:
        kept = [line for line in f if not line.startswith("server ")]
    with open(gateway.config, "w") as f:
        f.writelines(kept + [line + "\n" for line in server_lines])
    gateway.reload()


def attempt(lab, files, cell):
    """The cell, which need not work; said in short so that the lab does not wait for long."""
    try:
        clients.CLIENTS[cell.client](clients.Job(lab, files, cell, 6))
        return True
    except (clients.Failed, OSError):
        return False


def fault(lab, files, gateway, name, lines, cell, wanted, text=(), works=False):
    configure(gateway, *lines)
    with Capture(lab, f"fault {name}", f"host {cell.server.address(cell.family)}") as capture:
        check(attempt(lab, files, cell) == works, f"the transfer {'failed' if works else 'worked'}")
    findings = capture.findings(gateway.config)
    check(words(findings) == sorted(wanted), f"findings: {findings}")
    said = " ".join(f["evidence"] + f["gateway"] + f["peer"] for f in findings)
    for word in text:
        check(word in said, f"\"{word}\" is not said: {said}")
    client = net.CLIENT[cell.family]
    check(capture.findings(gateway.config, client, cell.server.address(cell.family)) == findings,
          "the session's own ends give something else")
    check(capture.findings(gateway.config, net.ATTACKER[4]) == [], "the attacker has no session")


def own_vsftpd(lab, files, number, **settings):
    """A vsftpd of its own for a fault, at another address; returns it as a server."""
    server = servers.Server(f"vsftpd-{number}", number, VSFTPD.user, VSFTPD.password)
    server.name = "vsftpd"
    with open(os.path.join(lab.dir, "vsftpd-4-21.conf")) as f:
        kept = [line for line in f if not re.match("listen_address=|pasv_m|ssl_enable=", line)]
    more = {"listen_address": server.address(4), "pasv_min_port": server.low,
            "pasv_max_port": server.high, "ssl_enable": "YES", **settings}
    conf = servers.write(lab, f"vsftpd-{number}.conf",
                         "".join(kept) + "".join(f"{k}={v}\n" for k, v in more.items()))
    lab.start(lab.server, [f"{servers.UNPACKED}/usr/sbin/vsftpd", conf],
              os.path.join(lab.dir, f"vsftpd-{number}.log"))
    check(servers.ready(lab, server.address(4), 21), "the server does not start")
    return server


def foreign(lab, files, gateway):
    """The server announces an address that is not its own; ftp-ssl goes there."""
    server = own_vsftpd(lab, files, 36, pasv_address=net.THIRD_HOST[4], ssl_enable="NO")
    configure(gateway, f"server {server.address(4)} passive-range {server.low}-{server.high}")
    with Capture(lab, "fault foreign", f"host {net.CLIENT[4]}") as capture:
        with rawftp.Raw(lab, server.address(4), timeout=2) as ftp:
            ftp.open(server)
            try:
                ftp.fetch("PASV", "LIST")
            except OSError:
                pass
    findings = capture.findings(gateway.config)
    check(words(findings) == ["foreign-address"], f"findings: {findings}")
    check(net.THIRD_HOST[4] in findings[0]["evidence"] and "pasv_address" in findings[0]["peer"],
          f"not said: {findings}")


def auth_refused(lab, files, gateway):
    server = own_vsftpd(lab, files, 37, ssl_enable="NO")
    configure(gateway, f"server {server.address(4)} passive-range {server.low}-{server.high}")
    with Capture(lab, "fault auth", f"host {server.address(4)}") as capture:
        status, output = lab.call(lab.client, [
            "curl", "-sS", "--ssl", "-u", f"{server.user}:{server.password}",
            f"ftp://{server.address(4)}/{FILE}", "-o", os.devnull], 20)
        check(status == 0, f"curl: {output}")
    findings = capture.findings(gateway.config)
    check(words(findings) == ["auth-refused"], f"findings: {findings}")
    check("530" in findings[0]["evidence"] and "ssl_enable=YES" in findings[0]["peer"],
          f"not said: {findings}")


def one_sided(lab, files, gateway, side):
    gateway.policy(matrix.RANGE_AND_BACK)
    expression = f"{side} host {net.CLIENT[4]}"
    with Capture(lab, f"fault one-sided {side}", expression) as capture:
        clients.transfer(lab, files, Cell("clear", "PASV", 4, PROFTPD, "curl", ""))
    findings = capture.findings(gateway.config)
    check("one-sided" in words(findings), f"findings: {findings}")


def every_fault(lab, files, gateway):
    """(name, test)"""
    low, high = VSFTPD.low, VSFTPD.high
    v, p = VSFTPD.address(4), PROFTPD.address(4)
    lftp = functools.partial(Cell, "P", "PASV", 4)
    for name, lines, cell, wanted, text in (
            ("no range", [], lftp(VSFTPD, "lftp", "1.3"), ["no-range"],
             [f"server {v} passive-range", "product vsftpd", "pasv_min_port="]),
            ("policy refuses", [f"server {v} passive-range {low}-{high} opaque refuse"],
             lftp(VSFTPD, "lftp", "1.3"), ["opaque-refused"],
             [f"passive-range {low}-{high} opaque grant"]),
            ("outside the range", [f"server {v} passive-range 50000-50010"],
             lftp(VSFTPD, "lftp", "1.2"), ["outside-range"],
             ["pasv_min_port=50000", "pasv_max_port=50010"]),
            ("active", [f"server {v} passive-range {low}-{high}"],
             Cell("P", "PORT", 4, VSFTPD, "lftp", "1.3"), ["active-opaque"],
             ["opaque-active ftp-data", "passive mode"]),
            ("CCC unused", [], lftp(PROFTPD, "lftp", "1.3"), ["ccc-unused", "no-range"],
             ["PassivePorts", "TLSRequired"])):
        yield name, functools.partial(fault, lab, files, gateway, name, lines, cell, wanted, text)
    yield "foreign address", functools.partial(foreign, lab, files, gateway)
    yield "AUTH refused", functools.partial(auth_refused, lab, files, gateway)
    for side in ("src", "dst"):
        yield f"one side, {side}", functools.partial(one_sided, lab, files, gateway, side)


def run(suite, lab, files, gateway, quick=False):
    # A capture is read the same on every kernel: a quick run tries a few.
    cells = matrix.one_per_mode()
    for policy in () if quick else matrix.POLICIES:
        these = [cell for cell in cells if matrix.policy_for(cell) == policy]
        suite.run(f"replay: healthy, {policy}",
                  functools.partial(healthy, lab, files, gateway, policy, these))
    for server in [PROFTPD] if quick else [VSFTPD, PROFTPD, PUREFTPD]:
        for client in ("ftplib",) if quick else ("curl", "lftp", "ftp-ssl", "ftplib"):
            for tls in ("1.2", "1.3"):
                suite.run(f"replay: reuse, {server.name} {client} {tls}",
                          functools.partial(reuse, lab, files, gateway, server, client, tls))
    for name, test in servers.few(every_fault(lab, files, gateway), quick):
        suite.run(f"explain: {name}", test)
    gateway.policy()
