"""Certificates of authorities that nobody but a test trusts."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .packages import program, require

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files, in PEM, of a certificate and its key."""

    file: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        """What a server needs to show it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


def authority(folder: Path, name: str = "authority") -> Certificate:
    """Make the certificate of an authority; it also serves as one that signs for itself."""
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    # Without it, Python 3.13 and later trust nothing that it signs.
    use = ["-addext", "keyUsage=critical,digitalSignature,keyCertSign"]
    _openssl("req", "-x509", *KEY, "-subj", f"/CN={name}", *use, "-keyout", str(made.key), "-out", str(made.file))
    return made


def issue(signer: Certificate, folder: Path, name: str, *addresses: str) -> Certificate:
    """Make a certificate for servers under these names, each as `DNS:host` or `IP:address`."""
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    of_a_server = ["-addext", f"subjectAltName={','.join(addresses)}", "-addext", "basicConstraints=critical,CA:FALSE"]
    by = ["-CA", str(signer.file), "-CAkey", str(signer.key), *of_a_server]
    _openssl("req", "-x509", *KEY, "-subj", f"/CN={name}", *by, "-keyout", str(made.key), "-out", str(made.file))
    return made


def _openssl(*words: str) -> None:
    require("openssl")
    subprocess.run([program("openssl") or "openssl", *words], check=True, capture_output=True)
