import gc
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from tests.unit.entrypoints.cli.conftest import Run
from tests.unit.entrypoints.cli.servers import TOKEN, write_config

import repo2docker_service
from repo2docker_service.bootstrap import Services, bootstrap
from repo2docker_service.config import Repo2DockerService
from repo2docker_service.entrypoints.cli import main, serve
from repo2docker_service.entrypoints.cli.listening import is_local, link, listen

pytestmark = pytest.mark.served

PROGRAM = """
import sys
from repo2docker_service.entrypoints.cli import main, serve
serve._SECONDS_TO_FINISH = 0.2
sys.exit(main())
"""
NO_TOKEN = "\ndel c.TokenAuthorizer['token']\n"


@contextmanager
def served(config: Path, *arguments: str, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REPO2DOCKER")} | variables
    command = [sys.executable, "-c", PROGRAM, "-f", str(config), "--port=0", *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=config.parent
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ready_link(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("repo2docker-service is ready: "), process.communicate(timeout=5)
    return line.split()[-1]


def test_a_generated_token_comes_with_the_link_and_is_accepted(tmp_path: Path, run: Run) -> None:
    with served(write_config(tmp_path, NO_TOKEN), "--base-url=/a/b") as process:
        address, _, token = ready_link(process).partition("#token=")
        outcome = run("info", "--url", address, "--token", token)

    assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d*/a/b/", address)
    assert len(token) >= 32
    assert outcome.code == 0, outcome.err


def test_a_served_process_is_discreet_and_stops_at_once(tmp_path: Path) -> None:
    with served(write_config(tmp_path), "--log-level=INFO") as process:
        address = ready_link(process)
        health = httpx.get(f"{address}health/live", trust_env=False)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        figures = httpx.get(f"{address}metrics", headers=headers, trust_env=False)
        for hidden in ("api/v1/me?q=/health/", "api/v1/me?q=/metrics", "api/v1/builds/metrics"):
            httpx.get(f"{address}{hidden}", headers=headers, trust_env=False)
        with httpx.stream("GET", f"{address}api/v1/events", headers=headers, trust_env=False) as stream:
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=10)

    assert "#" not in address  # a token that somebody chose is not printed
    assert (health.status_code, figures.status_code, stream.status_code) == (200, 200, 200)
    assert "repo2docker_service_event_loop_lag_seconds_count" in figures.text
    assert "server" not in health.headers
    assert "/api/v1/events" in err
    assert "/health/live" not in err
    assert '"GET /metrics' not in err
    # Nobody keeps another request out of the log by what it is called.
    assert [err.count(f'"GET /api/v1/{path} ') for path in ("me", "builds/metrics")] == [2, 1]
    assert process.returncode == 0


def test_as_many_connections_may_be_open_as_the_system_allows(tmp_path: Path) -> None:
    before = _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, most))
    try:
        with served(write_config(tmp_path)) as process:
            ready_link(process)
            soft, _ = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert soft == min(most, 2**16)


def test_what_a_start_makes_is_never_looked_through_again_and_what_comes_later_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    make, many = bootstrap, 10_000

    def note(*_: object, **__: object) -> None:
        seen.append((gc.isenabled(), gc.get_freeze_count() > many))

    def noted(settings: Repo2DockerService) -> Services:
        note()
        return make(settings)

    monkeypatch.setattr(serve, "bootstrap", noted)
    monkeypatch.setattr(uvicorn.Server, "run", note)
    try:
        assert main(["-f", str(write_config(tmp_path)), "--port=0"]) == 0
    finally:
        gc.unfreeze()

    assert seen == [(False, False), (True, True)]
    assert gc.isenabled()


def test_a_head_without_end_is_refused_by_the_command_too(tmp_path: Path) -> None:
    with served(write_config(tmp_path)) as process:
        port = int(ready_link(process).split(":")[2].strip("/"))
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * (2**16 - 22))
            answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 431 ")


def test_uvicorn_bounds_connections_when_it_is_told_to_use_ours(tmp_path: Path) -> None:
    words = ["--factory", "repo2docker_service:create_app", "--port=0"]
    ours = "--http=repo2docker_service.entrypoints.http.connections:BoundedConnection"
    environment = os.environ | {"REPO2DOCKER_SERVICE_CONFIG": str(write_config(tmp_path))}
    command = [sys.executable, "-m", "uvicorn", *words, ours]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, cwd=tmp_path) as process:
        assert process.stderr is not None
        try:
            port = next(int(found[1]) for line in process.stderr if (found := re.search(r"127\.0\.0\.1:(\d+)", line)))
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * (2**16 - 22))
                answer = connection.recv(65536)
        finally:
            process.kill()

    assert answer.startswith(b"HTTP/1.1 431 ")


