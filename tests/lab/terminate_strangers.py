# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminating mode: injected bytes, other certificates, tickets of others, strangers; and who
sees which address."""
import contextlib
import os
import ssl

import net
import rawftp
import servers
from attacks import check
from peers import SCRIPTED, reached
from servers import SMALL

OTHER_CERTIFICATE = SCRIPTED + 1  # the last part of that server's addresses


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


def from_the_same_port(case, family):
    """Behind a reset the kernel keeps a connection's entry for some seconds, class and all, and
    takes a new one from the same port for it: that one must not go past pinholed-tls."""
    address, source = servers.PROFTPD.address(family), (net.CLIENT[family], 0)
    for turn in ("first", "second"):
        mark = case.terminator.mark()
        with case.lab.connect(case.lab.client, address, 21, source=source) as client:
            source = client.getsockname()[:2]
            check(client.recv(100).startswith(b"220"), f"{turn}: no greeting")
            check(case.said(mark, "session-new"), f"{turn}: it goes past pinholed-tls")
            client.sendall(b"AUTH TLS\r\nDELE all\r\n")
            try:
                while client.recv(4096):
                    pass
            except ConnectionResetError:
                continue
        raise AssertionError(f"{turn}: an end without a reset")


def ports_of_legs(case):
    """What pinholed-tls connects from is no port that a client might have."""
    def ports():
        with case.lab.inside(case.lab.server):
            lines = net.run("ss", "-Htn", "state", "established", "sport = :21").splitlines()
        return {int(line.split()[3].rsplit(":", 1)[1]) for line in lines}

    others = ports()  # which a test before this one has left open
    with case.session(servers.PROFTPD) as ftp:
        ftp.open(servers.PROFTPD, "P")
        ours = ports() - others
    check(ours and all(10240 <= port < 32768 for port in ours), f"they are {ours}")


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


def cases():
    """(name, function, arguments)"""
    yield "injection: a command behind AUTH", injected_by_client, False
    yield "injection: half a command behind AUTH", injected_by_client, True
    yield "injection: a reply behind 234", injected_by_server
    for family in (4, 6):
        yield f"from the same port behind a reset, IPv{family}", from_the_same_port, family
    yield "the ports of its own connections", ports_of_legs
    yield "another server's certificate, explicit", wrong_certificate, "P"
    yield "another server's certificate, implicit", wrong_certificate, "implicit"
    for tls in ("1.2", "1.3"):
        yield f"reuse require: a foreign ticket, TLS {tls}", foreign_ticket, tls
    for family in (4, 6):
        yield (f"somebody else at the announced port, IPv{family}", foreign_host, servers.VSFTPD,
               family)
        for server in servers.ALL:
            yield f"addresses, IPv{family}, {server.name}", addresses, server, family
