# SPDX-License-Identifier: GPL-3.0-or-later
"""What pinholed tells of itself: the stream of events, the exposure meter, suggested ranges,
diagnosis and metrics, held against what real peers did meanwhile."""
import functools
import json
import os
import re
import socket
import subprocess
import time

import clients
import failures
import matrix
import net
import rawftp
import servers
import shapes
from attacks import GOOD, Ports, check
from peers import Pair, reached
from servers import FILE

CTL = os.path.join(os.path.dirname(os.environ.get("PINHOLED", "../../build/pinholed")), "pinholectl")


def ctl(gateway, *words):
    """pinholectl's output; with --json its objects."""
    output = net.run(CTL, "--socket", gateway.socket, *words)
    return [json.loads(line) for line in output.splitlines()] if "--json" in words else output


def fresh(gateway):
    """A daemon that has seen nothing yet, and finds no session running."""
    gateway.terminate()
    gateway.forget_connections()
    gateway.start()
    return gateway.mark()


class Watch:
    """`pinholectl watch --json` for the time of a test."""

    def __init__(self, gateway):
        self._argv = [CTL, "--socket", gateway.socket, "--json", "watch"]

    def __enter__(self):
        self._process = subprocess.Popen(self._argv, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL)
        os.set_blocking(self._process.stdout.fileno(), False)
        self._text, self.events = b"", []
        check(net.wait_for(lambda: self.wanted(reason="watching")), "the stream does not begin")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()

    def wanted(self, **members):
        """The events so far that have these members."""
        self._text += self._process.stdout.read() or b""
        *lines, self._text = self._text.split(b"\n")
        self.events += map(json.loads, lines)
        return [e for e in self.events if all(e.get(k) == v for k, v in members.items())]

    def wait(self, **members):
        found = net.wait_for(lambda: self.wanted(**members))
        check(found, f"no event with {members} among {self.events}")
        return found


def stream(lab, files, gateway):
    """One transfer, every step of it in the stream, in order."""
    server = servers.PROFTPD
    with Watch(gateway) as watch:
        with rawftp.Raw(lab, server.address(4)).open(server) as ftp:
            port = ftp.passive("PASV")[1]
            end = f"{ftp.local}:{ftp.sock.getsockname()[1]}"
            check(ftp.transfer(f"RETR {FILE}", ftp.connect_data((server.address(4), port))),
                  "no file")
            ftp.command("QUIT", 2)
        watch.wait(type="end", client=end)
        mine = [e for e in watch.events if e.get("client") == end]
        got = [(e["type"], e.get("event"), e["reason"]) for e in mine]
        want = [("session", None, "session-new"), ("state", None, "greeted"),
                ("state", None, "logged-in"), ("pinhole", "open", "pasv"),
                ("data", None, "used"), ("end", None, "control-ended")]
        check(got == want, f"{got}")
        for event in mine:
            check(event["server"] == f"{server.address(4)}:21", f"{event}")
            check(abs(event["time"] - time.time()) < 30, f"not the time: {event}")
        for event in mine[3:5]:
            check((event["port"], event["source"], event["destination"]) ==
                  (port, ftp.local, server.address(4)), f"{event}")
        check(mine[5]["exposed_ms"] <= mine[5]["age_ms"], f"{mine[5]}")


def stream_encrypted(lab, files, gateway):
    server = servers.VSFTPD
    gateway.policy("opaque grant opaque-active refuse")
    with Watch(gateway) as watch:
        with rawftp.Raw(lab, server.address(6)).open(server, "P") as ftp:
            check(ftp.fetch("EPSV", f"RETR {FILE}") == files.content, "the file differs")
        watch.wait(type="end", server=f"[{server.address(6)}]:21")
        # At the very end vsftpd may say "500 OOPS" in clear behind its close_notify.
        got = [(e["type"], e.get("event"), e["reason"]) for e in watch.events[1:]
               if e["reason"] != "ccc"]
        want = [("session", None, "session-new"), ("state", None, "greeted"),
                ("state", None, "auth-sent"), ("note", None, "auth-accepted"),
                ("state", None, "tls-explicit"), ("grant", "open", "opaque"),
                ("data", None, "data"), ("grant", "close", "control-ended"),
                ("end", None, "control-ended")]
        check(got == want, f"{got}")
        data = watch.wanted(type="data")[0]
        check(data["by"] == "passive-grant" and server.low <= data["port"] <= server.high,
              f"{data}")


