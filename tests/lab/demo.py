# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: one transfer in every mode, an attacker beside each of them, and one table."""
import collections
import os
import sys
import time

import attacks
import gateway
import matrix
import net
import seeing
import servers
from attacker import Attacker
from clients import NO_CLIENT, NO_SERVER, WORDS, transfer

INTRODUCTION = """\
pinholed, shown at work: a client, FTP servers, an attacker, and a gateway between them that drops
everything but connections to ports 21 and 990. No passive range is open. pinholed reads the control
connections and opens what each transfer needs: one connection to one port where it can read the
session, the server's own range for that one client where it cannot. Meanwhile the attacker, another
host behind the same gateway, tries every data port of that client and that server, over and over.
"""

LEGEND = """
  opened    a port: a pinhole for one connection; LOW-HIGH: the server's range, for this client only;
            "and back": the server may also connect to this client, where the configuration says so
  open for  the row's longest: a pinhole till its connection came, a range till the session ended
  exposed   ports times seconds that were open, each to this client or this server only
  static    the same with a rule that opens the server's passive range, but to everybody
  attacker  connections that it made, of those that it tried"""

Row = collections.namedtuple("Row", "cell failure seconds events tries reached left exposed static")


def exposed(the_gateway):
    """Port seconds up to now, by the daemon's own meter."""
    kinds = seeing.exposure(the_gateway)
    return sum(kind.get("pair_ms", 0) for kind in kinds.values()) / 1000


def show(lab, files, the_gateway, cell):
    the_gateway.policy(matrix.policy_for(cell))
    before, mark, began = exposed(the_gateway), the_gateway.mark(), time.monotonic()
    failure = ""
    with Attacker(lab, cell.server, cell.family) as attacker:
        try:
            transfer(lab, files, cell)
        except Exception as error:  # a failure is a row of the table, not the end of it
            failure = str(error)
        seconds = time.monotonic() - began
        left = the_gateway.wait_closed()
    static = (cell.server.high - cell.server.low + 1) * seconds
    return Row(cell, failure, seconds, the_gateway.events(mark), attacker.tries,
               attacker.reached, left, exposed(the_gateway) - before, static)


# --- the table -----------------------------------------------------------------------------------

def opened(row):
    """What was opened, in a few words."""
    ports = [e["port"] for e in row.events if e["verb"] == "open" and e["kind"] == "pinhole"]
    kinds = collections.Counter(e["kind"] for e in row.events if e["verb"] == "open")
    said = []
    if kinds["passive-grant"]:
        said.append(f"{row.cell.server.low}-{row.cell.server.high}"
                    + (" and back" if kinds["active-grant"] else ""))
    return " ".join(said + ports) or "nothing"


def open_for(row):
    """How long: the longest of its pinholes (till used) or grants (till the session's end)."""
    times = [int(e["open"][:-2]) for e in row.events
             if "open" in e and (e["verb"] == "close" or e["reason"] == "used")]
    return f"{max(times) or '<1'} ms" if times else "-"


def table(rows):
    head = ("control", "TLS", "command", "IP", "client", "server", "result", "opened",
            "open for", "exposed", "static", "attacker")
    lines = []
    for row in rows:
        cell = row.cell
        lines.append((WORDS[cell.protection], cell.tls or "-", cell.command, f"v{cell.family}",
                      "scripted" if cell.client == "raw" else cell.client, cell.server.name,
                      "FAILED" if row.failure else f"ok {row.seconds * 1000:4.0f} ms", opened(row),
                      open_for(row), f"{row.exposed:.2f}", f"{row.static:.0f}", "REACHED" if row.reached else f"0 of {row.tries}"))
    widths = [max(map(len, column)) for column in zip(head, *lines)]
    right = {"open for", "exposed", "static", "attacker"}

    def draw(line):
        return "  ".join(text.rjust(width) if name in right else text.ljust(width)
                         for name, text, width in zip(head, line, widths)).rstrip()
    yield paint("1", draw(head))
    protection = rows[0].cell.protection
    for row, line in zip(rows, lines):
        if row.cell.protection != protection:
            yield ""
        protection = row.cell.protection
        bad = row.failure or row.reached or row.left
        yield paint("31", draw(line)) if bad else draw(line).replace(" ok ", paint("32", " ok "), 1)


