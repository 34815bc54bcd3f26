"""What a container of a build is told to do: its files, which are the same wherever it runs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from repo2docker_service.adapters.builders.containers.cards import Card, look_name
from repo2docker_service.adapters.builders.containers.in_container import authorities, layout
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan
from repo2docker_service.domain.naming import temporary_tag
from repo2docker_service.domain.records import LAUNCHABLE_LABEL, image_labels

FOLDER: Final = "/run/r2d"
UID: Final = 10101
"""repo2docker's user in the builder; nobody on the engine's machine."""
_CONFIG: Final = f"""\
import sys
sys.path.append("{FOLDER}/launcher.pyz")
from in_container.hooks import configure
c = get_config()
configure(c, "{FOLDER}/plan.json")
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the administrator allows a build."""

    socket: str
    network: str
    memory: int
    """Bytes, for the builder container; steps of the build run elsewhere."""
    timeout: float
    """Seconds."""
    push_timeout: float
    """Seconds."""
    push_patience: float
    """Seconds for which a registry that does not answer is tried again."""
    environment: Mapping[str, str]
    repository_bytes: int
    """Of a repository while it is fetched; 0 sets no limit."""
    repository_files: int
    log_limit: int = 2**29
    """Bytes that a builder's log may take on the engine's disk."""
    ca_bundle: str = ""
    """A file of certificate authorities that git trusts besides; none when empty."""
    buildkit: str = ""
    """``HOST:PORT`` of a BuildKit daemon that builds in place of an engine; none when empty."""
    buildkit_tls: bool = False
    """Whether it is spoken to over TLS."""


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """What the administrator adds to every image."""

    appendix: str
    user_id: int
    user_name: str
    target_repo_dir: str
    extra_config: str


def repo2docker_config(settings: BuildSettings) -> bytes:
    """Give the configuration file of repo2docker."""
    return (_CONFIG + settings.extra_config).encode()


def authority_files(limits: Limits) -> Mapping[str, bytes]:
    """Give the file of certificate authorities, if there is one: read each time, as certificates are renewed."""
    return {authorities.GIVEN: Path(limits.ca_bundle).read_bytes()} if limits.ca_bundle else {}


def build_plan(card: Card, installation: Installation, limits: Limits, settings: BuildSettings) -> dict[str, Any]:
    """Give what a builder's launcher is to do."""
    return {
        "kept": card.kept,
        "argv": argv(card, settings),
        "uid": UID,
        "timeout": limits.timeout,
        "log_limit": limits.log_limit,
        "labels": image_labels(installation.signer, installation.instance, card.plan, card.settings),
        "appendix": settings.appendix,
        "config": card.plan.repo2docker_config,
        "target_repo_dir": settings.target_repo_dir,
        "buildkit": _buildkit(limits),
        "buildx": [
            *(apart(installation, card.plan) if card.plan.private else []),
            *([f"--output=type=oci,tar=false,dest={layout.IMAGE}"] if limits.buildkit else []),
        ],
        "most": {"bytes": limits.repository_bytes, "files": limits.repository_files},
        "public_only": card.plan.public_only,
    }


def _buildkit(limits: Limits) -> dict[str, Any]:
    return {"address": limits.buildkit, "tls": limits.buildkit_tls} if limits.buildkit else {}


def apart(installation: Installation, plan: BuildPlan) -> list[str]:
    """Give arguments by which the engine shares no cache between builds of this owner and any others.

    A host that a step may call by name is part of what the engine knows the step by; folders that steps keep for each
    other are found by a name of their own kind.
    """
    salt = installation.signer.sign("cache", str(plan.owner))[:32]
    return ["--add-host", f"r2d-{salt}.invalid:127.0.0.1", "--build-arg", f"BUILDKIT_CACHE_MOUNT_NS={salt}"]


def push_plan(card: Card, installation: Installation, limits: Limits) -> dict[str, Any]:
    """Give what a pusher's launcher is to do."""
    image = card.plan.image
    return {
        "buildkit": _buildkit(limits),
        "temporary": temporary_name(card),
        "final": str(image),
        "registry": image.registry,
        "repository": f"{image.registry}/{image.repository}",
        "tag": image.tag,
        "look": look_name(installation, card.plan.id),
        "launchable_label": LAUNCHABLE_LABEL,
        "push": card.push,
        "push_timeout": limits.push_timeout,
        "push_patience": limits.push_patience,
    }


def argv(card: Card, settings: BuildSettings) -> list[str]:
    """Give the command line of repo2docker; every value was checked by the domain before."""
    plan = card.plan
    return [
        "jupyter-repo2docker",
        f"--config={FOLDER}/repo2docker_config.py",
        "--no-run",
        f"--user-id={settings.user_id}",
        f"--user-name={settings.user_name}",
        f"--image-name={temporary_name(card)}",
        f"--ref={plan.commit}",
        *([f"--subdir={plan.source.subdir}"] if plan.source.subdir else []),
        *(f"--build-arg={name}={value}" for name, value in sorted(plan.build_args.items())),
        "--",
        clone_address(plan),
    ]


def clone_address(plan: BuildPlan) -> str:
    """Give the address that git is told."""
    return plan.clone_address or plan.source.address


def temporary_name(card: Card) -> str:
    """Give the name of a build's image until it is delivered."""
    image = card.plan.image
    return f"{image.registry}/{image.repository}:{temporary_tag(card.made_by)}"


@cache
def launcher() -> bytes:
    """Pack the in-container package, and what it shares with the service, as a zip file that Python can run."""
    adapters = files("repo2docker_service.adapters")
    package = adapters / "builders" / "containers" / "in_container"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(
            "__main__.py", "import sys\nfrom in_container.launcher import main\nsys.exit(main(sys.argv[1:]))\n"
        )
        for module in package.iterdir():
            if module.name.endswith(".py"):
                file.writestr(f"in_container/{module.name}", module.read_text())
        for name in ("repo2docker_service", "repo2docker_service/adapters"):
            file.writestr(f"{name}/__init__.py", "")
        file.writestr("repo2docker_service/adapters/addresses.py", (adapters / "addresses.py").read_text())
    return packed.getvalue()