def stream_refusal(lab, files, gateway):
    with Watch(gateway) as watch, Pair(lab) as pair:
        pair.login().client("PASV")
        pair.server(pair.reply_227(22))
        event = watch.wait(type="refused")[0]
        check(event["reason"] == "port-privileged" and "(10,77,2,31,0,22)" in event["text"],
              f"{event}")


def slow_reader(lab, files, gateway):
    """Somebody watches and reads nothing: it is dropped, nobody else loses anything, and packets
    do not wait."""
    deaf = socket.socket(socket.AF_UNIX)
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(gateway.socket)
    deaf.sendall(b"watch\n")
    rounds = 1200
    with Watch(gateway) as watch, Pair(lab) as pair:
        pair.login()
        slowest = 0
        for n in range(rounds):
            began = time.monotonic()
            pair.announce(40000 + n)
            slowest = max(slowest, time.monotonic() - began)
            watch.wanted()
        net.wait_for(lambda: len(watch.wanted(type="pinhole", event="open")) == rounds)
        opened = [e["port"] for e in watch.wanted(type="pinhole", event="open")]
        check(opened == list(range(40000, 40000 + rounds)), f"the other one got {len(opened)}")
        check(slowest < 0.5 * net.SLOW, f"a control packet waited {slowest:.2f} s")
    deaf.settimeout(5)
    total = 0
    while chunk := deaf.recv(65536):  # the end comes: it was dropped
        total += len(chunk)
    deaf.close()
    check(total < rounds * 300, f"{total} bytes were kept for it")
    check(gateway.alive(), "the daemon is gone")


def exposure(gateway):
    return ctl(gateway, "--json", "status")[0]["exposure"]


def meter(lab, files, gateway):
    """A pinhole and a grant, held for a time that the test measures itself."""
    server = servers.VSFTPD
    fresh(gateway)
    before = exposure(gateway)
    with Pair(lab) as pair, Ports(lab, pair):
        pair.login()
        sent = time.monotonic()
        pair.announce(GOOD)
        shown = time.monotonic()
        time.sleep(1)
        mid = exposure(gateway)["pinholes"]
        check(mid["pairs"] == before["pinholes"]["pairs"] + 1, f"{mid}")
        tried = time.monotonic()
        check(pair.from_client(GOOD), "the announced port is closed")
        net.wait_for(lambda: exposure(gateway)["pinholes"]["pairs"] == mid["pairs"] - 1)
        done = time.monotonic()
        got = exposure(gateway)["pinholes"]["pair_ms"] - before["pinholes"]["pair_ms"]
        low, high = (tried - shown) * 1000 - 2, (done - sent) * 1000 + 2
        check(low <= got <= high, f"a pinhole: {got} ms, not {low:.0f} to {high:.0f}")
    width = server.high - server.low + 1
    began = time.monotonic()
    with rawftp.Raw(lab, server.address(4)).open(server, "P") as ftp:
        opened = time.monotonic()
        time.sleep(1)
        mine = [s for s in ctl(gateway, "--json", "sessions") if s["class"] == "opaque"]
        check(len(mine) == 1 and mine[0]["range_ports"] == width, f"{mine}")
        check(mine[0]["exposed_ms"] >= 1000 * width, f"{mine}")
        check(mine[0]["static_ms"] == mine[0]["age_ms"] * width, f"{mine}")
        now = exposure(gateway)
        check(now["passive_grants"]["pairs"] == width, f"{now}")
        ended = time.monotonic()
        ftp.command("QUIT", 2)
    gateway.wait_closed()
    over = time.monotonic()
    net.wait_for(lambda: exposure(gateway)["passive_grants"]["pairs"] == 0)
    got = (exposure(gateway)["passive_grants"]["pair_ms"] -
           before["passive_grants"]["pair_ms"]) / width
    low, high = (ended - opened) * 1000 - 2, (over - began) * 1000 + 50
    check(low <= got <= high, f"a grant: {got:.0f} ms, not {low:.0f} to {high:.0f}")
    static = exposure(gateway)["static_range"]
    check(static["servers"] >= 1 and static["ports"] >= width, f"{static}")


