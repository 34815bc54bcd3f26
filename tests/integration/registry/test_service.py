"""The whole service in front of a registry: one API whichever it is, and secrets that stay where they belong."""

from __future__ import annotations

import base64
import json
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.conftest import address
from tests.integration.waiting import wait_for
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.registry import RunningRegistry, Setup, running_registry
from tools.parts.registry_content import SCHEMA2, put_image
from tools.parts.repository import Repository
from tools.reliability.engine_facts import remove_everything, told_of
from tools.service import RunningService, build, follow, running_service

CANARY = f"canary:wörd-{secrets.token_hex(12)}"


@dataclass
class Rig:
    """Services of one installation after the other, on real parts."""

    engine: Engine
    git: GitServer
    folder: Path
    settings: str
    instance: str

    def repository(self, content: str = "", file: str = "token") -> str:
        """Give the address of a new repository, whose image is quickly pushed, or holds this content.

        Only the file ``token`` is there to be put into it.
        """
        repository = Repository(self.git.root, f"{secrets.token_hex(4)}/example.git")
        files = {"Dockerfile": f"FROM scratch\nCOPY {file} /\n", "token": content or secrets.token_hex(8)}
        repository.commit(files, "One")
        return address(self.git, repository)

    @contextmanager
    def service(self, settings: str = "") -> Iterator[RunningService]:
        """Run a service with these settings besides."""
        names = {"instance": self.instance, "image_prefix": f"r2d-{self.instance}"}
        mine = "".join(f"c.Repo2DockerService.{name} = {value!r}\n" for name, value in names.items())
        with running_service(self.folder / "service", mine + self.settings + settings) as service:
            yield service

    @contextmanager
    def registry(self, setup: Setup | None = None) -> Iterator[RunningRegistry]:
        """Run a registry."""
        (self.folder / "registry").mkdir()
        with running_registry(self.folder / "registry", setup) as registry:
            yield registry


