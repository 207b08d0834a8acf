#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pinholed costs, beside its peers, in one run.

Every peer is a gateway of its own, with a client and a server of its own, and all of them stand
at the same time. A comparison goes round all its peers, several times: the machine's moods meet
all alike. Printed are medians over the rounds, and the median of the rounds' ratios; `spread` is how
far the middle half of the rounds lay apart, the measure of the noise. All of it goes to
build/bench.json.

    bench.py PROGRAMS OUTPUT [REGEX]
"""
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lab"))
import net  # noqa: E402
import servers  # noqa: E402

PROGRAMS, OUTPUT = os.path.abspath(sys.argv[1]), sys.argv[2]
WANTED = re.compile(sys.argv[3] if len(sys.argv) > 3 else "")
LAB = os.path.join(HERE, "../lab")
LOW, HIGH = 50000, 51999
SERVER = net.server_address(31, 4)  # no real server has it
QUEUE = "2100"
BARE = "short-sessions-bare"
ROUNDS = 31  # short and many: so a noisy moment is in few of them, and beside its peers'
MS = 100
# One connection's speed depends on its ports, by a few hundredths: by where they are in the kernel's
# tables. So there are several, and rounds just long enough to be counted.
CONNECTIONS, ONE_MS, ONE_ROUNDS = 7, 10, 63
# A transfer each: what is asked of it is whether it is a hundredth slower.
BULK_MS, BULK_ROUNDS = 20, 301
# Short sessions with servers of which some take a third of a second for one.
SESSION_MS, SESSION_ROUNDS, SESSION_SECONDS, GROUPS = 50, 101, 20, 15

ADMIN = """
table inet admin {
	%s
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		ct mark >= 0x80000000 accept
		tcp dport 21 ct state new accept
		%s
	}
}
"""
HELPER = """
	ct helper ftp { type "ftp" protocol tcp; }
	chain track {
		type filter hook prerouting priority filter; policy accept;
		tcp dport 21 ct helper set "ftp"
	}
