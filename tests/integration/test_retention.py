"""On a real engine, what nobody needs any more goes, and nothing else."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from tests.integration.docker_builds import ADA, Repositories, docker_builder
from tests.integration.push_places import Place, ended
from tests.integration.registry.images import registry_at
from tools.parts.docker_api import DockerApi, EngineError
from tools.parts.engine import Engine
from tools.parts.registry_content import put_image
from tools.reliability.engine_facts import import_image

from repo2docker_service.adapters.builders.containers.cards import INSTANCE
from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.adapters.builders.docker.containers import archive
from repo2docker_service.adapters.registries.docker_daemon import HOST, DockerDaemonRegistry
from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, BuildState, Destination, Identity, Image, ImageName, Source
from repo2docker_service.domain.orders.admission import now
from repo2docker_service.domain.policy import Policy, scopes_allow
from repo2docker_service.domain.ports import Registry
from repo2docker_service.domain.rebuilds.build_settings import why_outdated
from repo2docker_service.domain.records import image_labels
from repo2docker_service.domain.retention.cleanup import CleanupService
from repo2docker_service.domain.retention.leftovers import Kind
from repo2docker_service.domain.retention.removal import RemovalService
from repo2docker_service.domain.retention.retention import LocalCopy

ROUNDS = 8
root = Identity("root", scopes=frozenset({"admin"}))


@dataclass
class Copies:
    """Puts copies of pretended images into the engine."""

    docker: DockerApi
    installation: Installation

    def put(self, tag: str) -> ImageName:
        """Put one in that is next to nothing."""
        name = ImageName("registry.example.org", f"{self.installation.image_prefix}/example", tag)
        import_image(self.docker, f"{name.registry}/{name.repository}", tag, self.labels(name))
        return name

    def labels(self, name: ImageName) -> dict[str, str]:
        plan = BuildPlan(secrets.token_hex(16), Source("https://example.org/a"), "a" * 40, name, ADA, ADA)
        return image_labels(self.installation.signer, self.installation.instance, plan, "")

    def commit(self, base: str, tag: str) -> ImageName:
        """Put one in from which programs can run, and which has a file of its own, /token."""
        container = self.use(base)
        with self.docker.open("PUT", f"/containers/{container}/archive", {"path": "/"}, archive({"token": b"x"})):
            pass
        name = ImageName("registry.example.org", f"{self.installation.image_prefix}/example", tag)
        query = {"container": container, "repo": f"{name.registry}/{name.repository}", "tag": tag}
        self.docker.ask("POST", "/commit", query, {"Labels": self.labels(name)})
        self.release(container)
        return name

    def has(self, name: ImageName | str) -> bool:
        with suppress(EngineError):
            self.docker.ask("GET", f"/images/{name}/json")
            return True
        return False

    def use(self, name: ImageName | str, *command: str) -> str:
        """Make a container of an image; it does not run yet."""
        wanted = {"Image": str(name), "Entrypoint": [], "Cmd": list(command) or ["none"]}
        created: str = self.docker.ask("POST", "/containers/create", None, wanted)["Id"]
        return created

    def run(self, container: str) -> int:
        self.docker.ask("POST", f"/containers/{container}/start")
        code: int = self.docker.ask("POST", f"/containers/{container}/wait")["StatusCode"]
        return code

    def release(self, container: str) -> None:
        self.docker.ask("DELETE", f"/containers/{container}")


@pytest.fixture
def copies(engine: Engine, installation: Installation) -> Copies:
    return Copies(DockerApi(engine.url), installation)


def cleaning(builder: DockerImageBuilder, registry: Registry, days: int = 31) -> CleanupService:
    """Collect as if it were so many days later."""
    policy = Policy(scopes_allow)
    return CleanupService(builder, registry, CuratedImages(registry), policy, lambda: now() + timedelta(days=days))


async def found(builder: DockerImageBuilder, name: ImageName) -> LocalCopy:
    return next(copy for copy in await builder.copies() if copy.name == name)


async def test_a_copy_goes_only_while_there_is_no_container_of_it(copies: Copies, builder: DockerImageBuilder) -> None:
    name = copies.put("1")
    container = copies.use(name)

    assert (await found(builder, name)).in_use
    assert not await builder.drop_copy(await found(builder, name))
    assert copies.has(name)

    copies.release(container)
    assert await builder.drop_copy(await found(builder, name))
    assert not copies.has(name)


async def test_whatever_is_started_in_the_moment_in_which_its_copy_goes_runs(
    copies: Copies, builder: DockerImageBuilder, image: str
) -> None:
    """The engine may let an image go that a container is being made of; what is in it stays for that container."""
    for number in range(ROUNDS):
        name = copies.commit(image, f"round-{number}")
        copy = await found(builder, name)

        container, dropped = await asyncio.gather(
            asyncio.to_thread(copies.use, name, "cat", "/token"), builder.drop_copy(copy), return_exceptions=True
        )

        if isinstance(container, str):
            assert await asyncio.to_thread(copies.run, container) == 0
            copies.release(container)
        else:
            assert dropped is True, f"neither was done: {container}"


async def test_old_builds_go_with_their_containers_and_their_image_stays(
    repositories: Repositories, builder: DockerImageBuilder, engine: Engine, installation: Installation
) -> None:
    build = await ended(builder, (await builder.start(*repositories.script("true"))).id)
    async with DockerDaemonRegistry(installation=installation, url=engine.url) as registry:
        assert await cleaning(builder, registry, days=29).collect() == []

        [gone] = await cleaning(builder, registry).collect()

        assert (gone.kind, gone.name) == (Kind.BUILD, build.id)
        image = await registry.find(build.plan.image)
    assert image is not None
    filters = json.dumps({"label": [f"{INSTANCE}={installation.instance}"]})
    assert DockerApi(engine.url).ask("GET", "/containers/json", {"all": "1", "filters": filters}) == []

    async with docker_builder(engine, repositories.image, installation, appendix="RUN true") as changed:
        assert why_outdated(image.settings, await builder.settings()) == ""
        assert why_outdated(image.settings, await changed.settings()).endswith("have changed: the appendix.")


@pytest.fixture
async def registry(place: Place, installation: Installation) -> AsyncIterator[V2Registry]:
    async with registry_at(place.registry.url, installation) as registry:
        yield registry


async def test_a_copy_of_what_was_pushed_goes_and_is_pulled_again(
    place: Place, copies: Copies, builder: DockerImageBuilder, registry: V2Registry
) -> None:
    builder.push_with(registry)
    build = await ended(builder, (await builder.start(*place.plan())).id)
    assert build.state is BuildState.SUCCEEDED
    image, cleanup = build.plan.image, cleaning(builder, registry)
    assert [gone.kind for gone in await cleanup.preview(root)] == [Kind.BUILD], "the newest of its repository stays"

    newer_here(copies, build.plan)
    container = copies.use(image)
    assert [gone.kind for gone in await cleanup.preview(root)] == [Kind.BUILD], "what is in use stays"

    copies.release(container)
    assert [(gone.kind, gone.name) for gone in await cleanup.clean_up(root)] == [
        (Kind.BUILD, build.id),
        (Kind.COPY, str(image)),
    ]
    assert not copies.has(image)
    assert await registry.find(image) is not None
    pull(copies.docker, str(image))
    assert copies.has(image)


async def test_what_a_spawner_pulled_by_its_digest_alone_is_a_copy_and_goes(
    place: Place, copies: Copies, builder: DockerImageBuilder, registry: V2Registry
) -> None:
    image = await pushed(place, registry, copies, "1")
    pull(copies.docker, image.launch_reference)
    container = copies.use(image.launch_reference)

    [copy] = await builder.copies()

    assert (copy.name, copy.plan.id, copy.in_use) == (image.name, image.plan.id, True)
    assert {copy.id, image.launch_reference} <= set(await builder.used_images())
    assert not await builder.drop_copy(copy)
    copies.release(container)
    assert await builder.drop_copy(copy)
    assert await builder.copies() == []


async def test_an_image_of_a_registry_goes_by_the_rule_with_its_copy_once_no_container_is_from_it(
    place: Place, copies: Copies, builder: DockerImageBuilder, registry: V2Registry
) -> None:
    image, newer = [await pushed(place, registry, copies, tag) for tag in ("old", "new")]
    pull(copies.docker, str(image.name))
    container = copies.use(image.launch_reference)
    rule = replace(cleaning(builder, registry), images_for=timedelta(days=1))

    assert await rule.clean_up(root) == []

    copies.release(container)
    [gone] = await rule.clean_up(root)
    assert (gone.kind, gone.name) == (Kind.IMAGE, str(image.name))
    assert await registry.find(image.name) is None
    assert await registry.find(newer.name) is not None
    assert await builder.copies() == []


async def test_all_that_an_owner_has_goes_from_engine_and_registry(
    place: Place, copies: Copies, builder: DockerImageBuilder, registry: V2Registry
) -> None:
    builder.push_with(registry)
    done = await ended(builder, (await builder.start(*place.plan())).id)
    plan, _ = place.repositories.script("sleep 300")
    running = await builder.start(plan, Destination(plan.image, push=False))
    removal = RemovalService(builder, registry, CuratedImages(registry), Policy(scopes_allow))

    removed = (await removal.remove(root, ADA)).items

    assert [(each.what.kind, each.stays) for each in removed] == [
        (Kind.BUILD, ""),
        (Kind.BUILD, ""),
        (Kind.IMAGE, ""),
        (Kind.COPY, ""),
    ]
    assert {done.id, running.id} == {each.what.name for each in removed if each.what.kind is Kind.BUILD}
    assert await builder.list() == []
    assert (await registry.find(done.plan.image), await builder.copies()) == (None, [])
    assert (await removal.remove(root, ADA)).items == []


async def test_an_image_that_gets_the_name_of_one_that_is_being_deleted_stays(
    copies: Copies, engine: Engine, installation: Installation
) -> None:
    class Late(DockerDaemonRegistry):
        """Sees a new image come between its last look and the removal."""

        async def _refuse_in_use(self, image: ImageName, digest: str) -> None:
            await super()._refuse_in_use(image, digest)
            put_here()

    name = ImageName(HOST, f"{installation.image_prefix}/example", "1")

    def put_here() -> None:
        import_image(copies.docker, f"{HOST}/{name.repository}", name.tag, copies.labels(name))

    put_here()
    async with Late(installation=installation, url=engine.url) as registry:
        old = await registry.find(name)
        assert old is not None
        await registry.delete(name, old.digest)
        new = await registry.find(name)

    assert new is not None
    assert new.digest != old.digest
    assert not copies.has(old.digest)


async def test_a_limit_that_is_not_reached_leaves_the_build_cache_alone(
    engine: Engine, image: str, installation: Installation
) -> None:
    async with docker_builder(engine, image, installation, build_cache_bytes=2**60) as builder:
        assert await builder.spare_cache() is None
        assert await builder.prune_cache() == 0


async def pushed(place: Place, registry: V2Registry, copies: Copies, tag: str) -> Image:
    """Put an image into the registry, as if it had been built now."""
    name = registry.destination(f"{copies.installation.image_prefix}/example", tag).image
    put_image(place.registry.url, name.repository, tag, copies.labels(name), created=now().isoformat())
    image = await registry.find(name)
    assert image is not None
    return image


def newer_here(copies: Copies, plan: BuildPlan) -> None:
    """Put another image of the repository into the engine, made later."""
    name = replace(plan.image, tag="newer")
    signer, instance = copies.installation.signer, copies.installation.instance
    labels = image_labels(signer, instance, replace(plan, image=name), "")
    import_image(copies.docker, f"{name.registry}/{name.repository}", name.tag, labels)


def pull(docker: DockerApi, reference: str) -> None:
    repository, _, reference = reference.partition("@") if "@" in reference else reference.rpartition(":")
    for _ in docker.follow("/images/create", {"fromImage": repository, "tag": reference}):
        pass