def paint(code, text):
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\033[{code}m{text}\033[0m"


class Progress:
    """One line that keeps changing on a terminal, a dot per step elsewhere."""

    def __init__(self, total):
        self.total, self.done, self.live = total, 0, sys.stdout.isatty()

    def step(self, what):
        self.done += 1
        print(f"\r\033[K  {self.done:2} of {self.total}  {what}" if self.live else ".",
              end="", flush=True)

    def end(self):
        print("\r\033[K" if self.live else "\n", end="", flush=True)


def also_tried():
    """A few more attacks in one line each; the test suite has all of them."""
    forged = attacks.forgeries()
    yield "a second connection through a pinhole that has been used", attacks.used_pinhole, 4
    yield ("a 227 for another port, hidden in a multi-line reply", attacks.forged,
           *forged["227 inside a multi-line reply"])
    yield ("a 227 that nobody asked for", attacks.forged, *forged["227 without a pending PASV"])
    yield "a 227 for port 22", attacks.forged, *forged["227 for port 22"]
    yield ("PORT that names another host", attacks.port_to, 4, net.ATTACKER[4], attacks.BAIT)
    yield "the announced port after QUIT", attacks.end_of_control, "QUIT", 4
    yield "a server's range after its encrypted session ended", attacks.end_of_opaque, "RST"


def run(lab):
    print(INTRODUCTION)
    lab.sysctl(lab.client, "ipv4/ip_local_port_range", "{} {}".format(*net.CLIENT_PORTS))
    files = servers.start_all(lab)
    the_gateway = gateway.Gateway(lab).up()
    print(f"  servers   {', '.join(s.name for s in servers.ALL)}")
    print("  ruleset   " + the_gateway.ruleset.partition(": ")[2].replace("; ", ";\n            "))
    print(f"  daemon    {os.path.normpath(gateway.DAEMON)}, process {the_gateway.daemon.pid}")
    print("\nTransfers: a listing and a file of 200 kB down (and mostly up), compared by hash\n")
    cells = matrix.one_per_mode()
    progress, rows = Progress(len(cells)), []
    for cell in cells:
        progress.step(cell)
        rows.append(show(lab, files, the_gateway, cell))
    progress.end()

    for line in table(rows):
        print(line)
    print(LEGEND)

    print("\nAlso tried, with somebody listening where it aims:")
    broken = []
    for name, attack, *arguments in also_tried():
        try:
            attack(lab, the_gateway, *arguments)
            verdict = "got nothing"
        except Exception as error:
            verdict = paint("31", f"FAILED: {error}")
            broken.append(name)
        print(f"  {name} {'.' * (62 - len(name))} {verdict}")

    print("\nNot possible, whoever asks:")
    for reason in (rule[-1] for rule in NO_SERVER):
        print(f"  n/a  {reason}")
    print("Done here by another client, because:")
    for reason in dict.fromkeys(rule[-1] for rule in NO_CLIENT):
        print(f"  n/a  {reason}")

    return totals(rows, broken, the_gateway)


def meter(rows):
    """What the daemon measured, beside static ranges for as long as the transfers took."""
    passive = [row for row in rows if row.cell.command in matrix.PASSIVE]
    ours, static = sum(row.exposed for row in passive), sum(row.static for row in passive)
    active = sum(row.exposed for row in rows) - ours
    return (f"Passive transfers had {ours:.1f} port seconds open, each to one client; static ranges "
            f"would have had {static:.0f}, each to everybody, and for good. Active ones had "
            f"{active:.0f}, nearly all of them where the session is encrypted and the configuration "
            "lets the server connect back to any port.")


def totals(rows, broken, the_gateway):
    failed = [row for row in rows if row.failure]
    got = [row for row in rows if row.reached]
    left = [row for row in rows if row.left]
    waits = [int(e["open"][:-2]) for row in rows for e in row.events if e["reason"] == "used"]
    print()
    for row in failed:
        print(paint("31", f"FAILED   {row.cell}: {row.failure}"))
    for row in got:
        print(paint("31", f"REACHED  {row.cell}: {row.reached[:3]}"))
    for row in left:
        print(paint("31", f"OPEN     {row.cell}: {row.left[:3]}"))
    print(f"{len(rows) - len(failed)} of {len(rows)} modes work. {len(waits)} pinholes, open for "
          f"{sum(waits) / max(1, len(waits)):.1f} ms on average until they were used. The attacker "
          f"tried {sum(r.tries for r in rows)} connections and got "
          f"{len(got) or 'none'}.")
    print(meter(rows))
    range_ = seeing.exposure(the_gateway)["static_range"]
    print(f"Static rules would have {range_['ports']} ports of {range_['servers']} server addresses "
          "open to everybody, all the time.")
    return 1 if failed or got or left or broken else 0