def suggested(lab, files, gateway):
    """The ports that the log has seen are the ones that are suggested."""
    seen = ((servers.PROFTPD, "clear", "open", "pasv"), (servers.VSFTPD, "P", "note", "data"))
    mark, count = fresh(gateway), 12

    def ports(server, verb, reason):
        found = gateway.events(mark, destination=server.address(4), verb=verb)
        return [int(e["port"]) for e in found if e["reason"] == reason and "port" in e]

    for server, protection, _, _ in seen:
        with rawftp.Raw(lab, server.address(4)).open(server, protection) as ftp:
            for _ in range(count):
                check(ftp.fetch("PASV", f"RETR {servers.SMALL}"), "no file")
    # Each data connection counts, also one whose session ends within the milliseconds that
    # the news of it may be late.
    told = net.wait_for(lambda: all(len(ports(server, *how)) == count for server, _, *how in seen))
    check(told, f"not {count} each: {[ports(server, *how) for server, _, *how in seen]}")
    text = ctl(gateway, "suggest")
    for server, _, *how in seen:
        used = ports(server, *how)
        line = re.search(rf"^server {server.address(4)} passive-range (\d+)-(\d+)$", text, re.M)
        check(line, f"{server.name} is not suggested: {text}")
        got = int(line[1]), int(line[2])
        check(got == (min(used), max(used)), f"{server.name}: {got}, not {min(used), max(used)}")
        wider = f"the configured range {server.low}-{server.high} is wider"
        check((got == (server.low, server.high)) != (wider in text), f"{text}")


def used_is_told(lab, files, gateway, server):
    """A pinhole that was used is told to be, however soon something follows that would close one
    which was not: the next announcement, or the end."""
    mark, sessions, ways = gateway.mark(), 8, ("EPSV", "PORT", "PORT", "PASV")
    for _ in range(sessions):
        with rawftp.Raw(lab, server.address(4)).open(server) as ftp:
            for way in ways:
                check(ftp.fetch(way, f"RETR {servers.SMALL}"), "no file")
            ftp.command("QUIT", 221)
    count = sessions * len(ways)

    def told(verb, reason=None):
        return [e for e in gateway.events(mark, verb=verb, kind="pinhole")
                if reason in (None, e["reason"])]

    net.wait_for(lambda: len(told("note", "used")) + len(told("close")) == count)
    check((len(told("open")), len(told("note", "used"))) == (count, count),
          f"{len(told('open'))} opened, {len(told('note', 'used'))} used, closed: {told('close')}")


def suggest_misses(lab, files, gateway):
    server = servers.PROFTPD
    gateway.policy("opaque grant", server_range=(server.low + 100, server.low + 120))
    try:
        with rawftp.Raw(lab, server.address(4)).open(server) as ftp:
            check(ftp.fetch("PASV", f"RETR {servers.SMALL}"), "no file")
        text = ctl(gateway, "suggest")
        check(f"the configured range {server.low + 100}-{server.low + 120} misses ports" in text,
              text)
    finally:
        gateway.policy()


# --- metrics -------------------------------------------------------------------------------------

