# SPDX-License-Identifier: GPL-3.0-or-later
"""Address translation on the gateway: a server behind destination NAT, clients behind source NAT,
both at once. pinholed sees the real ends in the forward chain, and rewrites nothing."""
import contextlib
import functools
import socket
import struct

import net
import rawftp
import servers
from attacks import check
from peers import reached
from servers import FILE

SERVER = servers.PROFTPD
PUBLIC = net.GATEWAY[4]  # where the clients think that the server is

DESTINATION = f"""
	chain prerouting {{
		type nat hook prerouting priority dstnat;
		ip daddr {PUBLIC} tcp dport {{ 21, {SERVER.low}-{SERVER.high} }} dnat to {SERVER.address(4)}
	}}"""
SOURCE = """
	chain postrouting {
		type nat hook postrouting priority srcnat;
		oifname net2 masquerade
	}"""


def fetch(ftp, command, address):
    """A passive transfer the way curl does it: to the control connection's address, whatever
    227 says."""
    _, port = ftp.passive(command)
    data = ftp.transfer(f"RETR {FILE}", ftp.connect_data((address, port)))
    return data, port


@contextlib.contextmanager
def translated(gateway, rules):
    gateway.nft("-f", "-", stdin=f"table ip translation {{{rules}\n}}")
    try:
        yield
    finally:
        gateway.nft("delete", "table", "ip", "translation")
        gateway.forget_connections()


def transfers(lab, files, gateway, rules, address, restart):
    with translated(gateway, rules):
        for protection in ("clear", "P", "ccc"):
            with rawftp.Raw(lab, address).open(SERVER, protection) as ftp:
                if protection == "ccc":
                    ftp.ccc("wait")
                for command in ("PASV", "EPSV"):
                    data, port = fetch(ftp, command, address)
                    check(data == files.content, f"{protection} {command}: the file differs")
                    check(not reached(lab, lab.attacker, [(address, port)]),
                          f"{protection} {command}: the attacker got in")
                if not restart:
                    continue
                gateway.kill()
                gateway.start()
                data, _ = fetch(ftp, "EPSV", address)
                check(data == files.content, f"{protection} after a restart: the file differs")


def cut(lab, gateway, rules, address):
    """Where no mark can be written nothing gets through either, however often it comes again."""
    gateway.policy(starttls_violation="cut")
    try:
        with translated(gateway, rules), lab.connect(lab.client, address, 21, 3) as sock:
            # Its end is a reset, which passes: the server shall not go on for minutes.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.settimeout(2 * net.SLOW)
            check(sock.recv(100).startswith(b"220"), "no greeting")
            sock.sendall(b"AUTH TLS\r\nNOOP\r\n")
            try:
                got = sock.recv(100)
                check(False, f"not cut: {got!r}")
            except OSError:  # a reset, where the mark could be written; else nothing
                pass
        check(gateway.wait_event(verb="note", reason="cut"), "no word of it")
    finally:
        gateway.policy()


def run(suite, lab, files, gateway, quick=False):
    gateway.policy()
    for name, rules, address, restart in (
            ("destination", DESTINATION, PUBLIC, True),
            ("source", SOURCE, SERVER.address(4), True),
            # Then conntrack knows neither of the tuples that the forward chain sees: a mark
            # cannot be written, and a restart has to prove each session anew.
            ("destination and source", DESTINATION + SOURCE, PUBLIC, False)):
        suite.run(f"nat: {name}",
                  functools.partial(transfers, lab, files, gateway, rules, address, restart))
        suite.run(f"nat: {name}: cut", functools.partial(cut, lab, gateway, rules, address))
