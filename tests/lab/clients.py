# SPDX-License-Identifier: GPL-3.0-or-later
"""The real FTP clients of the lab: how each is told to do one cell of the matrix, and what each
cannot do."""
import collections
import contextlib
import ftplib
import hashlib
import io
import os
import re
import shutil
import socket
import ssl

import net
import rawftp
from servers import FILE, INBOX, LISTING

PROTECTIONS = ["clear", "C", "P", "ccc", "implicit"]
COMMANDS = ["PASV", "EPSV", "PORT", "EPRT"]
WORDS = {"clear": "clear", "C": "TLS, PROT C", "P": "TLS, PROT P", "ccc": "TLS, CCC",
         "implicit": "implicit TLS"}

Cell = collections.namedtuple("Cell", "protection command family server client tls")
Cell.__str__ = lambda c: " ".join(filter(None, (
    WORDS[c.protection], c.tls, c.command, f"IPv{c.family}", c.client, c.server.name)))


class Failed(Exception):
    pass


# What cannot be done, whoever tries: server or None, protections, commands, families, why.
ACTIVE, PASSIVE = {"PORT", "EPRT"}, {"PASV", "EPSV"}
ANY_COMMAND, ANY_FAMILY, ANY_PROTECTION = set(COMMANDS), {4, 6}, set(PROTECTIONS)
NO_SERVER = [
    (None, ANY_PROTECTION, {"PASV", "PORT"}, {6}, "PASV and PORT over IPv6: they carry IPv4 addresses only"),
    ("vsftpd", {"ccc"}, ANY_COMMAND, ANY_FAMILY, "vsftpd answers CCC with 500"),
    ("pyftpdlib", {"ccc"}, ANY_COMMAND, ANY_FAMILY, "pyftpdlib answers CCC with 500"),
    ("pure-ftpd", {"implicit"}, ANY_COMMAND, ANY_FAMILY,
     "this build of pure-ftpd has no implicit TLS"),
]
# And what one client cannot do.
NO_CLIENT = [
    ("curl", None, {"P", "implicit"}, ACTIVE, ANY_FAMILY,
     "curl 7.88.1 hangs in active mode with PROT P (curl #10666)"),
    ("curl", "pyftpdlib", {"P", "implicit"}, PASSIVE, ANY_FAMILY,
     "curl says its ClientHello on the data connection before RETR: pyftpdlib 1.5.7 resets it"),
    ("lftp", None, {"ccc"}, ANY_COMMAND, ANY_FAMILY, "lftp trips over the server's close_notify"),
    ("lftp", None, ANY_PROTECTION, {"EPRT"}, {4}, "lftp never sends EPRT over IPv4"),
    ("wget", None, {"ccc"}, ANY_COMMAND, ANY_FAMILY, "wget has no CCC"),
    ("wget", None, ANY_PROTECTION, {"EPSV", "EPRT"}, {4}, "wget sends PASV and PORT over IPv4"),
    ("ftp-ssl", None, {"C", "ccc", "implicit"}, ANY_COMMAND, ANY_FAMILY,
     "ftp-ssl has neither PROT C nor CCC nor implicit TLS"),
    ("ftp-ssl", None, ANY_PROTECTION, {"EPSV", "EPRT"}, {4},
     "ftp-ssl sends PASV and PORT over IPv4"),
    ("ftplib", None, ANY_PROTECTION, {"EPSV", "EPRT"}, {4},
     "ftplib sends PASV and PORT over IPv4"),
    ("ftplib", "pyftpdlib", {"C"}, ANY_COMMAND, ANY_FAMILY,
     "ftplib's prot_c() sends no PBSZ: pyftpdlib answers 503"),
]


def impossible(cell):
    """Why no client can do this, or ''."""
    for server, protections, commands, families, why in NO_SERVER:
        if (server in (None, cell.server.name) and cell.protection in protections and
                cell.command in commands and cell.family in families):
            return why
    return ""


