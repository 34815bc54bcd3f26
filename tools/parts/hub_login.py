"""A browser without a window, and how somebody logs in with it at a Hub whose authenticator believes every name."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import httpx


class HereTransport(httpx.HTTPTransport):
    """Finds every host on this machine, as browsers find ``*.localhost``."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Connect to this machine, and ask there for the host that was meant."""
        here = httpx.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1"),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.host},
        )
        return super().handle_request(here)


def browser(trusted: Path | None = None) -> httpx.Client:
    """Give something that keeps cookies and follows redirects, as browsers do.

    Args:
        trusted: file with the authorities whose certificates it accepts; it accepts no other.
    """
    tls = ssl.create_default_context(cafile=trusted) if trusted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.Client(
        transport=HereTransport(verify=tls),
        follow_redirects=True,
        timeout=60,
        headers={"Sec-Fetch-Mode": "navigate"},
    )


def log_in(client: httpx.Client, address: str, user: str) -> httpx.Response:
    """Open a page with a browser, log in where that leads to, and give what is shown at last."""
    form = client.get(address)
    hidden = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form.text)
    [action] = re.findall(r'<form[^>]*action="([^"]+)"', form.text)
    fields = {name: unescape(value) for name, value in hidden} | {"username": user, "password": ""}
    return client.post(form.url.join(unescape(action)), data=fields)


def page_headers(client: httpx.Client) -> Mapping[str, str]:
    """Give what the page of the service in this browser sends with each call."""
    # The Hub has a cookie of that name under a path of its own.
    marks = [each.value for each in client.cookies.jar if each.name == "_xsrf" and not each.path.endswith("/hub/")]
    return {"X-XSRFToken": marks[0] or "", "Sec-Fetch-Mode": "cors"} if marks else {}
