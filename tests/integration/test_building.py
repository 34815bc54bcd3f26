"""A git address becomes an image: the whole way through the running service, on real parts."""

from __future__ import annotations

import secrets
import statistics
import threading
import time
from dataclasses import dataclass

import httpx
import pytest
from tests.integration.conftest import MakeRepository, address, containers
from tests.integration.docker_builds import inside
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.repository import Repository
from tools.service import Followed, build, follow

LINES = 20_000


@dataclass(frozen=True)
class Served:
    """A repository with a commit for each way to ask for one."""

    repository: Repository
    address: str
    commits: dict[str, str]


def dockerfile(image: str, *steps: str) -> str:
    return "\n".join([f"FROM {image}", "COPY proof.txt /proof.txt", *steps, ""])


@pytest.fixture
def served(git: GitServer, make_repository: MakeRepository, image: str) -> Served:
    repository = make_repository()
    commits = {}
    for name, branch in (("old", "feature/deep/name"), ("tagged", "spare"), ("default", None)):
        files = {"Dockerfile": dockerfile(image), "proof.txt": name}
        inner = {"below/here/Dockerfile": dockerfile(image), "below/here/proof.txt": f"{name} below"}
        commits[name] = repository.commit(files | inner, name, branch)
    repository.tag("v1", commits["tagged"])
    return Served(repository, address(git, repository), commits)


@pytest.mark.parametrize(
    ("ref", "commit", "subdir"),
    [
        ("", "default", ""),
        ("main", "default", ""),
        ("feature/deep/name", "old", ""),
        ("v1", "tagged", ""),
        ("<full>", "old", ""),
        ("v1", "tagged", "below/here"),
    ],
    ids=["default branch", "branch", "branch with slashes", "annotated tag", "full commit", "subdirectory"],
)
def test_the_image_holds_the_commit_that_was_asked_for(
    client: httpx.Client, docker: DockerApi, served: Served, ref: str, commit: str, subdir: str
) -> None:
    expected = served.commits[commit]

    ended = build(client, repo=served.address, ref=ref.replace("<full>", expected), subdir=subdir)

    assert (ended["state"], ended["commit"]) == ("succeeded", expected)
    for image in (ended["image"], ended["digest"]):
        assert inside(docker, image, "/proof.txt") == (f"{commit} below" if subdir else commit)


