# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile packets: a TCP end made by hand, whose packets no kernel would send, forgeries in other
people's names, clients that speak something else, and floods. docs/threat-model.md has the list.

Where a packet must reach the gateway but not the server (as with a TTL that ends in between), the
server's namespace drops what comes with TTL 1: it stands for one more router behind the gateway.
"""
import contextlib
import functools
import itertools
import os
import random
import socket
import struct
import time

import net
import rawftp
import servers
from attacks import BAIT, GOOD, check
from gateway import HERE
from peers import Pair, reached
from servers import FILE

HAND = "10.77.1.77"  # routed to the client's namespace, where no kernel answers for it
SERVER = net.server_address(32, 4)
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
ETH_P_IP = 0x0800
# What keeps forged sources away; nft/example-gateway.nft has the same line.
NO_SPOOFING = "meta l4proto tcp fib saddr . iif oif missing drop"


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[:len(data) & ~1]))
    total += data[-1] << 8 if len(data) & 1 else 0
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(source, destination, seq, ack, flags, data=b"", ttl=64, urgent=0, damaged=False):
    """An IPv4 TCP packet from (address, port) to (address, port)."""
    ends = socket.inet_aton(source[0]) + socket.inet_aton(destination[0])
    tcp = struct.pack("!HHIIBBHHH", source[1], destination[1], seq & 0xffffffff, ack & 0xffffffff,
                      5 << 4, flags, 65000, 0, urgent) + data
    total = checksum(ends + struct.pack("!HH", 6, len(tcp)) + tcp) ^ (0x5555 if damaged else 0)
    tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, ttl, 6, 0) + ends + tcp


def inject(lab, ns, *packets):
    """Sends packets as they are, whoever they say they come from."""
    with lab.inside(ns), socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        for one in packets:
            raw.sendto(one, (socket.inet_ntoa(one[16:20]), 0))


class Hand:
    """A client's TCP by hand, to a server end that the kernel and the test have.

    It acknowledges only when told to. `heard` are the segments that came: (sequence number
    counted from the first data byte, data).
    """
    ports = itertools.count(51000)

    def __init__(self, lab, first=None):
        self.lab = lab
        self.me, self.server = (HAND, next(self.ports)), (SERVER, 21)
        self.seq = random.getrandbits(32) if first is None else first
        self.ack, self.heard, self.written, self.server_sock = 0, [], 0, None

    def __enter__(self):
        net.run("ip", "-n", self.lab.gateway, "route", "replace", f"{HAND}/32",
                "via", net.CLIENT[4])
        # For packets to it in the server's name: by way of the gateway, not of the wire.
        net.run("ip", "-n", self.lab.client, "route", "replace", f"{HAND}/32",
                "via", net.GATEWAY[4])
        with self.lab.inside(self.lab.client):
            self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        self.wire.bind(("eth0", ETH_P_IP))
        self.listener = self.lab.listen(self.lab.server, SERVER, 21)
        return self

    def __exit__(self, *_):
        if self.server_sock:
            self.reset()
            self.server_sock.close()
        self.listener.close()
        self.wire.close()

    def connect(self):
        self.send(flags=SYN)
        self.seq += 1
        check(self.hear(lambda flags, _: flags == SYN | ACK), "no SYN-ACK")
        self.start, self.ack = self.their_seq + 1, self.their_seq + 1
        self.send(flags=ACK)
        self.listener.settimeout(5 * net.SLOW)
        self.server_sock, _ = self.listener.accept()
        self.server_sock.settimeout(5 * net.SLOW)
        self.server_sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    def login(self):
        self.server_says("220 ready")
        for said, answer in (("USER lab", "331 and?"), ("PASS x", "230 in")):
            self.says(said)
            self.server_says(answer)
        return self

    def send(self, data=b"", flags=ACK | PSH, ahead=0, ack=None, **more):
        """A packet; its data is not counted (see says)."""
        inject(self.lab, self.lab.client,
               packet(self.me, self.server, self.seq + ahead,
                      self.ack if ack is None else ack, flags, data, **more))

    def says(self, text, **more):
        """A line that the server's kernel takes, and that the server has read."""
        data = text if isinstance(text, bytes) else text.encode() + b"\r\n"
        self.send(data, **more)
        self.seq += len(data)
        got = b""
        while len(got) < len(data):
            got += self.server_sock.recv(65536)
        return got

    def server_says(self, text, acked=True):
        """The server writes; what comes is acknowledged when `acked`."""
        data = text if isinstance(text, bytes) else text.encode() + b"\r\n"
        self.server_sock.sendall(data)
        self.written += len(data)
        check(self.hear(lambda *_: self._end() == self.written),
              f"the server's {data[:40]} did not come")
        if acked:
            self.ack += len(data)
            self.send(flags=ACK)

    def _end(self):
        """Where the newest segment ended."""
        return self.heard[-1][0] + len(self.heard[-1][1]) if self.heard else 0

    def hear(self, wanted, seconds=3.0):
        """Reads packets for this end until wanted(flags, data) is true of one."""
        deadline = time.monotonic() + seconds * net.SLOW
        while (left := deadline - time.monotonic()) > 0:
            self.wire.settimeout(left)
            try:
                got = self.wire.recv(65536)
            except TimeoutError:
                break
            head = (got[0] & 15) * 4
            if got[9] != 6 or got[16:20] != socket.inet_aton(HAND):
                continue
            source, to, seq, _, offset, flags = struct.unpack("!HHIIBB", got[head:head + 14])
            if (source, to) != (self.server[1], self.me[1]):
                continue
            data = got[head + (offset >> 4) * 4:int.from_bytes(got[2:4], "big")]
            self.their_seq = seq
            if data:
                self.heard.append(((seq - self.start) & 0xffffffff, data))
            if wanted(flags, data):
                return True
        return False

    def reset(self):
        self.send(flags=RST | ACK)

    def settle(self):
        """What was sent has passed the gateway when the server's kernel has what came behind it."""
        time.sleep(0.1 * net.SLOW)

    def reaches(self, port):
        """True when a SYN of this address gets any answer from that port of the server."""
        mine, self.me = self.me, (HAND, next(self.ports))
        server, self.server = self.server, (SERVER, port)
        try:
            self.send(flags=SYN, ack=0)
            return self.hear(lambda *_: True, 0.3)
        finally:
            self.reset()
            self.me, self.server = mine, server

    def reply_227(self, port=BAIT):
        return f"227 Entering Passive Mode ({SERVER.replace('.', ',')},{port // 256},{port % 256})"

    def nothing_open(self, gateway, what="an opening is there"):
        self.settle()
        found = gateway.opened(f'"{SERVER}"')
        check(not found, f"{what}: {found}")
        check(not self.reaches(BAIT), f"port {BAIT} was reached")

    def honest(self, gateway):
        """The same session still gets what it asks for."""
        self.says("PASV")
        self.server_says(self.reply_227(GOOD))
        check(gateway.opened(f'"{SERVER}"', GOOD), "an honest announcement opens nothing any more")
        check(self.reaches(GOOD), "the announced port is closed")