@pytest.fixture
def rig(engine: Engine, git: GitServer, service_settings: str, tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(engine, git, tmp_path, service_settings, f"t{secrets.token_hex(6)}")
    yield rig
    remove_everything(DockerApi(engine.url), rig.instance)


def v2(registry: RunningRegistry, patience: int = 3, /, **traits: object) -> str:
    chosen = {"url": registry.url, **traits}
    lines = ["c.Repo2DockerService.registry = 'v2'", f"c.DockerImageBuilder.push_patience = {patience}"]
    return "\n".join([*lines, *(f"c.V2Registry.{name} = {value!r}" for name, value in chosen.items()), ""])


def archived(registry: RunningRegistry) -> set[str]:
    """Give the ids of the builds whose logs a registry has."""
    repositories = httpx.get(f"{registry.url}/v2/_catalog").json()["repositories"]
    lists = [httpx.get(f"{registry.url}/v2/{name}/tags/list").json() for name in repositories]
    tags = [tag for found in lists for tag in found["tags"] or ()]
    return {tag.removeprefix("log-") for tag in tags if tag.startswith("log-")}


def test_logs_are_as_they_were_when_the_engine_has_lost_all_and_go_with_their_owner(rig: Rig) -> None:
    settings = "c.Repo2DockerService.archive_logs = True\n"
    with rig.registry() as registry, rig.service(v2(registry) + settings) as service, service.client as client:
        ended = [build(client, repo=rig.repository(file=file)) for file in ("token", "nothing")]
        ids = [each["id"] for each in ended]
        before = [(client.get(f"builds/{each}").json(), client.get(f"builds/{each}/log").text) for each in ids]
        wait_for(lambda: archived(registry) == {*ids})
        remove_everything(DockerApi(rig.engine.url), rig.instance)
        wait_for(lambda: client.get("builds").json()["items"] == [])

        after = [(client.get(f"builds/{each}").json(), client.get(f"builds/{each}/log").text) for each in ids]
        followed = [follow(client, each, "2") for each in ids]
        images = client.get("images").json()["items"]
        removed = client.post(f"admin/owners/{ended[0]['owner']}/removal").json()["items"]
        gone = [client.get(f"builds/{each}{path}").status_code for each in ids for path in ("", "/log")]
        left = archived(registry)

    assert [each["state"] for each in ended] == ["succeeded", "failed"]
    assert after == before
    assert [each.lines for each in followed] == [text.splitlines()[2:] for _, text in before]
    assert [image["name"] for image in images] == [ended[0]["image"]]
    assert {*ids, ended[0]["image"]} <= {each["name"] for each in removed if not each.get("stays")}
    assert (gone, left) == ([404] * 4, set())


@pytest.mark.parametrize("kind", ["docker-daemon", "v2"])
def test_the_api_is_the_same_whichever_registry_is_chosen(rig: Rig, kind: str) -> None:
    repo = rig.repository()
    with (
        rig.registry() as registry,
        rig.service(v2(registry) if kind == "v2" else "") as service,
        service.client as client,
    ):
        built = build(client, repo=repo)
        [image] = client.get("images").raise_for_status().json()["items"]
        again = client.post("builds", json={"repo": repo})
        alone = client.get(f"builds/{built['id']}").json()
        found = client.get(f"images/{image['id']}")
        path, tagged = f"images/{image['id']}", f'"{image["digest"]}"'
        refused = [client.delete(path), client.delete(path, headers={"If-Match": f'"sha256:{"0" * 64}"'})]
        deleted = [client.delete(path, headers={"If-Match": tagged}) for _ in range(2)]
        left = client.get("images").json()
        rebuilt = client.post("builds", json={"repo": repo})
        follow(client, rebuilt.json()["id"])

    assert built["state"] == "succeeded"
    assert (image["name"], image["digest"], image["build_id"]) == (built["image"], built["digest"], built["id"])
    assert (image["launchable"], built["launchable"], alone["launchable"]) == (False, False, False)
    assert alone["digest"] == image["digest"]
    assert (found.json(), found.headers["ETag"]) == (image, tagged)
    assert image["launch_reference"].endswith(image["digest"])
    assert image["size"] > 0
    assert (again.status_code, again.json()["reused"], again.json()["digest"]) == (200, True, image["digest"])
    assert [answer.status_code for answer in (*refused, *deleted)] == [428, 412, 204, 404]
    assert (left["items"], left["total"], left["stale"], left["partial"]) == ([], 0, False, False)
    assert (rebuilt.status_code, rebuilt.json()["reused"]) == (202, False)


def test_a_registry_that_has_gone_is_said_to_be_away_and_its_list_is_still_served(rig: Rig) -> None:
    first, second = rig.repository(), rig.repository()
    with (
        rig.registry() as registry,
        rig.service(v2(registry, refresh_seconds=0.2)) as service,
        service.client as client,
    ):
        built = build(client, repo=first)
        waiting = client.post("builds", json={"repo": second}).raise_for_status().json()
        registry.stop()
        failed = follow(client, waiting["id"]).end
        stale = until_stale(client)
        refused = client.post("builds", json={"repo": first})
        ready = until_degraded(f"{service.url}health/ready")
        ended = client.get(f"builds/{built['id']}")
        registry.start()
        retried = until_accepted(client, second)
        log = follow(client, retried["id"])

    assert (failed["state"], failed["reason"]) == ("failed", "push-failed")
    assert "connection refused" in failed["message"]
    assert [image["name"] for image in stale["items"]] == [built["image"]]
    assert (refused.status_code, refused.json()["part"]) == (503, f"registry {registry.host}")
    assert [name for name, part in ready["parts"].items() if not part["ok"]] == ["registry"]
    assert (ended.status_code, ended.json()["state"]) == (200, "succeeded")
    assert (log.end["state"], log.end["image"]) == ("succeeded", failed["image"])
    assert log.end["digest"]
    assert log.lines[0].startswith(f"Build {failed['id']} made this image")


def until_stale(client: httpx.Client) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while not (page := client.get("images").raise_for_status().json())["stale"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    listed: dict[str, Any] = page
    return listed


def until_degraded(url: str) -> dict[str, Any]:
    """Ask until the service looks again: that all was well is told for a while without looking."""
    deadline = time.monotonic() + 30
    while (answer := httpx.get(url).raise_for_status().json())["status"] != "degraded":
        assert time.monotonic() < deadline
        time.sleep(0.5)
    report: dict[str, Any] = answer
    return report


def until_accepted(client: httpx.Client, repo: str) -> dict[str, Any]:
    """Ask for a build until the registry is asked again, which it is not right after it failed."""
    deadline = time.monotonic() + 30
    while (answer := client.post("builds", json={"repo": repo})).status_code == httpx.codes.SERVICE_UNAVAILABLE:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    accepted: dict[str, Any] = answer.raise_for_status().json()
    return accepted


@pytest.mark.parametrize("way", ["password", "password_file", "docker_config", "helper"])
def test_a_password_is_found_nowhere_but_where_it_was_put(rig: Rig, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = rig.folder / "secret"
    pair = base64.b64encode(f"ada:{CANARY}".encode()).decode()
    with rig.registry(Setup(users={"ada": CANARY})) as registry:
        contents = {
            "docker_config": {"auths": {registry.host: {"auth": pair}}},
            "helper": {"credHelpers": {registry.host: "canary"}},
        }
        secret.write_text(json.dumps(contents[way]) if way in contents else CANARY)
        put_helper(rig.folder / "bin", monkeypatch)
        setting = "docker_config" if way == "helper" else way
        given = {setting: CANARY if way == "password" else str(secret)}
        named = {} if way in contents else {"username": "ada"}
        debug = "c.Application.log_level = 'DEBUG'\n"
        with rig.service(debug + v2(registry, **given, **named)) as service, service.client as client:
            events = Changes(service)
            built = build(client, repo=rig.repository())
            [image] = client.get("images").json()["items"]
            registry.stop()
            errors = [client.post("builds", json={"repo": rig.repository()}).text, client.get("images").text]
            registry.start()
        told = events.told()
        containers = everything_in_containers(rig)
        log, registry_log = service.log.read_bytes(), registry.log.encode()
    cache = b"".join(path.read_bytes() for path in (rig.folder / "service" / "data").rglob("*") if path.is_file())

    assert built["state"] == "succeeded"
    assert image["digest"].encode() in cache
    places = {
        "service's log": log,
        "registry's log": registry_log,
        "containers": containers,
        "events": told.encode(),
        "errors": "".join(errors).encode(),
        "answers": json.dumps([built, image], ensure_ascii=False).encode(),
        "data folder": cache,
    }
    assert b"GET /v2/" in log
    assert all(places.values())
    marks = (CANARY.encode(), json.dumps(CANARY).strip('"').encode(), pair[8:-4].encode(), CANARY[-20:].encode())
    assert [name for name, text in places.items() if any(mark in text for mark in marks)] == []


def put_helper(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a credential helper that knows the password, and let the service find it."""
    folder.mkdir()
    answer = json.dumps({"ServerURL": "", "Username": "ada", "Secret": CANARY})
    helper = folder / "docker-credential-canary"
    helper.write_text(f"#!/bin/sh\ncat >/dev/null\necho '{answer}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


class Changes:
    """Listens to the service's stream of changes, in a thread."""

    def __init__(self, service: RunningService) -> None:
        self._client = service.client
        self._told = ""
        begun = threading.Event()
        self._thread = threading.Thread(target=self._listen, args=(begun,), daemon=True)
        self._thread.start()
        assert begun.wait(10)

    def told(self) -> str:
        """Give all that was told until the service ended."""
        self._thread.join(20)
        self._client.close()
        return self._told

    def _listen(self, begun: threading.Event) -> None:
        with suppress(httpx.TransportError), self._client.stream("GET", "events", timeout=60) as response:
            begun.set()
            for text in response.iter_text():
                self._told += text


def everything_in_containers(rig: Rig) -> bytes:
    """Give all that the engine tells of this installation's containers: description, files, log."""
    docker = DockerApi(rig.engine.url)
    found = b""
    for listed in docker.ask("GET", "/containers/json", {"all": "1"}):
        if rig.instance in listed["Names"][0]:
            found += told_of(docker, listed["Id"])
    return found


def test_all_is_listed_when_what_was_known_has_gone_and_told_from_what_somebody_put_in_its_place(rig: Rig) -> None:
    known = rig.folder / "service" / "data" / "registry.sqlite"
    with rig.registry() as registry:
        with rig.service(v2(registry)) as service, service.client as client:
            built, other = (build(client, repo=rig.repository()) for _ in range(2))
            before = client.get(f"builds/{built['id']}").json()
        with closing(sqlite3.connect(known)) as database:
            assert database.execute("SELECT count(*) FROM tag").fetchone() == (2,)
        repository, _, tag = built["image"].removeprefix(f"{registry.host}/").rpartition(":")
        labels = labels_of(registry, repository, tag)
        forged = put_image(registry.url, repository, tag, labels)
        # A process that knows nothing of it but what engine and registry tell.
        for path in known.parent.glob(f"{known.name}*"):
            path.unlink()
        with rig.service(v2(registry)) as service, service.client as client:
            images = {image["name"]: image for image in client.get("images").json()["items"]}
            after = client.get(f"builds/{built['id']}").json()

    assert images.keys() == {built["image"], other["image"]}
    assert images[other["image"]]["digest"] == other["digest"]
    assert forged != before["digest"] == built["digest"]
    # It inherits all that is signed, so it is listed: as what it is.
    image = images[built["image"]]
    assert (image["build_id"], image["digest"], image["changed_outside"]) == (built["id"], forged, True)
    assert (after["digest"], after["changed_outside"]) == (built["digest"], True)
    assert "changed_outside" not in before
    assert "launchable" not in after


def labels_of(registry: RunningRegistry, repository: str, tag: str) -> dict[str, str]:
    """Read the labels of an image, as anybody may who may pull it."""
    url = f"{registry.url}/v2/{repository}"
    manifest = httpx.get(f"{url}/manifests/{tag}", headers={"Accept": SCHEMA2}).raise_for_status().json()
    config = httpx.get(f"{url}/blobs/{manifest['config']['digest']}").raise_for_status().json()
    labels: dict[str, str] = config["config"]["Labels"]
    return labels
