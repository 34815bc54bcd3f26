# ruff: noqa: ASYNC110  # nobody tells of processes that end
"""Where nodes have no Docker engine, BuildKit alone builds, and sends what it built."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from kubernetes_asyncio import client
from tests.integration.kubernetes.builds import Site
from tests.integration.kubernetes.clusters import Cluster, client_of
from tests.integration.kubernetes.observing import ended, log_of, pods, until
from tests.integration.kubernetes.test_pushing import WrongPassword
from tools.kubernetes.images import BUSYBOX
from tools.parts import certificates
from tools.parts.buildkit import Buildkit, running_buildkit
from tools.parts.engine import Engine
from tools.parts.registry import RunningRegistry, Setup, running_registry

from repo2docker_service.adapters.builders.containers.in_container.layout import TRIGGERS
from repo2docker_service.adapters.builders.kubernetes import KubernetesImageBuilder
from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import Build, BuildPlan, BuildState, Destination, Owner, OwnerKind, Reason

pytestmark = pytest.mark.buildkit
PASSWORD = f"pass:wörd-{secrets.token_hex(8)}"


@dataclass(frozen=True)
class Workshop:
    """A BuildKit, a registry that asks for a password, and one that has the base image."""

    daemon: Buildkit
    address: str
    registry: V2Registry
    base: str

    def builder(self, site: Site, **traits: Any) -> KubernetesImageBuilder:
        """Make a builder that knows of no engine."""
        chosen = {
            "buildkit": self.address,
            "buildkit_tls_secret": site.installation.instance,
            "socket": "/nowhere.sock",
        }
        builder = site.builder(**(chosen | traits))
        builder.push_with(self.registry)
        return builder

    def plan(self, site: Site, *commands: str, **fields: Any) -> tuple[BuildPlan, Destination]:
        """Plan a build that runs these commands upon the base image."""
        steps = "".join(f"RUN {command} # {secrets.token_hex(8)}\n" for command in commands)
        return self.plan_of(site, {"Dockerfile": f"FROM {self.base}\n{steps}"}, **fields)

    def plan_of(self, site: Site, files: dict[str, str], **fields: Any) -> tuple[BuildPlan, Destination]:
        """Plan a build of these files."""
        planned, _ = site.repositories.plan(files, **fields)
        destination = self.registry.destination(planned.image.repository, planned.image.tag)
        return replace(planned, image=destination.image), destination


@pytest.fixture
async def workshop(cluster: Cluster, site: Site, engine: Engine, tmp_path: Path) -> AsyncIterator[Workshop]:
    with ExitStack() as stack:
        closed = stack.enter_context(registry(tmp_path / "closed", {"ada": PASSWORD}))
        opened = stack.enter_context(registry(tmp_path / "open", {}))
        places = [stack.enter_context(cluster.reaches(each.port)) for each in (closed, opened)]
        base = f"{places[1]}/base:1"
        copy_base(cluster, f"{opened.host}/base:1")
        authority = certificates.authority(tmp_path)
        certificate = certificates.issue(authority, tmp_path, "buildkit", f"IP:{cluster.host}")
        daemon = stack.enter_context(running_buildkit(tmp_path, engine.url, authority, certificate, places))
        address = stack.enter_context(cluster.reaches(daemon.port))
        await put_certificates(cluster, site, authority, certificate)
        await allow_baseline_only(cluster, site)
        async with site.registry(places[0], PASSWORD) as adapter:
            yield Workshop(daemon, address, adapter, base)


def registry(folder: Path, users: dict[str, str]) -> AbstractContextManager[RunningRegistry]:
    folder.mkdir()
    return running_registry(folder, Setup(users=users))


def copy_base(cluster: Cluster, target: str) -> None:
    """Put the base image into a registry; a given cluster's machine has a way to where it comes from."""
    source = ["docker://docker.io/library/busybox:stable"]
    if cluster.node is not None:
        source = ["--src-daemon-host", cluster.node.engine_url, f"docker-daemon:{BUSYBOX}"]
    command = ["skopeo", "--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false", *source]
    subprocess.run([*command, f"docker://{target}"], check=True, timeout=60)


async def put_certificates(
    cluster: Cluster, site: Site, authority: certificates.Certificate, certificate: certificates.Certificate
) -> None:
    files = {"ca.crt": authority.file, "tls.crt": certificate.file, "tls.key": certificate.key}
    secret = client.V1Secret(
        metadata=client.V1ObjectMeta(name=site.installation.instance),
        string_data={name: file.read_text() for name, file in files.items()},
    )
    async with client_of(cluster.kubeconfig) as admin:
        core = client.CoreV1Api(admin)
        await core.create_namespaced_secret(site.namespace.name, secret)


async def allow_baseline_only(cluster: Cluster, site: Site) -> None:
    """Have Pod Security refuse pods that ask for more, in clusters that have it."""
    labels = {"pod-security.kubernetes.io/enforce": "baseline"}
    async with client_of(cluster.kubeconfig) as admin:
        await client.CoreV1Api(admin).patch_namespace(site.namespace.name, {"metadata": {"labels": labels}})