def metrics(lab, files, gateway):
    """node_exporter's textfile collector takes what pinholectl prints, and has the numbers."""
    folder = os.path.join(lab.dir, "textfile")
    os.makedirs(folder, exist_ok=True)
    server = servers.PROFTPD
    with rawftp.Raw(lab, server.address(4)).open(server) as ftp:
        check(ftp.fetch("PASV", f"RETR {servers.SMALL}"), "no file")
        time.sleep(0.1 * net.SLOW)  # copies and news may come 10 ms late
        with open(os.path.join(folder, "pinholed.prom"), "w") as f:
            f.write(ctl(gateway, "metrics"))
        counters = ctl(gateway, "--json", "status")[0]["counters"]
    exporter = lab.start(lab.gateway, [
        f"{servers.UNPACKED}/usr/bin/prometheus-node-exporter", "--collector.disable-defaults",
        "--collector.textfile", f"--collector.textfile.directory={folder}",
        "--web.listen-address=127.0.0.1:9100"], os.path.join(lab.dir, "node-exporter.log"))
    try:
        net.wait_for(lambda: shapes.can_connect(lab, "127.0.0.1", 9100), 10, 0.1)
        status, page = lab.call(lab.gateway, ["curl", "-s", "http://127.0.0.1:9100/metrics"], 10)
    finally:
        lab.stop(exporter)
    samples = dict(line.rsplit(" ", 1) for line in page.splitlines() if line[:1] != "#")
    check(status == 0 and float(samples["node_textfile_scrape_error"]) == 0, page[-500:])
    for name in ("pinholes_used", "commands", "data_connections"):
        check(float(samples[f"pinholed_{name}_total"]) == counters[name], name)
    check(float(samples['pinholed_sessions{class="clear"}']) >= 1, "no session")
    check("# TYPE pinholed_packets_total counter" in page, "the type is lost")


# --- the live view -------------------------------------------------------------------------------

class Terminal:
    """pinholectl in a terminal of tmux, which is the screen that the test looks at."""

    def __init__(self, gateway, *words):
        self._tmux = ["tmux", "-L", f"pinholed-lab-{os.getpid()}", "-f", "/dev/null"]
        self._command = " ".join([CTL, "--socket", gateway.socket, *words])

    def _run(self, *argv):
        return net.run(*self._tmux, *argv)

    def __enter__(self):
        # The shell stays when the program ends: what it then prints shows the terminal as it was.
        self._run("new-session", "-d", "-x", "80", "-y", "24",
                  f"{self._command}; echo exit=$?; exec cat")
        return self

    def __exit__(self, *_):
        self._run("kill-server")

    def size(self, width, height):
        self._run("resize-window", "-x", str(width), "-y", str(height))

    def press(self, *keys):
        self._run("send-keys", *keys)

    def lines(self):
        return self._run("capture-pane", "-p").splitlines()

    def wait(self, pattern):
        """The screen once it matches; raises when it does not come to that."""
        net.wait_for(lambda: re.search(pattern, "\n".join(self.lines()), re.S), 8, 0.1)
        lines = self.lines()
        check(re.search(pattern, "\n".join(lines), re.S), "\n".join([pattern, *lines]))
        return lines


def keep_screen(name, lines):
    """For the documents: docs/watch.md shows these screens."""
    if folder := os.environ.get("PINHOLED_LAB_SCREENS"):
        with open(os.path.join(folder, name), "w") as f:
            f.write("\n".join(lines) + "\n")


def live_view(lab, files, gateway):
    gateway.policy("opaque grant opaque-active refuse", pinhole_timeout=60)
    fresh(gateway)
    with Terminal(gateway, "watch") as terminal, failures.Sessions(lab, files) as sessions, \
            Pair(lab) as pair:
        sessions.transfer("beside the live view")
        pair.login()
        terminal.wait(r"LATEST REFUSALS *\n")
        pair.client("PASV")
        pair.server(pair.reply_227(22))
        pair.announce(GOOD)
        want = (rf"^pinholed .* up .* ruleset loaded .*\nsessions 5  clear 2  opaque 2  "
                rf"clear-after-ccc 1\nper second  packets .*\nport seconds .*\nCLIENT .*SERVER .*"
                rf"10\.77\.1\.2:\d+ +{re.escape(pair.address)}:21 .*\nOPEN .*"
                rf"pinhole +10\.77\.1\.2 +{re.escape(pair.address)} +{GOOD} +\d+s.*"
                rf"LATEST REFUSALS.*port-privileged  +10\.77\.1\.2:\d+ -> .*q: leave$")
        for width, height in ((80, 24), (120, 36), (80, 24)):
            terminal.size(width, height)
            lines = terminal.wait(want)
            check(len(lines) == height, f"{len(lines)} lines")
            check(lines[-1] == "q: leave", f"{lines[-1]}")
            keep_screen(f"watch-{width}x{height}.txt", lines)
        terminal.size(30, 8)  # nothing of use, and no harm
        terminal.wait("q: leave")
        terminal.size(80, 24)
        terminal.wait(want)
        gateway.terminate()
        terminal.wait("pinholed cannot be reached")
        gateway.start()
        terminal.wait("sessions")
        terminal.press("q")
        terminal.wait(r"exit=0")
        left = [line for line in terminal.lines() if line]
        check(left == ["exit=0"], f"left on the screen: {left}")


