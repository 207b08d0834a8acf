# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminating mode: what servers differ about, and what the policy has a say in."""
import json
import os

import gateway
import net
import servers
from attacks import check
from servers import FILE, INBOX, SMALL

PINHOLECTL = os.path.join(os.path.dirname(gateway.DAEMON), "pinholectl")


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


def denied_commands(case):
    """What is on the list never reaches the server's file system."""
    server = servers.PROFTPD
    case.terminator.policy(deny_commands="MKD,DELE")
    with case.session(server) as ftp:
        ftp.open(server, "P")
        for command in ("MKD denied", "xmkd denied", f"DELE {SMALL}"):
            mark = case.terminator.mark()
            ftp.command(command, 5)
            check(case.said(mark, "command-refused"), f"no word of {command}")
        ftp.command("CWD denied", 5)
        check(len(ftp.fetch("PASV", f"RETR {SMALL}")) == 26, "nothing came")
    case.terminator.policy(allow_commands="AUTH,PBSZ,PROT,USER,PASS,TYPE,PASV,RETR")
    with case.session(server) as ftp:
        ftp.open(server, "P")
        check(len(ftp.fetch("PASV", f"RETR {SMALL}")) == 26, "nothing came")
        ftp.command("MKD denied", 5)
        ftp.command("PWD", 5)
    case.terminator.policy()


def audited(case):
    """Who did what; and no password."""
    server = servers.PROFTPD
    case.terminator.policy(audit="on")
    mark = case.terminator.mark()
    with case.session(server) as ftp:
        ftp.open(server, "P")
        size = len(ftp.fetch("PASV", f"RETR {SMALL}"))
    who = rf'audit user="{server.user}" client=\S+ server=\S+'
    check(case.terminator.wait_line(mark, rf'{who} command=RETR argument="{SMALL}"$'),
          "no line of the command")
    check(case.terminator.wait_line(
        mark, rf'{who} transfer=RETR argument="{SMALL}" up=0 down={size} '
              r'client-tls="TLSv1.3 TLS_\S+( resumed)?" server-tls="TLSv1.\d \S+ resumed" end=whole$'),
        "no line of the transfer")
    check(not [x for x in case.terminator.lines(mark) if server.password in x.split("audit", 1)[-1]
               and "audit" in x and server.password != server.user], "a password in the log")
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


def shown(case):
    """pinholectl shows a terminated session with both legs' TLS, until CCC."""
    server = servers.PROFTPD
    case.terminator.policy(server_tls="1.2")

    def ask():
        listed = net.run(PINHOLECTL, "--json", "-s", case.gateway.socket, "sessions")
        found = [json.loads(line) for line in listed.splitlines()]
        return [s for s in found if s.get("server") == f"{server.address(4)}:21"]

    with case.session(server, tls="1.3") as ftp:
        ftp.open(server, "P")
        ftp.fetch("PASV", f"RETR {SMALL}")
        ends = net.wait_for(lambda: [s for s in ask() if s.get("data_connections") == 1])
        check(len(ends) == 1 and ends[0]["class"] == "terminated" and
              ends[0]["client"].startswith(f"{net.CLIENT[4]}:") and
              ends[0]["client_tls"].startswith("TLSv1.3 TLS_") and
              ends[0]["server_tls"].startswith("TLSv1.2 ECDHE"), f"it shows {ask()}")
        ftp.ccc("wait")
        ftp.noop()
        check(net.wait_for(lambda: all("client_tls" not in s for s in ask())),
              f"it shows TLS behind CCC: {ask()}")
    check(net.wait_for(lambda: not ask()), f"it shows what has ended: {ask()}")


def cases():
    """(name, function, arguments)"""
    for server in (servers.VSFTPD, servers.PROFTPD, servers.PYFTPDLIB):
        for mechanism in ("SSL", "TLS-P", "TLS-C", "tls"):
            protected = mechanism in ("SSL", "TLS-P") and server is not servers.PYFTPDLIB
            if server is servers.PROFTPD and protected:
                continue  # see NO_AUTH
            yield f"AUTH {mechanism} and no PROT, {server.name}", auth, server, mechanism, protected
        yield (f"implicit TLS and no PROT, {server.name}", implicit, server,
               server is servers.PROFTPD)
        yield f"a second AUTH, {server.name}", second_auth, server
    yield "pinholectl shows both legs", shown
    yield "AUTH refused", auth_refused
    yield "commands that the policy refuses", refused_commands
    yield "commands that are denied", denied_commands
    yield "audit", audited
    yield "REIN", rein
    yield "EPSV ALL", epsv_all
    for server in servers.ALL:
        yield f"ABOR, {server.name}", abort, server
    for server in (servers.PUREFTPD, servers.PYFTPDLIB):
        for command in ("PASV", "EPRT"):
            yield f"data direct, {command} {server.name}", direct, server, command
