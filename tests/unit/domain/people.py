"""People, and things that belong to them."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TypeVar

from repo2docker_service.domain.models import (
    Build,
    BuildPlan,
    BuildState,
    Identity,
    Image,
    ImageName,
    Owner,
    OwnerKind,
    Source,
)

T = TypeVar("T")

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ADA, BOB, CAT = (Owner(OwnerKind.USER, name) for name in ("ada", "bob", "cat"))
LAB = Owner(OwnerKind.GROUP, "lab")
CI = Owner(OwnerKind.SERVICE, "ci")


def person(name: str, *scopes: str, groups: tuple[str, ...] = (), kind: OwnerKind = OwnerKind.USER) -> Identity:
    return Identity(name, kind, frozenset(groups), frozenset(scopes))


def plan_of(
    owner: Owner = ADA, requested_by: Owner | None = None, *, private: bool = False, tag: str = ""
) -> BuildPlan:
    return BuildPlan(
        id=secrets.token_hex(16),
        source=Source("https://example.org/a/b"),
        commit="a" * 40,
        image=ImageName("localhost", "r2d/example.org--a--b", tag or "a" * 40),
        owner=owner,
        requested_by=requested_by or owner,
        private=private,
    )


def build_of(plan: BuildPlan, state: BuildState = BuildState.BUILDING) -> Build:
    return Build(plan, state, created_at=LONG_AGO)


def image_of(plan: BuildPlan, digest: str = "") -> Image:
    return Image(
        name=plan.image,
        digest=digest or f"sha256:{plan.id}{plan.id}",
        created_at=LONG_AGO,
        size=1000,
        plan=plan,
        launch_reference=f"{plan.image.registry}/{plan.image.repository}@sha256:{plan.id}",
    )


async def collect(items: AsyncIterator[T]) -> list[T]:
    return [item async for item in items]
