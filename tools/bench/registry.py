"""How long it takes to list a thousand images of a registry: for the first time, afterwards, and with skopeo."""

from __future__ import annotations

import asyncio
import re
import secrets
import statistics
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from repo2docker_service.adapters.registries.v2 import V2Registry
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, ImageName, Owner, OwnerKind, Source
from repo2docker_service.domain.records import image_labels
from repo2docker_service.domain.signing import Signer
from tools.parts.packages import require
from tools.parts.registry import RunningRegistry, running_registry
from tools.parts.registry_content import put_images
from tools.service import running_service

REPOSITORIES, TAGS = 100, 10
SAMPLE = 40
"""Images that skopeo is asked for; more would only take longer."""
READS = 30
REQUEST = re.compile(r'request\.method=(\w+) .*request\.uri="?([^"\s]+)')
KINDS = ("manifests", "blobs", "tags", "_catalog")
ADA = Owner(OwnerKind.USER, "ada")


@dataclass(frozen=True, slots=True)
class Filled:
    """A registry with many images of one installation."""

    registry: RunningRegistry
    installation: Installation
    key: str
    names: list[ImageName]


def report(folder: Path) -> None:
    """Print all figures, and how they compare."""
    require("skopeo")
    with running_registry(folder) as registry:
        filled = fill(registry, folder)
        first, asked = asyncio.run(cold(filled))
        peer = skopeo(filled)
        again = warm(filled, folder)
    count = len(filled.names)
    scaled = statistics.median(peer) * count
    print(f"{count} images in {REPOSITORIES} repositories of a registry on this machine", flush=True)
    print(f"  listed for the first time: {first:7.2f} s with {dict(asked)}")
    print(
        f"  skopeo inspect of each:    {scaled:7.2f} s ({SAMPLE} were asked for, {statistics.median(peer):.3f} s each)"
    )
    print(f"  a page of 50 afterwards:   {statistics.median(again):7.4f} s (median of {READS}, over HTTP)")
    print(f"  first time / skopeo: {scaled / first:.1f} times faster (goal 5)")
    print(f"  afterwards / skopeo: {scaled / statistics.median(again):.0f} times faster (goal 500)\n", flush=True)


def fill(registry: RunningRegistry, folder: Path) -> Filled:
    """Put the images there, as builds would."""
    key = secrets.token_hex(16)
    installation = Installation("bench", Signer([key.encode()]), folder)
    names = []
    for number in range(REPOSITORIES):
        repository = f"r2d/example.org--{number}"
        tags = [secrets.token_hex(20) for _ in range(TAGS)]
        mine = [ImageName(registry.host, repository, tag) for tag in tags]
        put_images(registry.url, repository, {name.tag: labels_of(installation, name) for name in mine})
        names += mine
    return Filled(registry, installation, key, names)


def labels_of(installation: Installation, name: ImageName) -> dict[str, str]:
    """Give the labels of an image that a build made."""
    plan = BuildPlan(secrets.token_hex(16), Source("https://example.org/a"), name.tag, name, ADA, ADA)
    return image_labels(installation.signer, installation.instance, plan, "")


async def cold(filled: Filled) -> tuple[float, Counter[str]]:
    """List everything when nothing is known; give the seconds, and the requests by kind."""
    before = len(filled.registry.log)
    begun = time.perf_counter()
    async with V2Registry(url=filled.registry.url, installation=filled.installation) as registry:
        while (listed := await registry.list()).stale:  # noqa: ASYNC110 - readers are not told
            await asyncio.sleep(0.02)
        taken = time.perf_counter() - begun
    if len(listed.images) != len(filled.names):
        raise RuntimeError(f"{len(listed.images)} images were listed instead of {len(filled.names)}")
    return taken, requests(filled.registry.log[before:])


def requests(log: str) -> Counter[str]:
    """Count what a registry says it was asked, by kind."""
    found: Counter[str] = Counter()
    for line in log.splitlines():
        if "response completed" in line and (match := REQUEST.search(line)):
            kind = next((kind for kind in KINDS if f"/{kind}" in match[2]), "other")
            found[f"{match[1]} {kind}"] += 1
    return found


def skopeo(filled: Filled) -> list[float]:
    """Time skopeo for some of the images, one after the other."""
    taken = []
    for name in filled.names[:: len(filled.names) // SAMPLE]:
        begun = time.perf_counter()
        subprocess.run(["skopeo", "inspect", "--tls-verify=false", f"docker://{name}"], check=True, capture_output=True)
        taken.append(time.perf_counter() - begun)
    return taken


def warm(filled: Filled, folder: Path) -> list[float]:
    """Time the service for a page of the list, when it knows it."""
    settings = (
        "c.Repo2DockerService.image_builder = 'memory'\n"
        "c.Repo2DockerService.registry = 'v2'\n"
        f"c.Repo2DockerService.instance = {filled.installation.instance!r}\n"
        f"c.Repo2DockerService.secret = [{filled.key!r}]\n"
        f"c.V2Registry.url = {filled.registry.url!r}\n"
        f"c.V2Registry.cache_file = {str(folder / 'registry.sqlite')!r}\n"
    )
    taken = []
    with running_service(folder / "service", settings) as service, service.client as client:
        while (page := client.get("images").raise_for_status().json())["stale"]:
            time.sleep(0.1)
        if page["total"] != len(filled.names):
            raise RuntimeError(f"{page['total']} images were listed instead of {len(filled.names)}")
        for _ in range(READS):
            begun = time.perf_counter()
            client.get("images", params={"limit": 50}).raise_for_status()
            taken.append(time.perf_counter() - begun)
    return taken
