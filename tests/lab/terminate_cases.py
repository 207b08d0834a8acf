# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminating mode, property by property: resumption, uploads that break off, injected bytes,
certificates, tickets of others, addresses, and what happens when a daemon dies."""
import contextlib
import functools
import hashlib
import os
import socket
import ssl
import time

import clients
import matrix
import net
import rawftp
import servers
from attacks import check
from clients import Cell
from peers import SCRIPTED, reached
from servers import FILE, INBOX, SMALL

OTHER_CERTIFICATE = SCRIPTED + 1  # the last part of that server's addresses
UPLOAD = 1_000_000


class Case:
    """What every case has at hand."""

    def __init__(self, lab, files, gateway, terminator, long):
        self.lab, self.files, self.gateway = lab, files, gateway
        self.terminator, self.long = terminator, long

    def session(self, server, protection="P", tls="1.3", family=4, timeout=8.0):
        port = 990 if protection == "implicit" else 21
        return rawftp.Raw(self.lab, server.address(family), port, tls, timeout=timeout)

    def said(self, mark, reason, seconds=5):
        """pinholed-tls's lines with that reason."""
        return self.terminator.wait_line(mark, rf"reason={reason}\b", seconds)

    def log(self, name):
        """What a server wrote into a log file of its own so far."""
        path = os.path.join(self.lab.dir, name)
        with contextlib.suppress(OSError), open(path, encoding="latin-1") as f:
            return f.read()
        return ""


# --- the server leg resumes -----------------------------------------------------------------------

def twenty(case, server, tls, leg):
    """Both ways, in one session; vsftpd and proftpd refuse what does not resume it."""
    case.terminator.policy(server_tls=leg)
    mark, before = case.terminator.mark(), case.log("proftpd-tls.log")
    with case.session(server, tls=tls) as ftp:
        ftp.open(server, "P")
        for i in range(20):
            if i % 4 == 3:
                ftp.fetch("EPSV", f"STOR {INBOX}/twenty-{server.name}-{tls}-{leg}-{i}.up", b"x" * i)
                continue
            got = ftp.fetch("PASV" if i % 2 else "PORT", f"RETR {SMALL}")
            check(len(got) == 26, f"transfer {i + 1}: {len(got)} bytes")
        ftp.command("QUIT", 2)
    check(not case.said(mark, "not-resumed", 0.2), "a data connection did not resume")
    if server is servers.PROFTPD:
        logged = case.log("proftpd-tls.log")[len(before):].count("client reused TLS session")
        check(logged == 20, f"proftpd saw {logged} connections resume, not 20")


def idle(case, server, tls):
    """Longer than OpenSSL keeps a session by default (300 s for 1.2)."""
    with case.session(server, tls=tls) as ftp:
        ftp.open(server, "P")
        ftp.fetch("PASV", f"RETR {SMALL}")
        for _ in range(7):
            time.sleep(45)  # servers give silent sessions up after less than all of it
            ftp.noop()
        check(ftp.fetch("PASV", f"RETR {SMALL}"), "nothing came")


# --- uploads --------------------------------------------------------------------------------------

def curl_uploads(case, server, tls, count, source, where):
    job = clients.Job(case.lab, case.files, Cell("P", "PASV", 4, server, "curl", tls), 30 * count)
    argv = ["curl", "-sS", "-g", "-k", "--ssl-reqd", f"--tlsv{tls}", "--tls-max", tls,
            "-u", f"{server.user}:{server.password}"]
    for i in range(count):
        argv += ["-T", source, clients.url(job.cell, "ftp", f"{INBOX}/{where(i)}")]
    job.call(*argv)


def lftp_uploads(case, server, tls, count, source, where):
    job = clients.Job(case.lab, case.files, Cell("P", "PASV", 4, server, "lftp", tls), 30 * count)
    script = ("set net:max-retries 1; set cmd:fail-exit yes; set ssl:verify-certificate no; "
              "set ftp:ssl-force yes; set ftp:ssl-protect-data yes; set xfer:clobber yes; "
              f'set ssl:priority "{clients.gnutls(tls)}"; '
              f"open -u {server.user},{server.password} {clients.url(job.cell, 'ftp', '', ':21')}")
    for i in range(count):
        script += f"; put {source} -o {INBOX}/{where(i)}"
    job.call("lftp", "--norc", "-c", script)