def cannot(cell):
    """Why this client cannot do it, or ''."""
    for client, server, protections, commands, families, why in NO_CLIENT:
        if (client == cell.client.removeprefix("stock ") and server in (None, cell.server.name) and
                cell.protection in protections and cell.command in commands and
                cell.family in families):
            return why
    return impossible(cell)


def url(cell, scheme, path="", port=""):
    return f"{scheme}://{net.host_in_url(cell.server.address(cell.family))}{port}/{path}"


class Job:
    """One cell at work: where its files go, and what must come of it."""

    def __init__(self, lab, files, cell, limit=25.0, terminated=False):
        self.lab, self.files, self.cell, self.limit = lab, files, cell, limit
        self.terminated = terminated  # pinholed-tls is in between
        self.said = None  # by the client, last
        self.dir = os.path.join(lab.dir, re.sub(r"\W+", "-", str(cell)))
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir, exist_ok=True)
        self.upload = re.sub(r"\W+", "-", str(cell)) + ".up"
        # vsftpd lets nobody overwrite.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(files.inbox, self.upload))
        self.got, self.list = os.path.join(self.dir, "got"), os.path.join(self.dir, "list")

    @property
    def uploads(self):
        """False where the client throws away its own upload: it closes without having read the
        server's TLS 1.3 tickets, so its kernel sends RST and the server loses the rest. pinholed-tls
        sends none on data connections."""
        return self.terminated or not (self.cell.client in ("curl", "lftp", "ftp-ssl") and self.cell.tls == "1.3" and
                    self.cell.protection in ("P", "ccc", "implicit"))

    def call(self, *argv, stdin=None, env=None):
        env = {"HOME": self.dir, "LC_ALL": "C", **(env or {})}
        status, output = self.lab.call(self.lab.client, list(argv), self.limit, stdin, self.dir, env)
        if status != 0:
            why = "timed out" if status is None else f"exit status {status}"
            raise Failed(f"{argv[0]}: {why}: {last_line(output)}")
        self.said = last_line(output)
        return output

    def check(self, uploaded):
        self.check_content(self.read(self.got))
        self.check_listing(self.read(self.list).decode("latin-1"))
        if uploaded:
            self.check_content(self.read(os.path.join(self.files.inbox, self.upload)), "upload")

    def check_content(self, content, what="download"):
        if hashlib.sha256(content).hexdigest() != self.files.hash:
            raise Failed(f"{what} differs: {len(content)} bytes; the client said: {self.said}")

    def check_listing(self, text):
        names = {line.split()[-1] for line in text.splitlines() if len(line.split()) > 1}
        if not LISTING <= names or names - LISTING - {".", ".."}:
            raise Failed(f"listing differs: {sorted(names)}")

    @staticmethod
    def read(path):
        try:
            with open(path, "rb") as f:
                return f.read()
        except OSError:
            return b""


def last_line(output):
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "(no output)"


def curl(job):
    cell = job.cell
    options = ["-sS", "-g", "-k", "-m", str(int(job.limit * net.SLOW)), "-u",
               f"{cell.server.user}:{cell.server.password}"]
    if cell.command in ACTIVE:
        options += ["-P", "-"]
    if cell.family == 4 and cell.command in ("PASV", "PORT"):
        options += ["--disable-epsv" if cell.command == "PASV" else "--disable-eprt"]
    if cell.protection == "P" or cell.protection == "ccc" and cell.command in PASSIVE:
        options += ["--ssl-reqd"]
    elif cell.protection in ("C", "ccc"):  # active with PROT P hangs, whatever the control does
        options += ["--ftp-ssl-control"]
    if cell.protection == "ccc":  # pure-ftpd insists on the client's close_notify
        options += ["--ftp-ssl-ccc", "--ftp-ssl-ccc-mode", "active"]
    if cell.tls:
        options += [f"--tlsv{cell.tls}", "--tls-max", cell.tls]
    scheme = "ftps" if cell.protection == "implicit" else "ftp"
    upload = ["--next", *options, "-T", os.path.join(job.files.root, FILE),
              url(cell, scheme, f"{INBOX}/{job.upload}")] if job.uploads else []
    job.call("curl", *options, url(cell, scheme), "-o", job.list,
             url(cell, scheme, FILE), "-o", job.got, *upload)
    job.check(job.uploads)


