"""Should a repository ever take over repo2docker: it has not got more of the engine than BuildKit."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from tests.integration.docker_builds import Repositories, docker_builder
from tests.integration.push_places import ended, log_of
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.reliability.engine_facts import remove_everything

from repo2docker_service.adapters.builders.containers.cards import BUILD
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, BuildState, Destination
from repo2docker_service.domain.signing import Signer

FOUND = "found: "
# Runs inside repo2docker, as whatever takes it over would.
ATTACKS = r"""
import ctypes, json, os, signal, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
launcher, found = os.getppid(), {}

def tried(name, deed, *given):
    try:
        found[name] = repr(deed(*given))
    except Exception as error:
        found[name] = type(error).__name__

def called(number, *given):
    return os.strerror(ctypes.get_errno()) if number(*given) == -1 else "done"

def connected(path):
    with socket.socket(socket.AF_UNIX) as there:
        there.connect(path)

def in_a_user_namespace():
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if libc.unshare(0x10000000) == 0:
                with open("/proc/self/uid_map", "w") as mapped:
                    mapped.write(f"0 {os.geteuid()} 1")
            connected("/run/real/docker.sock")
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def asked(data):
    with socket.socket(socket.AF_UNIX) as there:
        there.settimeout(10)
        there.connect("/run/r2d/docker.sock")
        there.sendall(data)
        answer = b""
        try:
            while piece := there.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass  # not all that was sent had been read
    # Only the first lines: a second answer would stand behind the first one.
    return [line[:12].decode() for line in answer.split(b"\r\n") if line.startswith(b"HTTP/")]

def request(line, *headers):
    return "\r\n".join([f"{line} HTTP/1.1", "Host: docker", *headers, "", ""]).encode()

# --- the socket, and whoever holds it ---
tried("socket", connected, "/run/real/docker.sock")
tried("socket opened for all", os.chmod, "/run/real/docker.sock", 0o666)
tried("socket in a user namespace", in_a_user_namespace)
for process in (1, launcher):
    who = "launcher" if process == launcher else "init"
    for name in ("environ", "mem", "maps"):
        tried(f"{who}'s {name}", lambda: open(f"/proc/{process}/{name}", "rb").read(1))
    tried(f"{who}'s descriptors", os.listdir, f"/proc/{process}/fd")
    tried(f"{who}'s descriptor", os.open, f"/proc/{process}/fd/3", os.O_RDWR)
    tried(f"{who}'s root", connected, f"/proc/{process}/root/run/real/docker.sock")
    tried(f"{who}'s folder", os.readlink, f"/proc/{process}/cwd")
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGUSR1, signal.SIGTERM, 0):
        tried(f"{who} and signal {number}", os.kill, process, number)
    tried(f"{who} traced", called, libc.ptrace, 16, process, 0, 0)

tried("launcher's group", os.killpg, os.getpgid(launcher), signal.SIGKILL)

# --- what this process was given ---
tried("sockets", lambda: [each for each in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{each}")
                          and "socket:" in os.readlink(f"/proc/self/fd/{each}")])
tried("root", os.setuid, 0)
tried("root's group", os.setgid, 0)
tried("groups", os.setgroups, [0])
tried("mount", called, libc.mount, b"none", b"/mnt", b"tmpfs", 0, None)
tried("device", os.mknod, "/tmp/disk", 0o60600, os.makedev(8, 0))
tried("plan", open, "/run/r2d/plan.json", "a")
tried("launcher", open, "/run/r2d/launcher.pyz", "a")
tried("marker", open, "/run/r2d/cancelled", "w")
tried("end", open, "/run/r2d/ended", "w")
tried("filter", os.unlink, "/run/r2d/docker.sock")
tried("another filter", os.rename, "/run/r2d/docker.sock", "/run/r2d/old.sock")
tried("credentials", lambda: open("/run/r2d/credentials").read())

# --- the filter ---
stream = ("Connection: Upgrade", "Upgrade: h2c")
for name, data in {
    "what is allowed": request("GET /version"),
    "containers": request("GET /containers/json"),
    "container": request("POST /containers/create", "Content-Type: application/json", "Content-Length: 2") + b"{}",
    "pipelined": request("GET /version") + request("GET /containers/json"),
    "pipelined after a ping": request("GET /_ping", "Connection: keep-alive") + request("GET /info"),
    "pipelined after a stream": request("POST /grpc", "Content-Length: 0", "Upgrade: x") + request("GET /info"),
    "dots": request("GET /images/../containers/json"),
    "encoded dots": request("GET /images/%2e%2e/containers/json"),
    "slashes": request("GET //containers/json"),
    "absolute": request("GET http://docker/containers/json"),
    "chunks": request("GET /version", "Transfer-Encoding: chunked") + b"0\r\n\r\n" + request("GET /info"),
    "two lengths": request("GET /version", "Content-Length: 0", "Content-Length: 30") + request("GET /info"),
    "line feeds": b"GET /version HTTP/1.1\nHost: docker\n\nGET /info HTTP/1.1\nHost: docker\n\n\r\n\r\n",
    "a long head": request("GET /version", *[f"X-{n}: {'x' * 1000}" for n in range(99)]),
    "http 2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
}.items():
    tried("asked " + name, asked, data)
