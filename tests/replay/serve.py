"""Runs pywb in the current folder, on a free port of 127.0.0.1, which it prints; started by `archive.py`.

Runs in `.venv-pywb`. pywb writes a reply in several pieces to sockets without TCP_NODELAY, so each reply on a kept
connection would wait 40 ms for an acknowledgement; an accepted socket inherits the option from the listening one.
"""

from gevent.monkey import patch_all

patch_all()

import os  # noqa: E402
import socket  # noqa: E402

from gevent import get_hub  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402
from pywb.apps.frontendapp import FrontEndApp  # noqa: E402
from pywb.utils import geventserver  # noqa: E402


class NoDelayServer(WSGIServer):
    """gevent's server with TCP_NODELAY."""

    def init_socket(self) -> None:
        """Opens the listening socket."""
        super().init_socket()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def end_with_parent() -> None:
    """Ends this process when standard input, a pipe from the parent, ends, as it does where the parent was killed."""
    os.read(0, 1)
    os._exit(0)


if __name__ == "__main__":
    geventserver.WSGIServer = NoDelayServer  # pywb's index and records come over a server of this class, too
    server = NoDelayServer(("127.0.0.1", 0), FrontEndApp(), handler_class=geventserver.RequestURIWSGIHandler, log=None)
    server.init_socket()
    print(server.address[1], flush=True)
    get_hub().threadpool.spawn(end_with_parent)
    server.serve_forever()
