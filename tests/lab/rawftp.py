# SPDX-License-Identifier: GPL-3.0-or-later
"""A scriptable FTP client that does what no other client lets one choose.

Every command is sent when the test says so and cut as it says so; TLS is pumped by hand, so that
the way back to clear text (CCC) can be taken in each of the ways that clients take:

    wait      wait for the server's close_notify, then send ours, then go on in clear
    nowait    send our close_notify at once
    pipeline  the same, with the next command in the same segment
    silent    wait for the server's, but send none at all, as curl does (proftpd puts up with that,
              pure-ftpd does not)
    early     send none and wait for nothing: the next command may overtake the server's
"""
import re
import socket
import ssl

import net


class Refused(Exception):
    """The server answered something else than what the step needs."""


def context(version=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if version:
        number = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[version]
        made.minimum_version = made.maximum_version = number
    return made


class Raw:
    """One control connection. `ns` is where it is made; its data connections too."""

    def __init__(self, lab, address, port=21, tls=None, ns=None, timeout=8.0):
        self.lab, self.ns, self.timeout = lab, ns or lab.client, timeout
        self.address, self.family = address, 6 if ":" in address else 4
        self.context, self.tls = context(tls), None
        self.name = None  # of the server, to be asked for
        self.protected = False  # data connections
        self._wire = bytearray()  # bytes from the server that nobody has read
        self._text = bytearray()  # the same, taken out of TLS
        self.sock = lab.connect(self.ns, address, port, timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.local = self.sock.getsockname()[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def reset(self):
        """Ends the connection with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()

    # --- bytes and TLS -------------------------------------------------------------------------

    def start_tls(self):
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = self.context.wrap_bio(self._in, self._out, server_hostname=self.name)
        self._pump(self.tls.do_handshake)

    def _receive(self):
        self.sock.settimeout(self.timeout * net.SLOW)
        got = self.sock.recv(65536)
        if not got:
            raise EOFError("the server closed the control connection")
        self._wire += got

    def _record(self):
        """Hands one whole TLS record to OpenSSL, never a byte of what may follow in clear."""
        while len(self._wire) < 5 or len(self._wire) < 5 + int.from_bytes(self._wire[3:5], "big"):
            self._receive()
        end = 5 + int.from_bytes(self._wire[3:5], "big")
        self._in.write(bytes(self._wire[:end]))
        del self._wire[:end]

    def _pump(self, step):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._flush()
                self._record()
            finally:
                self._flush()

    def _flush(self):
        if self._out.pending:
            self.sock.sendall(self._out.read())

    def send(self, data, segment=0):
        """Bytes as they are; in pieces of `segment` bytes where that is not 0, CRLF in one piece:
        proftpd 1.3.8 waits for ever when CR and LF come in two reads."""
        if self.tls:
            self.tls.write(data)
            data = self._out.read()
        while segment and len(data) > 2:
            cut = min(segment, len(data) - 2)
            self.sock.sendall(data[:cut])
            data = data[cut:]
        self.sock.sendall(data)

    # --- commands and replies ------------------------------------------------------------------

    def line(self):
        while b"\n" not in self._text:
            if self.tls:
                got = self._pump(lambda: self.tls.read(65536))
                if not got:
                    raise EOFError("the server ended TLS")
                self._text += got
            else:
                if not self._wire:
                    self._receive()
                self._text += self._wire
                self._wire.clear()
        line, _, rest = self._text.partition(b"\n")
        self._text = bytearray(rest)
        return line.decode("latin-1").rstrip("\r")

    def reply(self):
        """(code, last line) of a whole reply."""
        line = first = self.line()
        while first[3:4] == "-" and not re.match(first[:3] + "( |$)", line):
            line = self.line()
        return int(line[:3]), line

    def command(self, text, *expected, segment=0):
        self.send(text.encode() + b"\r\n", segment)
        return self.expect(text, *expected)

    def expect(self, what, *expected):
        code, line = self.reply()
        if expected and code not in expected and code // 100 not in expected:
            raise Refused(f"{what.split()[0]}: {line}")
        return code, line

    def login(self, server):
        if self.command("USER " + server.user, 230, 331)[0] == 331:
            self.command("PASS " + server.password, 230)
        self.command("TYPE I", 200)

    def protect(self, level):
        self.command("PBSZ 0", 200)
        self.command("PROT " + level, 200)
        self.protected = level == "P"

    def open(self, server, protection="clear", level="P"):
        """Greeting, TLS and login as the protection asks for: clear, P, C, ccc, implicit."""
        if protection == "implicit":
            self.start_tls()
        self.expect("greeting", 220)
        if protection in ("P", "C", "ccc"):
            self.command("AUTH TLS", 234)
            self.start_tls()
        self.login(server)
        if protection != "clear":
            self.protect("C" if protection == "C" else level)
        return self

    def ccc(self, mode="wait", then=None):
        """Back to clear text, and `then` as the first clear command (its reply is left unread)."""
        self.command("CCC", 200)
        tls, first = self.tls, then.encode() + b"\r\n" if then else b""
        if mode in ("wait", "silent"):
            self._drain(tls)
        if mode not in ("silent", "early"):
            try:
                tls.unwrap()  # writes our close_notify; need not see the server's
            except ssl.SSLError:
                pass
            goodbye = self._out.read()
            if mode == "pipeline":
                goodbye, first = goodbye + first, b""
            self.sock.sendall(goodbye)
        self.tls_session = tls.session
        self.tls = None
        if first:
            self.sock.sendall(first)
        if mode not in ("wait", "silent"):
            self._drain(tls)

    def _drain(self, tls):
        """Reads up to and with the server's close_notify."""
        while True:
            try:
                if not tls.read(65536):
                    return
            except ssl.SSLZeroReturnError:
                return  # the same, once our own is out
            except ssl.SSLWantReadError:
                self._record()

    # --- data connections ----------------------------------------------------------------------

    def passive(self, command="PASV", send=True):
        """(address, port) to connect to; with `send` False only the reply is read."""
        if send:
            self.send(command.encode() + b"\r\n")
        _, line = self.expect(command, 227 if command == "PASV" else 229)
        if command == "PASV":
            numbers = [int(n) for n in re.search(r"\d+(,\d+){5}", line).group().split(",")]
            return ".".join(map(str, numbers[:4])), numbers[4] * 256 + numbers[5]
        return self.address, int(re.search(r"\|(\d+)\|\)", line).group(1))

    def listener(self):
        return self.lab.listen(self.ns, self.local)

    def announcement(self, command, listener, address=None):
        """The PORT or EPRT line for a listening socket (or a port number)."""
        port = listener if isinstance(listener, int) else listener.getsockname()[1]
        address = address or self.local
        if command == "EPRT":
            return f"EPRT |{2 if ':' in address else 1}|{address}|{port}|"
        return f"PORT {address.replace('.', ',')},{port // 256},{port % 256}"

    def accept(self, listener):
        listener.settimeout(self.timeout * net.SLOW)
        sock, _ = listener.accept()
        return sock

    def connect_data(self, end):
        return self.lab.connect(self.ns, *end, self.timeout)

    def _protect_data(self, sock):
        sock.settimeout(self.timeout * net.SLOW)
        if not self.protected:
            return sock
        session = self.tls.session if self.tls else self.tls_session
        return self.context.wrap_socket(sock, session=session, server_hostname=self.name)

    def begin(self, verb, sock):
        """A passive transfer under way: its data connection; its final reply is left unread."""
        self.command(verb, 1)
        return self._protect_data(sock)

    def transfer(self, verb, sock=None, listener=None, payload=None):
        """Sends LIST, RETR x or STOR x and moves the data; returns what was read."""
        self.command(verb, 1)
        if listener:
            sock = self.accept(listener)
            listener.close()
        with self._protect_data(sock) as data:
            got = bytearray()
            if payload is not None:
                data.sendall(payload)
            else:
                while chunk := data.recv(65536):
                    got += chunk
            if self.protected:
                try:
                    data.unwrap()
                except (OSError, ValueError):
                    pass
        self.expect(verb, 2)
        return bytes(got)

    def fetch(self, command, verb, payload=None, send=True):
        """One whole transfer; with `send` False the data command has been sent already."""
        if command in ("PASV", "EPSV"):
            return self.transfer(verb, self.connect_data(self.passive(command, send)),
                                 payload=payload)
        listener = self.listener()
        self.command(self.announcement(command, listener), 200)
        return self.transfer(verb, listener=listener, payload=payload)

    def noop(self):
        return self.command("NOOP", 2)[0]
