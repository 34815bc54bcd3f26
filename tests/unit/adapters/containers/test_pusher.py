"""The pusher gives an image its final name, and takes away what nobody needs any more."""

import json
import signal
import socket
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from tests.unit.adapters.docker.image_engine import FINAL, LOOK, MADE, NEW, OLD, PLAN, TEMPORARY, ImageEngine

from repo2docker_service.adapters.builders.containers.in_container import buildkit, codes
from repo2docker_service.adapters.builders.containers.in_container.looking import MISSING
from repo2docker_service.adapters.builders.containers.in_container.pusher import push

TAG = f"POST /images/{TEMPORARY}/tag?repo=localhost/r2d/a&tag=1"
LOOKS = [f"POST /containers/create?name={LOOK}", "POST /commit?container=c1&repo=localhost/r2d/a&tag=1"]
LOOKED = [*LOOKS, "DELETE /containers/c1?v=1"]
NOT_KNOWN = "It is not known whether a hub can start this image; looking into it failed: in its own words\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ImageEngine]:
    with ImageEngine(str(tmp_path / "engine")).listening() as store:
        yield store


def test_an_image_is_named_before_its_temporary_name_is_removed(
    store: ImageEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert push(PLAN, store.folder, store.path, {}) == codes.OK

    assert store.changes == [*LOOKED, f"DELETE /images/{TEMPORARY}"]
    assert store.names == {FINAL: MADE}
    assert capsys.readouterr().out == f"{MISSING}\nStored as {FINAL}\n"


@pytest.mark.parametrize("refused", [{}, {"POST /containers": HTTPStatus.CONFLICT, TAG: HTTPStatus.NOT_FOUND}])
def test_what_nobody_could_remove_later_is_removed_in_any_case(
    store: ImageEngine, refused: dict[str, HTTPStatus]
) -> None:
    store.fails = refused

    push({**PLAN, "dropped": [TEMPORARY, FINAL]}, store.folder, store.path, {})

    assert store.names == {}
    assert store.changes[-2:] == [f"DELETE /images/{TEMPORARY}", f"DELETE /images/{FINAL}"]


def test_it_is_also_removed_where_the_build_was_stopped_before_the_pusher_began(store: ImageEngine) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        signal.raise_signal(signal.SIGTERM)
        assert push({**PLAN, "dropped": [TEMPORARY, FINAL]}, store.folder, store.path, {}) == codes.LOST
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    assert store.names == {}


def test_the_image_that_had_the_name_is_removed_last(store: ImageEngine) -> None:
    store.names[FINAL] = OLD

    assert push(PLAN, store.folder, store.path, {}) == codes.OK

    assert store.changes == [*LOOKED, f"DELETE /images/{TEMPORARY}", f"DELETE /images/{OLD}"]


def test_an_image_that_was_built_the_same_again_is_not_removed(store: ImageEngine) -> None:
    store.names[FINAL] = NEW
    store.fails = {"POST /containers": HTTPStatus.CONFLICT}

    assert push(PLAN, store.folder, store.path, {}) == codes.OK

    assert store.changes == [LOOKS[0], TAG, f"DELETE /images/{TEMPORARY}"]


def test_the_image_that_had_the_name_is_kept_when_somebody_gave_it_another(store: ImageEngine) -> None:
    store.names |= {FINAL: OLD, "mine:keep": OLD}

    assert push(PLAN, store.folder, store.path, {}) == codes.OK

    assert store.names == {FINAL: MADE, "mine:keep": OLD}
    assert store.changes == [*LOOKED, f"DELETE /images/{TEMPORARY}"]


@pytest.mark.parametrize("status", [HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.INTERNAL_SERVER_ERROR])
def test_nothing_is_removed_when_the_image_cannot_be_named(
    store: ImageEngine, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    store.fails = {"POST /containers": status, "POST /images": status}
    store.names[FINAL] = OLD

    assert push(PLAN, store.folder, store.path, {}) == codes.PUSH_FAILED

    assert store.changes == [LOOKS[0], TAG]
    problem = "the image could not be named: in its own words"
    assert capsys.readouterr().out == f"{NOT_KNOWN}The push failed: {problem}.\n"
    assert json.loads((Path(store.folder) / "report.json").read_text()) == {"problem": problem}


@pytest.mark.parametrize("fails", ["POST /containers/create", "HEAD /containers", "POST /commit"])
def test_an_image_that_cannot_be_looked_into_is_named_all_the_same(
    store: ImageEngine, fails: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store.fails = {fails: HTTPStatus.INTERNAL_SERVER_ERROR}

    assert push(PLAN, store.folder, store.path, {}) == codes.OK

    assert store.names == {FINAL: NEW}
    assert capsys.readouterr().out.startswith("It is not known whether a hub can start this image;")
    assert (LOOKED[-1] in store.changes) is (fails != "POST /containers/create")


@pytest.mark.parametrize(
    ("received", "code"), [(signal.SIGUSR1, codes.CANCELLED), (signal.SIGTERM, codes.LOST)], ids=["cancel", "stop"]
)
def test_a_pusher_that_was_signalled_before_it_began_names_nothing(
    store: ImageEngine, received: signal.Signals, code: int
) -> None:
    given: list[int] = []

    def signalled() -> None:
        # In a thread of its own, whose signals nobody else sees.
        signal.pthread_sigmask(signal.SIG_BLOCK, {received})
        signal.pthread_kill(threading.get_ident(), received)
        given.append(push(PLAN, store.folder, store.path, {}))

    thread = threading.Thread(target=signalled)
    thread.start()
    thread.join()

    assert given == [code]
    assert store.asked == []


def test_an_engine_that_does_not_answer_is_a_failed_push(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert push(PLAN, str(tmp_path), str(tmp_path / "nobody.sock"), {}) == codes.PUSH_FAILED

    assert capfd.readouterr().out.startswith("The engine did not answer: ")


# --- where BuildKit alone builds ------------------------------------------------------------------


def test_what_is_no_image_is_not_sent(store: ImageEngine, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as daemon:
        told = {"address": f"127.0.0.1:{daemon.getsockname()[1]}", "tls": False}
        assert push({**PLAN, "buildkit": told, "push": True}, store.folder, store.path, {}) == codes.PUSH_FAILED

    assert "is not one image with layers" in capsys.readouterr().out
    assert "is not one image" in json.loads(Path(store.folder, "report.json").read_text())["problem"]
    assert store.changes == []


def test_a_buildkit_that_went_away_before_anything_was_sent_has_lost_the_build(
    store: ImageEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(buildkit, "PAUSE", 100.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        told = {"address": f"127.0.0.1:{silent.getsockname()[1]}", "tls": False}
        assert push({**PLAN, "buildkit": told, "push": True}, store.folder, store.path, {}) == codes.LOST

    assert capsys.readouterr().out.startswith("BuildKit was stopped, and what it has built cannot be sent: ")
