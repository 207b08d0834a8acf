# SPDX-License-Identifier: GPL-3.0-or-later
"""FTPS by hand: `openssl s_client` on the control connection and on the data connection, as admins
do it to find out what is wrong."""
import functools
import os
import re
import subprocess

import net
import servers
from attacks import check
from servers import FILE


class SClient:
    """One TLS connection of openssl's."""

    def __init__(self, lab, address, port, *options):
        end = f"{net.host_in_url(address)}:{port}"
        with lab.inside(lab.client):
            self.process = subprocess.Popen(
                ["openssl", "s_client", "-quiet", "-crlf", "-connect", end, *options],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def _read(self):
        got = self.process.stdout.read()
        self.text += got or b""
        return got

    def say(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def expect(self, code):
        """Reads up to the final reply with this code; returns its line."""
        pattern = re.compile(rb"(?:^|\n)(%d [^\n]*)\r?\n" % code)
        found = net.wait_for(lambda: self._read() and False or pattern.search(self.text), 8)
        check(found, f"no {code}: {self.text[-200:]!r}")
        self.text = self.text[found.end():]
        return found[1].decode()

    def everything(self):
        """All up to the end of the connection."""
        ended = net.wait_for(lambda: self._read() and False or self.process.poll() is not None, 8)
        check(ended, "the data connection does not end")
        self._read()
        return self.text


def fetch(lab, files, server, family, version, implicit):
    address = server.address(family)
    options = ["-tls1_2" if version == "1.2" else "-tls1_3"]
    port = 990 if implicit else 21
    with SClient(lab, address, port, *options,
                 *(() if implicit else ("-starttls", "ftp"))) as control:
        if implicit:
            control.expect(220)
        control.say(f"USER {server.user}")
        control.expect(331)
        control.say(f"PASS {server.password}")
        control.expect(230)
        for line in ("TYPE I", "PBSZ 0", "PROT P"):
            control.say(line)
            control.expect(200)
        control.say("EPSV")
        data_port = int(re.search(r"\|(\d+)\|\)", control.expect(229))[1])
        with SClient(lab, address, data_port, *options) as data:
            control.say(f"RETR {FILE}")
            check(data.everything() == files.content, "the file differs")
        control.expect(226)


def run(suite, lab, files, gateway, quick=False):
    gateway.policy()
    # Servers that do not demand that the data connection resumes the session: s_client cannot
    # take it from another s_client that still runs.
    for server in (servers.PUREFTPD, servers.PYFTPDLIB):
        for family in (4, 6):
            for version in ("1.2", "1.3"):
                for implicit in (False, True):
                    if implicit and server is servers.PUREFTPD:
                        continue  # this build has none
                    kind = "implicit" if implicit else "explicit"
                    suite.run(f"s_client: {kind} TLS {version} EPSV IPv{family} {server.name}",
                              functools.partial(fetch, lab, files, server, family, version,
                                                implicit))
