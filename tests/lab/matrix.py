# SPDX-License-Identifier: GPL-3.0-or-later
"""The end-to-end matrix: which cells are run, by whom, and the CCC cases that only a scripted
client can make."""
import collections
import contextlib
import itertools

import rawftp
import servers
from clients import CLIENTS, COMMANDS, PASSIVE, PROTECTIONS, Cell, cannot, impossible, transfer
from foreseen import Foreseen
from servers import FILE

# Packaged clients share the cells; the scripted one takes what they cannot do.
PACKAGED = [name for name in CLIENTS if name != "raw"]


def every_mode():
    return itertools.product(PROTECTIONS, COMMANDS, (4, 6))


def every_cell():
    """For every mode, server and TLS version one cell, given to the client that has had least to
    do of those that can."""
    cells, used = [], collections.Counter()
    for server, mode in itertools.product(servers.ALL, every_mode()):
        for tls in [""] if mode[0] == "clear" else ["1.2", "1.3"]:
            cell = Cell(*mode, server, "raw", tls)
            if impossible(cell):
                continue
            able = [name for name in PACKAGED if not cannot(cell._replace(client=name))]
            if able:
                cell = cell._replace(client=min(able, key=lambda name: used[name]))
                used[cell.client] += 1
            cells.append(cell)
    return cells


def one_per_mode():
    """One cell for every mode, shared fairly by servers, clients and TLS versions."""
    cells, used, versions = [], collections.Counter(), itertools.cycle(["1.3", "1.2"])
    for mode in every_mode():
        able = [Cell(*mode, server, client, "")
                for server in servers.ALL for client in [*PACKAGED, "raw"]]
        able = [cell for cell in able if not cannot(cell)]
        if able:
            best = min(able, key=lambda c: (c.client == "raw", used[c.client] + used[c.server.name]))
            used.update([best.client, best.server.name])
            cells.append(best if mode[0] == "clear" else best._replace(tls=next(versions)))
    return cells


# Where the session can be read, its pinholes must do: a grant would hide that one is missing.
PINHOLES_ONLY = "opaque refuse opaque-active refuse"
PASSIVE_RANGE = "opaque grant opaque-active refuse"
RANGE_AND_BACK = "opaque grant opaque-active any"
POLICIES = [PINHOLES_ONLY, PASSIVE_RANGE, RANGE_AND_BACK]


def policy_for(cell):
    """The least that the cell needs."""
    if cell.protection in ("clear", "ccc"):
        return PINHOLES_ONLY
    return PASSIVE_RANGE if cell.command in PASSIVE else RANGE_AND_BACK


def is_opaque(cell):
    return cell.protection not in ("clear", "ccc")


def run_cells(suite, lab, files, gateway, cells, window="learn", title="matrix"):
    """One thread per server: cells of one server never overlap, so each answers for itself."""
    cells = [cell for cell in cells if suite.wants(f"{title}: {cell}")]
    foreseen = None if gateway.open_all or not cells else Foreseen(gateway)

    def one(cell):
        with foreseen.cell(cell) if foreseen and is_opaque(cell) else contextlib.nullcontext():
            transfer(lab, files, cell)

    def work(server, cells):
        for cell in cells:
            if cell.server is server:
                suite.run(f"{title}: {cell}", lambda c=cell: one(c))
    for policy in POLICIES:
        these = [cell for cell in cells if policy_for(cell) == policy]
        gateway.policy(policy, window=window)
        suite.parallel(lambda server: work(server, these), {cell.server for cell in these})
    if foreseen:
        suite.run(f"{title}: all foreseen", foreseen.report)


def run_two_queues(suite, lab, files, gateway):
    """A worker for each, and no copies: every packet waits."""
    cells = one_per_mode()
    if gateway.open_all or not any(suite.wants(f"two queues: {cell}") for cell in cells):
        return

    def begin(queues):
        gateway.queues = queues
        gateway.terminate()
        gateway.load_ruleset()
        gateway.configure()
        gateway.start()
    one = gateway.queues
    begin("2100-2101")
    try:
        run_cells(suite, lab, files, gateway, cells, title="two queues")
    finally:
        begin(one)


# --- CCC: the data command is the first thing said in clear -------------------------------------

CCC_SERVERS = {servers.PROFTPD: ["wait", "nowait", "pipeline", "silent", "early"],
               servers.PUREFTPD: ["wait", "nowait", "pipeline"]}


def ccc_first(lab, files, server, mode, command, family, tls):
    with rawftp.Raw(lab, server.address(family), 21, tls) as ftp:
        ftp.open(server, "ccc", level="C")
        if command in ("PASV", "EPSV"):
            ftp.ccc(mode, command)
            end = ftp.passive(command, send=False)
            got = ftp.transfer(f"RETR {FILE}", ftp.connect_data(end))
        else:
            listener = ftp.listener()
            ftp.ccc(mode, ftp.announcement(command, listener))
            ftp.expect(command, 200)
            got = ftp.transfer(f"RETR {FILE}", listener=listener)
        assert got == files.content, f"{len(got)} bytes, not the file's"
        # And again, so that the return to clear text is seen to last.
        assert ftp.fetch(command, "LIST"), "the second transfer gave no listing"
        ftp.command("QUIT", 2)


def ccc_cases(quick=False):
    """Every way back to clear text with every command; a quick selection takes them in turns."""
    for server, modes in CCC_SERVERS.items():
        turns = itertools.cycle(itertools.product(modes, ["1.3", "1.2"]))
        for command, family in itertools.product(COMMANDS, (4, 6)):
            if family == 4 or command not in ("PASV", "PORT"):
                for _ in range(2 if quick else 2 * len(modes)):
                    mode, tls = next(turns)
                    yield server, mode, command, family, tls


def run_ccc(suite, lab, files, gateway, quick=False):
    cases = list(ccc_cases(quick))
    gateway.policy(PINHOLES_ONLY)

    def work(server):
        for case in cases:
            if case[0] is server:
                _, mode, command, family, tls = case
                suite.run(f"ccc first: {mode} {tls} {command} IPv{family} {server.name}",
                          lambda c=case: ccc_first(lab, files, *c))
    suite.parallel(work, list(CCC_SERVERS))
    gateway.policy()
