"""A container registry that speaks version 2 of Docker's protocol, as the place where images are kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from traitlets import Bool, Enum, Float, Instance, Integer, List, TraitError, Unicode, default, validate
from traitlets.config import LoggingConfigurable

from repo2docker_service.adapters.changes import Changes
from repo2docker_service.adapters.registries.v2.auth.credentials import (
    BadCredentials,
    ConfiguredCredentials,
    Credentials,
    NoCredentials,
    push_config,
)
from repo2docker_service.adapters.registries.v2.errors import RegistryError
from repo2docker_service.adapters.registries.v2.inventory.artifacts import V2Artifacts
from repo2docker_service.adapters.registries.v2.inventory.guarding import Guarding
from repo2docker_service.adapters.registries.v2.inventory.images import RegistryImages
from repo2docker_service.adapters.registries.v2.inventory.ours import OurImages
from repo2docker_service.adapters.registries.v2.inventory.places import Listing, Place, read_url, single_tag
from repo2docker_service.adapters.registries.v2.inventory.scope import Scope, within
from repo2docker_service.adapters.registries.v2.inventory.store import ImageStore
from repo2docker_service.adapters.registries.v2.protocol.client import RegistryClient
from repo2docker_service.adapters.registries.v2.transport.http import RegistryHttp
from repo2docker_service.domain.errors import RegistryUnavailable
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Destination, Image, ImageList, ImageName


class V2Registry(LoggingConfigurable):
    """Implements :class:`~repo2docker_service.domain.ports.Registry` with a registry that speaks Docker's protocol.

    Builders push to it with what :class:`~repo2docker_service.adapters.pushing.PushSupport` says. The list is answered
    from memory, which is brought up to date in the background; everything that decides something asks the registry.
    """

    after_delete = "The registry frees the space at its next garbage collection."
    """What people should know about an image that was deleted."""

    url = Unicode(
        help="Address of the registry, as https://registry.example.org or, on this machine, http://127.0.0.1:5000."
    ).tag(config=True)
    username = Unicode(
        help="Name of the account to push, list and delete with; when empty, docker_config or Docker's usual files say."
    ).tag(config=True)
    password = Unicode(help="Password or access token of the account. Rather use password_file.").tag(
        config=True, secret=True
    )
    password_file = Unicode(
        help="File with the password or access token; it is read again when it has changed, or was refused."
    ).tag(config=True)
    docker_config = Unicode(
        help="A config.json as `docker login` writes it, or as Kubernetes mounts it, to take the credential from. Its"
        " credential helpers and identity tokens are understood. When empty, Docker's usual places are tried."
    ).tag(config=True)
    ca_bundle = Unicode(help="File with certificate authorities to trust besides those that are trusted anyway.").tag(
        config=True
    )
    insecure = Bool(
        False,
        help="Trust any certificate, and allow http:// beyond this machine. Whoever is on the way can then read the"
        " password and replace images.",
    ).tag(config=True)
    proxy = Unicode(help="Address of an HTTP proxy to send everything through.").tag(
        config=True, secret=True
    )  # it may hold a password
    cache_file = Unicode(
        help="SQLite file that remembers what images there are over a restart; anybody may remove it at any time."
        " registry.sqlite in data_dir when empty."
    ).tag(config=True)
    image_host = Unicode(
        help="First part of the names of images, when the engine and the spawner know the registry by another name than"
        " the url has."
    ).tag(config=True)
    listing = Enum(
        [each.value for each in Listing],
        Listing.AUTO.value,
        help="How images are found. catalog: the registry is asked for its repositories; single: all images are tags of"
        " the one repository image_prefix, which can be made beforehand; static: in the repositories that are named."
        " auto: single at registries known to have no usable catalog (Docker Hub, ghcr.io, quay.io, gitlab.com,"
        " Amazon's, Google's), else catalog. Where a catalog is refused, only images that this service has pushed or"
        " found are listed.",
    ).tag(config=True)
    repositories = List(
        Unicode(), help="The repositories to look for images in, with their whole names, when listing is static."
    ).tag(config=True)
    unauthorized_is_absent = Bool(
        help="Take what the registry does not allow to be read for what is not there. Public registries often do not"
        " say which it is; so this is on for those where the listing auto means single."
    ).tag(config=True)
    connections = Integer(10, min=1, max=32, help="Requests at a time; more than 10 seldom help.").tag(config=True)
    token_realm_hosts = List(
        Unicode(),
        help="Hosts that the registry may name to fetch tokens from; the credential is sent to no other. When empty:"
        " any public host over https.",
    ).tag(config=True)
    refresh_seconds = Float(
        60.0,
        min=0.0,
        help="Seconds after which the list of images is renewed in the background. With 0 it is renewed for every"
        " reader, who waits for it.",
    ).tag(config=True)
    installation = Instance(Installation)

    @validate("proxy")
    def _valid_proxy(self, proposal: dict[str, Any]) -> str:
        value: str = proposal["value"]
        if value and not value.startswith(("http://", "https://")):
            raise TraitError("V2Registry.proxy must begin with http:// or https://.")
        return value

    @default("unauthorized_is_absent")
    def _default_unauthorized_is_absent(self) -> bool:
        return self.place.listing is Listing.SINGLE

    @property
    def place(self) -> Place:
        """Where the registry is.

        Raises:
            TraitError: the address cannot be used.
        """
        if not self.url:
            raise TraitError("Set c.V2Registry.url to the address of the registry, as https://registry.example.org.")
        try:
            return read_url(self.url, insecure=self.insecure)
        except ValueError as error:
            raise TraitError(f"c.V2Registry.url {error}.") from None

    @property
    def way_of_listing(self) -> Listing:
        """How repositories are found; not ``auto`` any more."""
        chosen = Listing(self.listing)
        return self.place.listing if chosen is Listing.AUTO else chosen

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._check()
        self._place = self.place
        self._host = self.image_host or self._place.image_host
        self._changes: Changes[ImageName] = Changes()
        self._credentials = self._make_credentials()
        self._http = RegistryHttp(
            ca_bundle=self.ca_bundle, insecure=self.insecure, connections=self.connections, proxy=self.proxy
        )
        self._client = self._make_client(self._credentials)
        self._guarding = Guarding(
            self._make_client(NoCredentials()), self._client, made_open=self.unauthorized_is_absent, log=self.log
        )
        scope = self._make_scope()
        self._images = self._make_images(scope)
        self.artifacts = V2Artifacts(self._client, self._images, scope, self.guards, self._place.host)

    def _make_credentials(self) -> ConfiguredCredentials:
        try:
            return ConfiguredCredentials(
                self._place.host,
                username=self.username,
                password=self.password,
                password_file=self.password_file,
                docker_config=self.docker_config,
                repository=self.installation.image_prefix,
                log=self.log,
            )
        except BadCredentials as error:
            raise TraitError(f"c.V2Registry: {error}.") from None

    def _make_client(self, credentials: Credentials) -> RegistryClient:
        return RegistryClient(
            self._place.url,
            self._http,
            credentials,
            token_realm_hosts=self.token_realm_hosts,
            unauthorized_is_absent=self.unauthorized_is_absent,
            log=self.log,
        )

    def _make_scope(self) -> Scope:
        return Scope(
            self._host,
            self.installation.image_prefix,
            self.way_of_listing,
            self.repositories,
            self.connections,
            self.refresh_seconds,
        )

    def _make_images(self, scope: Scope) -> RegistryImages:
        path = Path(self.cache_file) if self.cache_file else self.installation.data_dir / "registry.sqlite"
        identity = f"{self._place.url} {self._host} {self.installation.instance}"
        return RegistryImages(
            self._client,
            ImageStore(path, identity, self.log),
            self._changes,
            OurImages(self.installation),
            scope,
            self.log,
        )

    async def __aenter__(self) -> Self:
        """Recall what was known, and begin to ask the registry."""
        if self.insecure:
            self.log.warning("The registry %s is trusted whatever certificate it shows: insecure is set", self._host)
        try:
            await self._http.open()
        except (OSError, RegistryError) as error:
            raise TraitError(f"V2Registry.ca_bundle cannot be used: {error}") from error
        await self._images.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop asking, and close all connections."""
        await self._images.close()
        await self._client.close()

    def destination(self, repository: str, tag: str) -> Destination:
        """Name an image here; where one repository holds all, the tag tells them apart."""
        if self.way_of_listing is Listing.SINGLE:
            name = ImageName(self._host, self.installation.image_prefix, single_tag(repository, tag))
        else:
            name = ImageName(self._host, repository, tag)
        return Destination(name, push=True)

    async def find(self, image: ImageName) -> Image | None:
        """Ask for the image of that name."""
        with self._plainly():
            return await self._images.find(image)

    async def list(self) -> ImageList:
        """Give what is known at once, and see to it that it gets newer."""
        with self._plainly():
            return await self._images.list()

    async def recall(self, image: ImageName) -> Image | None:
        """Give what is known of that name, without asking."""
        return self._images.recall(image)

    async def guards(self, image: ImageName) -> bool:
        """Ask without credentials; remembered for a minute."""
        with self._plainly():
            return await self._guarding.guards(image)

    async def delete(self, image: ImageName, digest: str, *, siblings: bool = False) -> None:
        """Remove the image from the registry; its space is freed when the registry collects garbage."""
        with self._plainly():
            await self._images.delete(image, digest, siblings=siblings)

    def watch(self) -> AsyncGenerator[ImageName, None]:
        """Give each name whose image appeared, changed or vanished, by us or as the registry tells."""
        return self._changes.watch()

    async def push_config(self) -> bytes:
        """Give a config.json for this registry alone."""
        with self._plainly():
            return push_config(self._host, await self._credentials.get())

    async def verify_push(self, image: ImageName, digest: str, build_id: str) -> None:
        """Ask for the manifest and config that were pushed, and list the image from now on."""
        with self._plainly():
            await self._images.verify(image, digest, build_id)

    def _check(self) -> None:
        """Find contradictions before anything is asked."""
        prefix = self.installation.image_prefix
        if problem := self.place.problem_with(prefix):
            raise TraitError(f"{problem}: set c.Repo2DockerService.image_prefix to that, instead of {prefix!r}.")
        if self.way_of_listing is Listing.STATIC and not self.repositories:
            raise TraitError("Name the repositories in c.V2Registry.repositories, or choose another listing.")
        if wrong := [name for name in self.repositories if not within(prefix, name)]:
            raise TraitError(f"c.V2Registry.repositories: {wrong[0]!r} is no name that begins with {prefix}.")

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            yield
        except RegistryError as error:
            raise RegistryUnavailable(f"registry {self._place.host}", error.problem) from error
        except BadCredentials as error:
            raise RegistryUnavailable(f"registry {self._place.host}", str(error)) from error
