"""A repository takes no more of the disk than it may, and nothing once its build has ended."""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
import time
from pathlib import Path

import pytest

from repo2docker_service.adapters.builders.containers.in_container import checkout, codes, hooks

MANY = {"bytes": 1 << 40, "files": 1 << 40}
NO_LIMIT = {"bytes": 0, "files": 0}


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Give a folder with five things and somewhat more than 80,000 bytes in it."""
    for name in ("a", "b/c"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a" / "large").write_bytes(b"x" * 80_000)
    (tmp_path / "b" / "c" / "link").symlink_to("/")
    return str(tmp_path)


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        ({"bytes": 80_000, "files": 0}, True),
        ({"bytes": 200_000, "files": 0}, False),
        ({"bytes": 0, "files": 4}, True),
        ({"bytes": 0, "files": 5}, False),
        ({"bytes": 200_000, "files": 4}, True),
        (MANY, False),
    ],
)
def test_what_is_in_a_folder_is_counted_and_no_link_is_followed(
    folder: str, most: dict[str, int], *, expected: bool
) -> None:
    assert checkout.is_more_than(most, folder) is expected


def test_what_is_gone_meanwhile_counts_for_nothing(tmp_path: Path) -> None:
    assert not checkout.is_more_than(MANY, str(tmp_path / "gone"))


def test_more_than_may_be_is_noticed_while_it_comes(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "LOOK_EVERY", 0.01)
    seen = threading.Event()

    with checkout.bounded({"bytes": 80_000, "files": 0}, seen.set, folder):
        assert seen.wait(10)


def test_who_looks_rests_longer_than_a_look_takes(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "LOOK_EVERY", 0.01)
    looks: list[float] = []
    twice = threading.Event()

    def look(*_: object) -> bool:
        looks.append(time.monotonic())
        if len(looks) == 2:
            twice.set()
        time.sleep(0.1)
        return False

    monkeypatch.setattr(checkout, "is_more_than", look)
    with checkout.bounded(MANY, int, folder):
        assert twice.wait(10)

    assert looks[1] - looks[0] > 0.1 + 0.3


@pytest.mark.parametrize(
    ("most", "times"), [({"bytes": 80_000, "files": 0}, 1), (MANY, 0), ({"bytes": 0, "files": 0}, 0)]
)
def test_at_the_end_it_is_looked_at_once_more(folder: str, most: dict[str, int], times: int) -> None:
    exceeded: list[bool] = []

    with checkout.bounded(most, lambda: exceeded.append(True), folder):
        pass

    assert len(exceeded) == times


@pytest.mark.parametrize(
    ("most", "words"),
    [
        ({"bytes": 5, "files": 0}, "it has more than 5 bytes."),
        ({"bytes": 5, "files": 7}, "it has more than 5 bytes or more than 7 files."),
        ({"bytes": 0, "files": 7}, "it has more than 7 files."),
    ],
)
def test_the_log_says_which_limits_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], most: dict[str, int], words: str
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)

    hooks.too_much(most)

    assert ended == [codes.OUT_OF_RESOURCES]
    assert capsys.readouterr().out.endswith(f"{words}\n")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can write as another user")
def test_the_folder_belongs_to_the_user_that_fetches_and_goes_with_all_that_is_in_it() -> None:
    place = Path(tempfile.gettempdir(), f"r2d-{secrets.token_hex(8)}")

    checkout.make(10101, str(place))
    assert (place.stat().st_uid, place.stat().st_mode & 0o777) == (10101, 0o700)
    deep = place.joinpath(*["d"] * 500)
    checkout.run_as(10101, "mkdir", "-p", str(deep))
    assert deep.exists()
    checkout.clear(10101, str(place))

    assert not place.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start a program as another user")
def test_what_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "PATIENCE", 0.2)
    began = time.monotonic()

    checkout.run_as(10101, "sleep", "30")

    assert time.monotonic() - began < 10
