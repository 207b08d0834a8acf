# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminating mode: locked keys and their passphrases, which certificate a
client is shown, and which one a server that asks."""
import contextlib
import os
import signal
import ssl
import threading

import net
import rawftp
import servers
from attacks import check
from servers import SMALL
from terminate_strangers import scripted


def reload(case, wanted):
    """SIGHUP; the lines of the log up to one that matches."""
    mark = case.terminator.mark()
    case.terminator.daemon.send_signal(signal.SIGHUP)
    check(case.terminator.wait_line(mark, wanted), f"the log does not say {wanted}")
    return case.terminator.lines(mark)


def works(case, server, tls):
    with case.session(server, tls=tls) as ftp:
        ftp.open(server, "P")
        check(ftp.fetch("PASV", f"RETR {SMALL}"), "nothing came")


def locked_key(case, tls):
    """A passphrase that is wrong changes nothing; the right one is taken at SIGHUP, and a session
    that runs does not notice."""
    server = servers.PROFTPD
    key, passphrase = (os.path.join(case.lab.dir, f"locked.{x}") for x in ("key", "pass"))
    net.run("openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", case.files.key, "-out", key,
            "-passout", "pass:open sesame")
    os.chmod(key, 0o600)

    def write(text):
        with open(os.open(passphrase, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(text)

    with case.session(server, tls=tls) as ftp:
        ftp.open(server, "P")
        write("shut sesame\n")
        case.terminator.configure(
            certificate=f"{case.files.cert} {key} passphrase-file {passphrase}")
        said = reload(case, "was not loaded")
        check(any("does not open it" in line for line in said), f"the reason is missing: {said}")
        check(not any("sesame" in line for line in said), "the passphrase is in the log")
        works(case, server, tls)
        write("open sesame\n")
        reload(case, r"pinholed-tls\.conf loaded")
        works(case, server, tls)
        check(ftp.fetch("PASV", f"RETR {SMALL}"), "the session that ran before was lost")
    os.remove(passphrase)
    reload(case, "was not loaded")
    works(case, server, tls)


def shown_name(case, server, tls, name):
    """A whole session of a client that believes one certificate, and in that name alone, on
    control and data."""
    with case.session(server, tls=tls) as ftp:
        ftp.context.load_verify_locations(os.path.join(case.lab.dir, f"{name}.cert"))
        ftp.context.check_hostname = True
        ftp.context.verify_mode = ssl.CERT_REQUIRED
        ftp.name = name
        ftp.open(server, "P")
        check(ftp.fetch("PASV", f"RETR {SMALL}"), "nothing came")


def by_name(case, tls):
    """Two names on one address; the server behind has one certificate for both."""
    server = servers.PROFTPD
    for name in ("a.example.org", "b.example.org"):
        cert, key = (os.path.join(case.lab.dir, f"{name}.{x}") for x in ("cert", "key"))
        net.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", cert)
        os.chmod(key, 0o600)
    names = [f"certificate {case.lab.dir}/{name}.example.org.cert "
             f"{case.lab.dir}/{name}.example.org.key" for name in "ab"]
    case.terminator.policy([f"server {server.address(4)} certificate {case.files.cert} "
                            f"{case.files.key} " + " ".join(names)], reuse="require")
    for name in ("a.example.org", "b.example.org"):
        shown_name(case, server, tls, name)
    works(case, server, tls)


def asked_by_server(case, tls, has_one):
    """A server that insists on a client's certificate: it gets the gateway's, or none and the log
    says why the session fails."""
    cert, key = (os.path.join(case.lab.dir, f"gateway.{x}") for x in ("cert", "key"))
    net.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=gateway", "-keyout", key, "-out", cert)
    os.chmod(key, 0o600)
    case.terminator.policy(**({"client_certificate": f"{cert} {key}"} if has_one else {}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(case.files.cert, case.files.key)
    context.load_verify_locations(cert)
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = context.maximum_version = rawftp.context(tls).minimum_version
    seen = []

    def serve(server):
        server.recv(100)
        server.sendall(b"234 go\r\n")
        with contextlib.suppress(OSError), context.wrap_socket(server, server_side=True) as whole:
            seen.append(whole.getpeercert()["subject"])
            whole.recv(100)
            whole.sendall(b"331 who?\r\n")

    mark = case.terminator.mark()
    got = b""
    with scripted(case) as (client, server):
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        client.sendall(b"AUTH TLS\r\n")
        check(client.recv(100) == b"234 go\r\n", "no TLS")
        with contextlib.suppress(OSError), rawftp.context(tls).wrap_socket(client) as whole:
            whole.sendall(b"USER x\r\n")
            got = whole.recv(100)
        thread.join(10)
    if has_one:
        check(got == b"331 who?\r\n", f"the client got {got!r}")
        check(seen == [((("commonName", "gateway"),),)], f"the server saw {seen}")
    else:
        check(not got and not seen, f"the client got {got!r}, the server saw {seen}")
        check(case.said(mark, "certificate-wanted"), "no word of it")


def days_left(case):
    """SIGUSR1: of the certificate that expires first, for each server and for the rest."""
    cert, key = (os.path.join(case.lab.dir, f"days.{x}") for x in ("cert", "key"))
    net.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "40", "-subj", "/CN=days", "-keyout", key, "-out", cert)
    os.chmod(key, 0o600)
    case.terminator.policy([f"server {servers.VSFTPD.address(4)} certificate {cert} {key}"],
                           client_certificate=f"{cert} {key}")
    mark = case.terminator.mark()
    case.terminator.daemon.send_signal(signal.SIGUSR1)
    name = f"server {servers.VSFTPD.address(4)}/32"
    check(case.terminator.wait_line(mark, rf"certificate days left, {name}: (39|40)$"),
          "no word of it")
    check(case.terminator.wait_line(mark, r"certificate days left, other servers: \d+$"),
          "no word of the others")


RECONFIGURE = (days_left, locked_key, by_name, asked_by_server)


def cases():
    """(name, function, arguments)"""
    yield "days until certificates expire", days_left
    for tls in ("1.2", "1.3"):
        yield f"a key behind a passphrase, TLS {tls}", locked_key, tls
        yield f"certificates by name, TLS {tls}", by_name, tls
        yield f"a server asks the gateway for a certificate, TLS {tls}", asked_by_server, tls, True
        yield f"a server asks for a certificate in vain, TLS {tls}", asked_by_server, tls, False
