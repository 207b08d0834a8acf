# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminating mode: the server leg resumes, uploads arrive whole or not at all."""
import contextlib
import functools
import hashlib
import os
import socket
import ssl
import time

import clients
import net
import rawftp
import servers
from attacks import check
from clients import Cell
from servers import INBOX, SMALL

UPLOAD = 1_000_000
IDLE = int(os.environ.get("PINHOLED_LAB_IDLE", "310"))


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
    """No data connection for longer than sessions are kept by default: 300 s in servers'
    caches, 7200 s in OpenSSL 3 (PINHOLED_LAB_IDLE=7300)."""
    with case.session(server, tls=tls) as ftp:
        ftp.open(server, "P")
        ftp.fetch("PASV", f"RETR {SMALL}")
        until = time.monotonic() + IDLE
        while time.monotonic() < until:
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


def port_of_a_relay(case, server, command):
    """An upload is relayed, and pinholed-tls's end of it left in TIME-WAIT (mostly: server and
    client both want to be the first to close). The next transfer, in clear text, comes from the
    same port to the same one, and must go past what is left."""
    family = 6 if command == "EPRT" else 4
    with case.session(server, family=family) as ftp:
        ftp.open(server, "P")
        for turn in range(20):
            ftp.protect("P")
            listener = ftp.listener()
            port = listener.getsockname()[1]
            ftp.command(ftp.announcement(command, listener), 200)
            ftp.transfer(f"STOR {INBOX}/port-of-a-relay-{family}-{turn}.up",
                         listener=listener, payload=b"x" * 1000)
            ftp.protect("C")
            listener = case.lab.listen(ftp.ns, ftp.local, port)
            ftp.command(ftp.announcement(command, listener), 200)
            began = time.monotonic()
            got = ftp.transfer(f"RETR {SMALL}", listener=listener)
            check(len(got) == 26, f"turn {turn}: {len(got)} bytes")
            check(time.monotonic() - began < net.SLOW, f"turn {turn}: the first SYN was lost")


def cases(case, quick):
    """(name, function, arguments)"""
    enforcing = (servers.VSFTPD, servers.PROFTPD)
    for server in enforcing:
        for tls, leg in (("1.3", "1.3"), ("1.2", "1.2"), ("1.3", "1.2"), ("1.2", "1.3")):
            yield (f"20 transfers, TLS {tls}, server leg {leg}, {server.name}", twenty, server, tls,
                   leg)
    for server in servers.QUICK if quick else servers.ALL:
        for client in UPLOADERS:
            for tls in ("1.2", "1.3"):
                count = 100 if case.long else 5
                yield (f"{count} uploads, TLS {tls}, {client} {server.name}", uploads, server,
                       client, tls, count)
    for server in servers.ALL:
        if server is servers.PYFTPDLIB:
            continue  # see NO_BREAK
        for tls in ("1.2", "1.3"):
            for how in ("FIN", "RST"):
                yield (f"an upload broken off by {how}, TLS {tls}, {server.name}", broken_off,
                       server, tls, how)
    for command in ("PORT", "EPRT"):
        yield f"a port that a relay had, {command}", port_of_a_relay, servers.VSFTPD, command
    yield "an upload that ends without close_notify", without_close_notify
    yield "a client killed in mid-upload", killed_client
    for server in servers.ALL if case.long else ():
        for client, command in (("curl", "PASV"), ("lftp", "PORT"), ("stock ftplib", "EPSV")):
            yield f"100 MB, {client} {server.name}", big, server, client, command
    for server in enforcing if case.long else ():
        for tls in ("1.2", "1.3"):
            yield f"silent past the session timeout, TLS {tls}, {server.name}", idle, server, tls