@contextlib.contextmanager
def router_behind(lab):
    """One more hop between gateway and server: packets with TTL 1 end there."""
    rule = "table ip hop { chain c { type filter hook prerouting priority raw; ip ttl 1 drop; }; }"
    with lab.inside(lab.server):
        net.run("nft", rule)
        try:
            yield
        finally:
            net.run("nft", "delete table ip hop")


SHORT = {"ttl": 2}  # ends behind the gateway


# --- A2: a reply that is made to begin in the middle ---------------------------------------------

def partial_ack(lab, gateway):
    """The error repeats the forged reply; the client acknowledges what stands in front of it, so
    that the server's kernel sends the rest again, in a segment that begins with "227"."""
    with Hand(lab) as hand:
        hand.connect().login()
        hand.says(f"XXXX {hand.reply_227()}")
        text = f"500 XXXX {hand.reply_227()}"
        hand.server_says(text, acked=False)
        hand.says("PASV", ack=hand.ack + len("500 XXXX "))
        check(hand.hear(lambda _, data: data.startswith(b"227 Entering")),
              "the server's kernel did not send from the middle: nothing was tried")
        hand.nothing_open(gateway)
        hand.ack += len(text) + 2
        hand.send(flags=ACK)
        hand.server_says("500 no")
        hand.honest(gateway)


