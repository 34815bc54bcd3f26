"""The use case of building outdated images again, a few at a time, for administrators."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from repo2docker_service.domain.auditing import tell
from repo2docker_service.domain.curation.curating import CuratedImages
from repo2docker_service.domain.errors import (
    BuilderUnavailable,
    BuildVetoed,
    DiskLow,
    ImageNotFound,
    InvalidInput,
    QuotaExceeded,
    SourceForbidden,
    SourceUnreachable,
)
from repo2docker_service.domain.models import Build, BuildPlan, Identity, Image, ImageName, Owner
from repo2docker_service.domain.naming import image_id
from repo2docker_service.domain.orders.admission import Admission, now
from repo2docker_service.domain.orders.ordering import new_build_id
from repo2docker_service.domain.policy import Policy
from repo2docker_service.domain.ports import ImageBuilder, Registry, SourceResolver
from repo2docker_service.domain.rebuilds.outdated import (
    EVERYTHING,
    GONE,
    PRIVATE,
    Rebuild,
    Standing,
    Wanted,
    by_standing,
    rebuilds,
)

_REFUSED_FOR: Final = timedelta(minutes=10)
"""For how long an address is not asked for again from which nothing may be built for everybody."""


@dataclass(frozen=True, slots=True)
class Rebuilds:
    """The outdated images, and what becomes of each."""

    items: Sequence[Rebuild]
    """Those under way, then those that wait, the next one first, then those that are skipped."""
    at_once: int
    """How many may be under way at once."""
    as_of: datetime
    """When this was so."""
    begun: Sequence[Build] = ()
    """The builds that were begun now."""
    partial: bool = False
    """Whether there may be images that are not known, as while a registry is listed for the first time."""

    def counts(self) -> Mapping[Standing, int]:
        """Count the images by what becomes of them."""
        return Counter(each.standing for each in self.items)


@dataclass(frozen=True)
class RebuildService:
    """Has outdated images built again as they were: same commit, name, owner and who asked for it.

    Nothing is remembered of what was asked for. What is under way is what builds say: one of an image that is outdated,
    be it that an administrator began it here or that somebody asked for it with force. So whoever wants them all asks
    again and again, as the command ``rebuild --follow`` does, and may be stopped at any time.

    Such a build counts on its owner's builds like any other, and where the owner has as many under way as allowed, it
    waits for its turn: a limit that administrators' work went past would be none. Images stay as many as they were.
    """

    builder: ImageBuilder
    registry: Registry
    sources: SourceResolver
    curated: CuratedImages
    admission: Admission
    policy: Policy
    at_once: int = 2
    """How many may be queued or running, so that people's own builds are not kept waiting."""
    patience: float = 20.0
    """Seconds after which no more repositories are looked at for one request; the next one goes on from there."""
    new_id: Callable[[], str] = new_build_id
    clock: Callable[[], datetime] = now
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _refused: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """Why nothing is built from an address, and when that was found."""

    async def preview(self, who: Identity) -> Rebuilds:
        """Say which images are outdated and what becomes of each.

        Raises:
            Forbidden: the caller is no administrator.
            BuilderUnavailable, RegistryUnavailable: it cannot be found out now.
        """
        self.policy.require_admin(who)
        return await self._look(EVERYTHING)

    async def begin(
        self, who: Identity, *, only: Collection[str] | None = None, failed_before: datetime | None = None
    ) -> Rebuilds:
        """Begin to build images again, as many as may be added to those under way; say what is so then.

        Two who ask at the same time begin the same builds, as the turn is the same for all.

        Args:
            who: the caller.
            only: ids of images, which are also tried again where that has failed; None: all that are outdated.
            failed_before: also those for which it has failed before this time.

        Raises:
            Forbidden: the caller is no administrator.
            ImageNotFound: there is no image of such an id.
            DiskLow: there is too little space for a build.
            BuilderUnavailable, PluginUnavailable, RegistryUnavailable: it cannot be done now.
        """
        self.policy.require_admin(who)
        async with self._turn:
            names = None if only is None else await self._names(only)
            found = await self._look(Wanted(names, failed_before))
            begun, skipped = await self._begin(who, found)
        return replace(found, items=_after(found.items, begun, skipped), begun=begun)

    async def _look(self, wanted: Wanted) -> Rebuilds:
        # Builds first: one that succeeds in between is then still under way rather than to be begun again.
        builds = await self.builder.list()
        known = await self.curated.list()
        if not await self.curated.tells_outdated(known.images):
            raise BuilderUnavailable("engine", "it has not told yet which repo2docker image it has")
        found = rebuilds(known.images, builds, await self.curated.settings(), wanted)
        return Rebuilds(found, self.at_once, self.clock(), partial=known.partial)

    async def _names(self, ids: Collection[str]) -> Collection[ImageName]:
        images = (await self.registry.list()).images
        known = {image_id(str(image.name)): image.name for image in images}
        for missing in set(ids) - known.keys():
            raise ImageNotFound(missing)
        return {known[each] for each in ids}

    async def _begin(self, who: Identity, found: Rebuilds) -> tuple[Sequence[Build], Mapping[ImageName, str]]:
        """Give the builds that were begun, and why others cannot be."""
        begun: list[Build] = []
        skipped: dict[ImageName, str] = {}
        full: set[Owner] = set()
        free = self.at_once - found.counts()[Standing.UNDER_WAY]
        until = asyncio.get_running_loop().time() + self.patience
        for image in [each.image for each in found.items if each.standing is Standing.WAITING]:
            if len(begun) >= free or asyncio.get_running_loop().time() > until:
                break
            if image.plan.owner in full:
                continue
            plan = await self._plan(image)
            if isinstance(plan, str):
                skipped[image.name] = plan
                continue
            try:
                begun.append(await self._start(who, plan, image))
            except QuotaExceeded:
                full.add(image.plan.owner)
            except BuildVetoed as error:
                skipped[image.name] = str(error)
            except DiskLow:
                if begun:
                    break
                raise
        return begun, skipped

    async def _plan(self, image: Image) -> BuildPlan | str:
        """Give what is to be built, or say why it cannot be."""
        source = image.plan.source
        if why := self._why_refused(source.address):
            return why
        if await self.registry.find(image.name) is None:
            return GONE
        plan = replace(image.plan, id=self.new_id(), round=0)
        try:
            resolved = await self.sources.resolve(replace(source, ref=plan.commit))
        except SourceForbidden as error:
            return self._refuse(source.address, error.for_administrators())
        except InvalidInput as error:
            return self._refuse(source.address, str(error))
        except SourceUnreachable:
            return plan  # the build tells so, and is on record as the one that has tried
        if resolved.private or resolved.credentials is not None:
            return self._refuse(source.address, PRIVATE)
        return replace(plan, clone_address=resolved.moved_to, public_only=resolved.public_only)

    def _why_refused(self, address: str) -> str:
        # A rule holds also where the repository does not answer.
        if self.sources.terms(address).private:
            return PRIVATE
        why, found_at = self._refused.get(address, ("", self.clock()))
        return why if abs(self.clock() - found_at) < _REFUSED_FOR else ""

    def _refuse(self, address: str, why: str) -> str:
        self._refused[address] = why, self.clock()
        return why

    async def _start(self, who: Identity, plan: BuildPlan, image: Image) -> Build:
        # Where one repository holds all images, the registry would make another tag of a name that is its own already.
        destination = replace(self.registry.destination(image.name.repository, image.name.tag), image=image.name)
        build = await self.admission.start(plan, destination, force=True, replaced=image)
        tell(
            {
                "action": "build",
                "who": str(who.owner),
                "outcome": "done",
                "target": build.id,
                "image": str(image.name),
                "repo": plan.source.address,
                "commit": plan.commit,
                "owner": str(plan.owner),
                "build": "joined" if build.joined else "rebuild",
            }
        )
        return build


def _after(found: Sequence[Rebuild], begun: Sequence[Build], skipped: Mapping[ImageName, str]) -> Sequence[Rebuild]:
    """Give what has become of the images."""
    builds = {build.plan.image: build.id for build in begun}

    def after(each: Rebuild) -> Rebuild:
        name = each.image.name
        if name in builds:
            return Rebuild(each.image, Standing.UNDER_WAY, build_id=builds[name])
        if name in skipped:
            return replace(each, standing=Standing.SKIPPED, why_skipped=skipped[name])
        return each

    return by_standing(map(after, found))
