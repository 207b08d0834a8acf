# SPDX-License-Identifier: GPL-3.0-or-later
"""The terminating mode: what happens when a daemon dies or stops."""
import ssl

import net
import rawftp
import servers
from attacks import check
from servers import FILE, SMALL


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


def drained(case):
    """After SIGTERM a transfer that runs ends whole, and so does one that its session begins
    then; new sessions pass by; and with the last session the daemon ends."""
    server, daemon = servers.PROFTPD, case.terminator.daemon
    with case.session(server, timeout=20) as ftp:
        ftp.open(server, "P")
        data = ftp.begin(f"RETR {FILE}", ftp.connect_data(ftp.passive("PASV")))
        got = bytearray(data.recv(1000))
        mark = case.terminator.mark()
        daemon.terminate()
        check(case.terminator.wait_line(mark, "no new sessions"), "the stop is not said")
        passed_through(case)
        while chunk := data.recv(65536):
            got += chunk
        data.close()
        check(got == case.files.content, "the file that was under way differs")
        ftp.expect("RETR", 226)
        check(ftp.fetch("PASV", f"RETR {SMALL}"), "no other transfer in the same session")
        check(daemon.poll() is None, "it ends before its session")
    check(daemon.wait(5 * net.SLOW) == 0, "exit status")
    case.terminator.start()
    works(case)


def stopped(case):
    """A second SIGTERM closes what is open; a new start serves."""
    server = servers.PROFTPD
    with case.session(server) as ftp:
        ftp.open(server, "P")
        ftp.passive("PASV")
        mark = case.terminator.mark()
        case.terminator.daemon.terminate()
        check(case.terminator.wait_line(mark, "no new sessions"), "the stop is not said")
        check(ftp.noop() == 200, "the session ends at the first SIGTERM")
        case.terminator.daemon.terminate()
        check(case.terminator.daemon.wait(10 * net.SLOW) == 0, "exit status")
        check(not case.gateway.wait_closed(), "left open")
    case.terminator.start()
    works(case)


def reset(case):
    """Whether a new session meets a reset."""
    try:
        case.session(servers.PROFTPD, timeout=3).close()
    except ConnectionRefusedError:
        return True
    return False


def required(case):
    """`terminate required`: without pinholed-tls its sessions are reset, and with nobody at all."""
    case.gateway.kill()
    case.gateway.configure_terminated(case.terminator.addresses, terminate="required")
    try:
        mark = case.gateway.mark()
        case.gateway.start()
        case.terminator.wait_link(mark)
        works(case)
        with case.session(servers.PROFTPD) as ftp:
            ftp.open(servers.PROFTPD, "P")
            mark = case.terminator.mark()
            case.terminator.daemon.terminate()
            check(case.terminator.wait_line(mark, "no new sessions"), "the stop is not said")
            check(reset(case), "a session begins during the stop")
            case.terminator.kill()
        check(reset(case), "a session begins without pinholed-tls")
        case.gateway.kill()
        check(reset(case), "a session begins without anybody")
        case.gateway.start()
        check(reset(case), "a session begins when pinholed is back alone")
        case.terminator.start()
        works(case)
    finally:
        case.gateway.kill()
        case.gateway.configure_terminated(case.terminator.addresses)
        mark = case.gateway.mark()
        case.gateway.start()
        if case.terminator.alive():
            case.terminator.wait_link(mark)


def early_demux(case):
    """A start says what the gateway was not told, see port_of_a_relay, and only then."""
    for on in (1, 0):
        case.terminator.kill()
        case.lab.sysctl(case.lab.gateway, "ipv4/tcp_early_demux", on)
        mark = case.terminator.mark()
        case.terminator.start()
        said = [line for line in case.terminator.lines(mark) if "tcp_early_demux is on" in line]
        check(len(said) == on, f"with {on} it says {said}")


def port_again(case, family):
    """For a minute the kernel remembers what pinholed-tls had, also when nothing is terminated any
    more: who then comes from a port that had a connection must get to the server."""
    address, source = servers.PROFTPD.address(family), (net.CLIENT[family], 0)
    others = [a for a in case.terminator.addresses if a != address]
    mark = case.terminator.mark()
    for turn, terminated in (("terminated", case.terminator.addresses), ("not any more", others)):
        case.gateway.configure_terminated(terminated)
        case.gateway.reload()
        with case.lab.connect(case.lab.client, address, 21, 3, source=source) as client:
            check(client.recv(100).startswith(b"220"), f"{turn}: no greeting")
            source = client.getsockname()[:2]
            client.sendall(b"QUIT\r\n")
            while client.recv(100):
                pass
    begun = [line for line in case.terminator.lines(mark) if "reason=session-new" in line]
    check(len(begun) == 1, f"not one of two is terminated: {begun}")
    case.gateway.configure_terminated(case.terminator.addresses)
    case.gateway.reload()


def sleeping(case):
    """The ruleset's part for pinholed-tls sleeps where nothing is to be terminated, but not while
    something is; it wakes with the first server, and stays awake without one."""
    gateway = case.gateway

    def asleep():
        return "flags dormant" in gateway.nft("list", "table", "inet", "pinholed_tls")

    def restart(addresses):
        gateway.kill()
        gateway.configure_terminated(addresses)
        gateway.start()

    try:
        check(not asleep(), "it sleeps to begin with")
        with case.session(servers.PROFTPD) as ftp:
            ftp.open(servers.PROFTPD, "P")
            restart([])
            check(not asleep(), "it sleeps beside a session that runs")
            check(ftp.noop() == 200, "the session does not answer")
        # Conntrack may take the session for a running one a little longer.
        check(net.wait_for(lambda: restart([]) or asleep(), 10), "it is awake for nobody")
        gateway.configure_terminated(case.terminator.addresses)
        gateway.reload()
        check(not asleep(), "it sleeps when there is a server to terminate")
        gateway.configure_terminated([])
        gateway.reload()
        check(not asleep(), "a reload puts it to sleep")
    finally:
        mark = gateway.mark()
        restart(case.terminator.addresses)
        case.terminator.wait_link(mark)
    works(case)


def cases():
    """(name, function, arguments)"""
    yield "kill -9 of pinholed-tls", killed_terminator
    yield "kill -9 of pinholed", killed_pinholed
    yield "kill -9 of both", killed_both
    yield "terminate required", required
    yield "asleep", sleeping
    yield "SIGTERM in a transfer", drained
    yield "SIGTERM twice", stopped
    yield "started with early demultiplexing", early_demux
    for family in (4, 6):
        yield f"from a port that it had, IPv{family}", port_again, family