def gnutls(version):
    return f"NORMAL:-VERS-ALL:+VERS-TLS{version}"


def lftp(job):
    cell = job.cell
    secure = cell.protection != "clear"
    settings = {
        "net:max-retries": 1, "net:timeout": int(10 * net.SLOW), "net:reconnect-interval-base": 1,
        "cmd:fail-exit": "yes", "ssl:verify-certificate": "no",
        "ftp:passive-mode": "yes" if cell.command in PASSIVE else "no",
        "ftp:prefer-epsv": "yes" if cell.command == "EPSV" else "no",
        "ftp:ssl-allow": "yes" if secure else "no", "ftp:ssl-force": "yes" if secure else "no",
        "ftp:ssl-protect-data": "no" if cell.protection == "C" else "yes",
        "ftp:ssl-protect-list": "no" if cell.protection == "C" else "yes",
    }
    if cell.tls:
        settings["ssl:priority"] = gnutls(cell.tls)
    scheme, port = ("ftps", ":990") if cell.protection == "implicit" else ("ftp", ":21")
    script = "".join(f'set {key} "{value}"; ' for key, value in settings.items())
    script += (f"open -u {cell.server.user},{cell.server.password} {url(cell, scheme, '', port)}; "
               f"ls > {job.list}; get {FILE} -o {job.got}")
    if job.uploads:
        script += f"; put {os.path.join(job.files.root, FILE)} -o {INBOX}/{job.upload}"
    job.call("lftp", "--norc", "-c", script)
    job.check(job.uploads)


def wget(job):
    cell = job.cell
    options = ["-q", "-t", "1", "-T", str(int(12 * net.SLOW)), "--no-check-certificate",
               "--no-hsts", "--no-proxy", "--no-remove-listing", "--user", cell.server.user,
               "--password", cell.server.password]
    if cell.command in ACTIVE:
        options += ["--no-passive-ftp"]
    scheme, port = "ftp", ""
    if cell.protection != "clear":
        scheme = "ftps"
        options += ["--ftps-resume-ssl", f"--ciphers={gnutls(cell.tls)}"]
        if cell.protection == "implicit":
            options += ["--ftps-implicit"]
        else:
            port = ":21"
        if cell.protection == "C":
            options += ["--ftps-clear-data-connection"]
    job.call("wget", *options, "-O", "index.html", url(cell, scheme, "", port))
    job.call("wget", *options, "-O", job.got, url(cell, scheme, FILE, port))
    os.replace(os.path.join(job.dir, ".listing"), job.list)
    job.check(uploaded=False)


def ftp_ssl(job):
    cell = job.cell
    mode = ["-z", "nossl" if cell.protection == "clear" else "secure"]
    conf = os.path.join(job.dir, "openssl.cnf")
    with open(conf, "w") as f:  # it has no option for the TLS version
        f.write("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
                f"MinProtocol = TLSv{cell.tls or '1.2'}\nMaxProtocol = TLSv{cell.tls or '1.3'}\n")
    script = (f"open {cell.server.address(cell.family)} 21\n"
              f"user {cell.server.user} {cell.server.password}\n"
              f"binary\nls . list\nget {FILE} got\n")
    if job.uploads:
        script += f"put {os.path.join(job.files.root, FILE)} {INBOX}/{job.upload}\n"
    passive = ["-p"] if cell.command in PASSIVE else []
    job.call("ftp-ssl", "-n", "-i", "-v", *passive, *mode, stdin=script + "quit\n",
             env={"OPENSSL_CONF": conf})
    job.check(job.uploads)


