"""What a repository makes a builder contact is bounded by the builder's network, and by the recipe for it."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import subprocess
from pathlib import Path

import pytest
from tests.integration.docker_builds import Repositories, docker_builder
from tests.integration.push_places import ended, log_of
from tests.integration.raw_servers import Relay
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.repository import Repository, Submodule

from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildState, Reason

RECIPE = Path(__file__).parents[3] / "docs" / "how-to" / "prepare-the-engine.md"


@pytest.mark.parametrize("bounded", [True, False], ids=["a network of its own", "the machine's network"])
async def test_a_submodule_leads_only_where_the_builders_network_does(
    engine: Engine,
    image: str,
    installation: Installation,
    docker: DockerApi,
    repositories: Repositories,
    git: GitServer,
    inside: GitServer,
    network: str,
    *,
    bounded: bool,
) -> None:
    gateway = docker.ask("GET", f"/networks/{network}")["IPAM"]["Config"][0]["Gateway"]
    modules = f'[submodule "x"]\n\tpath = x\n\turl = {inside.url}/secret.git\n'
    files = {"Dockerfile": "FROM scratch\nCOPY . /\n", ".gitmodules": modules, "x": Submodule("c0ffee" * 6 + "c0ff")}
    repository = Repository(git.root, f"{secrets.token_hex(4)}/example.git")
    commit = repository.commit(files, "The only one")
    relay = Relay(int(git.url.rpartition(":")[2]))

    async with (
        await asyncio.start_server(relay.talk, gateway, 0) as outside,
        docker_builder(engine, image, installation, network=network if bounded else "host") as builder,
    ):
        port = outside.sockets[0].getsockname()[1]
        plan, destination = repositories.plan_of(f"http://{gateway}:{port}/{repository.name}", commit)
        build = await ended(builder, (await builder.start(plan, destination)).id)
        log = await log_of(builder, plan.id)

    assert (build.state, build.reason) == (BuildState.FAILED, Reason.SOURCE_UNREACHABLE), log
    assert relay.received > 0
    assert log[-1] == "A submodule of the repository could not be fetched."
    assert bool(inside.requests) is not bounded


@pytest.fixture(scope="module")
def recipe() -> str:
    """Give the commands that administrators are told to run, for where there is no engine."""
    found = re.findall(r"```bash\n(docker network inspect.*?)```", RECIPE.read_text(), re.DOTALL)
    assert len(found) == 1
    return f"docker() {{ true; }}\n{found[0]}"


by_root = pytest.mark.skipif(os.geteuid() != 0, reason="Networks of its own are made by root only")


def apart(script: str) -> str:
    """Run a script with networks of its own, and give what it prints."""
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "bash", "-ec", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@by_root
def test_the_recipe_can_be_followed_again_and_again(recipe: str) -> None:
    rules = apart(f"iptables -N DOCKER-USER\n{recipe}\n{recipe}\niptables -S\n").splitlines()

    for chain in ("DOCKER-USER", "INPUT"):
        for bridge in ("docker0", "r2d-builds"):
            assert rules.count(f"-A {chain} -i {bridge} -j R2D-EGRESS") == 1
    assert len([rule for rule in rules if rule.startswith("-A R2D-EGRESS")]) == 9
    assert len([rule for rule in rules if rule.startswith("-A OUTPUT")]) == 1


NETWORKS = """
mount -t tmpfs none /run
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1
iptables -N DOCKER-USER
iptables -I FORWARD -j DOCKER-USER
serve='import socket; s = socket.create_server(("0.0.0.0", 80)); c = [s.accept() for _ in iter(int, 1)]'
join() {  # name, network, and the bridge that leads there
  ip netns add "$1"
  ip link add "$3" type bridge
  ip addr add "$2.1/24" dev "$3"
  ip link set "$3" up
  ip link add "$1-out" type veth peer name in netns "$1"
  ip link set "$1-out" master "$3" up
  ip -n "$1" addr add "$2.2/24" dev in
  ip -n "$1" link set in up
  ip -n "$1" route add default via "$2.1"
  ip netns exec "$1" python3 -c "$serve" &
  until timeout 1 bash -c "</dev/tcp/$2.2/80"; do sleep 0.05; done 2>/dev/null
}
join builder 172.30.0 r2d-builds
join step 172.31.0 docker0
join inside 10.9.0 other
join world 203.0.113 public
python3 -c "$serve" &
until timeout 1 bash -c "</dev/tcp/127.0.0.1/80"; do sleep 0.05; done 2>/dev/null
look() {
  tries=()
  for from in builder step; do
    for to in 10.9.0.2 203.0.113.1 203.0.113.2; do
      { ! ip netns exec "$from" timeout 2 bash -c "</dev/tcp/$to/80" 2>/dev/null || echo "$1 $from $to"; } &
      tries+=($!)
    done
  done
  wait "${tries[@]}"
}
"""


@by_root
def test_what_follows_the_recipe_reaches_the_world_and_nothing_inside(recipe: str) -> None:
    reached = sorted(apart(f"{NETWORKS}\nlook before\n{recipe}\nlook after\n").splitlines())

    inside, machine, world = "10.9.0.2", "203.0.113.1", "203.0.113.2"
    assert reached == [
        *(f"after {start} {world}" for start in ("builder", "step")),
        *(f"before {start} {place}" for start in ("builder", "step") for place in (inside, machine, world)),
    ]
