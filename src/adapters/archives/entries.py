"""What the archive says of a build: its final record and where its log is, signed, as others may write there, too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from repo2docker_service.adapters.archives.pieces import StoredPiece
from repo2docker_service.adapters.artifacts import Part
from repo2docker_service.domain.archive.final_records import build_from_record, build_to_record
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build
from repo2docker_service.domain.records import canonical

_SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One archived build."""

    build: Build
    pieces: Sequence[StoredPiece]

    @property
    def stored(self) -> int:
        """Bytes of its log, as they are stored."""
        return sum(piece.part.size for piece in self.pieces)


def write_entry(installation: Installation, entry: Entry) -> bytes:
    """Write an entry, signed for this installation."""
    record = canonical(
        {
            "schema": _SCHEMA,
            "instance": installation.instance,
            "build": build_to_record(entry.build),
            "log": [_piece_to_record(piece) for piece in entry.pieces],
        }
    )
    signature = installation.signer.sign(_purpose(installation), record)
    return canonical({"record": record, "signature": signature}).encode()


def read_entry(installation: Installation, content: bytes) -> Entry | None:
    """Read an entry; None when it is not of this installation, or not to be understood by this release."""
    try:
        document = json.loads(content)
        record, signature = str(document["record"]), str(document["signature"])
        if not installation.signer.verify(_purpose(installation), record, signature):
            return None
        values = json.loads(record)
        if values["schema"] > _SCHEMA:
            return None
        return Entry(build_from_record(values["build"]), [_piece_from_record(piece) for piece in values["log"]])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _piece_to_record(piece: StoredPiece) -> dict[str, Any]:
    part = piece.part
    return {
        "digest": part.digest,
        "size": part.size,
        "first": piece.first,
        "lines": piece.lines,
        "length": piece.length,
    }


def _piece_from_record(values: dict[str, Any]) -> StoredPiece:
    return StoredPiece(Part(values["digest"], values["size"]), values["first"], values["lines"], values["length"])


def _purpose(installation: Installation) -> str:
    return f"archive/{installation.instance}"
