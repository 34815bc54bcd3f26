"""Which certificates are trusted when this service connects to others."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx
from traitlets import TraitError


def trusting(ca_bundle: str = "", *, insecure: bool = False) -> ssl.SSLContext:
    """Trust whom this machine trusts, as git does (else whom browsers trust), and the authorities of a file besides.

    Args:
        ca_bundle: a file of further authorities; none when empty.
        insecure: trust everybody instead, whatever the certificate and whomever it names.

    Raises:
        OSError: the file cannot be read, or holds no certificates.
    """
    if insecure:
        return _trusting_everybody()
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())):
        context = ssl.create_default_context()
    else:
        context = httpx.create_ssl_context(trust_env=False)
    if ca_bundle:
        context.load_verify_locations(ca_bundle)
    return context


def check_authorities(ca_bundle: str, trait: str) -> None:
    """Look at a file of authorities that containers will use, long after somebody has written its name.

    Raises:
        TraitError: it cannot be used; names the trait.
    """
    try:
        trusting(ca_bundle)
    except OSError as error:
        raise TraitError(f"{trait} cannot be used: {error}") from error


def _trusting_everybody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
