# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminating mode, property by property: the list of what is tried."""
import contextlib
import os

import matrix
import rawftp
import servers
import terminate_certificates as certificates
import terminate_deaths as deaths
import terminate_dialects as dialects
import terminate_strangers as strangers
import terminate_transfers as transfers


class Case:
    """What every case has at hand."""

    def __init__(self, lab, files, gateway, terminator, long):
        self.lab, self.files, self.gateway = lab, files, gateway
        self.terminator, self.long = terminator, long

    def session(self, server, protection="P", tls="1.3", family=4, timeout=8.0):
        port = 990 if protection == "implicit" else 21
        return rawftp.Raw(self.lab, server.address(family), port, tls, timeout=timeout)

    def said(self, mark, reason, seconds=5):
        """pinholed-tls's lines with that reason."""
        return self.terminator.wait_line(mark, rf"reason={reason}\b", seconds)

    def log(self, name):
        """What a server wrote into a log file of its own so far."""
        path = os.path.join(self.lab.dir, name)
        with contextlib.suppress(OSError), open(path, encoding="latin-1") as f:
            return f.read()
        return ""


def every_case(case, quick):
    """(name, function, arguments); a quick selection takes one of five, and every death."""
    cases = [*transfers.cases(case, quick), *dialects.cases(), *strangers.cases()]
    yield from servers.few(cases, quick)
    yield from deaths.cases()
    yield from certificates.cases()
    yield from every_ccc(quick)


def ccc_case(case, *arguments):
    matrix.ccc_first(case.lab, case.files, *arguments)


def every_ccc(quick):
    turns = list(matrix.ccc_cases(quick))
    for server, mode, command, family, tls in turns[::4] if quick else turns:
        if mode != "early":  # nobody can tell such bytes from the end of TLS
            yield (f"CCC: {mode} {tls} {command} IPv{family} {server.name}", ccc_case, server, mode,
                   command, family, tls)


# They leave another configuration behind.
RECONFIGURE = (transfers.twenty, strangers.foreign_ticket, dialects.direct, dialects.shown,
               dialects.audited, dialects.refused_commands, dialects.denied_commands,
               *certificates.RECONFIGURE)


def run(suite, case, quick):
    for why in (transfers.NO_BREAK, dialects.NO_AUTH):
        print(f"n/a {why}")
    strangers.start_other_server(case)
    for name, function, *arguments in every_case(case, quick):
        def whole(function=function, arguments=arguments):
            try:
                function(case, *arguments)
            finally:
                if not case.gateway.alive():
                    case.gateway.start()
                if not case.terminator.alive():
                    case.terminator.start()
                elif function in RECONFIGURE:
                    case.terminator.policy()
        suite.run(f"terminated: {name}", whole)