def ftplib_uploads(case, server, tls, count, source, where):
    with case.lab.inside(case.lab.client):
        ftp = clients.Stock(context=rawftp.context(tls))
        ftp.connect(server.address(4), 21, 15 * net.SLOW)
        ftp.auth()
        ftp.login(server.user, server.password, secure=False)
        ftp.prot_p()
        for i in range(count):
            with open(source, "rb") as f:
                ftp.storbinary(f"STOR {INBOX}/{where(i)}", f)
        ftp.quit()


UPLOADERS = {"curl": curl_uploads, "lftp": lftp_uploads, "stock ftplib": ftplib_uploads}


def uploads(case, server, client, tls, count):
    source = os.path.join(case.lab.dir, f"upload-{server.name}-{client.replace(' ', '-')}-{tls}")
    content = os.urandom(UPLOAD)
    with open(source, "wb") as f:
        f.write(content)
    os.chmod(source, 0o644)
    stem = os.path.basename(source)
    where = functools.partial("{}-{}.up".format, stem)
    UPLOADERS[client](case, server, tls, count, source, where)
    bad = []
    for i in range(count):
        path = os.path.join(case.files.inbox, where(i))
        with contextlib.suppress(OSError), open(path, "rb") as f:
            if hashlib.sha256(f.read()).digest() == hashlib.sha256(content).digest():
                os.unlink(path)
                continue
        bad.append(i + 1)
    check(not bad, f"not intact: {bad} of {count}")


def big(case, server, client, command):
    """100 MB both ways, by hash."""
    name = f"big-{server.name}-{client.replace(' ', '-')}.up"
    source = os.path.join(case.lab.dir, f"{name}.source")
    content = os.urandom(1 << 20) * 100
    with open(source, "wb") as f:
        f.write(content)
    os.chmod(source, 0o644)
    try:
        UPLOADERS[client](case, server, "1.3", 1, source, lambda _: name)
        path = os.path.join(case.files.inbox, name)
        with open(path, "rb") as f:
            check(f.read() == content, "the upload differs")
        with case.session(server, timeout=60) as ftp:
            ftp.open(server, "P")
            got = ftp.fetch(command, f"RETR {INBOX}/{name}")
        check(got == content, f"the download differs: {len(got)} bytes")
        os.unlink(path)
    finally:
        os.unlink(source)


NO_BREAK = "pyftpdlib takes any end of an upload for the end of the file, a reset too"