async def test_an_image_is_built_and_sent_where_no_node_has_an_engine(
    site: Site, workshop: Workshop, account: client.ApiClient
) -> None:
    program = "mkdir -p /usr/local/bin && echo > /usr/local/bin/jupyterhub-singleuser && chmod +x /usr/local/bin/*"
    async with workshop.builder(site) as builder:
        build = await builder.start(*workshop.plan(site, "echo line 1 of 1", program))
        found = await ended(builder, build.id)
        log = await log_of(builder, build.id)

        image = await workshop.registry.find(found.plan.image)
        assert found.state is BuildState.SUCCEEDED, log
        assert image is not None
        assert image.digest == found.digest
        assert image.launchable
        assert [each.name for each in (await workshop.registry.list()).images] == [found.plan.image]
        assert [line for line in log if line.endswith("line 1 of 1")]
        assert log[-1] == f"Stored as {found.plan.image}"
        (pod,) = await pods(account, site)
    assert not [each for each in pod["spec"]["volumes"] if "hostPath" in each]
    written = json.dumps(pod, ensure_ascii=False)
    assert not [each for each in (PASSWORD, base64.b64encode(f"ada:{PASSWORD}".encode()).decode()) if each in written]


async def test_a_step_that_fails_is_told_as_with_an_engine(site: Site, workshop: Workshop) -> None:
    async with workshop.builder(site) as builder:
        build = await builder.start(*workshop.plan(site, "echo line 1 of 1", "exit 3"))
        found = await ended(builder, build.id)

        assert found.reason is Reason.BUILD_FAILED, await log_of(builder, build.id)
        assert await workshop.registry.find(found.plan.image) is None


async def test_a_cancelled_build_runs_no_further_step(site: Site, workshop: Workshop) -> None:
    async with workshop.builder(site) as builder:
        build = await builder.start(*workshop.plan(site, "sleep 299"))
        await sleep_is(True)
        await builder.cancel(build.id)
        found = await ended(builder, build.id)
        await sleep_is(False)

    assert found.state is BuildState.CANCELLED


async def test_a_build_is_lost_when_buildkit_is_killed_and_the_next_one_waits_for_it(
    site: Site, workshop: Workshop
) -> None:
    async with workshop.builder(site) as builder:
        build = await builder.start(*workshop.plan(site, "echo begun && sleep 298"))
        await begun(builder, build)
        workshop.daemon.stop()
        found = await ended(builder, build.id)
        waits = await builder.start(*workshop.plan(site, "true"))
        await until(builder, waits.id, lambda each: each.state is BuildState.BUILDING)
        workshop.daemon.start()
        then = await ended(builder, waits.id)

    assert found.reason is Reason.BUILDER_LOST
    assert then.state is BuildState.SUCCEEDED


async def test_a_registry_that_refuses_is_told_in_its_words(site: Site, workshop: Workshop) -> None:
    async with workshop.builder(site) as builder:
        builder.push_with(WrongPassword(workshop.registry))
        build = await builder.start(*workshop.plan(site, "true"))
        found = await ended(builder, build.id)
        log = await log_of(builder, build.id)

    assert found.reason is Reason.PUSH_FAILED
    assert "401" in found.message
    assert not [line for line in log if "Trying again" in line]


async def test_what_an_image_has_done_by_who_builds_upon_it_opens_nothing(site: Site, workshop: Workshop) -> None:
    """The pusher, which alone has what opens the registry, would be the first who builds upon it."""
    async with workshop.builder(site) as builder:
        private = await builder.start(*workshop.plan(site, "echo secret > /private"))
        name = (await ended(builder, private.id)).plan.image
        triggers = f"ONBUILD COPY --from={name} /private /private\nONBUILD RUN exit 1\n"
        files = {"Dockerfile": f"FROM {workshop.base}\n{triggers}RUN : {secrets.token_hex(8)}\n"}
        build = await builder.start(*workshop.plan_of(site, files))
        found = await ended(builder, build.id)
        log = await log_of(builder, build.id)

    assert found.state is BuildState.SUCCEEDED, log
    assert TRIGGERS in log
    described = await workshop.registry.find(found.plan.image)
    before = await workshop.registry.find(name)
    assert described is not None
    assert before is not None
    assert described.size < before.size + 100


async def test_no_cache_leads_from_one_owners_private_builds_to_anybody_elses(site: Site, workshop: Workshop) -> None:
    files = {"Dockerfile": f"FROM {workshop.base}\nRUN : {secrets.token_hex(8)}\n"}
    cached = []
    async with workshop.builder(site) as builder:
        for name in ("ada", "ada", "ben"):
            plan, destination = workshop.plan_of(site, files, private=True, owner=Owner(OwnerKind.USER, name))
            build = await builder.start(plan, destination)
            found = await ended(builder, build.id)
            log = await log_of(builder, build.id)
            assert found.state is BuildState.SUCCEEDED, log
            step = next(line.partition(" ")[0] for line in log if "] RUN : " in line)
            cached.append(f"{step} CACHED" in log)

    assert cached == [False, True, False]


async def test_no_build_begins_whose_image_nothing_would_keep(site: Site, workshop: Workshop) -> None:
    async with workshop.builder(site) as builder:
        plan, _ = site.repositories.plan({"Dockerfile": "FROM scratch\n"})
        with pytest.raises(BuilderUnavailable):
            await builder.start(plan, Destination(plan.image, push=False))
        assert await builder.list() == []


async def begun(builder: KubernetesImageBuilder, build: Build) -> None:
    """Wait until a step has said that it runs."""
    async with asyncio.timeout(60):
        async for chunk in builder.read_log(build.id, follow=True):
            if any(line.endswith(" begun") and "RUN" not in line for line in chunk.lines):
                return


async def sleep_is(there: bool) -> None:
    """Wait until the step of a build that is to be cancelled sleeps, or no longer does."""
    async with asyncio.timeout(60):
        while any(b"sleep\x00299" in each for each in commands()) is not there:
            await asyncio.sleep(0.1)


def commands() -> Iterator[bytes]:
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield process.read_bytes()
