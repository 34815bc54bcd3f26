"""The proxy that stands before a JupyterHub."""

from __future__ import annotations

from . import npm

PACKAGE = "configurable-http-proxy"
VERSION = "5.3.0"


def command() -> list[str]:
    """Give the words that start the proxy, which is installed when it is not there yet.

    Raises:
        PartMissing: Node is not here, or npm cannot install the proxy.
    """
    return [str(npm.node()), str(npm.installed(PACKAGE, VERSION) / "bin" / PACKAGE)]
