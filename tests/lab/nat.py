# SPDX-License-Identifier: GPL-3.0-or-later
"""Address translation on the gateway: a server behind destination NAT, clients behind source NAT,
both at once. pinholed sees the real ends in the forward chain, and rewrites nothing."""
import functools

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


def transfers(lab, files, gateway, rules, address, restart):
    gateway.nft("-f", "-", stdin=f"table ip translation {{{rules}\n}}")
    try:
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
    finally:
        gateway.nft("delete", "table", "ip", "translation")
        gateway.forget_connections()


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