def partial_ack_listing(lab, gateway):
    """The same with a listing whose lines are the attacker's, and a client that loses bytes of its
    own on purpose, so that it is read anew from where its next acknowledgement points."""
    with Hand(lab) as hand:
        hand.connect().login()
        hand.says("STAT /")
        text = f"213-list\r\nxx 200 x\r\n{hand.reply_227()}\r\n"
        hand.server_says(text.encode(), acked=False)
        for piece in range(12):
            hand.send(b"a", ahead=100 + 10 * piece)
        hand.says(b"NOOP\r\nPASV\r\n", ack=hand.ack + len("213-list\r\nxx "))
        check(hand.hear(lambda _, data: data.startswith(b"200 x")),
              "the server's kernel did not send from the middle: nothing was tried")
        hand.nothing_open(gateway)


# --- A4: packets in somebody else's name ---------------------------------------------------------

def forged_server(hand, offset=0):
    return packet(hand.server, hand.me, hand.ack + offset, hand.seq, ACK | PSH,
                  hand.reply_227().encode() + b"\r\n")


@contextlib.contextmanager
def no_spoofing(lab, gateway, how):
    """How the gateway keeps forged sources out: not at all, rp_filter, or a rule of nft."""
    keys = [f"ipv4/conf/{name}/rp_filter" for name in ("all", "net1", "net2", "net3")]
    for key in keys:
        lab.sysctl(lab.gateway, key, int(how == "rp_filter"))
    if how == "fib":
        with open(os.path.join(HERE, "../../nft/example-gateway.nft")) as f:
            check(NO_SPOOFING in f.read(), "the example does not have the rule")
        gateway.nft("-f", "-", stdin="table inet spoof { chain c { type filter hook prerouting "
                                     f"priority raw; {NO_SPOOFING}; }}; }}")
    try:
        yield
    finally:
        if how == "fib":
            gateway.nft("delete", "table", "inet", "spoof")
        for key in keys:
            lab.sysctl(lab.gateway, key, 0)


def forged_by(lab, gateway, ns_name, how):
    """A 227 in the server's name, with the right numbers, from where the server is not."""
    with Hand(lab) as hand:
        hand.connect().login()
        hand.says("PASV")
        with no_spoofing(lab, gateway, how):
            inject(lab, getattr(lab, ns_name), forged_server(hand))
            hand.settle()
            found = gateway.opened(f'"{SERVER}"')
        if how:
            check(not found, f"an opening is there: {found}")
        else:  # the forgery is a good one; and even then the hole is this client's own
            check(len(found) == 1 and f'"{HAND}"' in found[0] and str(BAIT) in found[0],
                  f"not the one pinhole of the session: {found}")


def forged_blind(lab, gateway):
    """Whoever does not know the numbers gets nothing read: connection tracking's window."""
    with Hand(lab) as hand:
        hand.connect().login()
        hand.says("PASV")
        inject(lab, lab.attacker, *(forged_server(hand, offset)
                                    for offset in (1 << 30, -(1 << 20), 1 << 20)))
        hand.nothing_open(gateway)
        hand.server_says("500 no")
        hand.honest(gateway)


# --- segments that only we see, or that differ ---------------------------------------------------

def unseen_by_server(lab, gateway, line, truth, answer):
    """We read @line, the server @truth in its place: nothing opens but by its own reply, and
    nothing for anybody else."""
    line, truth = line.encode() + b"\r\n", truth.encode() + b"\r\n"
    check(len(line) == len(truth), "not in the same place")
    with router_behind(lab), Hand(lab) as hand:
        hand.connect().login()
        hand.send(line, **SHORT)
        hand.settle()
        check(hand.says(truth) == truth, "the server got the other copy")
        hand.server_says(answer)
        hand.nothing_open(gateway)


def own_port_unseen(lab, gateway):
    """A PORT that the server never got opens the client's own port to its server; the server's
    next error takes that back."""
    with router_behind(lab), Hand(lab) as hand:
        hand.connect().login()
        line = f"PORT {HAND.replace('.', ',')},200,20\r\n".encode()
        hand.send(line, **SHORT)
        check(gateway.wait_event(verb="open", destination=HAND), "the segment was not read")
        check(all(f'"{SERVER}"' in e for e in gateway.opened(f'"{HAND}"')), "open to others")
        hand.says(b"X" * (len(line) - 2) + b"\r\n")
        hand.server_says("500 what?")
        hand.nothing_open(gateway)


