# SPDX-License-Identifier: GPL-3.0-or-later
"""The real FTP servers of the lab: their configurations, addresses and start.

Every product has an address of its own, so that all of them keep ports 21 and 990, and a managed
passive range of its own, set in its own configuration.
"""
import hashlib
import os

import net

UNPACKED = os.path.join(os.path.dirname(__file__), "../../build/lab/servers")
UNPACKED = os.path.abspath(os.environ.get("PINHOLED_LAB_SERVERS", UNPACKED))
USER, PASSWORD = "lab", "lab-Secret-1"
FILE, SMALL, INBOX = "hello.bin", "small.txt", "in"
LISTING = {FILE, SMALL, INBOX}


class Server:
    def __init__(self, name, number, user=USER, password=PASSWORD):
        self.name, self.number = name, number
        self.user, self.password = user, password
        self.low, self.high = 50000 + 100 * number, 50099 + 100 * number

    def address(self, family):
        return net.server_address(self.number, family)


VSFTPD = Server("vsftpd", 11, "ftp", "lab@example.org")
PROFTPD = Server("proftpd", 12)
PUREFTPD = Server("pure-ftpd", 13)
PYFTPDLIB = Server("pyftpdlib", 14)
ALL = [VSFTPD, PROFTPD, PUREFTPD, PYFTPDLIB]
QUICK = [PROFTPD]  # one that can do everything


def few(things, quick):
    """Of what is the same on every kernel a quick selection has every fifth."""
    return list(things)[::5] if quick else list(things)


class Files:
    """What the servers serve, and the certificate that all of them show."""

    def __init__(self, lab):
        self.root = os.path.join(lab.dir, "files")
        self.inbox = os.path.join(self.root, INBOX)
        os.makedirs(self.inbox)
        os.chmod(self.inbox, 0o777)
        self.content = os.urandom(200_000)
        self.hash = hashlib.sha256(self.content).hexdigest()
        with open(os.path.join(self.root, FILE), "wb") as f:
            f.write(self.content)
        with open(os.path.join(self.root, SMALL), "w") as f:
            f.write("a pinhole is a small hole\n")
        self.cert, self.key, self.pem = (os.path.join(lab.dir, f"tls.{x}")
                                         for x in ("cert", "key", "pem"))
        net.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                "/CN=pinholed lab", "-keyout", self.key, "-out", self.cert)
        with open(self.pem, "w") as pem:
            for part in (self.key, self.cert):
                pem.write(open(part).read())


def write(lab, name, text, mode=0o600):
    path = os.path.join(lab.dir, name)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def start_vsftpd(lab, files):
    # Anonymous login needs no account on the machine that runs the lab.
    common = f"""
background=NO
anonymous_enable=YES
local_enable=NO
ftp_username=daemon
anon_root={files.root}
no_anon_password=YES
write_enable=YES
anon_upload_enable=YES
anon_umask=022
secure_chroot_dir={os.path.join(lab.dir, "empty")}
ssl_enable=YES
allow_anon_ssl=YES
rsa_cert_file={files.cert}
rsa_private_key_file={files.key}
ssl_tlsv1=YES
ssl_ciphers=HIGH
connect_from_port_20=YES
pasv_min_port={VSFTPD.low}
pasv_max_port={VSFTPD.high}
log_ftp_protocol=YES
xferlog_enable=YES
vsftpd_log_file={os.path.join(lab.dir, "vsftpd-protocol.log")}
isolate_network=NO
seccomp_sandbox=NO
"""
    os.makedirs(os.path.join(lab.dir, "empty"), exist_ok=True)
    for family in (4, 6):
        listen = {4: "listen=YES\nlisten_ipv6=NO\nlisten_address=",
                  6: "listen=NO\nlisten_ipv6=YES\nlisten_address6="}[family]
        for port, more in ((21, ""), (990, "implicit_ssl=YES\n")):
            conf = write(lab, f"vsftpd-{family}-{port}.conf",
                         f"{listen}{VSFTPD.address(family)}\nlisten_port={port}\n{more}{common}")
            lab.start(lab.server, [f"{UNPACKED}/usr/sbin/vsftpd", conf],
                      os.path.join(lab.dir, "vsftpd.log"))


def password_hash():
    # pure-pw would choose argon2id: seconds of CPU time per login.
    return net.run("openssl", "passwd", "-6", "-salt", "pinholed", PASSWORD).strip()