def test_a_busy_port_is_one_sentence(tmp_path: Path, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = run("-f", str(write_config(tmp_path)), f"--port={port}")

    assert outcome.code == 1
    assert outcome.err.startswith(f"Port {port} on 127.0.0.1 is in use.")
    assert len(outcome.err.splitlines()) == 1


@pytest.mark.parametrize("ip", ["192.0.2.1", "no such host"])
def test_an_address_of_another_machine_is_one_sentence(tmp_path: Path, run: Run, ip: str) -> None:
    outcome = run("-f", str(write_config(tmp_path)), "--port=0", f"--ip={ip}")

    assert outcome.code == 1
    assert "is no address of this machine" in outcome.err


@pytest.mark.parametrize(
    ("ip", "host", "local"),
    [("127.0.0.1", "127.0.0.1", True), ("localhost", "127.0.0.1", True), ("", "127.0.0.1", False)],
)
def test_the_link_leads_to_where_the_service_listens(ip: str, host: str, local: bool) -> None:
    with listen(ip, 0) as listener:
        port = listener.getsockname()[1]

        assert link(listener, "/x/", "a b") == f"http://{host}:{port}/x/#token=a%20b"
        assert is_local(listener) is local


def test_an_app_for_other_servers_reads_the_same_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REPO2DOCKER_SERVICE_CONFIG", str(write_config(tmp_path, NO_TOKEN)))
    services = repo2docker_service.create_app().state.services

    assert services.settings.registry == "memory"
    assert f"#token={services.authorizer.token}" in capsys.readouterr().err


def test_an_app_with_a_bad_configuration_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPO2DOCKER_SERVICE_CONFIG", "nowhere.py")

    with pytest.raises(SystemExit, match="There is no configuration file"):
        repo2docker_service.create_app()


def test_asking_loads_nothing_of_the_service() -> None:
    program = (
        "import sys; from repo2docker_service.entrypoints.cli import main; main(['info', '--url', 'http://127.0.0.1:9/']);"
        "print([m for m in ('fastapi', 'traitlets', 'pydantic', 'uvicorn', 'aiodocker') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=20)

    assert done.stdout == "[]\n"


def test_a_token_of_the_environment_is_named_and_not_shown(tmp_path: Path) -> None:
    with served(write_config(tmp_path, NO_TOKEN), REPO2DOCKER_SERVICE_TOKEN="secret-word") as process:
        address = ready_link(process)
        assert process.stdout is not None
        hint = process.stdout.readline()

    assert "#" not in address
    assert hint == "Sign in with the token of REPO2DOCKER_SERVICE_TOKEN.\n"


def test_the_access_log_holds_no_query(tmp_path: Path) -> None:
    with served(write_config(tmp_path), "--log-level=info") as process:
        address = ready_link(process)
        httpx.get(f"{address}api/v1/images?q=secret-word", trust_env=False)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)

    assert '"GET /api/v1/images HTTP/1.1" 401' in err
    assert "secret-word" not in err


def test_every_line_of_a_log_for_programs_is_json_and_says_of_which_request_it_is(tmp_path: Path) -> None:
    with served(write_config(tmp_path), "--log-level=info", "--Repo2DockerService.log_as=json") as process:
        address = ready_link(process)
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Request-ID": "r-1"}
        wish = {"repo": "https://example.org/known"}
        build = httpx.post(f"{address}api/v1/builds", json=wish, headers=headers, trust_env=False).json()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)

    lines = [json.loads(line) for line in err.splitlines()]
    of_request = {line["logger"]: line for line in lines if line.get("request_id") == "r-1"}
    assert '"POST /api/v1/builds HTTP/1.1" 202' in of_request["uvicorn.access"]["message"]
    assert of_request["repo2docker_service.audit"]["target"] == build["id"]
    assert TOKEN not in err


def test_who_did_what_is_told_however_quiet_the_log_is(tmp_path: Path) -> None:
    with served(write_config(tmp_path), "--log-level=error") as process:
        address = ready_link(process)
        httpx.post(f"{address}logout", headers={"X-Request-ID": "r-1"}, trust_env=False)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)

    assert re.fullmatch(r"[\d-]+ [\d:,]+ INFO: action=logout who=unknown outcome=done status=204 request_id=r-1\n", err)