def broken_off(case, server, tls, how):
    """A client that dies in the middle of an upload: its connection ends without close_notify,
    with FIN or RST. No server may say 226."""
    with case.session(server, tls=tls) as ftp:
        ftp.open(server, "P")
        data = ftp.connect_data(ftp.passive("PASV"))
        ftp.command(f"STOR {INBOX}/broken-{server.name}-{tls}-{how}.up", 1)
        data = ftp._protect_data(data)
        data.sendall(b"half a file" * 10000)
        if how == "RST":
            data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        else:
            time.sleep(0.3)  # what was said arrives; its end does not
        socket.socket(fileno=data.detach()).close()
        try:
            code, line = ftp.reply()
        except (EOFError, OSError, ssl.SSLError):
            return  # vsftpd ends the session
        check(code // 100 != 2, f"the server says {line}")


def without_close_notify(case):
    """ftp-ssl ends each upload that way. Unless the admin puts up with it, it is not for whole."""
    cell = Cell("P", "PASV", 4, servers.VSFTPD, "ftp-ssl", "1.3")
    before, mark = case.log("vsftpd-protocol.log"), case.terminator.mark()
    with contextlib.suppress(clients.Failed):
        clients.transfer(case.lab, case.files, cell, True)
    check(case.said(mark, "truncated"), "no word of it")
    check("OK UPLOAD" not in case.log("vsftpd-protocol.log")[len(before):],
          "vsftpd takes the file for whole")


def killed_client(case):
    """kill -9 for a real client: both of its connections end at once."""
    server = servers.VSFTPD
    before = case.log("vsftpd-protocol.log")
    source = os.path.join(case.lab.dir, "killed.source")
    with open(source, "wb") as f:
        f.write(os.urandom(3_000_000))
    cell = Cell("P", "PASV", 4, server, "curl", "1.3")
    curl = case.lab.start(case.lab.client, [
        "curl", "-sS", "-g", "-k", "--ssl-reqd", "--limit-rate", "300k", "-u",
        f"{server.user}:{server.password}", "-T", source,
        clients.url(cell, "ftp", f"{INBOX}/killed.up")])
    path = os.path.join(case.files.inbox, "killed.up")
    check(net.wait_for(lambda: os.path.exists(path) and os.path.getsize(path) > 100_000, 10),
          "the upload does not begin")
    mark = case.terminator.mark()
    curl.kill()
    curl.wait()
    check(case.said(mark, "truncated"), "no word of the broken upload")
    logged = net.wait_for(lambda: "FAIL UPLOAD" in case.log("vsftpd-protocol.log")[len(before):])
    text = case.log("vsftpd-protocol.log")[len(before):]
    check('"226 ' not in text and "OK UPLOAD" not in text, "vsftpd takes the file for whole")
    check(logged, "vsftpd does not say that the upload failed")


# --- what servers differ about --------------------------------------------------------------------

NO_AUTH = "proftpd 1.3.8 sends clear text into the data connection's TLS behind AUTH SSL and TLS-P"


def auth(case, server, mechanism, protected):
    """Without a word about PROT: servers differ, and what comes first on the data connection
    decides."""
    with case.session(server) as ftp:
        ftp.expect("greeting", 220)
        ftp.command(f"AUTH {mechanism}", 234)
        ftp.start_tls()
        ftp.login(server)
        ftp.protected = protected
        for command in ("PASV", "EPRT"):
            check(len(ftp.fetch(command, f"RETR {SMALL}")) == 26, f"{command}: nothing came")
        ftp.protect("P")
        check(len(ftp.fetch("EPSV", f"RETR {SMALL}")) == 26, "behind PROT P nothing came")
        ftp.protect("C")
        mark = case.gateway.mark()
        check(len(ftp.fetch("EPSV", f"RETR {SMALL}")) == 26, "behind PROT C nothing came")
        check(case.gateway.events(mark, verb="open", kind="pinhole") and
              not case.gateway.events(mark, verb="open", kind="relay"),
              "PROT C did not get a pinhole of its own")


def implicit(case, server, protected):
    with case.session(server, "implicit") as ftp:
        ftp.start_tls()
        ftp.expect("greeting", 220)
        ftp.login(server)
        ftp.protected = protected
        check(len(ftp.fetch("PASV", f"RETR {SMALL}")) == 26, "nothing came")


def auth_refused(case):
    """A session whose server has no TLS of that name stays what it was."""
    server = servers.PUREFTPD
    with case.session(server) as ftp:
        ftp.expect("greeting", 220)
        ftp.command("AUTH SSL", 5)
        ftp.login(server)
        check(len(ftp.fetch("PASV", f"RETR {SMALL}")) == 26, "nothing came")
        ftp.command("AUTH TLS", 234, 5)


def second_auth(case, server):
    with case.session(server) as ftp:
        ftp.open(server, "P")
        mark = case.terminator.mark()
        ftp.command("AUTH TLS", 5)
        check(case.said(mark, "command-refused"), "no word of it")
        check(len(ftp.fetch("PASV", f"RETR {SMALL}")) == 26, "nothing came")


def refused_commands(case):
    server = servers.PROFTPD
    with case.session(server) as ftp:
        ftp.open(server, "P")
        for command in ("SSCN ON", "CPSV"):
            mark = case.terminator.mark()
            ftp.command(command, 5)
            check(case.said(mark, "command-refused"), f"no word of {command}")
        case.terminator.policy(ccc="refuse")
    with case.session(server) as ftp:
        ftp.open(server, "P")
        ftp.command("CCC", 5)
        check(len(ftp.fetch("PASV", f"RETR {SMALL}")) == 26, "nothing came")
    case.terminator.policy()


def rein(case):
    """pyftpdlib keeps TLS, forgets the login and PROT."""
    server = servers.PYFTPDLIB
    with case.session(server) as ftp:
        ftp.open(server, "P")
        check(len(ftp.fetch("PASV", f"RETR {SMALL}")) == 26, "nothing came")
        ftp.command("REIN", 2)
        ftp.command("PASV", 5)
        ftp.login(server)
        ftp.protect("P")
        check(len(ftp.fetch("PASV", f"RETR {SMALL}")) == 26, "nothing came behind REIN")


def abort(case, server):
    """ABOR in the middle of a download that the client does not read."""
    with case.session(server) as ftp:
        ftp.open(server, "P")
        data = ftp.connect_data(ftp.passive("PASV"))
        ftp.command(f"RETR {FILE}", 1)
        with ftp._protect_data(data) as data:
            data.recv(100)
            ftp.send(b"ABOR\r\n")
        for _ in range(2):
            if ftp.reply()[0] in (225, 226, 426, 451):
                break
        net.wait_for(lambda: False, 0.3)  # a second reply may come, or not
        ftp.send(b"NOOP\r\n")
        while ftp.reply()[0] in (225, 226, 426):
            pass
        check(len(ftp.fetch("PASV", f"RETR {SMALL}")) == 26, "nothing came behind ABOR")


def epsv_all(case):
    server = servers.VSFTPD
    with case.session(server) as ftp:
        ftp.open(server, "P")
        ftp.command("EPSV ALL", 2)
        check(len(ftp.fetch("EPSV", f"RETR {SMALL}")) == 26, "nothing came")
        mark = case.terminator.mark()
        listener = ftp.listener()
        ftp.send(ftp.announcement("EPRT", listener).encode() + b"\r\n")
        ftp.reply()
        listener.close()
        check(case.said(mark, "epsv-all"), "no word of it")


def direct(case, server, command):
    """`data direct`: end to end through a pinhole, where the server does not insist."""
    case.terminator.policy(data="direct")
    with case.session(server) as ftp:
        ftp.open(server, "P")
        mark = case.gateway.mark()
        check(ftp.fetch(command, f"RETR {FILE}") == case.files.content, "the file differs")
        ftp.fetch(command, f"STOR {INBOX}/direct-{server.name}-{command}.up", case.files.content)
        opened = case.gateway.events(mark, verb="open")
        check(len(opened) == 2 and all(e["kind"] == "pinhole" for e in opened), f"opened: {opened}")


# --- attacks --------------------------------------------------------------------------------------

@contextlib.contextmanager
def scripted(case, port=21):
    """A server in our own hand, and a client's connection to it through pinholed-tls."""
    address = net.server_address(SCRIPTED, 4)
    with case.lab.listen(case.lab.server, address, port) as listener, \
            case.lab.connect(case.lab.client, address, port) as client:
        listener.settimeout(5 * net.SLOW)
        server, peer = listener.accept()
        with server:
            for sock in (client, server):
                sock.settimeout(5 * net.SLOW)
            check(peer[0] == net.CLIENT[4], f"the server sees {peer[0]}")
            server.sendall(b"220 ready\r\n")
            check(client.recv(100) == b"220 ready\r\n", "no greeting")
            yield client, server


def rest_of(sock):
    """All that still comes, up to the end."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while chunk := sock.recv(4096):
            got += chunk
    return got


def injected_by_client(case, half):
    """Clear bytes behind AUTH, to be read as if they had come encrypted."""
    mark = case.terminator.mark()
    with scripted(case) as (client, server):
        client.sendall(b"AUTH TLS\r\n" + (b"DELE all" if half else b"DELE all\r\n"))
        check(server.recv(100) == b"AUTH TLS\r\n", "AUTH does not come alone")
        server.sendall(b"234 go\r\n")
        check(rest_of(client) in (b"", b"234 go\r\n"), "the session goes on")
        check(rest_of(server) == b"", "the server got it")
    check(case.said(mark, "auth-trailing"), "no word of it")


def injected_by_server(case):
    mark = case.terminator.mark()
    with scripted(case) as (client, server):
        client.sendall(b"AUTH TLS\r\n")
        check(server.recv(100) == b"AUTH TLS\r\n", "AUTH does not come")
        server.sendall(b"234 go\r\n200 forged\r\n")
        got = rest_of(client)
        check(got in (b"", b"234 go\r\n"), f"the client got {got!r}")
    check(case.said(mark, "auth-trailing"), "no word of it")


def wrong_certificate(case, protection):
    """A server that is not the one whose certificate we hold: the login never gets there."""
    address = net.server_address(OTHER_CERTIFICATE, 4)
    port = 990 if protection == "implicit" else 21
    mark = case.terminator.mark()
    try:
        with rawftp.Raw(case.lab, address, port, "1.3") as ftp:
            ftp.open(servers.PYFTPDLIB, protection)
    except (OSError, EOFError, ssl.SSLError, rawftp.Refused):
        check(case.said(mark, "certificate-wrong"), "no word of it")
        return
    raise AssertionError("a session with the wrong server")


def start_other_server(case):
    """A server with a certificate of its own."""
    class Others(servers.Files):
        def __init__(self, files, lab):
            self.root = files.root
            self.key, self.cert, self.pem = (os.path.join(lab.dir, f"other.{x}")
                                             for x in ("key", "cert", "pem"))
    others = Others(case.files, case.lab)
    net.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=another",
            "-keyout", others.key, "-out", others.cert)
    with open(others.pem, "w") as pem:
        for part in (others.key, others.cert):
            pem.write(open(part).read())
    address = net.server_address(OTHER_CERTIFICATE, 4)
    servers.start_pyftpdlib(case.lab, others, addresses=[address])
    check(servers.ready(case.lab, address, 21), "the other server does not start")


def foreign_ticket(case, tls):
    """`reuse require`: a data connection resumes its own control connection's session. Neither no
    session nor that of another control connection will do."""
    server = servers.PROFTPD
    case.terminator.policy(reuse="require")
    for foreign in (True, False):
        with case.session(server, tls=tls) as other, case.session(server, tls=tls) as ftp:
            ftp.context = other.context  # sessions belong to a context
            other.open(server, "P")
            ftp.open(server, "P")
            check(ftp.fetch("PASV", f"RETR {SMALL}"), "its own session was refused")
            mark = case.terminator.mark()
            data = ftp.connect_data(ftp.passive("PASV"))
            ftp.command(f"RETR {SMALL}", 1)
            got = b""
            with contextlib.suppress(OSError), ftp.context.wrap_socket(
                    data, session=other.tls.session if foreign else None) as wrapped:
                got = wrapped.recv(100)
            data.close()
            check(not got, f"{'a foreign' if foreign else 'no'} session: {got!r}")
            check(case.said(mark, "reuse-required"), "no word of it")


def foreign_host(case, server, family):
    """Somebody else at the announced port, before the client and behind it."""
    command = "EPSV" if family == 6 else "PASV"
    with case.session(server, family=family) as ftp:
        ftp.open(server, "P")
        end = ftp.passive(command)
        everything = [(end[0], port) for port in range(server.low, server.high + 1)]
        check(case.gateway.opened("relay", *end), "nothing is open: a failure would prove nothing")
        check(not reached(case.lab, case.lab.attacker, everything), "the attacker got through")
        data = ftp.connect_data(end)
        check(not reached(case.lab, case.lab.client, [end]), "a second connection got through")
        check(not reached(case.lab, case.lab.attacker, everything), "the attacker got through")
        check(ftp.transfer(f"RETR {SMALL}", data), "the client got nothing")
    check(not case.gateway.wait_closed(end[0]), "something stays open")


# --- addresses ------------------------------------------------------------------------------------

def peers_of(case, address, port):
    """Who is connected to that port of a server, as the server's own kernel sees it."""
    with case.lab.inside(case.lab.server):
        listed = net.run("ss", "-tnH", "state", "established")
    ends = [line.split()[2:4] for line in listed.splitlines()]
    local = f"{net.host_in_url(address)}:{port}"
    return {peer.rsplit(":", 1)[0].strip("[]") for here, peer in ends if here == local}


def addresses(case, server, family):
    with case.session(server, family=family) as ftp:
        ftp.open(server, "P")
        check(peers_of(case, server.address(family), 21) == {net.CLIENT[family]},
              f"control: {peers_of(case, server.address(family), 21)}")
        end = ftp.passive("EPSV")
        data = ftp.connect_data(end)
        # proftpd takes it only with the transfer command; its kernel has it before.
        check(net.wait_for(lambda: peers_of(case, *end) == {net.CLIENT[family]}),
              f"data: {peers_of(case, *end)}")
        check(ftp.transfer(f"RETR {SMALL}", data), "nothing came")
        listener = ftp.listener()
        ftp.command(ftp.announcement("EPRT", listener), 200)
        ftp.send(f"RETR {SMALL}\r\n".encode())
        listener.settimeout(5 * net.SLOW)
        sock, peer = listener.accept()
        listener.close()
        check(peer[0] == server.address(family), f"the client sees {peer[0]}")
        ftp.expect("RETR", 1)
        with ftp._protect_data(sock) as data:
            while data.recv(4096):
                pass
        ftp.expect("RETR", 2)
    if server is servers.VSFTPD:
        check(f'Client "{net.CLIENT[family]}"' in case.log("vsftpd-protocol.log"),
              "vsftpd's log does not have the client's address")
    if server is servers.PYFTPDLIB:
        check(f"{net.CLIENT[family]}:" in case.log("pyftpdlib.log"),
              "pyftpdlib's log does not have the client's address")


# --- when a daemon dies ---------------------------------------------------------------------------

def no_data(ftp, why):
    try:
        ftp.connect_data(ftp.passive("PASV")).close()
    except OSError:
        return
    raise AssertionError(f"a data connection {why}")


def over(ftp):
    try:
        ftp.noop()
    except (OSError, EOFError, ssl.SSLError, rawftp.Refused):
        return True
    return False


def works(case, server=servers.PROFTPD):
    with case.session(server) as ftp:
        ftp.open(server, "P")
        check(ftp.fetch("PASV", f"RETR {FILE}") == case.files.content, "the file differs")


def passed_through(case):
    """Its sessions go to the server itself: TLS end to end, and nothing opens."""
    server = servers.PROFTPD
    with case.session(server, timeout=2) as ftp:
        ftp.open(server, "P")
        no_data(ftp, "without anybody who reads")


def killed_terminator(case):
    server = servers.PROFTPD
    with case.session(server) as ftp:
        ftp.open(server, "P")
        ftp.passive("PASV")
        check(case.gateway.opened("relay"), "nothing is open to begin with")
        case.terminator.kill()
        check(over(ftp), "the session goes on without anybody in between")
        left = case.gateway.wait_closed()
        check(not left, f"left open: {left}")
    passed_through(case)
    case.terminator.start()
    works(case)


def killed_pinholed(case):
    """Running sessions go on, but nothing opens; and everything does again when it is back."""
    server = servers.PROFTPD
    with case.session(server, timeout=3) as ftp:
        ftp.open(server, "P")
        check(ftp.fetch("PASV", f"RETR {SMALL}"), "nothing came to begin with")
        case.gateway.kill()
        check(ftp.noop() == 200, "the session does not answer")
        no_data(ftp, "without pinholed")
        mark = case.gateway.mark()
        case.gateway.start()
        case.terminator.wait_link(mark)
        check(net.wait_for(lambda: case.gateway.events(mark, reason="terminated")),
              "the session is not begun again")
        check(ftp.fetch("PASV", f"RETR {SMALL}"), "nothing comes after the restart")
    works(case)


def killed_both(case):
    server = servers.PROFTPD
    with case.session(server) as ftp:
        ftp.open(server, "P")
        case.terminator.kill()
        case.gateway.kill()
        check(over(ftp), "the session goes on")
    passed_through(case)
    case.gateway.start()
    case.terminator.start()
    works(case)


def stopped(case):
    """SIGTERM closes what is open; a new start serves."""
    server = servers.PROFTPD
    with case.session(server) as ftp:
        ftp.open(server, "P")
        ftp.passive("PASV")
        case.terminator.daemon.terminate()
        check(case.terminator.daemon.wait(10 * net.SLOW) == 0, "exit status")
        check(not case.gateway.wait_closed(), "left open")
    case.terminator.start()
    works(case)


# --- all of them ----------------------------------------------------------------------------------

def every_case(case, quick):
    """(name, function, arguments)"""
    enforcing = (servers.VSFTPD, servers.PROFTPD)
    for server in enforcing:
        for tls, leg in (("1.3", "1.3"), ("1.2", "1.2"), ("1.3", "1.2"), ("1.2", "1.3")):
            yield f"20 transfers, TLS {tls}, server leg {leg}, {server.name}", twenty, server, tls, leg
    for server in servers.QUICK if quick else servers.ALL:
        for client in UPLOADERS:
            for tls in ("1.2", "1.3"):
                count = 100 if case.long else 5
                yield (f"{count} uploads, TLS {tls}, {client} {server.name}", uploads, server, client,
                       tls, count)
    for server in servers.ALL:
        if server is servers.PYFTPDLIB:
            continue  # see NO_BREAK
        for tls in ("1.2", "1.3"):
            for how in ("FIN", "RST"):
                yield (f"an upload broken off by {how}, TLS {tls}, {server.name}", broken_off, server,
                       tls, how)
    yield "an upload that ends without close_notify", without_close_notify
    yield "a client killed in mid-upload", killed_client
    for server in servers.ALL if case.long else ():
        for client, command in (("curl", "PASV"), ("lftp", "PORT"), ("stock ftplib", "EPSV")):
            yield f"100 MB, {client} {server.name}", big, server, client, command
    for server in enforcing if case.long else ():
        for tls in ("1.2", "1.3"):
            yield f"silent past the session timeout, TLS {tls}, {server.name}", idle, server, tls
    for server in (servers.VSFTPD, servers.PROFTPD, servers.PYFTPDLIB):
        for mechanism in ("SSL", "TLS-P", "TLS-C", "tls"):
            protected = mechanism in ("SSL", "TLS-P") and server is not servers.PYFTPDLIB
            if server is servers.PROFTPD and protected:
                continue  # see NO_AUTH
            yield f"AUTH {mechanism} and no PROT, {server.name}", auth, server, mechanism, protected
        yield (f"implicit TLS and no PROT, {server.name}", implicit, server,
               server is servers.PROFTPD)
        yield f"a second AUTH, {server.name}", second_auth, server
    yield "AUTH refused", auth_refused
    yield "commands that the policy refuses", refused_commands
    yield "REIN", rein
    yield "EPSV ALL", epsv_all
    for server in servers.ALL:
        yield f"ABOR, {server.name}", abort, server
    for server in (servers.PUREFTPD, servers.PYFTPDLIB):
        for command in ("PASV", "EPRT"):
            yield f"data direct, {command} {server.name}", direct, server, command
    yield "injection: a command behind AUTH", injected_by_client, False
    yield "injection: half a command behind AUTH", injected_by_client, True
    yield "injection: a reply behind 234", injected_by_server
    yield "another server's certificate, explicit", wrong_certificate, "P"
    yield "another server's certificate, implicit", wrong_certificate, "implicit"
    for tls in ("1.2", "1.3"):
        yield f"reuse require: a foreign ticket, TLS {tls}", foreign_ticket, tls
    for family in (4, 6):
        yield f"somebody else at the announced port, IPv{family}", foreign_host, servers.VSFTPD, family
        for server in servers.ALL:
            yield f"addresses, IPv{family}, {server.name}", addresses, server, family
    yield "kill -9 of pinholed-tls", killed_terminator
    yield "kill -9 of pinholed", killed_pinholed
    yield "kill -9 of both", killed_both
    yield "SIGTERM", stopped


def ccc_case(case, *arguments):
    matrix.ccc_first(case.lab, case.files, *arguments)


def every_ccc(quick):
    turns = list(matrix.ccc_cases(quick))
    for server, mode, command, family, tls in turns[::4] if quick else turns:
        if mode != "early":  # nobody can tell such bytes from the end of TLS
            yield (f"CCC: {mode} {tls} {command} IPv{family} {server.name}", ccc_case, server, mode,
                   command, family, tls)


def run(suite, case, quick):
    for why in (NO_BREAK, NO_AUTH):
        print(f"n/a {why}")
    start_other_server(case)
    for name, function, *arguments in [*every_case(case, quick), *every_ccc(quick)]:
        def whole(function=function, arguments=arguments):
            try:
                function(case, *arguments)
            finally:
                if not case.gateway.alive():
                    case.gateway.start()
                if not case.terminator.alive():
                    case.terminator.start()
                elif function in (twenty, foreign_ticket, direct, refused_commands):
                    case.terminator.policy()
        suite.run(f"terminated: {name}", whole)
