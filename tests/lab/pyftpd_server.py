# SPDX-License-Identifier: GPL-3.0-or-later
"""pyftpdlib as a server process: explicit TLS on 21, implicit on 990, on every given address.

Usage: pyftpd_server.py FILES PEM LOW HIGH USER PASSWORD ADDRESS...
"""
import logging
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer


class Explicit(TLS_FTPHandler):
    pass


class Implicit(TLS_FTPHandler):
    """TLS from the first byte; the greeting waits for the end of the handshake."""

    def handle(self):
        self.secure_connection(self.ssl_context)

    def handle_ssl_established(self):
        FTPHandler.handle(self)


def main(files, pem, low, high, user, password, *addresses):
    # Its debug log fills a disk while a data handshake is pending.
    logging.basicConfig(level=logging.INFO)
    authorizer = DummyAuthorizer()
    authorizer.add_user(user, password, files, perm="elradfmwMT")
    loop = IOLoop()
    for handler, port in ((Explicit, 21), (Implicit, 990)):
        handler.authorizer = authorizer
        handler.certfile = pem
        handler.passive_ports = range(int(low), int(high) + 1)
        handler.use_sendfile = False
        handler.timeout = 3600
        for address in addresses:
            FTPServer((address, port), handler, ioloop=loop)
    loop.loop(blocking=True)


main(*sys.argv[1:])
