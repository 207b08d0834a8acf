#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pinholed-tls beside other programs that relay one TLS connection to another, as root:

  relay.py [ROUNDS] [MEGABYTES] [SESSIONS]

Same machine, same run, same bytes, same cipher, same certificate, same two peers, taken in turns.
What counts is the processor time that the relay itself took: the peers share the machine with it.
hitch is left out: it cannot speak TLS to its backend.
"""
import os
import shutil
import signal
import socket
import ssl
import statistics
import sys
import threading

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lab"))

import gateway
import net
import servers
import terminator

PEER = os.environ.get("PINHOLED_BENCH_PEER", os.path.join(HERE, "../../build/bench/peer"))
DATA, GREET, CONTROL = 50001, 990, 991
TICK = os.sysconf("SC_CLK_TCK")
SERVER = net.server_address(31, 4)


def processor_time(pid):
    """Seconds of a process with all its threads."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class FakeServer:
    """The control side of an FTP server, implicit TLS; data comes from the C peer."""

    def __init__(self, lab, files):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(files.cert, files.key)
        self.listener = lab.listen(lab.server, SERVER, CONTROL)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self.talk, args=(sock,), daemon=True).start()

    def talk(self, sock):
        try:
            self.converse(self.context.wrap_socket(sock, server_side=True))
        except OSError:
            pass  # the client has had enough

    def converse(self, tls):
        tls.sendall(b"220 hi\r\n")
        for line in tls.makefile("r"):
            verb = line.split()[0].upper()
            tls.sendall({
                "USER": b"230 in\r\n", "PBSZ": b"200 ok\r\n", "PROT": b"200 ok\r\n",
                "PASV": f"227 ({SERVER.replace('.', ',')},{DATA >> 8},{DATA & 255})\r\n".encode(),
                "RETR": b"150 here it comes\r\n", "NOOP": b"226 done\r\n",
            }.get(verb, b"500 what?\r\n"))


class Relay:
    """A program that relays: where clients go, and the process whose time counts."""

    def __init__(self, name, pid, bulk, greet):
        self.name, self.pid, self.bulk, self.greet = name, pid, bulk, greet


def edit(path, *changes):
    with open(path) as f:
        text = f.read()
    for old, new in changes:
        text = text.replace(old, new)
    with open(path, "w") as f:
        f.write(text)


def start_pinholed(lab, files):
    the_gateway = gateway.Gateway(lab)
    the_gateway.load_ruleset()
    turned = terminator.Terminator(lab, the_gateway, files)
    turned._routes("add")
    the_gateway.configure_terminated(turned.addresses)
    edit(the_gateway.config, ("implicit-ports 990", f"implicit-ports {GREET} {CONTROL}"))
    the_gateway.start()
    turned.configure(max_sessions_per_client=4096)
    edit(turned.config, ("log-level debug", "log-level warn"), ("sandbox trap", "sandbox on"))
    turned.daemon = lab.start(lab.gateway, [gateway.TERMINATOR, "-c", turned.config], turned.log)
    net.wait_for(lambda: turned.daemon.poll() is not None or
                 "pinholed-tls is here" in open(the_gateway.log).read(), 5)
    return Relay("pinholed-tls", turned.daemon.pid, None, (SERVER, GREET))


def start_haproxy(lab, files):
    conf = os.path.join(lab.dir, "haproxy.cfg")
    listens = "".join(f"""
listen l{port}
  bind {net.GATEWAY[4]}:{port} ssl crt {files.pem}
  server s {SERVER}:{to} ssl verify none no-ssl-reuse
""" for port, to in ((8001, DATA), (8002, GREET)))
    with open(conf, "w") as f:
        f.write(f"""
global
  nbthread 1
  maxconn 2000
  tune.ssl.cachesize 0
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
{listens}""")
    process = lab.start(lab.gateway, ["haproxy", "-db", "-f", conf],
                        os.path.join(lab.dir, "haproxy.log"))
    return Relay("haproxy", process.pid, (net.GATEWAY[4], 8001), (net.GATEWAY[4], 8002))


