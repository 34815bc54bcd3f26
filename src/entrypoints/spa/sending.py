"""Sends a file of the page: its type, the copy of it that a reader likes best, and nothing where the reader has it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from repo2docker_service.entrypoints.codings import best_coding

# Not left to the machine's own table: a browser runs no script that is said to be something else.
_TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}
_COPIES: Final = {"br": ".br", "gzip": ".gz"}
"""What the build adds to the name of a file for its compressed copies, the smallest one first."""
_STATIC_FILES: Final = StaticFiles()


def is_copy(file: Path) -> bool:
    """Whether this is the compressed copy of another file, which has no address of its own."""
    return file.suffix in _COPIES.values()


def sent_file(file: Path, asked: Headers, headers: Mapping[str, str]) -> Response:
    """Give the answer that holds a file, to a request with these headers."""
    copies = {coding: copy for coding, end in _COPIES.items() if (copy := Path(f"{file}{end}")).is_file()}
    coding = best_coding(asked.get("accept-encoding", ""), [*copies])
    told = {**headers, "Vary": "Accept-Encoding"} if copies else {**headers}
    if coding:
        told["Content-Encoding"] = coding
    sent = copies.get(coding, file)
    kind = _TYPES.get(file.suffix, "application/octet-stream")
    response = FileResponse(sent, media_type=kind, headers=told, stat_result=sent.stat())
    if not _STATIC_FILES.is_not_modified(response.headers, asked):
        return response
    unchanged = NotModifiedResponse(response.headers)
    # Where this answer did not repeat them, it would get the usual ones, which the reader would take over.
    unchanged.headers.update(headers)
    return unchanged