print("\n" + FOUND + json.dumps(found), flush=True)

# --- what outlives repo2docker, out of its process group and with all that it had open, keeps nobody waiting ---
if os.fork() == 0:
    os.setsid()
    signal.pause()
"""
OK, FORBIDDEN, TOO_NEW = "HTTP/1.1 200", "HTTP/1.1 403", "HTTP/1.1 505"
ANSWERS = {
    "what is allowed": [OK],
    "pipelined": [OK],
    "pipelined after a ping": [OK],
    # It has left HTTP, and BuildKit understands nothing of what comes.
    "pipelined after a stream": ["HTTP/1.1 101"],
    "http 2": [TOO_NEW],
}
REFUSALS = {"PermissionError", repr("Operation not permitted")}


@dataclass(frozen=True)
class Attacked:
    """What a build told that attacked everything from within repo2docker while it began, and its containers."""

    found: Mapping[str, Any]
    containers: Mapping[str, Mapping[str, Any]]
    """By their commands."""


async def attack(builder: DockerImageBuilder, plan: BuildPlan, destination: Destination) -> Mapping[str, Any]:
    """Build to the end, and give what became of the attacks."""
    async with builder:
        await builder.start(plan, destination)
        log = await log_of(builder, plan.id)
        build = await ended(builder, plan.id)
    assert build.state is BuildState.SUCCEEDED, "\n".join(log)
    [told] = [line.removeprefix(FOUND) for line in log if line.startswith(FOUND)]
    found: dict[str, Any] = json.loads(told)
    return found


@pytest.fixture(scope="module")
def attacked(
    engine: Engine, image: str, git: GitServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Attacked]:
    """Attack once for all tests."""
    docker, name = DockerApi(engine.url), f"t{secrets.token_hex(6)}"
    signer = Signer([secrets.token_bytes(32)])
    installation = Installation(name, signer, tmp_path_factory.mktemp("installation"), f"r2d-{name}")
    plan, destination = Repositories(git, image, installation).script("true")
    config = f"FOUND = {FOUND!r}\n{ATTACKS}"
    try:
        builder = docker_builder(engine, image, installation, extra_repo2docker_config=config)
        found = asyncio.run(attack(builder, plan, destination))
        filters = json.dumps({"label": [f"{BUILD}={plan.id}"]})
        listed = docker.ask("GET", "/containers/json", {"all": "1", "filters": filters})
        inspected = {
            each["Command"].split()[-1]: docker.ask("GET", f"/containers/{each['Id']}/json") for each in listed
        }
        yield Attacked(found, inspected)
    finally:
        remove_everything(docker, name)


def test_whoever_takes_over_repo2docker_reaches_neither_the_socket_nor_the_launcher(attacked: Attacked) -> None:
    found = attacked.found
    answers = {name.removeprefix("asked "): told for name, told in found.items() if name.startswith("asked ")}
    reached = {name: told for name, told in found.items() if not name.startswith("asked ")}

    assert {name: told for name, told in reached.items() if told not in REFUSALS} == {
        "socket in a user namespace": "1",
        "sockets": "[]",
    }
    assert {name: told for name, told in answers.items() if told != repr([FORBIDDEN])} == {
        name: repr(told) for name, told in ANSWERS.items()
    }


def test_a_builder_is_given_only_what_it_must_have_by_the_engine(attacked: Attacked) -> None:
    told = attacked.containers

    assert told.keys() == {"build", "push"}
    for command, container in told.items():
        host = container["HostConfig"]
        assert not host["Privileged"]
        assert (host["PidMode"], host["UsernsMode"], host["UTSMode"]) == ("", "", "")
        assert host["IpcMode"] in {"private", "shareable"}
        assert host["CapDrop"] == ["ALL"]
        assert {each.removeprefix("CAP_") for each in host["CapAdd"] or ()} == (
            {"SETUID", "SETGID", "KILL"} if command == "build" else set()
        )
        assert host["SecurityOpt"] == ["no-new-privileges"]
        assert not host["Devices"]
        assert 0 < host["PidsLimit"] <= 512
        assert 0 < host["Memory"] == host["MemorySwap"]
        assert host["LogConfig"]["Config"]["max-size"]
        assert [mount["Destination"] for mount in container["Mounts"]] == ["/run/real/docker.sock"]
        assert host["NetworkMode"] == ("host" if command == "build" else "none")