def start_stunnel(lab, files):
    conf = os.path.join(lab.dir, "stunnel.conf")
    services = "".join(f"""
[in{port}]
accept = {net.GATEWAY[4]}:{port}
connect = 127.0.0.1:{port + 1000}
cert = {files.pem}
[out{port}]
client = yes
accept = 127.0.0.1:{port + 1000}
connect = {SERVER}:{to}
sessionResume = no
""" for port, to in ((7001, DATA), (7002, GREET)))
    with open(conf, "w") as f:
        f.write(f"foreground = yes\ndebug = 3\npid =\n{services}")
    process = lab.start(lab.gateway, ["stunnel4", conf], os.path.join(lab.dir, "stunnel.log"))
    return Relay("stunnel", process.pid, (net.GATEWAY[4], 7001), (net.GATEWAY[4], 7002))


def peer(lab, *words):
    status, output = lab.call(lab.client, [PEER, *map(str, words)], 120)
    if status != 0:
        raise RuntimeError(f"peer {words}: {status} {output}")
    return output.split()


def fetch(lab, relay, size):
    """One transfer; its cipher."""
    if relay.bulk:
        got, _, cipher = peer(lab, "sink", *relay.bulk)
    else:  # what an FTP client says, then the same peer for the data
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with lab.connect(lab.client, SERVER, CONTROL) as sock, context.wrap_socket(sock) as tls:
            file = tls.makefile("rw", newline="\r\n")
            file.readline()
            for line in ("USER x", "PBSZ 0", "PROT P", "PASV", "RETR x"):
                file.write(line + "\n")
                file.flush()
                file.readline()
            got, _, cipher = peer(lab, "sink", SERVER, DATA)
            file.write("NOOP\n")
            file.flush()
            file.readline()
    if int(got) != size:
        raise RuntimeError(f"{relay.name}: {got} of {size} bytes")
    return cipher


def measure(relay, work):
    before = processor_time(relay.pid)
    work()
    return processor_time(relay.pid) - before


def report(what, unit, results):
    mine = results["pinholed-tls"]
    print(f"{what}, median of {len(mine)}:")
    for name, values in results.items():
        ratio = statistics.median(a / b for a, b in zip(mine, values))
        print(f"  {name:14} {statistics.median(values):9.0f} {unit}"
              + (f"   pinholed-tls is {ratio:.2f} times as fast" if values is not mine else ""))


def main():
    rounds, megabytes, sessions = (int(x) for x in [*sys.argv[1:], *"5 512 500".split()[len(sys.argv) - 1:]])
    for program in ("haproxy", "stunnel4"):
        if not shutil.which(program):
            sys.exit(f"{program} is missing: tests/packages.sh bench")
    size = megabytes << 20
    with net.Network() as lab:
        for ns, device in ((lab.client, "eth0"), (lab.server, "eth0"), (lab.gateway, "net1"),
                           (lab.gateway, "net2")):
            lab.offloads(ns, device, True)
        files = servers.Files(lab)
        os.chmod(files.key, 0o600)
        lab.start(lab.server, [PEER, "source", SERVER, str(DATA), str(size), files.cert, files.key])
        lab.start(lab.server, [PEER, "greet", SERVER, str(GREET), files.cert, files.key])
        FakeServer(lab, files)
        relays = [start_pinholed(lab, files), start_haproxy(lab, files),
                  start_stunnel(lab, files)]
        net.wait_for(lambda: False, 1)
        bulk = {relay.name: [] for relay in relays}
        new = {relay.name: [] for relay in relays}
        ciphers = set()
        for i in range(rounds + 1):
            for relay in relays:
                spent = measure(relay, lambda r=relay: ciphers.add(fetch(lab, r, size)))
                if i:  # the first is to warm up
                    bulk[relay.name].append(size / 1e6 / spent)
            for relay in relays:
                spent = measure(relay, lambda r=relay: peer(lab, "knock", *r.greet, sessions, 8))
                if i:
                    new[relay.name].append(sessions / spent)
        print(f"{megabytes} MiB, {', '.join(ciphers)}; {sessions} sessions, full handshakes on both "
              "legs, ECDSA P-256")
        report("bulk relay per core", "MB/s", bulk)
        report("new sessions per core", "per s", new)


if __name__ == "__main__":
    main()
