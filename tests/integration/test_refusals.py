"""What cannot be built is refused with the field and a sentence, and nothing is created."""

from __future__ import annotations

import secrets
import socket
import time
from pathlib import Path

import httpx
import pytest
from tests.integration.conftest import MakeRepository, address, containers
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.service import RunningService, running_service

GOOD = "https://example.org/group/repository"
BAD = {
    "not a URL": ("repo", {"repo": "banana"}),
    "a folder": ("repo", {"repo": "/etc"}),
    "this folder": ("repo", {"repo": "."}),
    "data": ("repo", {"repo": "data:text/plain,x"}),
    "a socket": ("repo", {"repo": "http+unix://%2Fvar%2Frun%2Fdocker.sock/a"}),
    "file": ("repo", {"repo": "file:///etc"}),
    "ext": ("repo", {"repo": "ext::sh -c id"}),
    "git": ("repo", {"repo": "git://example.org/a.git"}),
    "ssh": ("repo", {"repo": "ssh://-oProxyCommand=x/a"}),
    "user name": ("repo", {"repo": "https://user@example.org/a.git"}),
    "password": ("repo", {"repo": "https://user:secret@example.org/a.git"}),
    "option": ("repo", {"repo": "--config=/etc/passwd"}),
    "option after a blank": ("repo", {"repo": "https://example.org/a.git --Repo2Docker.user_id=0"}),
    "line end": ("repo", {"repo": "https://example.org/a\n.git"}),
    "tab": ("repo", {"repo": "https://example.org/a\t.git"}),
    "option after a tab": ("repo", {"repo": "https://example.org/a.git\t--Repo2Docker.user_id=0"}),
    "option after a line end": ("repo", {"repo": "https://example.org/a.git\n--Repo2Docker.user_id=0"}),
    "path that is encoded twice": ("repo", {"repo": "https://example.org/a/%252e%252e/b"}),
    "zero": ("repo", {"repo": "https://example.org/a\0.git"}),
    "bidi": ("repo", {"repo": "https://example.org/a\u202e.git"}),
    "100 kB address": ("repo", {"repo": "https://example.org/" + "a" * 100_000}),
    "no repo": ("repo", {}),
    "null repo": ("repo", {"repo": None}),
    "number": ("repo", {"repo": 7}),
    "option as ref": ("ref", {"repo": GOOD, "ref": "--upload-pack=touch /tmp/x"}),
    "short option as ref": ("ref", {"repo": GOOD, "ref": "-b"}),
    "option of rev-parse as ref": ("ref", {"repo": GOOD, "ref": "--show-toplevel"}),
    "glob ref": ("ref", {"repo": GOOD, "ref": "release-*"}),
    "bidi ref": ("ref", {"repo": GOOD, "ref": "a\u202eb"}),
    "long ref": ("ref", {"repo": GOOD, "ref": "a" * 100_000}),
    "subdir up": ("subdir", {"repo": GOOD, "subdir": "a/../../etc"}),
    "subdir root": ("subdir", {"repo": GOOD, "subdir": "/etc"}),
    "subdir option": ("subdir", {"repo": GOOD, "subdir": "-x"}),
    **{
        f"reserved argument {name}": ("build_args", {"repo": GOOD, "build_args": {name: "x"}})
        for name in ("PATH", "LD_PRELOAD", "DOCKER_HOST", "DOCKER_CONFIG", "BUILDKIT_SYNTAX", "https_proxy")
    },
    "name of an image": ("image", {"repo": GOOD, "image": "evil.example/x"}),
    "prefix of an image": ("image_prefix", {"repo": GOOD, "image_prefix": "../../x"}),
    "tag": ("tag", {"repo": GOOD, "tag": "x"}),
    "registry": ("registry", {"repo": GOOD, "registry": "evil.example"}),
    "owner that is no name": ("owner", {"repo": GOOD, "owner": "user:../../x\n"}),
    "owner of no kind": ("owner", {"repo": GOOD, "owner": "ada/x"}),
    "credentials without a password": ("credentials", {"repo": GOOD, "credentials": {"username": "x"}}),
    "credentials that git cannot send": ("credentials", {"repo": GOOD, "credentials": {"password": "x\n"}}),
    "100 kB title": ("title", {"repo": GOOD, "title": "a" * 100_000}),
    "100 kB subdir": ("subdir", {"repo": GOOD, "subdir": "a" * 100_000}),
    "100 kB argument": ("build_args", {"repo": GOOD, "build_args": {"A": "a" * 100_000}}),
    "null ref": ("ref", {"repo": GOOD, "ref": None}),
    "null subdir": ("subdir", {"repo": GOOD, "subdir": None}),
    "null arguments": ("build_args", {"repo": GOOD, "build_args": None}),
    "unknown field": ("colour", {"repo": GOOD, "colour": "red"}),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_its_field_and_creates_nothing(
    client: httpx.Client, engine: Engine, instance: str, case: str
) -> None:
    field, request = BAD[case]
    before = containers(engine, instance)

    answer = client.post("builds", json=request)

    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    error = answer.json()["errors"][0]
    assert error["field"].split(".")[0] == field
    assert len(error["problem"]) > 10
    assert containers(engine, instance) == before


def test_a_password_in_an_address_is_repeated_nowhere(
    client: httpx.Client, service: RunningService, engine: Engine, instance: str
) -> None:
    secret = f"canary{secrets.token_hex(8)}"
    repo = f"https://ada:{secret}@example.org/a.git"
    before = containers(engine, instance)

    answers = [client.post(route, json={"repo": repo}) for route in ("builds", "source")]
    answers += [client.get("images", params={"repo": repo}), client.get("builds", params={"q": repo})]
    answers += [client.get("builds"), client.get(f"{service.url}metrics")]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 200, 200, 200]
    assert not any(secret in answer.text for answer in answers)
    assert secret not in service.log.read_text()
    assert containers(engine, instance) == before


