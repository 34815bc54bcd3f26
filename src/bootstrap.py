"""The composition root: settings and plugins become services. Only here are ports and adapters brought together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from traitlets import TraitError

from repo2docker_service.adapters.archives.registry import RegistryLogArchive
from repo2docker_service.adapters.artifacts import KeepsArtifacts
from repo2docker_service.adapters.catalogs.file import CatalogFile
from repo2docker_service.adapters.catalogs.memory import InMemoryCatalog
from repo2docker_service.adapters.pushing import Pushes, PushSupport
from repo2docker_service.config import Repo2DockerService
from repo2docker_service.domain.archive.archiving import Archiver
from repo2docker_service.domain.archive.kept_builds import KeptBuilds
from repo2docker_service.domain.archive.log_archive import NO_ARCHIVE, LogArchive
from repo2docker_service.domain.builds import BuildService
from repo2docker_service.domain.capabilities import BrowserLogin, RemembersPushes
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.failures.explaining import Explainer
from repo2docker_service.domain.images import ImageService
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.launching import ServerService
from repo2docker_service.domain.naming import ImageNaming
from repo2docker_service.domain.orders.admission import Admission
from repo2docker_service.domain.orders.ordering import Orders
from repo2docker_service.domain.overview.readiness import Readiness
from repo2docker_service.domain.overview.summarizing import SummaryService
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.ports import (
    Authorizer,
    Catalog,
    ImageBuilder,
    Registry,
    ServerLauncher,
    SourceResolver,
)
from repo2docker_service.domain.rebuilds.rebuilding import RebuildService
from repo2docker_service.domain.retention.cleanup import CleanupService
from repo2docker_service.domain.retention.removal import RemovalService
from repo2docker_service.domain.retention.retention import in_days
from repo2docker_service.domain.sources import SourceService
from repo2docker_service.plugins import PORTS, Hook, PluginCalls, hooks_of
from repo2docker_service.plugins.telling import Telling

_OTHERS: Final = ("catalog", "log_archive")
"""Parts that no setting chooses by a short name."""


@dataclass(frozen=True)
class Services:
    """All that an entrypoint may call."""

    settings: Repo2DockerService
    installation: Installation
    builder: ImageBuilder
    registry: Registry
    authorizer: Authorizer
    sources: SourceResolver
    launcher: ServerLauncher
    catalog: Catalog
    policy: Policy
    builds: BuildService
    images: ImageService
    source_reports: SourceService
    servers: ServerService
    cleanup: CleanupService
    archiver: Archiver
    removal: RemovalService
    readiness: Readiness
    rebuilds: RebuildService
    summary: SummaryService
    plugins: PluginCalls

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the adapters that hold connections, and close them at the end."""
        async with AsyncExitStack() as stack:
            parts = (self.builder, self.registry, self.authorizer, self.sources, self.launcher, self.catalog)
            for adapter in parts:
                if isinstance(adapter, AbstractAsyncContextManager):
                    await stack.enter_async_context(adapter)
            stack.push_async_callback(self.builds.explainer.close)
            await stack.enter_async_context(self.archiver.running())
            await stack.enter_async_context(self.cleanup.running())
            watches = {("build_changed", "build"): self.builder.watch, ("image_changed", "name"): self.registry.watch}
            await stack.enter_async_context(Telling(self.plugins, watches).running())
            yield


def bootstrap(settings: Repo2DockerService, **overrides: Any) -> Services:
    """Make the services that the settings ask for.

    Args:
        settings: loaded settings.
        overrides: ready adapters by setting name (``image_builder``, ``registry``, ``authorizer``,
            ``source_resolver``, ``server_launcher``) or as ``catalog`` or ``log_archive``, for tests and for programs
            that embed the service.

    Raises:
        UnknownAdapter: a setting names an adapter that no plugin offers.
        TraitError: settings contradict each other, or the file of the catalog cannot be used.
    """
    if unknown := overrides.keys() - {*PORTS, *_OTHERS}:
        known = ", ".join((*PORTS, *_OTHERS))
        raise TypeError(f"bootstrap() cannot override {', '.join(unknown)}; it can {known}.")
    installation = settings.installation()
    chosen: dict[str, Any] = {port: overrides.get(port) or _make(settings, installation, port) for port in PORTS}
    _check_way_back(settings.base_url, chosen["authorizer"])
    if isinstance(chosen["image_builder"], Pushes) and isinstance(chosen["registry"], PushSupport):
        chosen["image_builder"].push_with(chosen["registry"])
    chosen["catalog"] = overrides.get("catalog") or _catalog(settings)
    archive = overrides.get("log_archive") or _log_archive(settings, installation, chosen["registry"])
    return _wire(settings, installation, archive=archive, **chosen)


