"""What others write into the archive is no entry, however it is made."""

import secrets
from pathlib import Path

import pytest

from repo2docker_service.adapters.archives.entries import read_entry
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.signing import Signer


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"{}", b"[]", b'{"record": "{}", "signature": ""}', b"[" * 200_000],
    ids=["nothing", "bytes", "empty", "a list", "unsigned", "deep"],
)
def test_what_is_not_signed_is_no_entry(content: bytes, tmp_path: Path) -> None:
    assert read_entry(Installation("test", Signer([secrets.token_bytes(32)]), tmp_path), content) is None
