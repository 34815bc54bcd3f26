"""Which certificate authorities git trusts in a builder."""

import ssl
from pathlib import Path

import pytest

from repo2docker_service.adapters.builders.containers.in_container import authorities


def test_without_further_authorities_git_is_told_nothing(tmp_path: Path) -> None:
    assert authorities.settings(str(tmp_path)) == []


def test_further_authorities_are_trusted_besides_the_usual_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "usual.pem").write_text("usual")
    (tmp_path / authorities.GIVEN).write_text("given")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: FakePaths(None))
    monkeypatch.setattr(authorities, "USUAL", (str(tmp_path / "none.pem"), str(tmp_path / "usual.pem")))

    ((name, file),) = authorities.settings(str(tmp_path))

    assert name == "http.sslCAInfo"
    assert Path(file).read_text() == "usual\ngiven"


def test_an_image_without_authorities_trusts_the_given_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / authorities.GIVEN).write_text("given")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: FakePaths(str(tmp_path / "none.pem")))
    monkeypatch.setattr(authorities, "USUAL", ())

    ((_, file),) = authorities.settings(str(tmp_path))

    assert Path(file).read_text() == "\ngiven"


class FakePaths:
    """What OpenSSL was built to look for."""

    def __init__(self, cafile: str | None) -> None:
        self.cafile = cafile