class Ftplib(ftplib.FTP_TLS):
    """ftplib with the two things it lacks: implicit TLS, and the session reused for data."""

    implicit = False

    def connect(self, host, port, timeout):
        self.host, self.port, self.timeout = host, port, timeout
        self.sock = socket.create_connection((host, port), timeout)
        self.af = self.sock.family
        if self.implicit:
            self.sock = self.context.wrap_socket(self.sock)
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome

    def ccc(self):
        self._session = self.sock.session
        return super().ccc()

    def ntransfercmd(self, cmd, rest=None):
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:
            on_tls = isinstance(self.sock, ssl.SSLSocket)
            session = self.sock.session if on_tls else self._session
            conn = self.context.wrap_socket(conn, session=session)
        return conn, size


class Stock(Ftplib):
    """ftplib as it is: its data connections never resume a session."""

    def ntransfercmd(self, cmd, rest=None):
        return ftplib.FTP_TLS.ntransfercmd(self, cmd, rest)


def use_ftplib(job, kind=Ftplib):
    cell = job.cell
    with job.lab.inside(job.lab.client):
        ftp = kind(context=rawftp.context(cell.tls))
        ftp.implicit = cell.protection == "implicit"
        ftp.connect(cell.server.address(cell.family), 990 if ftp.implicit else 21, 12 * net.SLOW)
        try:
            secure = cell.protection not in ("clear", "implicit")
            if secure:
                ftp.auth()
            ftplib.FTP.login(ftp, cell.server.user, cell.server.password)
            if cell.protection == "C":
                ftp.prot_c()
            elif cell.protection != "clear":
                ftp.prot_p()
            if cell.protection == "ccc":
                ftp.ccc()
            ftp.set_pasv(cell.command in PASSIVE)
            lines, content = [], bytearray()
            ftp.retrlines("LIST", lines.append)
            ftp.retrbinary(f"RETR {FILE}", content.extend)
            if job.terminated:
                ftp.storbinary(f"STOR {INBOX}/{job.upload}", io.BytesIO(job.files.content))
            ftp.quit()
        except ftplib.all_errors as error:
            raise Failed(f"ftplib: {error!r}") from error
        finally:
            ftp.close()
    job.check_content(content)
    job.check_listing("\n".join(lines))
    if job.terminated:
        job.check_content(job.read(os.path.join(job.files.inbox, job.upload)), "upload")


def use_stock_ftplib(job):
    use_ftplib(job, Stock)


def use_raw(job):
    cell, server = job.cell, job.cell.server
    port = 990 if cell.protection == "implicit" else 21
    try:
        with rawftp.Raw(job.lab, server.address(cell.family), port, cell.tls or None) as ftp:
            ftp.open(server, cell.protection)
            if cell.protection == "ccc":
                ftp.ccc("wait")
            listing = ftp.fetch(cell.command, "LIST")
            content = ftp.fetch(cell.command, f"RETR {FILE}")
            ftp.fetch(cell.command, f"STOR {INBOX}/{job.upload}", job.files.content)
            ftp.command("QUIT", 2)
    except (OSError, EOFError, rawftp.Refused) as error:
        raise Failed(f"raw: {error!r}") from error
    job.check_content(content)
    job.check_listing(listing.decode("latin-1"))
    job.check_content(job.read(os.path.join(job.files.inbox, job.upload)), "upload")


CLIENTS = {"curl": curl, "lftp": lftp, "wget": wget, "ftp-ssl": ftp_ssl, "ftplib": use_ftplib,
           "raw": use_raw}
# Only pinholed-tls makes it work with servers that insist on a resumed session.
TERMINATED_CLIENTS = {**CLIENTS, "stock ftplib": use_stock_ftplib}


def transfer(lab, files, cell, terminated=False):
    """Does the cell: a listing, a download, mostly an upload; raises Failed."""
    TERMINATED_CLIENTS[cell.client](Job(lab, files, cell, terminated=terminated))
