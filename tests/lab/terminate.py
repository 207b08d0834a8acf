# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminating mode: pinholed-tls between real clients and servers that insist on a resumed
session (their default), at a gateway without any range."""
import itertools

import net
import rawftp
import servers
from attacks import check
from clients import ACTIVE, COMMANDS, PASSIVE, WORDS, Cell, Failed, cannot, impossible, transfer
from servers import FILE, INBOX

CLIENTS = ["curl", "lftp", "ftp-ssl", "wget", "stock ftplib", "raw"]


def name_of(cell, leg):
    return f"terminated: {cell}" + (f", server leg {leg}" if leg else "")


def why_not(cell):
    """What the pair cannot do, gateway or not. pinholed-tls takes a hello that comes early."""
    if cell.client == "curl" and cell.server is servers.PYFTPDLIB and cell.command in PASSIVE:
        return impossible(cell)
    return cannot(cell)


def every_cell(families=(4, 6)):
    for server, client, protection, tls, command, family in itertools.product(
            servers.ALL, CLIENTS, ("P", "implicit"), ("1.2", "1.3"), COMMANDS, families):
        yield Cell(protection, command, family, server, client, tls)


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
        cells = [cell for cell in some if cell.tls == "1.3"]
        some = []

    def work(server, these, leg):
        for cell in these:
            if cell.server is server:
                suite.run(name_of(cell, leg), lambda c=cell: transfer(lab, files, c, True))

    terminator.policy()
    suite.parallel(lambda server: work(server, cells, ""), servers.ALL)
    for leg in ("1.2", "1.3"):
        terminator.policy(server_tls=leg)
        suite.parallel(lambda server: work(server, some, leg), servers.ALL)
    terminator.policy()


def run(suite, lab, files, gateway, quick=False):
    from terminator import Terminator
    names = [name_of(cell, "") for cell in every_cell()] + ["terminated: "]
    if not any(suite.wants(name) for name in names):
        return
    with Terminator(lab, gateway, files) as terminator:
        run_matrix(suite, lab, files, terminator, quick)