def test_a_branch_is_not_found_by_the_tail_of_its_name(client: httpx.Client, served: Served) -> None:
    answer = client.post("builds", json={"repo": served.address, "ref": "name"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "ref"
    assert "name" in answer.json()["errors"][0]["problem"]
    assert "feature/deep/name" in answer.json()["errors"][0]["near"]


def test_an_existing_image_is_the_answer_and_force_builds_again(
    client: httpx.Client, engine: Engine, served: Served
) -> None:
    first = build(client, repo=served.address)

    again = client.post("builds", json={"repo": served.address})
    forced = build(client, repo=served.address, force=True)

    assert (again.status_code, again.json()["reused"], again.json()["id"]) == (200, True, first["id"])
    assert forced["id"] != first["id"]
    assert (forced["state"], forced["image"]) == ("succeeded", first["image"])
    listed = client.get("builds", params={"limit": 200}).json()["items"]
    assert {first["id"], forced["id"]} <= {each["id"] for each in listed}
    assert temporary_images(engine, first["image"]) == []


def temporary_images(engine: Engine, image: str) -> list[str]:
    repository = image.rpartition(":")[0]
    listed = DockerApi(engine.url).ask("GET", "/images/json")
    tags = [tag for each in listed for tag in each["RepoTags"] or []]
    return [tag for tag in tags if tag.startswith(f"{repository}:b-")]


def test_an_existing_image_is_answered_within_100_ms_and_no_container(
    client: httpx.Client, engine: Engine, instance: str, served: Served
) -> None:
    build(client, repo=served.address)
    before = containers(engine, instance)
    taken = []

    for _ in range(15):
        start = time.perf_counter()
        assert client.post("builds", json={"repo": served.address}).json()["reused"]
        taken.append(time.perf_counter() - start)

    assert statistics.median(taken) < 0.1
    assert containers(engine, instance) == before


@pytest.fixture
def loud(git: GitServer, make_repository: MakeRepository, image: str) -> str:
    """Give a repository whose build prints many numbered lines, slowly enough for BuildKit's own limits."""
    repository = make_repository()
    script = f'for i in $(seq 1 {LINES}); do echo "line $i of it"; [ $((i % 1000)) -ne 0 ] || sleep 0.25; done'
    step = f"RUN {script} # {secrets.token_hex(8)}"
    repository.commit({"Dockerfile": dockerfile(image, step), "proof.txt": ""}, "Loud")
    return address(git, repository)


def numbered(lines: list[str]) -> list[int]:
    return [int(line.split()[3]) for line in lines if line.endswith(" of it") and " line " in line]


def test_every_follower_sees_all_of_a_long_log_in_order(client: httpx.Client, loud: str) -> None:
    started = client.post("builds", json={"repo": loud}).json()
    early: list[Followed] = []
    thread = threading.Thread(target=lambda: early.append(follow(client, started["id"])))
    thread.start()
    dropped = follow(client, started["id"], most_lines=LINES // 3)
    resumed = follow(client, started["id"], after=dropped.ids[-1])
    thread.join(timeout=120)

    late = follow(client, started["id"])
    by_number = follow(client, started["id"], after="120")
    download = client.get(f"builds/{started['id']}/log", params={"download": ""})

    assert early[0].end["state"] == late.end["state"] == "succeeded"
    assert numbered(early[0].lines) == list(range(1, LINES + 1))
    assert late.lines == early[0].lines
    assert dropped.lines + resumed.lines == late.lines
    assert resumed.firsts[0] == len(dropped.lines) + 1
    assert by_number.lines == late.lines[120:]
    assert download.text.splitlines() == late.lines
    assert download.headers["content-disposition"].startswith("attachment")


def test_a_build_is_listed_followed_and_forgotten(client: httpx.Client, served: Served) -> None:
    started = client.post("builds", json={"repo": served.address, "title": "A title"})
    followed = follow(client, started.json()["id"])

    assert started.headers["location"].endswith(started.json()["id"])
    assert followed.states[-1] in ("building", "pushing")
    assert client.delete(f"builds/{started.json()['id']}").status_code == 204
    assert client.get(f"builds/{started.json()['id']}").json()["reused"]
    assert client.get(f"builds/{started.json()['id']}/log").status_code == 410


def test_an_image_is_listed_with_its_title_and_deleted(client: httpx.Client, served: Served) -> None:
    built = build(client, repo=served.address, title="A title", description="For a test")
    image = client.get("images", params={"name": built["image"]}).json()["items"][0]

    assert (image["title"], image["description"], image["commit"]) == ("A title", "For a test", built["commit"])
    assert image["size"] > 1_000_000
    assert client.delete(f"images/{image['id']}").status_code == 428
    assert client.delete(f"images/{image['id']}", headers={"If-Match": '"sha256:0"'}).status_code == 412
    assert client.delete(f"images/{image['id']}", headers={"If-Match": f'"{image["digest"]}"'}).status_code == 204
    assert client.get(f"images/{image['id']}").status_code == 404


def test_an_image_in_use_is_not_deleted(client: httpx.Client, engine: Engine, served: Served) -> None:
    built = build(client, repo=served.address)
    image = client.get("images", params={"name": built["image"]}).json()["items"][0]
    docker = DockerApi(engine.url)
    user = docker.ask("POST", "/containers/create", None, {"Image": image["launch_reference"], "Cmd": ["none"]})["Id"]

    answer = client.delete(f"images/{image['id']}", headers={"If-Match": f'"{image["digest"]}"'})
    docker.ask("DELETE", f"/containers/{user}")

    assert answer.status_code == 409
    assert "in use" in answer.json()["detail"]
