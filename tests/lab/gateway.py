# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway under test: a firewall that drops everything but control connections, the one line
that pinholed asks for, the shipped ruleset, and the daemon."""
import json
import os
import re
import signal
import subprocess

import net
import servers

HERE = os.path.dirname(os.path.abspath(__file__))
DAEMON = os.environ.get("PINHOLED", os.path.join(HERE, "../../build/pinholed"))
TERMINATOR = os.environ.get("PINHOLED_TLS", os.path.join(os.path.dirname(DAEMON), "pinholed-tls"))
QUEUES = "2100"  # one, as shipped: what need not wait is copied
SETS = ("pin4", "pin6", "relay4", "relay6", "grant4", "grant6", "active4", "active6", "active_ftp4",
        "active_ftp6")

# What an admin has: nothing passes but control connections and what belongs to them. The same
# for the gateway's own traffic, so that servers and clients on it are no special case.
ADMIN = """
table inet admin {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		ct mark >= 0x80000000 accept
		tcp dport { 21, 990 } ct state new accept
	}
	chain input {
		type filter hook input priority filter; policy drop;
		iif lo accept
		ct state established,related accept
		ct mark >= 0x80000000 accept
		tcp dport { 21, 990 } ct state new accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
	}
	chain output {
		type filter hook output priority filter; policy drop;
		oif lo accept
		ct state established,related accept
		ct mark >= 0x80000000 accept
		tcp dport { 21, 990 } ct state new accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
	}
}
"""

LINE = re.compile(r"(?:^|\s)(?P<session>\d+-\d+|-) (?P<verb>open|close|note|refresh|mark) ?"
                  r"(?P<kind>pinhole|relay|\S*(?:grant|window|watch))? ?(?P<rest>.*=.*)$")


class Event(dict):
    """One line of the daemon's log as a dictionary: session, verb, kind and its key=value pairs."""

    @classmethod
    def parse(cls, line):
        match = LINE.search(line)
        if not match:
            return None
        event = cls(session=match["session"], verb=match["verb"], kind=match["kind"] or "")
        event.update(re.findall(r'([a-z]+)=("[^"]*"|\S+)', match["rest"]))
        return event


