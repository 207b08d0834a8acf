# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd but honest traffic that must work: cut and merged segments, big packets, FTP on the gateway
itself."""
import contextlib
import functools

import net
import rawftp
import servers
from attacks import GOOD, Ports, check
from clients import Cell, transfer
from peers import Pair
from servers import FILE


def one_byte_segments(lab, files, server, command, family):
    with rawftp.Raw(lab, server.address(family)).open(server) as ftp:
        if command in ("PASV", "EPSV"):
            ftp.send(command.encode() + b"\r\n", segment=1)
            got = ftp.transfer(f"RETR {FILE}", ftp.connect_data(ftp.passive(command, send=False)))
        else:
            listener = ftp.listener()
            ftp.command(ftp.announcement(command, listener), 200, segment=1)
            got = ftp.transfer(f"RETR {FILE}", listener=listener)
        check(got == files.content, "the file differs")


def two_in_one(lab, files, server):
    with rawftp.Raw(lab, server.address(4)).open(server) as ftp:
        ftp.send(b"NOOP\r\nPASV\r\n")
        ftp.expect("NOOP", 2)
        got = ftp.transfer(f"RETR {FILE}", ftp.connect_data(ftp.passive("PASV", send=False)))
        check(got == files.content, "the file differs")


def split_reply(lab, files, family, cuts):
    with Pair(lab, family=family) as pair, Ports(lab, pair):
        pair.login().client("PASV" if family == 4 else "EPSV")
        pair.server(pair.reply_227(GOOD) if family == 4 else f"229 ok (|||{GOOD}|)", cuts)
        check(pair.from_client(GOOD), "the announced port is closed")


def split_port(lab, files, family, cuts):
    with Pair(lab, family=family) as pair, Ports(lab, pair):
        pair.login().client(pair.port_line(GOOD), cuts)
        check(pair.from_server(GOOD), "the announced port is closed before the answer")
        pair.server("200 ok")


def same_ports(lab):
    """One connection after the other from the same port: conntrack drops the old one when the new
    one begins, and the news of that must not end the new session."""
    address = net.server_address(33, 4)
    said = (b"220 ready\r\n", b"USER lab\r\n", b"331 and?\r\n", b"PASS x\r\n", b"230 in\r\n",
            b"EPSV\r\n", f"229 ok (|||{GOOD}|)\r\n".encode())

    def again():
        with contextlib.suppress(OSError):
            return lab.connect(lab.client, address, 21, source=(net.CLIENT[4], 40777))

    with lab.listen(lab.server, address, 21) as listener, \
            lab.listen(lab.server, address, GOOD) as data:
        for turn in range(60):
            client = net.wait_for(again)  # once the last acknowledgement has come
            server, _ = listener.accept()
            with client, server:
                for number, line in enumerate(said):
                    sender, receiver = (client, server) if number % 2 else (server, client)
                    sender.sendall(line)
                    receiver.recv(100)
                try:
                    lab.connect(lab.client, address, GOOD, timeout=2).close()
                    data.accept()[0].close()
                except OSError as error:
                    raise AssertionError(f"turn {turn}: {error}") from error
                server.close()  # first: the client's port is free at once
                client.recv(1)


def big_packets(suite, lab, files):
    """Segmentation offload on: the queue sees packets that no wire has."""
    devices = [(ns, "eth0") for ns in (lab.client, lab.server)] + \
              [(lab.gateway, f"net{n}") for n in (1, 2)]
    for ns, device in devices:
        lab.offloads(ns, device, True)
    try:
        for server in (servers.VSFTPD, servers.PROFTPD):
            for protection, command, client in (("P", "PASV", "lftp"), ("clear", "PORT", "curl"),
                                                ("clear", "EPSV", "raw")):
                tls = "1.3" if protection == "P" else ""
                cell = Cell(protection, command, 4, server, client, tls)
                suite.run(f"shapes: offload on, {cell}", lambda c=cell: transfer(lab, files, c))
    finally:
        for ns, device in devices:
            lab.offloads(ns, device, False)


def local_server(lab, files, protection, command, family):
    """An FTP server on the gateway: its data connections pass input and output."""
    with rawftp.Raw(lab, net.GATEWAY[family]).open(servers.PYFTPDLIB, protection) as ftp:
        check(ftp.fetch(command, f"RETR {FILE}") == files.content, "the file differs")


def local_client(lab, files, protection, command, family):
    server = servers.VSFTPD
    with rawftp.Raw(lab, server.address(family), ns=lab.gateway).open(server, protection) as ftp:
        check(ftp.fetch(command, f"RETR {FILE}") == files.content, "the file differs")


def run(suite, lab, files, gateway, quick=False):
    def test(name, function, *arguments):
        suite.run(f"shapes: {name}", functools.partial(function, lab, files, *arguments))

    for server in servers.QUICK if quick else servers.ALL:
        for command, family in (("PASV", 4), ("PORT", 4), ("EPSV", 6), ("EPRT", 6)):
            test(f"{command} in segments of one byte, {server.name}",
                 one_byte_segments, server, command, family)
        test(f"two commands in one segment, {server.name}", two_in_one, server)
    suite.run("shapes: the same ports again and again", lambda: same_ports(lab))
    for family in (4, 6):
        for name, cuts in (("in the code", [2]), ("in the number", [30]), ("before LF", [-1]),
                           ("everywhere", [1] * 40)):
            test(f"reply cut {name}, IPv{family}", split_reply, family, cuts)
        test(f"PORT cut in the number, IPv{family}", split_port, family, [14])

    ways = [(protection, command, family) for protection in ("clear", "P") for command, family in
            (("PASV", 4), ("PORT", 4), ("EPSV", 6), ("EPRT", 6))]
    if any(suite.wants(f"shapes: local server, {way[0]} {way[1]}") for way in ways):
        servers.start_pyftpdlib(lab, files, lab.gateway, list(net.GATEWAY.values()))
        # Its address is not beside the servers: ask from the gateway itself.
        net.wait_for(lambda: can_connect(lab, net.GATEWAY[6]), 15, 0.05)
    for way in ways:
        test(f"local server, {way[0]} {way[1]}", local_server, *way)
        test(f"local client, {way[0]} {way[1]}", local_client, *way)
    big_packets(suite, lab, files)


def can_connect(lab, address, port=21):
    try:
        lab.connect(lab.gateway, address, port, 1).close()
        return True
    except OSError:
        return False
