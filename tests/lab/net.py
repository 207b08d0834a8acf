# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's network: four namespaces, their wires and addresses, and everything that runs inside.

    client   10.77.1.2 --- gateway --- servers 10.77.2.11 and up
    attacker 10.77.3.2 ---/            (and fd00:77:N:: the same way)

The attacker is another host on the protected side: it has a leg of its own, so that whatever it
sends to client or servers goes through the gateway's forward chain.
"""
import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

CLIENT = {4: "10.77.1.2", 6: "fd00:77:1::2"}
ATTACKER = {4: "10.77.3.2", 6: "fd00:77:3::2"}
THIRD_HOST = {4: "10.77.2.200", 6: "fd00:77:2::200"}  # lives beside the servers
GATEWAY = {4: "10.77.1.1", 6: "fd00:77:1::1"}  # as the client sees it
# Few enough that the demo's attacker can try all of them, all the time.
CLIENT_PORTS = 40000, 40299
# What the kernel gives to whoever does not ask for a port: none that a test or a server asks for by
# its number, none that pinholed refuses by default, and none of pinholed-tls's.
ANY_PORTS = 32768, 39999
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}

# An emulated guest is slower: every time-out is multiplied by this.
SLOW = float(os.environ.get("PINHOLED_LAB_SLOW", "1"))

_libc = ctypes.CDLL(None, use_errno=True)


def server_address(number, family):
    return f"10.77.2.{number}" if family == 4 else f"fd00:77:2::{number}"


def host_in_url(address):
    return f"[{address}]" if ":" in address else address


def wait_for(condition, seconds=5.0, pause=0.01):
    """Polls until `condition()` is true; returns its last value."""
    deadline = time.monotonic() + seconds * SLOW
    while True:
        value = condition()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(pause)


def run(*argv, check=True, stdin=None):
    done = subprocess.run(argv, input=stdin, text=True, capture_output=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


class Network:
    """`with Network() as net:` builds it; leaving takes everything away again. More than one at
    a time need names."""

    def __init__(self, name=""):
        tag = f"phl{os.getpid()}{name}"
        self.client, self.gateway = f"{tag}-c", f"{tag}-g"
        self.server, self.attacker = f"{tag}-s", f"{tag}-a"
        self.namespaces = [self.client, self.gateway, self.server, self.attacker]
        self.dir = tempfile.mkdtemp(prefix=f"{tag}-")
        os.chmod(self.dir, 0o755)  # servers reach their files in it as nobody
        self._processes = []
        self._lock = threading.Lock()

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # A second interrupt must not leave half of it behind.
        for sig in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sig, signal.SIG_IGN)
        for process in self._processes:
            self.stop(process)
        for ns in self.namespaces:
            if os.path.exists(f"/run/netns/{ns}"):
                for pid in run("ip", "netns", "pids", ns, check=False).split():
                    if int(pid) != os.getpid():
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(int(pid), signal.SIGKILL)
                run("ip", "netns", "del", ns, check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def _build(self):
        for ns in self.namespaces:
            run("ip", "netns", "add", ns)
            run("ip", "-n", ns, "link", "set", "lo", "up")
            self.sysctl(ns, "ipv4/ip_local_port_range", "{} {}".format(*ANY_PORTS))
            self.sysctl(ns, "ipv6/conf/all/accept_dad", 0)
            self.sysctl(ns, "ipv6/conf/default/accept_dad", 0)
        # The server side is net 2; `hosts` are the last parts of its addresses.
        self._wire(self.client, 1, [2])
        self._wire(self.server, 2, [*range(11, 15), *range(31, 40), 200])
        self._wire(self.attacker, 3, [2])
        for key in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
            self.sysctl(self.gateway, key, 1)

    def _wire(self, ns, number, hosts):
        far, near = f"net{number}", "eth0"
        run("ip", "-n", self.gateway, "link", "add", far, "type", "veth",
            "peer", "name", near, "netns", ns)
        run("ip", "-n", self.gateway, "addr", "add", f"10.77.{number}.1/24", "dev", far)
        run("ip", "-n", self.gateway, "addr", "add", f"fd00:77:{number}::1/64", "dev", far, "nodad")
        for host in hosts:
            run("ip", "-n", ns, "addr", "add", f"10.77.{number}.{host}/24", "dev", near)
            run("ip", "-n", ns, "addr", "add", f"fd00:77:{number}::{host}/64", "dev", near, "nodad")
        run("ip", "-n", self.gateway, "link", "set", far, "up")
        run("ip", "-n", ns, "link", "set", near, "up")
        run("ip", "-n", ns, "route", "add", "default", "via", f"10.77.{number}.1")
        run("ip", "-n", ns, "-6", "route", "add", "default", "via", f"fd00:77:{number}::1")
        self.offloads(ns, near, False)
        self.offloads(self.gateway, far, False)

    def sysctl(self, ns, key, value):
        with self.inside(ns), open(f"/proc/sys/net/{key}", "w") as f:
            f.write(str(value))

    def offloads(self, ns, device, on):
        """Off, packets are true segments; on, the queue sees up to 64 KiB at once."""
        with self.inside(ns):
            run("ethtool", "-K", device, *(x for name in ("tso", "gso", "gro")
                                           for x in (name, "on" if on else "off")))

    @contextlib.contextmanager
    def inside(self, ns):
        """The calling thread works in that namespace: its sockets and children belong to it."""
        back = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{ns}", os.O_RDONLY)
        try:
            self._setns(there)
            yield
        finally:
            self._setns(back)
            os.close(there)
            os.close(back)

    @staticmethod
    def _setns(fd):
        clone_newnet = 0x40000000
        if _libc.setns(fd, clone_newnet) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def socket(self, ns, family, kind=socket.SOCK_STREAM):
        with self.inside(ns):
            return socket.socket(FAMILY[family], kind)

    def connect(self, ns, address, port, timeout=5.0, source=None):
        """A TCP connection; raises OSError (time-outs too) when there is none to be had."""
        sock = self.socket(ns, 6 if ":" in address else 4)
        sock.settimeout(timeout * SLOW)
        try:
            if source:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind(source)
            sock.connect((address, port))
        except BaseException:
            sock.close()
            raise
        return sock

    def listen(self, ns, address, port=0, backlog=16):
        sock = self.socket(ns, 6 if ":" in address else 4)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(backlog)
        return sock

    def start(self, ns, argv, log=None, **more):
        """A long-running process, stopped by its pid when the lab goes down."""
        with open(log or os.devnull, "ab") as output, self.inside(ns):
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.STDOUT, start_new_session=True, **more)
        with self._lock:
            self._processes.append(process)
        return process

    def stop(self, process, sig=signal.SIGTERM):
        if process.poll() is None:
            process.send_signal(sig)
            try:
                process.wait(3 * SLOW)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def call(self, ns, argv, timeout, stdin=None, cwd=None, env=None):
        """Runs a client to its end: (exit status or None after the time-out, output)."""
        with self.inside(ns):
            process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, cwd=cwd, text=True,
                                       errors="replace", start_new_session=True,
                                       env={**os.environ, **(env or {})})
        with self._lock:
            self._processes.append(process)
        try:
            output, _ = process.communicate(stdin or "", timeout * SLOW)
            return process.returncode, output
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            return None, output
        finally:
            with self._lock:
                self._processes.remove(process)