"""
STATIC = f"tcp dport {LOW}-{HIGH} ct state new accept"


class Peer:
    """A gateway between a client and a server: "none" and "static" inspect nothing, "helper" has
    the kernel's, "floor" queues and accepts, "pinholed" is what we are about."""

    def __init__(self, stack, name):
        self.name, self.daemon = name, None
        self.lab = stack.enter_context(net.Network(name[0]))
        for ns in (self.lab.client, self.lab.gateway, self.lab.server):
            self.lab.sysctl(ns, "ipv4/tcp_tw_reuse", 1)
        # Many, so that few come again within the minute of TIME-WAIT.
        self.lab.sysctl(self.lab.client, "ipv4/ip_local_port_range", "10000 49999")
        with self.lab.inside(self.lab.gateway):
            net.run("nft", "-f", "-", stdin=ADMIN % (
                HELPER if name == "helper" else "", STATIC if name in ("static", "floor") else ""))
        # Where the kernel lacks nft's queue statement, iptables chains stand in for it, and every
        # packet passes them. They are no part of what is compared: each peer has them.
        whole = name in ("floor", "pinholed")
        self.ruleset = net.run(os.path.join(LAB, "load-ruleset.sh"), self.lab.gateway, QUEUE,
                               "" if whole else "d")
        if name == "floor":
            self.daemon = self.start(self.lab.gateway, "accept", QUEUE)
        if name == "pinholed":
            self.start_pinholed()
        cert, key = (os.path.join(self.lab.dir, f"tls.{x}") for x in ("cert", "key"))
        net.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                "/CN=pinholed bench", "-keyout", key, "-out", cert)
        self.server = self.start(self.lab.server, "ftpd", SERVER, str(LOW), str(HIGH), cert, key)

    def spawn(self, ns, argv, **more):
        with self.lab.inside(ns):
            process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       text=True, start_new_session=True, **more)
        self.lab._processes.append(process)
        return process

    def start(self, ns, program, *argv):
        """Until it says that it is ready."""
        process = self.spawn(ns, [os.path.join(PROGRAMS, "bench", program), *argv])
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{self.name}: {program} does not start")
        return process

    def start_pinholed(self, **settings):
        config = os.path.join(self.lab.dir, "pinholed.conf")
        self.socket = os.path.join(self.lab.dir, "control.sock")
        # The rest as shipped.
        settings = {"queues": QUEUE, "socket": self.socket, "max-sessions-per-client": 65536,
                    **settings}
        with open(config, "w") as f:
            f.writelines(f"{key} {value}\n" for key, value in settings.items())
            f.write(f"server {SERVER} passive-range {LOW}-{HIGH}\n")
        began = time.monotonic()
        with open(os.path.join(self.lab.dir, "pinholed.log"), "ab") as log:
            self.daemon = self.spawn(self.lab.gateway,
                                     [os.path.join(PROGRAMS, "pinholed"), "-c", config], stderr=log)
        if not net.wait_for(lambda: self.ask("status"), 60, 0.002):
            raise RuntimeError("pinholed does not start")
        return (time.monotonic() - began) * 1e3

    def ask(self, what):
        done = subprocess.run([os.path.join(PROGRAMS, "pinholectl"), "-s", self.socket, "-j", what],
                              capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def packets_read(self):
        return self.ask("status")["counters"]["packets"]

    def load(self, job, *argv, server=SERVER):
        return self.start(self.lab.client, "load", job, server, *argv)


def measure(name, load, ms=MS):
    load.stdin.write(f"{ms}\n")
    load.stdin.flush()
    line = load.stdout.readline()
    if not line:
        raise RuntimeError(f"the load program of {name} ended")
    return [float(x) for x in line.split()]


def place(peer, load, where):
    """Puts the client, the server and who reads the queue each on a processor, by its place in the
    list of those there are; with None each anywhere."""
    cpus = sorted(os.sched_getaffinity(0))
    for number, process in enumerate((load, peer.server, peer.daemon)):
        for task in os.listdir(f"/proc/{process.pid}/task") if process else ():
            os.sched_setaffinity(int(task), {cpus[where[number]]} if where else cpus)


class Report:
    def __init__(self):
        self.results, self.spreads = [], []

    def add(self, name, unit, ours, peers, spread=None):
        """`ours` and the values of `peers` are lists, a value a round."""
        value = statistics.median(ours)
        if len(ours) >= 4:
            quarters = statistics.quantiles(ours, n=4)
            spread = (quarters[2] - quarters[0]) / value
            self.spreads.append(spread)
        noise = f"   spread {100 * spread:.0f} %" if spread is not None else ""
        for peer, values in (peers or {None: [0]}).items():
            theirs = statistics.median(values)
            ratio = statistics.median(a / b for a, b in zip(ours, values)) if theirs else None
            self.results.append({"name": name, "value": round(value, 1), "unit": unit,
                                 "peer": peer, "ratio": ratio and round(ratio, 3)})
            beside = f"{peer:10} {theirs:14,.1f}   ratio {ratio:.3f}" if peer else ""
            print(f"{name:16} {value:14,.1f} {unit:18} {beside}{noise}", flush=True)

    def write(self):
        with open(OUTPUT, "w") as f:
            json.dump(self.results, f, indent=1)
            f.write("\n")


def attempt(job, *argv):
    """One that fails is said, and does not cost the others."""
    try:
        job(*argv)
    except RuntimeError as e:
        print(f"not measured: {job.__name__}: {e}", flush=True)


def wanted(*names):
    return any(WANTED.search(name) for name in names)


def alternate(loads, ms=MS, count=ROUNDS, seconds=None):
    """Rows of what each load says, by peer; the order turns round with each round. A round can take
    longer than `ms`: with `seconds` there are fewer then, but GROUPS."""
    end = time.monotonic() + (seconds or float("inf"))
    found = {name: [] for name in loads}
    names = list(loads)
    for name in names:
        measure(name, loads[name], ms // 4)
    for number in range(count):
        if number >= GROUPS and time.monotonic() > end:
            break
        for name in names if number % 2 else reversed(names):
            found[name].append(measure(name, loads[name], ms))
    return found


def columns(found):
    return {name: list(zip(*rows)) for name, rows in found.items()}


def side_by_side(*argv):
    return columns(alternate(*argv))


def grouped(values):
    """GROUPS means of values that came one behind the other."""
    size = len(values) // GROUPS
    return [statistics.mean(values[size * i:size * (i + 1)]) for i in range(GROUPS)]


def column(found, number, ours="pinholed"):
    return found[ours][number], {name: rows[number] for name, rows in found.items() if name != ours}


def stop(peers, loads):
    for name, load in loads.items():
        peers[name].lab.stop(load)


def control_rounds(peers, count, layer):
    loads = {name: peer.load("control", str(count), layer) for name, peer in peers.items()}
    # Where the kernel puts its ends decides how fast one connection is, and where it puts the
    # reader, many that are all held: by half, and for seconds.
    for name, peer in peers.items():
        placed = count == 1 or (layer == "tls" and peer.daemon)
        place(peer, loads[name], (0, 0, -1) if placed else None)
    rows = alternate(loads, *((ONE_MS, ONE_ROUNDS) if count == 1 else ()))
    for name, peer in peers.items():
        place(peer, loads[name], None)
    stop(peers, loads)
    return rows


def control(report, peers):
    for layer in ("clear", "tls"):
        for count in (1, 64, 1000):
            mark = "" if layer == "clear" else "tls-"
            names = f"control-{mark}{count}", f"latency-{mark}{count}"
            if not wanted(*names):
                continue
            # The helper reads nothing in TLS.
            who = ("pinholed", "floor", "none") + (("helper",) if layer == "clear" else ())
            found = {name: [] for name in who}
            for _ in range(CONNECTIONS if count == 1 else 1):
                rows = control_rounds({name: peers[name] for name in who}, count, layer)
                for name in who:
                    found[name] += rows[name]
            found = columns(found)
            report.add(names[0], "round trips/s", *column(found, 0))
            report.add(names[1], "ns, median", *column(found, 1))


def bare_sessions(report, peers):
    """With a server that does next to nothing but answer."""
    if not wanted(BARE):
        return
    loads = {name: peers[name].load("sessions", "8", "clear")
             for name in ("pinholed", "helper", "static", "floor")}
    # As many as there are ports for, without using one again within the minute of TIME-WAIT.
    found = side_by_side(loads, SESSION_MS, 61)
    lost = peers["pinholed"].ask("status")["counters"]["streams_lost"]
    if lost:
        raise RuntimeError(f"pinholed lost its place in {lost} sessions")
    report.add(BARE, "sessions/s", *column(found, 0))
    stop(peers, loads)


def short_sessions(report, peers):
    """With servers that fork, look a password up and log; and, in one figure, with the same time
    for each of them."""
    names = {server: f"short-sessions-{server.name}" for server in servers.ALL}
    together = wanted("short-sessions")
    chosen = [server for server in servers.ALL if together or wanted(names[server])]
    who = ("pinholed", "helper", "static", "floor")
    for name in who if chosen else ():
        files = servers.start_all(peers[name].lab, chosen)
        with open(os.path.join(files.root, "1024"), "w") as f:
            f.write("x" * 1024)
    rates = {name: [] for name in who}

    def one_server(server):
        loads = {name: peers[name].load("sessions", "8", "clear", server.user, server.password,
                                        server=server.address(4)) for name in who}
        found = side_by_side(loads, SESSION_MS, SESSION_ROUNDS, SESSION_SECONDS)
        report.add(names[server], "sessions/s", *column(found, 0))
        for name in who:
            rates[name].append(grouped(found[name][0]))
        stop(peers, loads)

    for server in chosen:
        attempt(one_server, server)
    if together and len(rates["pinholed"]) == len(chosen):
        found = {name: [[statistics.mean(each) for each in zip(*rates[name])]] for name in who}
        report.add("short-sessions", "sessions/s", *column(found, 0))


def bulk(report, peers):
    """With interfaces as Linux ships them, which join and split segments, and segment by segment."""
    wires = (("eth0", "client"), ("net1", "gateway"), ("net2", "gateway"), ("eth0", "server"))
    for how in ("", "-segments"):
        for name, layer in ((f"bulk-pinhole{how}", "clear"), (f"bulk-grant{how}", "tls")):
            if not wanted(name):
                continue
            who = {peer: peers[peer] for peer in ("pinholed", "static")}
            for peer in who.values():
                for device, ns in wires:
                    peer.lab.offloads(getattr(peer.lab, ns), device, not how)
            loads = {peer: who[peer].load("bulk", "1", layer) for peer in who}
            for peer in who:
                place(who[peer], loads[peer], (0, -1, 0))
            before = peers["pinholed"].packets_read()
            found = side_by_side(loads, BULK_MS, BULK_ROUNDS)
            read = peers["pinholed"].packets_read() - before
            report.add(name, "bytes/s", *column(found, 0))
            # Nothing but what the control connections say, and one transfer comes before the rounds.
            report.add(f"{name}-queued", "packets/transfer", [read / (BULK_ROUNDS + 1)], None)
            for peer in who:
                place(who[peer], loads[peer], None)
                for device, ns in wires:
                    who[peer].lab.offloads(getattr(who[peer].lab, ns), device, False)
            stop(peers, loads)


def open_pinhole(report, peers):
    if not wanted("open-pinhole"):
        return
    lab = peers["pinholed"].lab
    with lab.inside(lab.gateway):
        rows = [[float(x) for x in line.split()] for line in
                net.run(os.path.join(PROGRAMS, "bench/pinhole"), str(ROUNDS), "500").splitlines()]
    ours, bare = zip(*rows)
    report.add("open-pinhole", "ns, median", ours, {"transaction": bare})


def start(report, peers):
    if not wanted("start-100000"):
        return
    peer, flows = peers["pinholed"], os.path.join(PROGRAMS, "bench/flows")
    peer.lab.stop(peer.daemon)
    with peer.lab.inside(peer.lab.gateway):
        net.run(flows, "add", "100000")
    took, dumps = [], []
    for _ in range(3):
        took.append(peer.start_pinholed(**{"max-sessions": 131072}))
        with peer.lab.inside(peer.lab.gateway):
            dumps.append(float(net.run(flows, "dump").split()[1]))
        known = sum(peer.ask("status")["sessions"].values())
        if known < 100000:
            raise RuntimeError(f"pinholed found {known} of 100,000 sessions")
        peer.lab.stop(peer.daemon)
    report.add("start-100000", "ms", took, {"dump": dumps})


SIZES = 1000, 100000, 1000000


def core(report):
    program = os.path.join(PROGRAMS, "bench/core")
    if wanted(*(f"core-{size}" for size in SIZES)):
        found = {size: [] for size in SIZES}
        for line in net.run(program, "speed", str(ROUNDS), *map(str, SIZES)).splitlines():
            size, value = line.split()
            found[int(size)].append(float(value))
        for size in SIZES:
            report.add(f"core-{size}", "ns/packet", found[size], {"core-1000": found[1000]})
    if wanted(*(f"memory-{size}" for size in SIZES)):
        for size in SIZES:
            value = net.run(program, "memory", str(size)).split()
            report.add(f"memory-{size}", "bytes/session", [float(value[1])], None)


def main():
    began = time.monotonic()
    report = Report()
    print(f"{os.cpu_count()} CPUs, Linux {os.uname().release}, load {os.getloadavg()[0]:.1f}",
          flush=True)
    in_lab = ("control", "latency", "short-sessions", "bulk", "open-pinhole", "start-100000")
    tls = [f"{x}-{y}{n}" for x in ("control", "latency") for y in ("", "tls-") for n in (1, 64, 1000)]
    bulks = [f"bulk-{how}{wire}" for how in ("pinhole", "grant") for wire in ("", "-segments")]
    real = [BARE, *(f"short-sessions-{server.name}" for server in servers.ALL)]
    if wanted(*in_lab, *tls, *bulks, *real):
        with contextlib.ExitStack() as stack:
            peers = {name: Peer(stack, name)
                     for name in ("none", "static", "helper", "floor", "pinholed")}
            print(peers["pinholed"].ruleset.strip(), flush=True)
            attempt(control, report, peers)
            attempt(bare_sessions, report, peers)
            attempt(short_sessions, report, peers)
            attempt(bulk, report, peers)
            attempt(open_pinhole, report, peers)
            attempt(start, report, peers)
    core(report)
    report.write()
    spread = statistics.median(report.spreads) if report.spreads else 0
    print(f"noise: load {os.getloadavg()[0]:.1f} at the end; the middle half of the rounds lay "
          f"{100 * spread:.0f} % apart (median); {time.monotonic() - began:.0f} s in all")


if __name__ == "__main__":
    main()
