# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminating mode: pinholed-tls between real clients and servers that insist on a resumed
session (their default), at a gateway without any range."""
import itertools

import servers
from clients import COMMANDS, PASSIVE, Cell, cannot, impossible, transfer

CLIENTS = ["curl", "lftp", "ftp-ssl", "wget", "stock ftplib", "raw"]


def name_of(cell, leg):
    return f"terminated: {cell}" + (f", server leg {leg}" if leg else "")


def why_not(cell):
    """What the pair cannot do, gateway or not. pinholed-tls takes a hello that comes early."""
    if cell.client == "curl" and cell.server is servers.PYFTPDLIB and cell.command in PASSIVE:
        return impossible(cell)
    return cannot(cell)


def every_cell(protections=("P", "implicit")):
    for server, client, protection, tls, command, family in itertools.product(
            servers.ALL, CLIENTS, protections, ("1.2", "1.3"), COMMANDS, (4, 6)):
        yield Cell(protection, command, family, server, client, tls)


def readable_cells():
    """The other kinds of sessions: without TLS, data in clear text, the way back by CCC."""
    for cell in every_cell(("clear", "C", "ccc")):
        if not why_not(cell) and (cell.protection != "clear" or cell.tls == "1.3"):
            yield cell._replace(tls="") if cell.protection == "clear" else cell


def run_matrix(suite, lab, files, terminator, quick):
    """One thread a server; the server leg speaks the other version, then the client's."""
    cells = [cell for cell in every_cell() if not why_not(cell)]
    said = set()
    for cell in every_cell():
        why = why_not(cell)
        if why and why not in said:
            said.add(why)
            print(f"n/a {why}")
    some = [cell for cell in cells if cell.family == 4 and cell.command in ("PASV", "PORT")]
    if quick:
        cells = [cell for cell in some if cell.tls == "1.3" and cell.command == "PASV"][::3]
        some = []

    def work(server, these, leg):
        for cell in these:
            if cell.server is server:
                suite.run(name_of(cell, leg), lambda c=cell: transfer(lab, files, c, True))

    # ftp-ssl never says close_notify: its uploads are for admins who put up with that.
    lax = [cell for cell in cells if cell.client == "ftp-ssl"]
    cells = [cell for cell in cells if cell not in lax]
    some = [cell for cell in some if cell not in lax]
    terminator.policy()
    suite.parallel(lambda server: work(server, cells, ""), servers.ALL)
    readable = [] if quick else list(readable_cells())
    suite.parallel(lambda server: work(server, readable, ""), servers.ALL)
    terminator.policy(unclean_end="pass")
    suite.parallel(lambda server: work(server, lax, ""), servers.ALL)
    for leg in ("1.2", "1.3"):
        terminator.policy(server_tls=leg)
        suite.parallel(lambda server: work(server, some, leg), servers.ALL)
    terminator.policy()


def run(suite, lab, files, gateway, quick=False, long=False):
    import terminate_cases
    from terminator import Terminator
    names = [name_of(cell, "") for cell in [*every_cell(), *readable_cells()]]
    nothing = terminate_cases.Case(lab, files, gateway, None, long)
    names += [f"terminated: {name}" for name, *_ in terminate_cases.every_case(nothing, quick)]
    if not any(suite.wants(name) for name in names):
        return
    with Terminator(lab, gateway, files) as terminator:
        case = terminate_cases.Case(lab, files, gateway, terminator, long)
        if not long:
            run_matrix(suite, lab, files, terminator, quick)
        terminate_cases.run(suite, case, quick)
