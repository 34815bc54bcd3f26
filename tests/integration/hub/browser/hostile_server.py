"""What a user's server may be on a Hub where all is on one host: anything, on the origin of all others."""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Anything(BaseHTTPRequestHandler):
    """Answers every address with a page on which any script may run."""

    def do_GET(self) -> None:
        """Answer."""
        text = b"<!doctype html><title>mine</title><p>What a nice page."
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(text)))
        # So that it may keep a hold of what it opens, if that lets it.
        if "opener" in self.path:
            self.send_header("Cross-Origin-Opener-Policy", self.path.rpartition("=")[2])
        self.end_headers()
        self.wfile.write(text)


if __name__ == "__main__":
    here = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    ThreadingHTTPServer((here.hostname or "", here.port or 0), Anything).serve_forever()