def damaged(lab, gateway):
    """A segment with a wrong checksum, which no server takes, is not read."""
    with Hand(lab) as hand:
        hand.connect().login()
        hand.send(f"PORT {HAND.replace('.', ',')},200,20\r\n".encode(), damaged=True)
        hand.nothing_open(gateway, "a damaged PORT was read")
        hand.honest(gateway)


def overlapping(lab, gateway):
    """Two copies of the same bytes, out of order: whichever the server takes, only its own final
    reply opens, and only this session's ends."""
    with Hand(lab) as hand:
        hand.connect().login()
        head, tail, other = b"PORT 10,", b"77,3,2,200,20\r\n", b"77,1,2,200,20\r\n"
        hand.send(tail, ahead=len(head))
        hand.send(other, ahead=len(head))
        hand.says(head + tail)
        hand.server_says("200 fine")
        hand.nothing_open(gateway)
        hand.honest(gateway)


def urgent(lab, gateway):
    """An urgent byte is text to us and nothing to the server: we read 10.77.3.22, it 10.77.3.2.
    Neither is the client, so nothing opens."""
    with Hand(lab) as hand:
        hand.connect().login()
        line = b"PORT 10,77,3,22,200,20\r\n"
        hand.send(line, flags=ACK | PSH | URG, urgent=len(b"PORT 10,77,3,22"))
        hand.seq += len(line)
        check(hand.server_sock.recv(100) == b"PORT 10,77,3,2", "the server sees another line")
        hand.server_says("200 fine")
        hand.nothing_open(gateway)
        hand.server_sock.recv(100)
        hand.honest(gateway)


# --- ends that are none --------------------------------------------------------------------------

def listing_after(lab, gateway, end):
    """A RST or FIN that the server does not take must not make us forget that a listing runs."""
    with router_behind(lab), Hand(lab) as hand:
        hand.connect().login()
        hand.says("STAT /")
        hand.server_says("213-list")
        end(hand)
        hand.settle()
        with contextlib.suppress(TimeoutError, AssertionError):  # the kernel may have cut it off
            hand.server_sock.settimeout(1)
            hand.says(b"NOOP\r\nPASV\r\n")
            hand.server_says(f"200 x\r\n{hand.reply_227()}\r\n".encode())
        hand.nothing_open(gateway)


def ends():
    return {
        "RST in the window, not exact": lambda hand: hand.send(flags=RST, ahead=100),
        "RST with a TTL that ends before the server": lambda hand: hand.send(flags=RST, **SHORT),
        "FIN with a TTL that ends before the server":
            lambda hand: hand.send(flags=FIN | ACK, **SHORT),
    }


def pinhole_after_reset(lab, gateway):
    """Whoever ends the session for us alone ends its pinholes, too."""
    with router_behind(lab), Hand(lab) as hand:
        hand.connect().login()
        hand.says("PASV")
        hand.server_says(hand.reply_227(GOOD))
        check(gateway.opened(f'"{SERVER}"'), "no pinhole to begin with")
        hand.send(flags=RST, **SHORT)
        check(not gateway.wait_closed(f'"{SERVER}"'), "the pinhole is still there")
        hand.nothing_open(gateway)


def reset_outside(lab, gateway):
    """A blind RST costs the session nothing."""
    with Hand(lab) as hand:
        hand.connect().login()
        for far in (1 << 20, 1 << 30, -(1 << 20)):
            hand.send(flags=RST, ahead=far)
        hand.settle()
        hand.honest(gateway)


def sequence_wrap(lab, gateway):
    with Hand(lab, (1 << 32) - 18) as hand:  # in the middle of PASS
        hand.connect().login()
        check(hand.seq > 1 << 32, "it did not wrap")
        hand.honest(gateway)


