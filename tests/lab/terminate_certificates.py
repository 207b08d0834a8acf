# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminating mode: locked keys and their passphrases, and which certificate
a client is shown."""
import os
import signal
import ssl

import net
import servers
from attacks import check
from servers import SMALL


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


RECONFIGURE = (locked_key, by_name)


def cases():
    """(name, function, arguments)"""
    for tls in ("1.2", "1.3"):
        yield f"a key behind a passphrase, TLS {tls}", locked_key, tls
        yield f"certificates by name, TLS {tls}", by_name, tls