def no_terminal(lab, files, gateway):
    done = subprocess.run([CTL, "--socket", gateway.socket, "watch"], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=10 * net.SLOW)
    check(done.returncode == 3 and "needs a terminal" in done.stderr and not done.stdout,
          f"{done}")
    with Terminal(gateway, "--help > /dev/null; TERM=nonsense", CTL, "--socket", gateway.socket,
                  "watch") as terminal:
        terminal.wait("terminal is not known.*exit=3")


# --- diagnosis: each fault made by real peers ------------------------------------------------------

def findings(gateway, client=net.CLIENT[4], server=None):
    words = [client] + ([server] if server else [])
    return ctl(gateway, "--json", "explain", *words)


def expect_finding(gateway, word, server, *phrases):
    found = net.wait_for(lambda: [f for f in findings(gateway, server=server)
                                  if f["finding"] == word])
    check(found, f"no {word} among {findings(gateway)}")
    text = " ".join(found[-1][key] for key in ("evidence", "gateway", "peer"))
    for phrase in phrases:
        check(phrase in text, f"{phrase!r} is not in: {text}")
    check(word in ctl(gateway, "explain", net.CLIENT[4], server), "the text lacks it")


def blocked(transfer):
    try:
        transfer()
    except (OSError, EOFError, rawftp.Refused):
        return
    raise AssertionError("the transfer works: this is no fault")


def fault_no_range(lab, files, gateway):
    server = servers.VSFTPD
    gateway.policy("opaque grant", no_range=True)
    with rawftp.Raw(lab, server.address(4), timeout=2).open(server, "P") as ftp:
        blocked(lambda: ftp.fetch("PASV", "LIST"))
    expect_finding(gateway, "no-range", server.address(4), f"server {server.address(4)} "
                   "passive-range", "pasv_min_port")


def fault_opaque_refused(lab, files, gateway):
    server = servers.PROFTPD
    gateway.policy("opaque refuse")
    with rawftp.Raw(lab, server.address(4), timeout=2).open(server, "P") as ftp:
        blocked(lambda: ftp.fetch("PASV", "LIST"))
    expect_finding(gateway, "opaque-refused", server.address(4), "opaque grant")


def fault_outside(lab, files, gateway):
    server = servers.PUREFTPD
    gateway.policy("opaque grant", server_range=(server.low + 200, server.low + 299))
    with rawftp.Raw(lab, server.address(4), timeout=2).open(server, "P") as ftp:
        end = ftp.passive("PASV")
        blocked(lambda: ftp.connect_data(end))
        expect_finding(gateway, "outside-range", server.address(4), str(end[1]),
                       f"{server.low + 200}-{server.low + 299}", "PassivePortRange")


def fault_active(lab, files, gateway):
    server = servers.VSFTPD
    gateway.policy("opaque grant opaque-active refuse")
    with rawftp.Raw(lab, server.address(4), timeout=2).open(server, "P") as ftp:
        blocked(lambda: ftp.fetch("PORT", "LIST"))
        expect_finding(gateway, "active-opaque", server.address(4), "opaque-active",
                       "passive mode")