def picked_up(lab, gateway):
    """Two attackers play a connection that never began: it proves nothing."""
    mute = "table ip mute { chain c { type filter hook output priority raw; " \
           "tcp flags & rst == rst drop; }; }"
    with Hand(lab) as hand:
        hand.ack = hand.start = random.getrandbits(32)
        hand.listener.close()
        with lab.inside(lab.server):
            net.run("nft", mute)
        try:
            hand.send(b"PASV\r\n")
            hand.seq += 6
            hand.settle()
            inject(lab, lab.server, packet(hand.server, hand.me, hand.ack, hand.seq, ACK | PSH,
                                           hand.reply_227().encode() + b"\r\n"))
            hand.settle()
            found = gateway.opened(f'"{SERVER}"')
            check(not found, f"an opening is there: {found}")
        finally:
            with lab.inside(lab.server):
                net.run("nft", "delete table ip mute")
        hand.nothing_open(gateway)


# --- A5: clients that were sent here -------------------------------------------------------------

def driven():
    inside = "USER lab\r\nPASS x\r\nPASV\r\nPORT 10,77,1,2,175,201\r\n"
    return {
        "HTTP GET": "GET / HTTP/1.1\r\nHost: x\r\n\r\n" + inside,
        "HTTP POST with PORT in its body": "POST / HTTP/1.1\r\nHost: x\r\n"
                                           f"Content-Length: {len(inside)}\r\n\r\n" + inside,
        "HTTP, slipstreamed: the body begins a segment": ("POST / HTTP/1.1\r\nContent-Length: "
                                                          "9999\r\n\r\n" + "x" * 1200, inside),
        "SMTP": "EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n" + inside,
        "SIP": "REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 10.77.1.2:45001\r\n\r\n" + inside,
        "TLS": (b"\x16\x03\x01\x00\x40\x01\x00\x00\x3c\x03\x03" + bytes(57), inside),
    }


def driven_client(lab, gateway, text):
    with Pair(lab) as pair:
        pair.server("220 ready")
        for part in (text,) if isinstance(text, str) else text:
            pair.client(part if isinstance(part, bytes) else part.encode())
        for _ in range(12):  # a server that puts up with everything
            pair.server("230 fine")
        pair.server(pair.reply_227(BAIT))
        pair.client(pair.port_line(BAIT))
        pair.server("200 fine")
        found = gateway.opened(f'"{pair.address}"')
        check(not found, f"an opening is there: {found}")
        check(not pair.from_server(BAIT) and not pair.from_client(BAIT), "reached")


# --- A12 to A14 ----------------------------------------------------------------------------------

def after_restart(lab, gateway):
    """The first packets after a restart: the pairing rules hold from the first reply on."""
    with Pair(lab) as pair:
        pair.login()
        gateway.kill()
        gateway.start()
        pair.server(pair.reply_227(BAIT))
        pair.client("NOOP")
        pair.server(pair.reply_227(BAIT))
        pair.client("PASV")
        pair.server(pair.reply_227(22))
        found = gateway.opened(f'"{pair.address}"')
        check(not found, f"an opening is there: {found}")
        pair.announce(GOOD)
        check(gateway.opened(f'"{pair.address}"', GOOD), "an honest announcement opens nothing")


def stripped_auth(lab, gateway):
    """AUTH that somebody in between refuses in the server's name: noted, and no grant; and told
    from a server that never knew AUTH, where this one has accepted it before."""
    for reason in ("auth-refused", "auth-stripped"):
        with Pair(lab) as pair:
            pair.server("220 ready")
            mark = gateway.mark()
            pair.client("AUTH TLS")
            pair.server("500 what?")
            check(gateway.wait_event(mark, verb="note", reason=reason), f"no word of {reason}")
            check(not gateway.opened(f'"{pair.address}"'), "something is open")
        with Pair(lab) as pair:
            pair.server("220 ready")
            pair.client("AUTH TLS")
            pair.server("234 go")


def starttls(lab, gateway, client, server):
    """Clear text where the handshake must begin ends all trust in the connection."""
    with Pair(lab) as pair:
        pair.server("220 ready")
        mark = gateway.mark()
        pair.client(client.encode())
        pair.server(server.encode())
        pair.client("PASV")  # clear text, where the handshake had to be
        pair.server(pair.reply_227(BAIT))
        check(gateway.wait_event(mark, verb="note", reason="auth-trailing"), "no word of it")
        check(not gateway.opened(f'"{pair.address}"'), "something is open")
        check(not pair.from_client(BAIT), "reached")


