"""Ways in which registries, and what stands before them, misbehave."""

from __future__ import annotations

import gzip
import json
import secrets
from collections.abc import Callable
from functools import cache

from tests.integration.registry.proxy import Answer, Exchange, Fault, head
from tools.parts.registry_content import DOCKER_CONFIG, SCHEMA2, manifest, writing

MB = 1 << 20


def answer(status: int, body: bytes | str = b"", **headers: str) -> Fault:
    """Answer this instead; underscores in names of headers stand for dashes."""

    def act(exchange: Exchange) -> None:
        content = body.encode() if isinstance(body, str) else body
        given = [(name.replace("_", "-"), value) for name, value in headers.items()]
        exchange.send(Answer(status, [("Content-Length", str(len(content))), *given], content))

    return act


def refuse(status: int, code: str = "UNKNOWN", message: str = "no", **headers: str) -> Fault:
    """Refuse as registries do."""
    said = {"errors": [{"code": code, "message": message, "detail": None}]}
    return answer(status, json.dumps(said), Content_Type="application/json", **headers)


def changed(change: Callable[[Answer], None]) -> Fault:
    """Answer what the registry says, with something changed."""

    def act(exchange: Exchange) -> None:
        found = exchange.forward()
        change(found)
        exchange.send(found)

    return act


def with_header(name: str, value: str) -> Fault:
    """Say this in a header of the answer."""
    return changed(lambda found: found.put(name, value))


def without_header(name: str) -> Fault:
    """Leave a header out."""
    return changed(lambda found: found.drop(name))


def with_body(body: bytes) -> Fault:
    """Give another body, under the same headers."""

    def change(found: Answer) -> None:
        found.body = body
        found.put("Content-Length", str(len(body)))

    return changed(change)


def delayed(seconds: float) -> Fault:
    """Answer late."""

    def act(exchange: Exchange) -> None:
        exchange.wait(seconds)
        exchange.send(exchange.forward())

    return act


def dripping(pause: float) -> Fault:
    """Send the headers at once, and then one byte after the other."""

    def act(exchange: Exchange) -> None:
        found = exchange.forward()
        exchange.raw(head(found))
        for byte in found.body:
            exchange.raw(bytes([byte]))
            exchange.wait(pause)

    return act


def cut(exchange: Exchange) -> None:
    """End in the middle of a body whose length was said."""
    found = exchange.forward()
    exchange.raw(head(found) + _half(found))
    exchange.hang_up()


def cut_chunked(exchange: Exchange) -> None:
    """End in the middle of a body that comes in chunks."""
    found = exchange.forward()
    found.put("Transfer-Encoding", "chunked")
    found.drop("Content-Length")
    exchange.raw(head(found) + b"%x\r\n%s\r\n" % (len(_half(found)), _half(found)))
    exchange.hang_up()


def cut_without_length(exchange: Exchange) -> None:
    """End in the middle of a body of which nobody can know how long it is."""
    found = exchange.forward()
    found.put("Connection", "close")
    found.drop("Content-Length")
    exchange.raw(head(found) + _half(found))
    exchange.hang_up()


def reset(exchange: Exchange) -> None:
    """Drop the connection instead of answering."""
    exchange.reset()


def reset_within(exchange: Exchange) -> None:
    """Drop the connection in the middle of the body."""
    found = exchange.forward()
    exchange.raw(head(found) + _half(found))
    # Else the half would be dropped with the connection.
    exchange.wait(0.05)
    exchange.reset()


def hang_up_when_used_again(exchange: Exchange) -> None:
    """Close a connection that was kept, just when it is used again."""
    if exchange.request.number == 1:
        exchange.send(exchange.forward())
    else:
        exchange.hang_up()


def garbage(exchange: Exchange) -> None:
    """Answer what is no HTTP."""
    exchange.raw(b"220 mail.example ready\r\n")
    exchange.hang_up()


def huge(status: int) -> Fault:
    """Answer 100 MB."""
    piece = b" " * (MB // 4)

    def act(exchange: Exchange) -> None:
        exchange.raw(head(Answer(status, [("Content-Type", SCHEMA2), ("Content-Length", str(100 * MB))])))
        for _ in range(400):
            exchange.raw(piece)

    return act


def bomb(exchange: Exchange) -> None:
    """Answer a few bytes that unpack to 200 MB, though nobody asked for packed ones."""
    headers = [("Content-Type", SCHEMA2), ("Content-Encoding", "gzip"), ("Content-Length", str(len(packed())))]
    exchange.send(Answer(200, headers, packed()))


@cache
def packed() -> bytes:
    """Give 200 MB in less than one."""
    return gzip.compress(b"[" * (200 * MB), compresslevel=1)


def delete_tags(exchange: Exchange) -> None:
    """Delete by tag, as newer registries do, before one that only deletes by digest.

    A manifest that nothing else has is put on the tag, and deleted.
    """
    repository, _, tag = exchange.request.target.removeprefix("/v2/").partition("/manifests/")
    found = exchange.forward()
    if tag.startswith("sha256:") or found.status != 400:
        exchange.send(found)
        return
    with writing(exchange.behind, repository, auth=exchange.request.headers.get("authorization")) as writer:
        if not writer.has(tag):
            refuse(404, "MANIFEST_UNKNOWN")(exchange)
            return
        content = manifest(writer.blob(json.dumps({"of no use": secrets.token_hex()}).encode(), DOCKER_CONFIG), [])
        writer.delete(writer.manifest(tag, content, SCHEMA2))
    answer(202)(exchange)


def _half(found: Answer) -> bytes:
    return found.body[: len(found.body) // 2]
