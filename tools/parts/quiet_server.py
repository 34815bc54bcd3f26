"""A web server with a thread for each connection, for parts that clients may leave at any moment."""

from __future__ import annotations

import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class QuietServer(ThreadingHTTPServer):
    """Says nothing of clients that went away, as tests make them."""

    daemon_threads = True
    # The default of five refuses connections when many come at once.
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Report only what is an error of the server."""
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # a socket, by its base class


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve on a free port of the loopback interface, and give that."""
    with QuietServer(("127.0.0.1", 0), handler) as server:
        if tls is not None:
            # Each thread shakes hands for itself: a client that does not must not stop the others.
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
