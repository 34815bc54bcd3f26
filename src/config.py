"""The settings of the whole service: ``c.Repo2DockerService`` in the configuration file."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from traitlets import Bool, Dict, Enum, Float, Integer, List, TraitError, Unicode, default, validate
from traitlets.config import Application, Config
from traitlets.config.loader import ConfigFileNotFound

from repo2docker_service import __version__, plugins
from repo2docker_service.adapters.hub.environment import as_prefix, cookie_options, told_to_service, wanted_address
from repo2docker_service.adapters.written.entries import BadEntry
from repo2docker_service.adapters.written.names import NamesOrAll
from repo2docker_service.adapters.written.profiles import read_profiles
from repo2docker_service.adapters.written.quotas import read_quotas
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Owner
from repo2docker_service.domain.naming import is_prefix
from repo2docker_service.domain.orders.quotas import NO_LIMITS, Quotas
from repo2docker_service.domain.servers import Profile
from repo2docker_service.domain.signing import Signer

_WAY_TO_HUB: Final = ("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN")


class Repo2DockerService(Application):
    """Builds environments from git repositories, beside a JupyterHub or by itself."""

    name = "repo2docker-service"
    version = __version__
    description = __doc__
    raise_config_file_errors = True

    ip = Unicode("127.0.0.1", help="Address to listen on; the one that the Hub wants when a Hub starts us.").tag(
        config=True
    )
    port = Integer(
        10101,
        min=0,
        max=65535,
        help="Port to listen on; 0 takes a free one. The one that the Hub wants when a Hub starts us.",
    ).tag(config=True)
    base_url = Unicode(
        "/", help="Path under which everything is served; the Hub's prefix when a Hub starts us, else /."
    ).tag(config=True)
    host_cookies = Bool(
        help="Whether the cookies that no page reads are named __Host-…, which other hosts of a domain cannot set; they"
        " need https, and a host on which no people's servers are. JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED in the"
        " environment when not set here."
    ).tag(config=True)
    secure_cookies = Bool(
        help="Whether cookies are kept for https only, also where no proxy says that browsers speak it (in"
        " X-Forwarded-Proto). When not set here, it is so where JUPYTERHUB_PUBLIC_URL in the environment begins with"
        " https: or JUPYTERHUB_COOKIE_OPTIONS says secure."
    ).tag(config=True)
    image_builder = Unicode("docker", help="Short name of the image builder.").tag(config=True)
    registry = Unicode("docker-daemon", help="Short name of the registry that keeps images.").tag(config=True)
    authorizer = Unicode(
        "token", help="Short name of the authorizer that knows people; jupyterhub where a Hub has said how to ask it."
    ).tag(config=True)
    source_resolver = Unicode("git", help="Short name of what looks up refs.").tag(config=True)
    server_launcher = Unicode(
        "none", help="Short name of what starts servers from images; jupyterhub where that is the authorizer."
    ).tag(config=True)
    # Hides Application.instance(), which finds a singleton; this application is never one.
    instance = Unicode(  # type: ignore[assignment]
        "default", help="Name of this installation; two of different name never touch each other's things."
    ).tag(config=True)
    image_prefix = Unicode("r2d", help="First part of the name of every image.").tag(config=True)
    builds_per_owner = Integer(
        50, min=0, help="Builds that one owner may have queued or running; 0 sets no limit."
    ).tag(config=True)
    images_per_owner = Integer(0, min=0, help="Images that one owner may keep; 0 sets no limit.").tag(config=True)
    image_retention_days = Float(
        0,
        min=0,
        help="Days after which images are deleted, from when they were built; 0 keeps all. Never goes what there is"
        " a container of, what the catalog protects or features, nor the newest of an owner's repository and folder.",
    ).tag(config=True)
    quotas = Dict(
        Dict(),
        help="Other limits for single owners, of builds and images: {'group:course-a': {'builds': 10, 'images': 20}}.",
    ).tag(config=True)
    requests_per_person = Integer(
        1200, min=0, help="Requests of one person in a minute; 0 sets no limit. Not for services and admins."
    ).tag(config=True)
    streams_per_person = Integer(
        50,
        min=0,
        help="Logs and other streams that one person may read at once; 0 sets no limit. Not for services and admins.",
    ).tag(config=True)
    binder_api = Bool(
        help="Whether clients of BinderHub's build endpoint are answered; unless set, where the Hub calls us binder."
    ).tag(config=True)
    binder_forges = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Where repositories of BinderHub's providers are, instead of https://github.com and so on:"
        " {'gh': 'https://github.example.org'}; gh, gl and gist can be named.",
    ).tag(config=True)
    reuse_outdated = Bool(
        True,
        help="Whether an image is the answer although it would be built otherwise now, because the repo2docker image,"
        " the appendix, the user, the folder or repo2docker's configuration changed; else it is built again.",
    ).tag(config=True)
    archive_logs = Bool(
        False,
        help="Copy the logs of builds to the registry when they have ended, where they outlive containers, pods and"
        " engines. They can be read by whoever may pull from it; those of private builds stay out unless"
        " RegistryLogArchive.private_logs is set.",
    ).tag(config=True)
    rebuilds_at_once = Integer(
        2,
        min=1,
        help="Outdated images that may be queued or running at once to be built again, so that people's own builds are"
        " not kept waiting.",
    ).tag(config=True)
    group_owners = NamesOrAll(
        help="Groups that may own builds and images; None: every group for which its members have the scope to build.",
    ).tag(config=True)
    catalog_file = Unicode(
        help="YAML file that says which images to offer first, to whom, and which to keep. Read again when it changes."
    ).tag(config=True)
    profiles = List(
        Dict(),
        help="What servers can be asked for, each with slug, title, description, cpu, memory (bytes, or a text such as"
        " '2G') and node_selector: [{'slug': 'small', 'title': 'Small', 'cpu': 1, 'memory': '2G'}].",
    ).tag(config=True)
    data_dir = Unicode(help="Folder for the generated secret.").tag(config=True)
    log_as = Enum(
        ["text", "json"],
        "text",
        help="How lines of the log are written: text, for people, or json, one document a line with time, level,"
        " logger, message, request_id and build_id.",
    ).tag(config=True)
    authenticate_prometheus = Bool(
        True,
        help="Whether /metrics wants a token with the scope metrics:read; False shows it to everybody who reaches it.",
    ).tag(config=True)
    secret = List(
        Unicode(),
        help="Keys of at least 16 characters: the first signs, all verify. Replicas share them. Empty: one is made.",
    ).tag(config=True, secret=True)
    allowed_plugins = List(
        Unicode(), help="Entry points of installed plugins to load, and no others: a plugin has all that we have."
    ).tag(config=True)
    config_file = Unicode("repo2docker_service_config.py", help="Python file to read settings from.").tag(config=True)

    aliases = {
        "config": "Repo2DockerService.config_file",
        "f": "Repo2DockerService.config_file",
        "ip": "Repo2DockerService.ip",
        "port": "Repo2DockerService.port",
        "base-url": "Repo2DockerService.base_url",
        "log-level": "Application.log_level",
    }

    @default("ip")
    def _default_ip(self) -> str:
        return wanted_address().hostname or "127.0.0.1"

    @default("port")
    def _default_port(self) -> int:
        return wanted_address().port or 10101

    @default("authorizer")
    def _default_authorizer(self) -> str:
        return "jupyterhub" if all(told_to_service(name) for name in _WAY_TO_HUB) else "token"

    @default("server_launcher")
    def _default_server_launcher(self) -> str:
        return "jupyterhub" if self.authorizer == "jupyterhub" else "none"

    @default("host_cookies")
    def _default_host_cookies(self) -> bool:
        return told_to_service("JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED") == "1"

    @default("secure_cookies")
    def _default_secure_cookies(self) -> bool:
        return cookie_options().get("secure") is True or told_to_service("JUPYTERHUB_PUBLIC_URL").startswith("https:")

    @default("binder_api")
    def _default_binder_api(self) -> bool:
        return told_to_service("JUPYTERHUB_SERVICE_NAME") == "binder"

    @default("base_url")
    def _default_base_url(self) -> str:
        # A default is not validated, so it has to be given in normal form.
        return as_prefix(told_to_service("JUPYTERHUB_SERVICE_PREFIX"))

    @validate("base_url")
    def _valid_base_url(self, proposal: dict[str, Any]) -> str:
        return as_prefix(proposal["value"])

    @validate("image_prefix")
    def _valid_image_prefix(self, proposal: dict[str, Any]) -> str:
        value: str = proposal["value"]
        if not is_prefix(value):
            raise TraitError("image_prefix is made of at most 24 lower case letters and digits, joined by . _ - or /.")
        return value

    @validate("binder_forges")
    def _valid_binder_forges(self, proposal: dict[str, Any]) -> dict[str, str]:
        value: dict[str, str] = proposal["value"]
        for provider, address in value.items():
            if provider not in ("gh", "gl", "gist") or not re.fullmatch(r"https?://[^\s/?#@][^\s?#@]*", address):
                raise TraitError("binder_forges gives gh, gl or gist an address that begins with https:// or http://.")
        return {provider: address.rstrip("/") for provider, address in value.items()}

    @validate("profiles")
    def _valid_profiles(self, proposal: dict[str, Any]) -> list[dict[str, Any]]:
        value: list[dict[str, Any]] = proposal["value"]
        try:
            read_profiles(value)
        except BadEntry as error:
            raise TraitError(f"c.Repo2DockerService.profiles, {error}") from None
        return value

    @validate("quotas")
    def _valid_quotas(self, proposal: dict[str, Any]) -> dict[str, Any]:
        value: dict[str, Any] = proposal["value"]
        try:
            read_quotas(value, NO_LIMITS)
        except BadEntry as error:
            raise TraitError(f"c.Repo2DockerService.quotas, {error}") from None
        return value

    @default("data_dir")
    def _default_data_dir(self) -> str:
        base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        return str(Path(base) / "repo2docker-service")

    @validate("instance")
    def _valid_instance(self, proposal: dict[str, Any]) -> str:
        value: str = proposal["value"]
        if not (value.isascii() and value.isalnum() and value == value.lower() and 0 < len(value) <= 32):
            raise TraitError("instance is made of 1 to 32 lower case letters and digits.")
        return value

    catalogue = plugins.Catalogue()  # until plugins are loaded

    def load(self, argv: list[str] | None = None) -> Repo2DockerService:
        """Read the command line, then the configuration file, the command line going first; find the plugins."""
        self.parse_command_line(argv or [])
        command_line = Config(self.config)
        self._load_file()
        self.update_config(command_line)
        self.catalogue = plugins.catalogue(plugins.load(self.allowed_plugins))
        return self

    def _load_file(self) -> None:
        given = "config_file" in self.config.get("Repo2DockerService", {})
        path = Path(self.config_file).absolute()
        if given and not path.is_file():
            raise ConfigFileNotFound(f"There is no configuration file {path}.")
        if path.suffix != ".py":
            raise ConfigFileNotFound(f"The name of the configuration file {path} must end with .py.")
        self.load_config_file(path.name, path=str(path.parent))

    def installation(self) -> Installation:
        """Give what adapters need to know of this installation, its keys made on the first start."""
        keys = [key.encode() for key in self.secret] or [self._key_file()]
        return Installation(self.instance, Signer(keys), Path(self.data_dir), self.image_prefix)

    def usual_quotas(self) -> Quotas:
        """Give the limits for each owner that has none of its own."""
        return Quotas(self.builds_per_owner, self.images_per_owner)

    def own_quotas(self) -> Mapping[Owner, Quotas]:
        """Give the limits of owners that have their own."""
        return read_quotas(self.quotas, self.usual_quotas())

    def server_profiles(self) -> Sequence[Profile]:
        """Give what servers can be asked for."""
        return read_profiles(self.profiles)

    def _key_file(self) -> bytes:
        path = Path(self.data_dir) / "secret"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_name(f"secret.{os.getpid()}.{secrets.token_hex(4)}")
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_hex(32))
        # The first to link its key decides; everybody else, at the same moment too, reads that one.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
        temporary.unlink()
        return path.read_bytes()
