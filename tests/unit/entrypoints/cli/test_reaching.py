import socket

import pytest
from tests.unit.entrypoints.cli.conftest import Run
from tests.unit.entrypoints.cli.servers import json_answer, scripted_server


def test_a_service_that_does_not_answer_is_named_and_ends_with_3(run: Run) -> None:
    address = f"http://127.0.0.1:{free_port()}/"
    outcome = run("images", "--url", address)

    assert outcome.code == 3
    assert outcome.err.startswith(f"The service at {address} cannot be reached")
    assert len(outcome.err.splitlines()) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\n<html>",
        b"SSH-2.0-something\r\n",
        b"",
        json_answer(["a list"]),
    ],
)
def test_something_else_at_the_address_is_no_crash(run: Run, answer: bytes) -> None:
    with scripted_server(answer) as server:
        outcome = run("info", "--url", server.address)

    assert outcome.code == 3
    assert len(outcome.err.splitlines()) == 1


def test_a_token_is_not_carried_on_to_another_address(run: Run) -> None:
    with scripted_server(json_answer({})) as other:
        answer = f"HTTP/1.1 302 Found\r\nLocation: {other.address}\r\nContent-Length: 0\r\n\r\n"
        with scripted_server(answer.encode()) as server:
            outcome = run("info", "--url", server.address, "--token", "abc")

    assert (outcome.code, other.requests) == (3, [])


def test_a_prefix_of_the_address_is_kept_and_the_token_is_sent(run: Run) -> None:
    with scripted_server(json_answer({"version": "1"})) as server:
        run("info", "--url", f"{server.address}services/repo2docker", "--token", "abc")

    assert server.requests[0].startswith("GET /services/repo2docker/api/v1/info ")
    assert "authorization: bearer abc" in server.requests[0].lower()


def test_no_proxy_is_asked_for_this_machine(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    with scripted_server(json_answer({"version": "1"})) as server:
        assert run("info", "--url", server.address).code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["biuld", "x"], "Did you mean build?"),
        (["nonsense"], "There are: build, images"),
        (["build"], "the following arguments are required: URL"),
        (["build", "x", "--build-arg", "A"], "NAME=VALUE"),
        (["images", "--url", "ftp://x"], "such as http://127.0.0.1:10101/"),
        (["images", "--url", "http://a:99999/"], "cannot be read"),
        (["images", "--url", "http://ada:secret-word@x/"], "use --token"),
        (["images", "--token", "secret-word\nX: y"], "characters that no token has"),
        (["builds", "--state", "done"], "invalid choice"),
        (["build", "x", "--rf", "main"], "there is no option --rf. Did you mean --ref?"),
        (["images", "--tokn=secret-word"], "there is no option --tokn. Did you mean --token?"),
        (["images", "stray"], "it is not clear what 'stray' means here"),
        (["--token", "secret-word", "images"], "Options of a command come after it"),
        (["build", "\udcff"], "bytes that are no text"),
    ],
)
def test_bad_usage_is_explained_and_ends_with_2(run: Run, arguments: list[str], sentence: str) -> None:
    outcome = run(*arguments)

    assert outcome.code == 2
    assert sentence in outcome.err
    assert "secret-word" not in outcome.err


def test_every_command_explains_itself_with_an_example(run: Run) -> None:
    for command in ("build", "images", "builds", "log", "cancel", "delete", "info"):
        outcome = run(command, "--help")

        assert outcome.code == 0
        assert f"examples:\n  repo2docker-service {command}" in outcome.out
        assert "REPO2DOCKER_SERVICE_URL" in outcome.out


def test_help_never_shows_the_token(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPO2DOCKER_SERVICE_TOKEN", "secret-word")

    assert "secret-word" not in run("images", "--help").out


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