def fault_auth(lab, files, gateway):
    """pure-ftpd knows AUTH TLS only."""
    server = servers.PUREFTPD
    with rawftp.Raw(lab, server.address(4)) as ftp:
        ftp.expect("greeting", 220)
        check(ftp.command("AUTH SSL")[0] >= 500, "AUTH SSL was accepted")
        ftp.login(server)
    expect_finding(gateway, "auth-refused", server.address(4), '"500 ')


def fault_ccc_unused(lab, files, gateway):
    """proftpd offers CCC in FEAT, before AUTH too."""
    server = servers.PROFTPD
    gateway.policy("opaque refuse")
    with rawftp.Raw(lab, server.address(4), timeout=2) as ftp:
        ftp.expect("greeting", 220)
        ftp.command("FEAT", 211)
        ftp.command("AUTH TLS", 234)
        ftp.start_tls()
        ftp.login(server)
        ftp.protect("P")
        blocked(lambda: ftp.fetch("PASV", "LIST"))
    expect_finding(gateway, "ccc-unused", server.address(4), "--ftp-ssl-ccc")


def look_half_seen(lab, gateway, numbers):
    """A clear session of which pinholed does not get all; the finding names it and `numbers`."""
    server = servers.PYFTPDLIB
    fresh(gateway)
    time.sleep(6)  # so that it is clear that the session has begun behind the start
    with rawftp.Raw(lab, server.address(4)).open(server) as ftp:
        ftp.passive("PASV")
        ftp.noop()
        found = net.wait_for(lambda: [f for f in findings(gateway)
                                      if f["finding"] == "not-queued"], 12, 0.3)
        check(found, "no finding")
        check(f"{server.address(4)}:21" in found[0]["evidence"] and
              numbers in found[0]["gateway"], f"{found}")
        ftp.command("QUIT", 2)


def fault_not_queued(lab, files, gateway):
    """The rule that queues control packets is gone."""
    tables = ("iptables-nft", "ip6tables-nft")
    shipped = "as shipped" in gateway.ruleset
    with lab.inside(lab.gateway):
        if shipped:
            net.run("nft", "flush", "chain", "inet", "pinholed", "queue_control")
        else:
            for table in tables:
                net.run(table, "-w", "-t", "security", "-F")
    try:
        look_half_seen(lab, gateway, "pinholed_queues")
    finally:
        gateway.load_ruleset()
        gateway.reload()


def fault_not_copied(lab, files, gateway):
    """The ruleset copies to a group that nobody reads."""
    gateway.load_ruleset("s/log group 2100/log group 2109/")
    try:
        look_half_seen(lab, gateway, "log group")
    finally:
        gateway.load_ruleset()
        gateway.reload()


FASTPATH = """
table inet fastpath {
	flowtable f { hook ingress priority 0; devices = { net1, net2 }; }
	chain c {
		type filter hook forward priority filter - 20;
		%s ct state established meta l4proto tcp flow add @f
	}
}"""


def has_flowtables(gateway):
    try:
        gateway.nft("-c", "-f", "-", stdin=FASTPATH % "")
        return True
    except RuntimeError:
        return False


def fault_offloaded(lab, files, gateway):
    """A flowtable forwards the control connection past all chains."""
    server = servers.PYFTPDLIB
    gateway.nft("-f", "-", stdin=FASTPATH % "tcp dport 21")
    gateway.terminate()  # what a daemon that starts now can see of it
    try:
        with rawftp.Raw(lab, server.address(4)).open(server) as ftp:
            with lab.inside(lab.gateway):
                subprocess.run(["conntrack", "-U", "-m", "0"], capture_output=True)
            gateway.start()
            ftp.noop()
            found = net.wait_for(lambda: [f for f in findings(gateway)
                                          if f["finding"] == "not-queued"], 12, 0.3)
            check(found and "flowtable" in found[0]["evidence"], f"{found}")
    finally:
        gateway.nft("delete", "table", "inet", "fastpath")
        if not gateway.alive():
            gateway.start()