class Gateway:
    """With `open_all` a gateway that lets everything through: it tells a peer that cannot do
    something from a pinholed that does not let it."""

    def __init__(self, lab, open_all=False):
        self.lab, self.open_all = lab, open_all
        self.queues = QUEUES
        self.log = os.path.join(lab.dir, "pinholed.log")
        self.config = os.path.join(lab.dir, "pinholed.conf")
        self.socket = os.path.join(lab.dir, "control.sock")
        self.terminator_socket = os.path.join(lab.dir, "terminator.sock")
        self.state = os.path.join(lab.dir, "learned")
        self.daemon, self.ruleset = None, "everything is accepted"

    def up(self, **settings):
        if self.open_all:
            return self
        self.load_admin()
        self.load_ruleset()
        self.configure(**settings)
        self.start()
        return self

    def load_admin(self):
        self.nft("-f", "-", stdin=ADMIN)

    def load_ruleset(self, change=""):
        """As shipped; `change` is a sed script that makes it another one."""
        self.ruleset = net.run(os.path.join(HERE, "load-ruleset.sh"), self.lab.gateway,
                               self.queues, change).strip()

    def load_admin_again(self):
        self.nft("delete", "table", "inet", "admin")
        self.load_admin()

    def configure(self, server_options="opaque grant opaque-active any", server_range=None,
                  no_range=False, **settings):
        """Writes the configuration; settings are directives, '_' for '-'. The range of every
        server is its own, or `server_range`, or none. Windows are asked for by the tests that
        mean them: the others are about grants."""
        lines = ["ports 21", "implicit-ports 990", f"queues {self.queues}", f"socket {self.socket}",
                 f"state-file {self.state}"]
        for key, value in {"pinhole_timeout": 30, "window": "off", **settings}.items():
            lines.append(f"{key.replace('_', '-')} {value}")
        ranges = [(server.address(family), server) for server in servers.ALL for family in (4, 6)]
        # pyftpdlib runs on the gateway too.
        ranges += [(address, servers.PYFTPDLIB) for address in net.GATEWAY.values()]
        for address, server in ranges:
            low, high = server_range or (server.low, server.high)
            ranged = "" if no_range else f"passive-range {low}-{high} "
            lines.append(f"server {address} {ranged}{server_options}")
        with open(self.config, "w") as f:
            f.write("\n".join(lines) + "\n")

    def configure_terminated(self, addresses, terminate="yes", **settings):
        """No range, no grant: what opens for these servers is what pinholed-tls has read."""
        lines = ["ports 21", "implicit-ports 990", f"queues {self.queues}", f"socket {self.socket}",
                 f"terminator-socket {self.terminator_socket}", "opaque refuse", "log-rate 100000"]
        lines += [f"{key.replace('_', '-')} {value}" for key, value in settings.items()]
        lines += [f"server {address} terminate {terminate}" for address in addresses]
        with open(self.config, "w") as f:
            f.write("\n".join(lines) + "\n")

    def start(self):
        mark = self.mark()
        self.daemon = self.lab.start(self.lab.gateway, [DAEMON, "-c", self.config], self.log)
        up = net.wait_for(lambda: self.daemon.poll() is not None or
                          any("started" in line for line in self.lines(mark)), 10)
        if not up or self.daemon.poll() is not None:
            raise RuntimeError("pinholed does not start: " + " / ".join(self.lines(mark)[-3:]))

    def kill(self):
        self.daemon.kill()
        self.daemon.wait()

    def terminate(self):
        """SIGTERM; returns the exit status."""
        self.daemon.terminate()
        return self.daemon.wait(10 * net.SLOW)

    def reload(self):
        """SIGHUP; returns the log lines that it caused."""
        mark = self.mark()
        self.daemon.send_signal(signal.SIGHUP)
        net.wait_for(lambda: any("loaded" in line for line in self.lines(mark)))
        return self.lines(mark)

    def policy(self, server_options="opaque grant opaque-active any", **settings):
        """A new configuration for the running daemon."""
        if not self.open_all:
            self.configure(server_options, **settings)
            self.reload()

    def alive(self):
        return self.daemon is not None and self.daemon.poll() is None

    # --- what it says ---------------------------------------------------------------------------

    def mark(self):
        """A place in the log, for lines() and events()."""
        return os.path.getsize(self.log) if os.path.exists(self.log) else 0

    def lines(self, mark=0):
        if not os.path.exists(self.log):
            return []
        with open(self.log, "rb") as f:
            f.seek(mark)
            return f.read().decode("latin-1").splitlines()

    def events(self, mark=0, **wanted):
        """The log's events since `mark` whose fields are as wanted."""
        found = filter(None, map(Event.parse, self.lines(mark)))
        return [e for e in found if all(e.get(k) == str(v) for k, v in wanted.items())]

    def wait_event(self, mark=0, seconds=5, **wanted):
        return net.wait_for(lambda: self.events(mark, **wanted), seconds)

    # --- what is open ---------------------------------------------------------------------------

    def nft(self, *argv, stdin=None):
        with self.lab.inside(self.lab.gateway):
            return net.run("nft", *argv, stdin=stdin)

    def elements(self, name):
        table = "pinholed_tls" if name.startswith("relay") else "pinholed"
        listed = json.loads(self.nft("-j", "list", "set", "inet", table, name))
        found = next(x["set"] for x in listed["nftables"] if "set" in x).get("elem", [])
        return [json.dumps(e["elem"]["val"] if "elem" in e else e) for e in found]

    def opened(self, *about):
        """Everything that is open now, as text; with `about` only what names all of these."""
        found = [f"{name} {e}" for name in SETS for e in self.elements(name)]
        return [e for e in found if all(str(word) in e for word in about)]

    def wait_closed(self, *about, seconds=5):
        """Waits until nothing is open (about these); returns what still is."""
        net.wait_for(lambda: not self.opened(*about), seconds, 0.05)
        return self.opened(*about)

    def forget_connections(self):
        with self.lab.inside(self.lab.gateway):
            subprocess.run(["conntrack", "-F"], capture_output=True)