def _make(settings: Repo2DockerService, installation: Installation, port: str) -> Any:  # noqa: ANN401 - each port has its own type
    adapter = settings.catalogue.choose(port, getattr(settings, port))
    return adapter(parent=settings, installation=installation)


def _hooks(settings: Repo2DockerService, installation: Installation) -> Mapping[str, Mapping[str, Hook]]:
    """Give what plugins implement, those parts of them too that are made of settings."""
    hooks = dict(settings.catalogue.hooks)
    for name, extension in settings.catalogue.extensions.items():
        made = extension(parent=settings, installation=installation)
        hooks[name] = {**hooks.get(name, {}), **hooks_of(name, made)}
    return hooks


def _catalog(settings: Repo2DockerService) -> Catalog:
    if not settings.catalog_file:
        return InMemoryCatalog()
    slugs = [profile.slug for profile in settings.server_profiles()]
    return CatalogFile(Path(settings.catalog_file), slugs, settings.log)


def _curated(builder: ImageBuilder, registry: Registry, catalog: Catalog) -> CuratedImages:
    curated = CuratedImages(registry, catalog.entries, builder.settings)
    return replace(curated, pushed=builder.pushed) if isinstance(builder, RemembersPushes) else curated


def _log_archive(settings: Repo2DockerService, installation: Installation, registry: Registry) -> LogArchive:
    if not settings.archive_logs:
        return NO_ARCHIVE
    if not isinstance(registry, KeepsArtifacts):
        raise TraitError(
            "c.Repo2DockerService.archive_logs: the registry of this service keeps images only; logs can be archived"
            " in one that is reached with c.Repo2DockerService.registry = 'v2'."
        )
    return RegistryLogArchive(parent=settings, installation=installation, store=registry.artifacts)


def _check_way_back(base_url: str, authorizer: Authorizer) -> None:
    """Refuse to start where people who log in elsewhere would come back in vain."""
    here = f"{base_url}oauth_callback"
    if isinstance(authorizer, BrowserLogin) and urlsplit(authorizer.oauth_callback_url).path != here:
        raise TraitError(
            f"After a login the hub sends people to {authorizer.oauth_callback_url}, but this service waits for them"
            f" at {here}: c.Repo2DockerService.base_url must be the path that the hub knows this service by, which"
            " is its service_prefix, or what stands before oauth_callback in its oauth_redirect_uri."
        )


def _wire(  # noqa: PLR0913 - all parts come together here
    settings: Repo2DockerService,
    installation: Installation,
    *,
    image_builder: ImageBuilder,
    registry: Registry,
    authorizer: Authorizer,
    source_resolver: SourceResolver,
    server_launcher: ServerLauncher,
    catalog: Catalog,
    archive: LogArchive,
) -> Services:
    naming = ImageNaming(installation.image_prefix, installation.signer)
    policy = Policy(authorizer.allows, settings.group_owners)
    troubles = dict(settings.catalogue.failed)
    calls = PluginCalls(_hooks(settings, installation), troubles)
    admission = Admission(image_builder, registry, settings.usual_quotas(), settings.own_quotas(), extensions=calls)
    curated = _curated(image_builder, registry, catalog)
    orders = Orders(registry, source_resolver, naming, policy, curated, settings.reuse_outdated)
    archiver = Archiver(image_builder, archive)
    explainer = Explainer(KeptBuilds(image_builder, archive))
    readiness = Readiness(
        image_builder, registry, authorizer, server_launcher, installation.image_prefix, troubles, archive=archiver
    )
    images, images_for = ImageService(registry, naming, policy, curated), in_days(settings.image_retention_days)
    return Services(
        settings=settings,
        installation=installation,
        builder=image_builder,
        registry=registry,
        authorizer=authorizer,
        sources=source_resolver,
        launcher=server_launcher,
        catalog=catalog,
        policy=policy,
        builds=BuildService(image_builder, registry, policy, orders, admission, explainer, archive=archive),
        images=images,
        source_reports=SourceService(orders, image_builder),
        servers=ServerService(server_launcher, images, settings.server_profiles()),
        cleanup=CleanupService(image_builder, registry, curated, policy, images_for=images_for, archiver=archiver),
        archiver=archiver,
        removal=RemovalService(image_builder, registry, curated, policy, archive),
        readiness=readiness,
        rebuilds=RebuildService(
            image_builder, registry, source_resolver, curated, admission, policy, settings.rebuilds_at_once
        ),
        summary=SummaryService(image_builder, curated, admission, explainer, readiness, policy),
        plugins=calls,
    )
