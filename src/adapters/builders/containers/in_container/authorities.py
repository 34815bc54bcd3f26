"""Has git trust an administrator's certificate authorities besides those that the image brings."""

from __future__ import annotations

import os
import ssl

GIVEN = "authorities.pem"
# Of Debian and Alpine, as the image may be of either.
USUAL = ("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem")


def settings(folder: str) -> list[tuple[str, str]]:
    """Give git's settings; none where there are no further authorities.

    git knows one file, so both are written into one.
    """
    try:
        with open(os.path.join(folder, GIVEN)) as file:
            given = file.read()
    except FileNotFoundError:
        return []
    together = os.path.join(folder, "all-" + GIVEN)
    with open(together, "w") as file:
        file.write(usual() + "\n" + given)
    return [("http.sslCAInfo", together)]


def usual() -> str:
    """Give the authorities that the image trusts."""
    for path in (ssl.get_default_verify_paths().cafile, *USUAL):
        if path and os.path.isfile(path):
            with open(path) as file:
                return file.read()
    return ""