def test_an_unknown_ref_is_named_and_near_ones_are_offered(
    client: httpx.Client, git: GitServer, make_repository: MakeRepository
) -> None:
    repository = make_repository()
    repository.branch("release-2", repository.commit({"a": "b"}, "One"))

    answer = client.post("builds", json={"repo": address(git, repository), "ref": "release-1"})

    assert answer.status_code == 422
    assert "release-1" in answer.json()["detail"]
    assert "release-2" in answer.json()["errors"][0]["near"]


@pytest.mark.parametrize("ref", ["$(id)", "`id`", ";id", "|id", "&&id", "'\"", "main;id"])
def test_what_a_shell_would_run_is_a_branch_that_is_not_there(
    client: httpx.Client, engine: Engine, instance: str, git: GitServer, make_repository: MakeRepository, ref: str
) -> None:
    repository = make_repository()
    repository.commit({"a": "b"}, "One")
    before = containers(engine, instance)

    answer = client.post("builds", json={"repo": address(git, repository), "ref": ref})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "ref")
    assert containers(engine, instance) == before


@pytest.mark.parametrize("where", ["http://127.0.0.1:9/a.git", "https://host.invalid/a.git"])
def test_a_host_that_does_not_answer_is_told_soon(client: httpx.Client, where: str) -> None:
    start = time.monotonic()

    answer = client.post("builds", json={"repo": where})

    assert answer.status_code == 502
    assert where in answer.json()["detail"]
    assert time.monotonic() - start < 15


@pytest.mark.parametrize("route", ["builds", "source"])
def test_a_host_that_never_answers_is_given_up_within_15_seconds(client: httpx.Client, route: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        answer = client.post(route, json={"repo": f"http://127.0.0.1:{silent.getsockname()[1]}/a.git"})

    assert answer.status_code == 502
    assert time.monotonic() - start < 15


def test_a_repository_that_is_not_there_is_told(client: httpx.Client, git: GitServer) -> None:
    answer = client.post("builds", json={"repo": f"{git.url.rstrip('/')}/not/there.git"})

    assert answer.status_code == 502
    assert "not/there.git" in answer.json()["detail"]


def test_private_addresses_are_refused_unless_allowed(git: GitServer, service_settings: str, tmp_path: Path) -> None:
    settings = service_settings.replace("c.GitSourceResolver.allow_private_networks = True\n", "")
    port = git.url.rstrip("/").rpartition(":")[2]
    asked = len(git.requests)
    with running_service(tmp_path, settings) as service, service.client as client:
        for host in ("127.0.0.1", "localhost", "[::1]", "10.0.0.1", "0x7f.1", "169.254.169.254"):
            answer = client.post("builds", json={"repo": f"http://{host}:{port}/a.git"})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "repo"), host

    assert len(git.requests) == asked


def test_a_request_without_a_token_is_not_answered(client: httpx.Client) -> None:
    for token in ("", "Bearer wrong", "token wrong"):
        answer = client.post("builds", json={"repo": GOOD}, headers={"Authorization": token})
        assert answer.status_code == 401
