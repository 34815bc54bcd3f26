"""Serves the page: its files, and its one document for every address that is the page's own."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from repo2docker_service.entrypoints.spa.sending import is_copy, sent_file

_BASE: Final = '<base href="/">'
_FOREVER: Final = "public, max-age=31536000, immutable"
_BADGE: Final = "badge.svg"
_NOT_BUILT: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>The page is not built</title></head>
<body>
<h1>The page is not built</h1>
<p>This service runs from a checkout without its page. Run <code>make page-build</code> there, then load this again.</p>
<p>The REST API works without it: <a href="{api}">{api}</a>.</p>
</body>
</html>
"""


def find_page() -> Path:
    """Give the folder of the built page: in an installed package inside of it, in a checkout beside the sources."""
    installed = Path(str(files(__name__) / "static"))
    if installed.is_dir():
        return installed
    return Path(__file__).resolve().parents[3] / "frontend" / "dist"


OnOpen = Callable[[Request, Response], None]


@dataclass(frozen=True)
class Page:
    """The page as a web application of its own."""

    base_url: str
    on_open: OnOpen
    """Called with each answer that holds the document."""
    folder: Path = field(default_factory=find_page)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await WebSocketClose()(scope, receive, send)
            return
        response = await run_in_threadpool(self._answer, Request(scope))
        await response(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix(self.base_url.rstrip("/")).lstrip("/")
        first, _, rest = path.partition("/")
        if first in ("api", "health"):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if request.method not in ("GET", "HEAD"):
            raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"})
        # A dot in the last part may belong to a repository's address; alone it is a file.
        if first == "static" or (not rest and "." in first and first != "index.html"):
            return self._asset(path, request)
        return self._document(request)

    def _asset(self, path: str, request: Request) -> Response:
        file = self._file(path)
        if file is None or is_copy(file):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        headers = {"Cache-Control": _FOREVER if path.startswith("static/") else "no-cache"}
        if path == _BADGE:  # pages of other sites show it
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return sent_file(file, request.headers, headers)

    def _file(self, path: str) -> Path | None:
        try:
            file = (self.folder / path).resolve()
            return file if file.is_relative_to(self.folder.resolve()) and file.is_file() else None
        except (OSError, ValueError):  # no name that a file can have
            return None

    def _document(self, request: Request) -> Response:
        try:
            text = (self.folder / "index.html").read_text("utf-8")
        except FileNotFoundError:
            api = html.escape(f"{self.base_url}api/v1/openapi.json")
            # With a server's error a Hub would take the service for one that does not start, and not start either.
            return HTMLResponse(_NOT_BUILT.format(api=api), HTTPStatus.NOT_FOUND)
        response = HTMLResponse(text.replace(_BASE, f'<base href="{html.escape(self.base_url)}">'))
        self.on_open(request, response)
        return response