def start_proftpd(lab, files):
    passwd = write(lab, "proftpd.passwd",
                   f"{USER}:{password_hash()}:65534:65534::{files.root}:/bin/sh\n")
    tls = f"""
  TLSEngine on
  TLSRequired off
  TLSProtocol TLSv1.2 TLSv1.3
  TLSECCertificateFile {files.cert}
  TLSECCertificateKeyFile {files.key}
  TLSLog {os.path.join(lab.dir, "proftpd-tls.log")}
"""
    both = f"{PROFTPD.address(4)} {PROFTPD.address(6)}"
    conf = write(lab, "proftpd.conf", f"""
ModulePath {UNPACKED}/usr/lib/proftpd
LoadModule mod_tls.c
ServerType standalone
DefaultServer off
Port 0
UseIPv6 on
SocketBindTight on
UseReverseDNS off
User nobody
Group nogroup
WtmpLog off
TimesGMT on
PidFile {os.path.join(lab.dir, "proftpd.pid")}
ScoreboardFile {os.path.join(lab.dir, "proftpd.scoreboard")}
DelayEngine off
ControlsEngine off
SystemLog {os.path.join(lab.dir, "proftpd-system.log")}
<Global>
  AuthOrder mod_auth_file.c
  AuthUserFile {passwd}
  RequireValidShell off
  DefaultRoot ~
  AllowOverwrite on
  PassivePorts {PROFTPD.low} {PROFTPD.high}
</Global>
<VirtualHost {both}>
  Port 21
  {tls}
</VirtualHost>
<VirtualHost {both}>
  Port 990
  {tls}
  TLSOptions UseImplicitSSL
</VirtualHost>
""")
    lab.start(lab.server, [f"{UNPACKED}/usr/sbin/proftpd", "-n", "-c", conf],
              os.path.join(lab.dir, "proftpd.log"))


def start_pureftpd(lab, files):
    passwd = write(lab, "pure.passwd",
                   f"{USER}:{password_hash()}:65534:65534::{files.root}/./::::::::::::\n")
    database = os.path.join(lab.dir, "pure.pdb")
    net.run(f"{UNPACKED}/usr/bin/pure-pw", "mkdb", database, "-f", passwd)
    for family in (4, 6):
        lab.start(lab.server, [
            f"{UNPACKED}/usr/sbin/pure-ftpd", f"-{family}", "-E", "-H", "-u", "1", "-Y", "1",
            "-S", f"{PUREFTPD.address(family)},21", "-2", files.pem, "-l", f"puredb:{database}",
            "-p", f"{PUREFTPD.low}:{PUREFTPD.high}",
            "-g", os.path.join(lab.dir, f"pure-{family}.pid")],
            os.path.join(lab.dir, f"pure-ftpd-{family}.log"))


def start_pyftpdlib(lab, files, ns=None, addresses=None):
    here = os.path.dirname(os.path.abspath(__file__))
    server = PYFTPDLIB
    lab.start(ns or lab.server, [
        "/usr/bin/python3", os.path.join(here, "pyftpd_server.py"), files.root, files.pem,
        str(server.low), str(server.high), USER, PASSWORD,
        *(addresses or [server.address(4), server.address(6)])],
        os.path.join(lab.dir, "pyftpdlib.log"))


STARTERS = {"vsftpd": start_vsftpd, "proftpd": start_proftpd,
            "pure-ftpd": start_pureftpd, "pyftpdlib": start_pyftpdlib}


def ready(lab, address, port):
    """True when the port accepts, asked from beside the server: no firewall in between."""
    def attempt():
        try:
            lab.connect(lab.server, address, port, 1).close()
            return True
        except OSError:
            return False
    return net.wait_for(attempt, 15, 0.05)


def start_all(lab, only=None):
    """Starts the servers and waits until every port answers; returns the files they serve."""
    files = Files(lab)
    chosen = [s for s in ALL if only is None or s in only]
    for server in chosen:
        STARTERS[server.name](lab, files)
    for server in chosen:
        for family in (4, 6):
            for port in (21,) if server is PUREFTPD else (21, 990):
                if not ready(lab, server.address(family), port):
                    raise RuntimeError(f"{server.name} does not listen on "
                                       f"{server.address(family)} port {port}; "
                                       f"see {lab.dir}/{server.name}*.log")
    return files
