"""HAProxy before several replicas, set up as one would set it up for a service with streams."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.parts.certificates import Certificate
from tools.parts.packages import program, require
from tools.parts.ports import free_port

STARTS_WITHIN = 10.0
WHICH = "X-Replica"
"""A header that says which of them has answered: ``replica0`` is the first."""
TLS = """ ssl crt {certificate}
    http-request set-header X-Forwarded-Proto https"""
CONFIG = """\
global
    maxconn 4000

defaults
    mode http
    # Also how long a request that was refused waits before it goes to the other replica.
    timeout connect 200ms
    timeout queue 10s
    timeout http-request 10s
    # Streams say something every 15 seconds.
    timeout client 60s
    timeout server 60s
    retries 3
    option redispatch 1
    option httpchk GET {check}
    # Who refuses connections is out at once; who is only slow to answer a check stays.
    timeout check 5s
    default-server check inter 1s downinter 200ms fall 3 rise 1 observe layer4 error-limit 1 on-error mark-down

frontend everybody
    bind 127.0.0.1:{port}{tls}
    default_backend replicas
    http-response add-header {header} %s

backend replicas
    balance roundrobin
    # A request that got no answer at all is sent to the other replica, if asking twice is harmless.
    retry-on conn-failure empty-response
    http-request disable-l7-retry unless METH_GET
"""


@contextmanager
def proxy(
    folder: Path,
    ports: Sequence[int],
    *,
    port: int = 0,
    check: str = "/health/live",
    certificate: Certificate | None = None,
) -> Iterator[str]:
    """Pass requests on to these ports of the loopback interface, and give the address to send them to.

    Args:
        folder: for its files.
        ports: of the replicas.
        port: to listen on; any that is free by itself.
        check: the path at which a replica says that it is well.
        certificate: what to show to browsers, which then speak https to the proxy, and nobody behind it does.

    Raises:
        PartMissing: HAProxy is not here and cannot be installed.
    """
    require("haproxy")
    port = port or free_port()
    file = folder / "haproxy.cfg"
    tls = TLS.format(certificate=_together(certificate, folder)) if certificate else ""
    servers = "".join(f"    server replica{number} 127.0.0.1:{each}\n" for number, each in enumerate(ports))
    file.write_text(CONFIG.format(port=port, check=check, tls=tls, header=WHICH) + servers)
    with (folder / "haproxy.log").open("wb") as log:
        # In the foreground and as one process, so that nothing outlives us.
        process = subprocess.Popen([program("haproxy") or "", "-db", "-f", str(file)], stdout=log, stderr=log)
    try:
        _wait_until_it_listens(process, port, folder / "haproxy.log")
        yield f"http{'s' if certificate else ''}://127.0.0.1:{port}/"
    finally:
        process.kill()
        process.wait(timeout=10)


def _together(certificate: Certificate, folder: Path) -> Path:
    """Put key and certificate into one file, as HAProxy wants them."""
    file = folder / "haproxy.pem"
    file.touch(mode=0o600)
    file.write_text(certificate.file.read_text() + certificate.key.read_text())
    return file


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"HAProxy did not start:\n{log.read_text()}")