def starttls_close(lab, gateway):
    """The same, and the command is on its way before AUTH has been read."""
    with Pair(lab) as pair:
        pair.server("220 ready")
        mark = gateway.mark()
        pair.client_sock.sendall(b"AUTH TLS\r\n")
        pair.client_sock.sendall(b"USER eve\r\n")
        got = b""
        while len(got) < 20:
            got += pair.server_sock.recv(100)
        pair.server(b"234 go\r\n")
        check(gateway.wait_event(mark, verb="note", reason="auth-trailing"), "no word of it")
        pair.client("PASV")
        pair.server(pair.reply_227(BAIT))
        check(not gateway.opened(f'"{pair.address}"'), "something is open")


def cut(lab, gateway):
    """The same, and the policy says: cut. The packet that broke the rules does not arrive, its
    sender is reset, and so is the other end with its next word; an honest session goes on."""
    gateway.policy(starttls_violation="cut")
    try:
        with Pair(lab) as honest, Pair(lab) as pair:
            honest.login()
            pair.server("220 ready")
            mark = gateway.mark()
            pair.client("AUTH TLS\r\nPASV")
            pair.server_sock.sendall(b"234 go\r\n")
            check(gateway.wait_event(mark, verb="note", reason="cut"), "no word of it")
            for end, last in (pair.server_sock, b""), (pair.client_sock, b"PASV\r\n"):
                try:
                    end.settimeout(3 * net.SLOW)
                    if last:
                        end.sendall(last)
                    got = end.recv(100)
                    check(False, f"no reset but {got!r}")
                except ConnectionResetError:
                    pass
            honest.announce(GOOD)
            check(honest.from_client(GOOD) or gateway.opened(f'"{honest.address}"'),
                  "the honest session has suffered")
    finally:
        gateway.policy()


# --- A16: floods ---------------------------------------------------------------------------------

