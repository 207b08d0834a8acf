# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers that misbehave on purpose: a control connection whose two ends the test plays itself, and
somebody who tries whether ports can be reached."""
import errno
import selectors
import socket
import time

import net

# Server addresses that no real server has; each test group takes its own.
SCRIPTED = 31


def reached(lab, ns, targets, source=None, seconds=0.3):
    """Tries all (address, port) at once from that namespace; returns those that answered.

    An answer is a connection or a reset: both say that the packet got through. What a firewall
    drops gives no answer.
    """
    waiting = selectors.DefaultSelector()
    found = []
    with lab.inside(ns):
        for address, port in targets:
            sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
            sock.setblocking(False)
            if source:
                sock.bind((source, 0))
            state = sock.connect_ex((address, port))
            if state == errno.EINPROGRESS:
                waiting.register(sock, selectors.EVENT_WRITE, (address, port))
                continue
            if state in (0, errno.ECONNREFUSED):
                found.append((address, port))
            sock.close()
    deadline = time.monotonic() + seconds * net.SLOW
    while waiting.get_map() and (left := deadline - time.monotonic()) > 0:
        for key, _ in waiting.select(left):
            error = key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error in (0, errno.ECONNREFUSED):
                found.append(key.data)
            waiting.unregister(key.fileobj)
            key.fileobj.close()
    for key in list(waiting.get_map().values()):
        key.fileobj.close()
    return found


class Pair:
    """Both ends of one control connection in one hand.

    What one end says has arrived at the other when the call returns: so it has been through the
    gateway and, if it can announce something, through pinholed. Else pinholed reads it before the
    next such thing.
    """

    def __init__(self, lab, number=SCRIPTED, family=4, port=21):
        self.lab, self.family = lab, family
        self.address = net.server_address(number, family)
        self.client_address = net.CLIENT[family]
        with lab.listen(lab.server, self.address, port) as listener:
            self.client_sock = lab.connect(lab.client, self.address, port)
            listener.settimeout(5 * net.SLOW)
            self.server_sock, _ = listener.accept()
        for sock in (self.client_sock, self.server_sock):
            sock.settimeout(5 * net.SLOW)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client_sock.close()
        self.server_sock.close()

    @staticmethod
    def _move(sender, receiver, data, cuts):
        rest = bytes(data)
        got = b""
        for cut in [*cuts, len(rest)]:
            piece, rest = rest[:cut], rest[cut:]
            if piece:
                sender.sendall(piece)
            want = len(data) - len(rest)
            while len(got) < want:  # segment by segment, so that none of them merge
                chunk = receiver.recv(65536)
                if not chunk:
                    raise EOFError("the control connection has ended")
                got += chunk
        if got != data:
            raise AssertionError(f"the control connection was changed: {got!r}")

    def client(self, text, cuts=(), end="\r\n"):
        """The client says a line (or bytes), in segments of these lengths."""
        data = text if isinstance(text, bytes) else (text + end).encode()
        self._move(self.client_sock, self.server_sock, data, cuts)

    def server(self, text, cuts=(), end="\r\n"):
        data = text if isinstance(text, bytes) else (text + end).encode()
        self._move(self.server_sock, self.client_sock, data, cuts)

    def login(self):
        self.server("220 ready")
        for said, answer in (("USER lab", "331 and?"), ("PASS x", "230 in")):
            self.client(said)
            self.server(answer)
        return self

    def reply_227(self, port, address=None):
        return f"227 Entering Passive Mode ({(address or self.address).replace('.', ',')}," \
               f"{port // 256},{port % 256})."

    def announce(self, port):
        """A well-behaved passive announcement: opens a pinhole for `port`."""
        if self.family == 4:
            self.client("PASV")
            self.server(self.reply_227(port))
        else:
            self.client("EPSV")
            self.server(f"229 Entering Extended Passive Mode (|||{port}|)")

    def port_line(self, port, address=None):
        address = address or self.client_address
        if ":" in address:
            return f"EPRT |2|{address}|{port}|"
        return f"PORT {address.replace('.', ',')},{port // 256},{port % 256}"

    def from_client(self, port, address=None):
        """True when the client reaches that port of the server."""
        target = (address or self.address, port)
        return bool(reached(self.lab, self.lab.client, [target]))

    def from_server(self, port, address=None):
        """True when the server reaches that port of the client."""
        target = (address or self.client_address, port)
        return bool(reached(self.lab, self.lab.server, [target], self.address))