def fault_offloaded_data(lab, files, gateway):
    """The same with a data connection that has still to show what it is."""
    server = servers.PYFTPDLIB
    fresh(gateway)
    gateway.policy(window="learn", proof="tls")
    gateway.nft("-f", "-", stdin=FASTPATH % "ct mark and 0xf0000000 == 0xb0000000")
    try:
        with rawftp.Raw(lab, server.address(4)).open(server, "P") as ftp:
            with ftp.connect_data(ftp.passive("EPSV")):
                found = net.wait_for(lambda: [f for f in findings(gateway)
                                              if f["finding"] == "not-queued"], 12, 0.3)
                check(found and "data connections" in found[0]["evidence"] and
                      "class 11" in found[0]["gateway"], f"{found}")
    finally:
        gateway.nft("delete", "table", "inet", "fastpath")


def other_service(lab, files, gateway):
    """A client that has a grant uses another port of that server, and the admin's rules let it:
    that is no fault."""
    server = servers.VSFTPD
    fresh(gateway)
    gateway.nft("insert", "rule", "inet", "admin", "forward", "tcp", "dport", "8443", "accept")
    try:
        with rawftp.Raw(lab, server.address(4)).open(server, "P"), \
                lab.listen(lab.server, server.address(4), 8443):
            lab.connect(lab.client, server.address(4), 8443, 2).close()
            check(not reached(lab, lab.client, [(server.address(4), 8444)]), "8444 is open")
            found = [f for f in findings(gateway, server=server.address(4))
                     if f["finding"] == "outside-range" and not f["ended"]]
            check(len(found) == 1 and "ports 8444 to 8444" in found[0]["evidence"], f"{found}")
    finally:
        gateway.load_admin_again()


def healthy(lab, files, gateway):
    """Nothing is found where everything works."""
    fresh(gateway)
    for cell in matrix.one_per_mode():
        gateway.policy(matrix.policy_for(cell))
        if cell.protection in ("clear", "ccc"):
            gateway.policy()  # else the time before CCC is a refusal
        clients.transfer(lab, files, cell)
    for family in (4, 6):
        found = findings(gateway, net.CLIENT[family])
        check(not found, f"{found}")
    check("nothing is wrong" in ctl(gateway, "explain"), ctl(gateway, "explain"))


def run(suite, lab, files, gateway, quick=False):
    def test(name, function, *arguments):
        def whole():
            gateway.policy()
            function(lab, files, gateway, *arguments)
        suite.run(f"seeing: {name}", functools.partial(whole))

    test("the stream of a readable session", stream)
    test("the exposure meter", meter)
    for server in servers.QUICK if quick else servers.ALL:
        test(f"each pinhole that was used, {server.name}", used_is_told, server)
    test("explain: control packets do not come to the queue", fault_not_queued)
    test("explain: control packets are not copied", fault_not_copied)
    if has_flowtables(gateway):
        test("explain: control connection in a flowtable", fault_offloaded)
        test("explain: unproven data connection in a flowtable", fault_offloaded_data)
    else:
        suite.skip("seeing: explain: control connection in a flowtable",
                   "this kernel has no flowtables")
    if quick:  # the others are the same on every kernel
        gateway.policy()
        return
    test("the stream of an encrypted session", stream_encrypted)
    test("the stream of a refusal", stream_refusal)
    test("somebody watches and does not read", slow_reader)
    test("suggested ranges", suggested)
    test("a configured range that misses ports", suggest_misses)
    test("metrics, read by node_exporter", metrics)
    test("the live view, 80x24 and wider", live_view)
    test("the live view without a terminal", no_terminal)
    test("explain: no range", fault_no_range)
    test("explain: opaque refuse", fault_opaque_refused)
    test("explain: ports outside of the range", fault_outside)
    test("explain: active mode in an encrypted session", fault_active)
    test("explain: AUTH refused", fault_auth)
    test("explain: CCC offered and not used", fault_ccc_unused)
    test("explain: another service of the same server is no fault", other_service)
    test("explain: nothing in the healthy modes", healthy)
    gateway.policy()