def resident_kib(gateway, kind="VmRSS"):
    with open(f"/proc/{gateway.daemon.pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(kind))


def syns(lab, gateway, seconds):
    """From invented addresses, to a port where somebody listens; 10000 in a second."""
    sent, began = 0, time.monotonic()
    with lab.listen(lab.server, SERVER, 21):
        while time.monotonic() < began + seconds:
            if sent > 10000 / net.SLOW * (time.monotonic() - began):
                time.sleep(0.002)
                continue
            inject(lab, lab.client, *(
                packet((f"198.18.{random.getrandbits(7)}.{random.getrandbits(8)}",
                        1024 + random.getrandbits(15)), (SERVER, 21),
                       random.getrandbits(32), 0, SYN) for _ in range(100)))
            sent += 100
    return sent


def garbage(lab, gateway, seconds):
    """Sessions of noise, half a line each, kept open."""
    until = time.monotonic() + seconds
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(lab.listen(lab.server, SERVER, 21, 256))
        ends_ = []
        while time.monotonic() < until and len(ends_) < 400:
            ends_.append(stack.enter_context(lab.connect(lab.attacker, SERVER, 21)))
            stack.enter_context(listener.accept()[0]).sendall(os.urandom(300))
            ends_[-1].sendall(os.urandom(700))
        return len(ends_)


def pasvs(lab, gateway, seconds):
    """Announcement behind announcement in one session."""
    count, until = 0, time.monotonic() + seconds
    with Pair(lab, number=33) as pair:
        pair.login()
        while time.monotonic() < until and count < 4000:
            pair.client(b"PASV\r\n" * 50)
            pair.server("".join(pair.reply_227(46000 + (count + i) % 2000) + "\r\n"
                                for i in range(50)).encode())
            count += 50
    return count


def noops(lab, gateway, seconds):
    """What is not held, as fast as it goes."""
    count, until = 0, time.monotonic() + seconds
    with Pair(lab, number=33) as pair:
        pair.login()
        while time.monotonic() < until and count < 20000:
            pair.client(b"NOOP\r\n")
            pair.server(b"200 ok\r\n")
            count += 1
    return count


def bytes_one_by_one(lab, gateway, seconds):
    """A line that never ends, a byte in each segment; and the bytes of nine lines backwards."""
    count, until = 0, time.monotonic() + seconds
    with Hand(lab) as hand:
        hand.connect().login()
        while time.monotonic() < until and count < 6000:
            for ahead in range(29, -1, -1):
                hand.send(b"N", ahead=ahead)
            hand.seq += 30
            count += 30
    return count


def flood(lab, files, gateway, attack):
    """What was taken at start is all that is taken, and an honest session works all the time.

    A queue that overflows lets packets pass unread: then the session needs one exchange, here the
    NOOP, to find its place again.
    """
    if gateway.alive():
        gateway.terminate()
    gateway.forget_connections()
    gateway.configure(max_sessions=2000)  # for each worker: the floods are to fill them
    gateway.start()
    server = servers.PYFTPDLIB
    with rawftp.Raw(lab, server.address(4)) as ftp:
        ftp.open(server)
        check(ftp.fetch("PASV", f"RETR {FILE}") == files.content, "no transfer before")
        before = resident_kib(gateway)
        for _ in range(3):
            done = attack(lab, gateway, 1.0 * net.SLOW)
            check(done > 50, f"a poor flood: {done}")
            for command in ("PASV", "PORT", "EPSV"):
                ftp.noop()
                got = ftp.fetch(command, f"RETR {FILE}")
                check(got == files.content, f"{command}: the file differs")
        with rawftp.Raw(lab, server.address(4)) as late:
            late.open(server)
            check(late.fetch("PASV", f"RETR {FILE}") == files.content, "no transfer for a newcomer")
        after = resident_kib(gateway)
    check(gateway.alive(), "the daemon has gone")
    gateway.terminate()
    gateway.forget_connections()
    gateway.configure()
    gateway.start()
    check(after <= before * 1.05, f"{before} KiB became {after} KiB")


def run(suite, lab, files, gateway, quick=False):
    def test(name, function, *arguments):
        suite.run(f"hostile: {name}", functools.partial(function, lab, gateway, *arguments))

    # A slow machine shows nothing by a flood but that it is slow.
    floods = {} if quick else {"SYNs": syns, "garbage sessions": garbage, "PASVs": pasvs,
                               "NOOPs": noops, "segments of one byte": bytes_one_by_one}
    test("A2 partial ACK, the error repeats a 227", partial_ack)
    test("A2 partial ACK into a listing, the client loses itself", partial_ack_listing)
    for ns in ("client", "attacker"):
        test(f"A4 227 forged from the {ns}'s wire, nothing in its way", forged_by, ns, "")
        for how in ("rp_filter", "fib"):
            test(f"A4 227 forged from the {ns}'s wire, {how}", forged_by, ns, how)
    test("A4 227 forged blindly", forged_blind)
    host = SERVER.replace(".", ",")
    test("TTL: a PASV that the server reads as STAT", unseen_by_server, "PASV", "STAT",
         f"211-x\r\n227 x ({host},{BAIT // 256},{BAIT % 256})\r\n211 x")
    test("TTL: a foreign PORT that the server reads as text", unseen_by_server,
         "PORT 10,77,3,2,200,20", "STAT 10,77,3,2,200,20", "200 ok")
    test("TTL: an own PORT that the server reads as text", own_port_unseen)
    test("a damaged segment", damaged)
    test("overlapping copies that differ", overlapping)
    test("urgent data inside the verb", urgent)
    for name, end in ends().items():
        test(f"inside a listing: {name}", listing_after, end)
    test("RST that only we believe: the pinhole goes", pinhole_after_reset)
    test("RST outside the window", reset_outside)
    test("sequence numbers wrap", sequence_wrap)
    test("a connection that never began", picked_up)
    for name, text in servers.few(driven().items(), quick):
        test(f"A5 {name}", driven_client, text)
    test("A12 forged replies first after a restart", after_restart)
    test("A13 AUTH refused", stripped_auth)
    test("A14 a command behind AUTH", starttls, "AUTH TLS\r\nPASV\r\n", "234 go\r\n")
    test("A14 half a command behind AUTH", starttls, "AUTH TLS\r\nPA", "234 go\r\n")
    test("A14 a command close behind AUTH", starttls_close)
    test("A14 cut by policy", cut)
    test("A14 a reply behind 234", starttls, "AUTH TLS\r\n", "234 go\r\n230 in\r\n")
    for name, attack in floods.items():
        suite.run(f"hostile: A16 {name}", functools.partial(flood, lab, files, gateway, attack))
