# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not get through: every test tries it with real connections to somebody who listens."""
import contextlib
import functools
import itertools
import socket

import net
import rawftp
import servers
from peers import Pair, reached
from servers import FILE

BAIT = 45001  # where somebody listens whom nobody may reach
GOOD = 45002  # where somebody listens whom a proper announcement reaches


def check(condition, message):
    if not condition:
        raise AssertionError(message)


class Ports:
    """Listeners at the scripted server and at the client, for the time of a test."""

    def __init__(self, lab, pair):
        self._stack = contextlib.ExitStack()
        for ns, address in ((lab.server, pair.address), (lab.client, pair.client_address)):
            for port in (22, 3306, BAIT, GOOD):
                listener = lab.listen(ns, address, port)
                self._stack.enter_context(listener)
                check(reached(lab, ns, [(address, port)]), f"no bait at {address} port {port}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()


# --- announced ports belong to one client, and to one connection ---------------------------------

def attacker_passive(lab, gateway, server, protection, command, family):
    """While the announced port is open for the client, nobody else gets to it."""
    tls = None if protection == "clear" else "1.3"
    with rawftp.Raw(lab, server.address(family), 21, tls) as ftp:
        ftp.open(server, protection)
        if protection == "ccc":
            ftp.ccc("wait")
        end = ftp.passive(command)
        everything = [(end[0], port) for port in range(server.low, server.high + 1)]
        check(end in everything, f"the server announced {end}, outside its range")
        about = end[:1] if protection == "P" else end
        check(gateway.opened(*about), "nothing is open: the attacker's failure would prove nothing")
        for _ in range(2):
            got = reached(lab, lab.attacker, everything)
            check(not got, f"the attacker reached {got}")
        check(ftp.transfer(f"RETR {FILE}", ftp.connect_data(end)), "the client got nothing")


def attacker_active(lab, gateway, server, command, family):
    """The same for the client's own port: neither the attacker nor a third host gets to it."""
    with rawftp.Raw(lab, server.address(family)) as ftp:
        ftp.open(server)
        listener = ftp.listener()
        end = ftp.local, listener.getsockname()[1]
        ftp.command(ftp.announcement(command, listener), 200)
        # pyftpdlib has connected by now: then the pinhole is used up.
        check(server is servers.PYFTPDLIB or gateway.opened(end[0], end[1]), "nothing is open")
        check(not reached(lab, lab.attacker, [end]), "the attacker reached the client")
        check(not reached(lab, lab.server, [end], net.THIRD_HOST[family]),
              "a third host reached the client")
        check(ftp.transfer(f"RETR {FILE}", listener=listener), "the client got nothing")


def used_pinhole(lab, gateway, family):
    with Pair(lab, family=family) as pair, Ports(lab, pair):
        pair.login().announce(GOOD)
        with lab.connect(lab.client, pair.address, GOOD) as first:
            check(not pair.from_client(GOOD), "a second connection got through")
            first.sendall(b"the first one stays")
            check(not gateway.opened(f'"{pair.address}"'), "the pinhole is still there")


def used_pinhole_active(lab, gateway, family):
    with Pair(lab, family=family) as pair, Ports(lab, pair):
        pair.login().client(pair.port_line(GOOD))
        pair.server("200 fine")
        check(pair.from_server(GOOD), "the announced connection did not get through")
        check(not pair.from_server(GOOD), "a second connection got through")


# --- forged announcements ------------------------------------------------------------------------

def forgeries():
    """name -> what happens, and the port of the server that it is meant to open."""
    def multi_line(pair):
        pair.client("FEAT")
        pair.server(f"211-features\r\n{pair.reply_227(BAIT)}\r\n211 end")

    def multi_line_pending(pair):
        pair.client("PASV")
        pair.server(f"500-no\r\n{pair.reply_227(BAIT)}\r\n500 no")

    def unsolicited(pair):
        pair.server(pair.reply_227(BAIT))

    def to_noop(pair):
        pair.client("NOOP")
        pair.server(pair.reply_227(BAIT))

    def to_epsv(pair):
        pair.client("EPSV")
        pair.server(pair.reply_227(BAIT))

    def pasv_as_229(pair):
        pair.client("PASV")
        pair.server(f"229 ok (|||{BAIT}|)")

    def ssh(pair):
        pair.client("PASV")
        pair.server(pair.reply_227(22))

    def ssh_229(pair):
        pair.client("EPSV")
        pair.server("229 ok (|||22|)")

    def denied(pair):
        pair.client("PASV")
        pair.server(pair.reply_227(3306))

    def number_300(pair):
        # 300 * 256 + 201 is BAIT where the sum is cut to 16 bits, 45001 = 175 * 256 + 201
        pair.client("PASV")
        pair.server(f"227 ok ({pair.address.replace('.', ',')},{175 + 256},{BAIT % 256})")

    def port_above(pair):
        pair.client("EPSV")
        pair.server(f"229 ok (|||{BAIT + 65536}|)")

    def twice(pair):
        pair.announce(GOOD)
        pair.server(pair.reply_227(BAIT))

    def preliminary(pair):
        pair.client("PASV")
        pair.server(f"150 {pair.reply_227(BAIT)[4:]}")

    def ambiguous(pair):
        host = pair.address.replace(".", ",")
        pair.client("PASV")
        pair.server(f"227 ok ({host},{GOOD // 256},{GOOD % 256}) "
                    f"({host},{BAIT // 256},{BAIT % 256})")

    def echoed(pair):
        # The client is made to send a name that looks like a reply; the server repeats it.
        pair.client(f"RETR {pair.reply_227(BAIT)}")
        pair.server(f"550-cannot open\r\n{pair.reply_227(BAIT)}\r\n550 no such file")

    return {
        "227 inside a multi-line reply": (multi_line, BAIT),
        "227 inside the refusal of PASV": (multi_line_pending, BAIT),
        "227 without a pending PASV": (unsolicited, BAIT),
        "227 as the answer to NOOP": (to_noop, BAIT),
        "227 as the answer to EPSV": (to_epsv, BAIT),
        "229 as the answer to PASV": (pasv_as_229, BAIT),
        "227 for port 22": (ssh, 22),
        "229 for port 22": (ssh_229, 22),
        "227 for a port on the deny-list": (denied, 3306),
        "227 with a number above 255": (number_300, BAIT),
        "229 with a port above 65535": (port_above, BAIT),
        "a second 227 for one PASV": (twice, BAIT),
        "150 with host and port": (preliminary, BAIT),
        "227 with two different host-ports": (ambiguous, BAIT),
        "227 in an echoed file name": (echoed, BAIT),
    }


def forged(lab, gateway, deed, port):
    with Pair(lab) as pair, Ports(lab, pair):
        pair.login()
        check(not pair.from_client(port), "reached before anything was said")
        deed(pair)
        check(not pair.from_client(port), f"port {port} was reached")
        check(not [e for e in gateway.opened(f'"{pair.address}"') if str(port) in e],
              "an opening is there")
    # The lie cost nobody else anything.
    with Pair(lab) as pair, Ports(lab, pair):
        pair.login().announce(GOOD)
        check(pair.from_client(GOOD), "an honest announcement opens nothing any more")


def before_greeting(lab, gateway):
    with Pair(lab) as pair, Ports(lab, pair):
        pair.client("PASV")
        pair.server(pair.reply_227(BAIT))
        check(not pair.from_client(BAIT), "reached")


def foreign_227(lab, gateway):
    """227 with another host's address: that host stays closed."""
    third = net.THIRD_HOST[4]
    with Pair(lab) as pair, lab.listen(lab.server, third, BAIT):
        pair.login().client("PASV")
        pair.server(pair.reply_227(BAIT, third))
        check(not pair.from_client(BAIT, third), "the third host was reached")


def port_refused(lab, gateway, family):
    """PORT answered 5xx: open before the answer, closed after it."""
    with Pair(lab, family=family) as pair, Ports(lab, pair):
        pair.login().client(pair.port_line(BAIT))
        check(gateway.wait_event(verb="open", port=BAIT), "no pinhole before the answer")
        pair.server("500 no")
        check(not pair.from_server(BAIT), "the client was reached")
        check(not gateway.opened(f'"{pair.address}"'), "an opening is there")


def port_to(lab, gateway, family, address, port):
    """PORT that names somebody else, or a port that is not for data: opens nothing."""
    with Pair(lab, family=family) as pair, Ports(lab, pair):
        pair.login()
        with contextlib.ExitStack() as stack:
            if address == net.ATTACKER[family]:  # a victim here
                stack.enter_context(lab.listen(lab.attacker, address, port))
            pair.client(pair.port_line(port, address))
            pair.server("200 fine")
            check(not pair.from_server(port, address), f"{address} port {port} was reached")
            check(not gateway.opened(f'"{pair.address}"'), "an opening is there")


# --- the end of a session ------------------------------------------------------------------------

def end_of_control(lab, gateway, how, family):
    with Pair(lab, family=family) as pair, Ports(lab, pair):
        pair.login().announce(GOOD)
        mine = f'"{pair.address}"'
        check(gateway.opened(mine), "nothing was open")
        if how == "QUIT":
            pair.client("QUIT")
            pair.server("221 bye")
            pair.server_sock.close()
            pair.client_sock.close()
        elif how == "FIN":
            pair.client_sock.shutdown(socket.SHUT_WR)
            pair.server_sock.close()
            pair.client_sock.close()
        else:
            end = pair.client_sock if how == "RST of the client" else pair.server_sock
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            end.close()
        left = gateway.wait_closed(mine)
        check(not left, f"still open: {left}")
        check(not pair.from_client(GOOD), "reached after the end")


def end_of_opaque(lab, gateway, how):
    """The grant lives as long as the last session between these two, and not longer."""
    server = servers.VSFTPD
    mine = f'"{server.address(4)}"'
    check(not gateway.opened(mine), "something was open before")
    first, second = (rawftp.Raw(lab, server.address(4)).open(server, "P") for _ in range(2))
    with first, second, lab.listen(lab.server, server.address(4), server.high):
        target = [(server.address(4), server.high)]
        check(reached(lab, lab.client, target), "the client does not reach the range")
        check(not reached(lab, lab.attacker, target), "the attacker reaches the range")
        check(not reached(lab, lab.client, [(servers.PROFTPD.address(4), servers.PROFTPD.low)]),
              "the client reaches a server that it has no session with")
        first.close()
        check(reached(lab, lab.client, target), "gone with the first of two sessions")
        if how == "QUIT":
            second.command("QUIT", 2)
            second.close()
        else:
            second.reset()
        left = gateway.wait_closed(mine)
        check(not left, f"still open: {left}")
        check(not reached(lab, lab.client, target), "reached after the end")


def outside_range(lab, gateway):
    server = servers.VSFTPD
    with rawftp.Raw(lab, server.address(4)).open(server, "P"), \
            lab.listen(lab.server, server.address(4), BAIT):
        target = [(server.address(4), BAIT), (server.address(4), 22)]
        check(not reached(lab, lab.client, target), "reached outside the managed range")


def other_protocol(lab, gateway, window, family):
    """What is open is open for TCP: a datagram of the same server has no part in it."""
    server = servers.VSFTPD
    gateway.policy("opaque grant opaque-active any", window=window)
    with rawftp.Raw(lab, server.address(family)).open(server, "P"), \
            lab.socket(lab.client, family, socket.SOCK_DGRAM) as end, \
            lab.socket(lab.server, family, socket.SOCK_DGRAM) as sender:
        end.bind((net.CLIENT[family], GOOD))
        end.settimeout(0.5 * net.SLOW)
        sender.bind((server.address(family), 20))
        check(window != "off" or gateway.opened(server.address(family), net.CLIENT[family]),
              "nothing is open")
        for _ in range(3):
            sender.sendto(b"hello", (net.CLIENT[family], GOOD))
        try:
            check(not end.recv(100), "a datagram reached the client")
        except TimeoutError:
            pass
    gateway.policy()


def run(suite, lab, files, gateway, quick=False):
    def test(name, function, *arguments):
        suite.run(f"attack: {name}", functools.partial(function, lab, gateway, *arguments))

    chosen = servers.QUICK if quick else servers.ALL
    for server, protection, (command, family) in itertools.product(
            chosen, ("clear", "P", "ccc"), (("PASV", 4), ("EPSV", 6))):
        if protection != "ccc" or server in (servers.PROFTPD, servers.PUREFTPD):
            test(f"attacker at announced ports, {protection} {command} {server.name}",
                 attacker_passive, server, protection, command, family)
    for server, (command, family) in itertools.product(chosen, (("PORT", 4), ("EPRT", 6))):
        test(f"attacker at announced ports, clear {command} {server.name}",
             attacker_active, server, command, family)
    for family in (4, 6):
        test(f"second connection through a pinhole, passive IPv{family}", used_pinhole, family)
        test(f"second connection through a pinhole, active IPv{family}",
             used_pinhole_active, family)
    for name, (deed, port) in servers.few(forgeries().items(), quick):
        test(name, forged, deed, port)
    test("227 before the greeting", before_greeting)
    test("227 that names a third host", foreign_227)
    for family in (4, 6):
        test(f"PORT answered 5xx, IPv{family}", port_refused, family)
        test(f"PORT to a third host, IPv{family}", port_to, family, net.ATTACKER[family], BAIT)
        test(f"PORT to port 22, IPv{family}", port_to, family, net.CLIENT[family], 22)
    ends = itertools.product((4, 6), ("QUIT", "FIN", "RST of the client", "RST of the server"))
    for family, how in servers.few(ends, quick):
        test(f"nothing stays open after {how}, IPv{family}", end_of_control, how, family)
    for how in ("QUIT", "RST"):
        test(f"a grant ends with the last session, {how}", end_of_opaque, how)
    test("a grant is for the managed range only", outside_range)
    for window, family in itertools.product(("off", "learn"), (4, 6)):
        test(f"a grant is for TCP only, window {window} IPv{family}", other_protocol, window, family)
