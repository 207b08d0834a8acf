#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""windows.py PINHOLECTL CAPTURES [--check]: what windows foresee of the captures' transfers.

Each capture is played by itself, from a cold start: nothing has been learned. The rules were made
with the odd names of the directory, in byte order, and their grammar; the even ones are held out. A
transfer is a data connection of an encrypted session; it is foreseen when a window let it in, missed
when none had been opened for it. A false window is one that no data connection used.
With --check one missed transfer, or more than one false window in a hundred commands, is a failure,
and the table is printed then only.
"""
import collections
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def summary(pinholectl, path):
    output = subprocess.run([pinholectl, "--json", "--config", os.path.join(HERE, "windows.conf"),
                             "replay", path], capture_output=True, text=True, check=True).stdout
    for line in output.splitlines():
        event = json.loads(line)
        if event.get("reason") == "summary":
            return event
    raise RuntimeError(f"no summary of {path}")


def cipher(path):
    """Version and suite of the capture's first control connection, as tshark has them."""
    if not shutil.which("tshark"):
        return "?"
    output = subprocess.run(
        ["tshark", "-r", path, "-d", "tcp.port==21,tls", "-d", "tcp.port==990,tls", "-Y",
         "tls.handshake.type == 2 && (tcp.port == 21 || tcp.port == 990)", "-T", "fields", "-e",
         "tls.handshake.ciphersuite"], capture_output=True, text=True).stdout.split()
    suites = {"0x1301": "1.3 AES128-GCM", "0x1302": "1.3 AES256-GCM", "0x1303": "1.3 CHACHA20",
              "0xc02f": "1.2 AES128-GCM", "0xc030": "1.2 AES256-GCM", "0xcca8": "1.2 CHACHA20",
              "0xc02b": "1.2 AES128-GCM", "0xc02c": "1.2 AES256-GCM", "0xcca9": "1.2 CHACHA20"}
    return suites.get(output[-1].split(",")[0], output[-1]) if output else "?"


def names(name):
    """(client, server) of a capture's name."""
    server = re.search("vsftpd|proftpd|pyftpd|pure", name)
    if name.startswith("rl-"):
        return name.split("-")[1], server[0]
    if name.startswith("ccc-"):
        return re.match("ccc-([a-z]+)", name)[1], server[0]
    return "scripted", server[0]


def main():
    pinholectl, directory = sys.argv[1:3]
    check = "--check" in sys.argv
    if not os.path.isdir(directory):
        print(f"skip capture: windows: {directory} is not there")
        return 0
    rows, bad = collections.OrderedDict(), 0
    files = sorted((f for f in os.listdir(directory) if f.endswith(".pcap")), key=os.fsencode)
    for place, name in enumerate(files, 1):
        path = os.path.join(directory, name)
        got = summary(pinholectl, path)
        half = "rules" if place % 2 else "held out"
        row = rows.setdefault((half, *names(name)[::-1], cipher(path)), collections.Counter())
        row.update(files=1, commands=got["commands"], foreseen=got["windows_used"],
                   missed=got["windows_missed"] + got["windows_refused"],
                   false=got["windows"] - got["windows_used"])
    lines = ["| half | server | client | TLS | captures | commands | foreseen | missed | false |",
             "|---|---|---|---|---|---|---|---|---|"]
    columns = ("files", "commands", "foreseen", "missed", "false")
    for half in ("rules", "held out"):
        total = collections.Counter()
        for key in sorted(k for k in rows if k[0] == half):
            total.update(rows[key])
            lines.append(" ".join(["|", " | ".join([*key, *(str(rows[key][c]) for c in columns)]), "|"]))
        lines.append(f"| {half} | all | | | " + " | ".join(str(total[c]) for c in columns) + " |")
        bad += total["missed"] > 0 or total["false"] > 0.01 * total["commands"]
    if bad or not check:
        print("\n".join(lines))
    if check:
        print(f"{'not ok' if bad else 'ok'} - capture: windows foresee every transfer")
    return 1 if bad and check else 0


if __name__ == "__main__":
    sys.exit(main())
