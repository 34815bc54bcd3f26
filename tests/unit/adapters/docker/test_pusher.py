"""The pusher gives an image its final name, and takes away what nobody needs any more."""

import json
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote

import pytest
from tests.unit.adapters.docker.raw_engine import RawEngine, answer, read_request

from repo2docker_service.adapters.builders.docker.in_container import codes
from repo2docker_service.adapters.builders.docker.in_container.pusher import push

TEMPORARY, FINAL = "localhost/r2d/a:b-0123", "localhost/r2d/a:1"
PLAN = {
    "temporary": TEMPORARY,
    "final": FINAL,
    "repository": "localhost/r2d/a",
    "registry": "localhost",
    "tag": "1",
    "push": False,
    "push_timeout": 5,
    "push_patience": 1,
}
TAG = f"POST /images/{TEMPORARY}/tag?repo=localhost/r2d/a&tag=1"


@dataclass
class Store:
    """Images by name, and all that was asked."""

    path: str
    names: dict[str, str] = field(default_factory=lambda: {TEMPORARY: "sha256:new"})
    ids: set[str] = field(default_factory=lambda: {"sha256:new", "sha256:old"})
    asked: list[str] = field(default_factory=list)
    tag_status: int = HTTPStatus.CREATED

    @property
    def folder(self) -> str:
        return str(Path(self.path).parent)

    @property
    def changes(self) -> list[str]:
        return [asked for asked in self.asked if not asked.startswith("GET")]

    def talk(self, connection: socket.socket) -> None:
        method, target, _ = unquote(read_request(connection).split(b"\r\n")[0].decode()).split(" ")
        self.asked.append(f"{method} {target}")
        connection.sendall(self.reply(method, target.removeprefix("/images/")))

    def reply(self, method: str, image: str) -> bytes:
        if method == "POST":
            if self.tag_status == HTTPStatus.CREATED:
                self.names[FINAL] = self.names[TEMPORARY]
            return answer(b'{"message":"no such image"}', self.tag_status)
        image = image.removesuffix("/json")
        identifier = self.names.get(image, image if image in self.ids else "")
        if not identifier:
            return answer(b"{}", HTTPStatus.NOT_FOUND)
        if method == "DELETE":
            self.names.pop(image, None)
            return answer(b"[]")
        tags = [name for name, target in self.names.items() if target == identifier]
        return answer(json.dumps({"Id": identifier, "RepoTags": tags}).encode())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(str(tmp_path / "engine"))
    with RawEngine(tmp_path / "engine", store.talk).listening():
        yield store


def test_an_image_is_named_before_its_temporary_name_is_removed(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert push(PLAN, store.folder, store.path, {}) == codes.OK

    assert store.changes == [TAG, f"DELETE /images/{TEMPORARY}"]
    assert store.names == {FINAL: "sha256:new"}
    assert capsys.readouterr().out == f"Stored as {FINAL}\n"


def test_the_image_that_had_the_name_is_removed_last(store: Store) -> None:
    store.names[FINAL] = "sha256:old"

    assert push(PLAN, store.folder, store.path, {}) == codes.OK

    assert store.changes == [TAG, f"DELETE /images/{TEMPORARY}", "DELETE /images/sha256:old"]


def test_an_image_that_was_built_the_same_again_is_not_removed(store: Store) -> None:
    store.names[FINAL] = "sha256:new"

    assert push(PLAN, store.folder, store.path, {}) == codes.OK

    assert store.changes == [TAG, f"DELETE /images/{TEMPORARY}"]


def test_the_image_that_had_the_name_is_kept_when_somebody_gave_it_another(store: Store) -> None:
    store.names |= {FINAL: "sha256:old", "mine:keep": "sha256:old"}

    assert push(PLAN, store.folder, store.path, {}) == codes.OK

    assert store.names == {FINAL: "sha256:new", "mine:keep": "sha256:old"}
    assert store.changes == [TAG, f"DELETE /images/{TEMPORARY}"]


@pytest.mark.parametrize("status", [HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.INTERNAL_SERVER_ERROR])
def test_nothing_is_removed_when_the_image_cannot_be_named(
    store: Store, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    store.tag_status = status
    store.names[FINAL] = "sha256:old"

    assert push(PLAN, store.folder, store.path, {}) == codes.PUSH_FAILED

    assert store.changes == [TAG]
    problem = "the image could not be named: no such image"
    assert capsys.readouterr().out == f"The push failed: {problem}.\n"
    assert json.loads((Path(store.folder) / "report.json").read_text()) == {"problem": problem}


@pytest.mark.parametrize(
    ("received", "code"), [(signal.SIGUSR1, codes.CANCELLED), (signal.SIGTERM, codes.LOST)], ids=["cancel", "stop"]
)
def test_a_pusher_that_was_signalled_before_it_began_names_nothing(
    store: Store, received: signal.Signals, code: int
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
