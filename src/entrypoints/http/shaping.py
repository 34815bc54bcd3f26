"""Turns the things of the domain into the shapes of answers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.images import ImagePage
from repo2docker_service.domain.models import BuildPlan, Identity, Image, Owner
from repo2docker_service.domain.naming import image_id
from repo2docker_service.domain.orders.quotas import Quotas
from repo2docker_service.domain.policy import Action, Policy
from repo2docker_service.domain.servers import Profile
from repo2docker_service.domain.sources import SourceReport
from repo2docker_service.entrypoints.http.schemas import (
    CredentialsWish,
    ImagePageShape,
    ImageShape,
    MeLimits,
    MeShape,
    ProfileShape,
    RefShape,
    SourceShape,
)


def image_shape(image: Image) -> ImageShape:
    """Give an image as the API tells it."""
    said = image.curation
    return ImageShape(
        **(plan_fields(image.plan) | {"title": image.title, "description": image.description}),
        id=image_id(str(image.name)),
        name=str(image.name),
        digest=image.digest,
        created_at=utc(image.created_at),
        size=image.size,
        outdated=image.outdated,
        launchable=image.launchable,
        changed_outside=image.changed_outside,
        launch_reference=image.launch_reference,
        build_id=image.plan.id,
        featured=said.featured,
        default=said.default,
        protected=said.protected,
        profile=said.profile,
    )


def image_page(page: ImagePage) -> ImagePageShape:
    """Give a page of images."""
    return ImagePageShape(
        items=[image_shape(each) for each in page.items],
        next=page.next,
        total=page.total,
        as_of=utc(page.as_of),
        stale=page.stale,
        partial=page.partial,
        unreadable=[str(name) for name in page.unreadable],
    )


def source_shape(report: SourceReport) -> SourceShape:
    """Give what is known of a source."""
    source = report.resolved.source
    return SourceShape(
        repo=source.address,
        ref=source.ref,
        resolved_ref=report.resolved.ref,
        commit=report.resolved.commit,
        subdir=source.subdir,
        private=report.resolved.private,
        refs=[RefShape(name=ref.name, kind=ref.kind, commit=ref.commit) for ref in report.refs],
        image=image_shape(report.image) if report.image else None,
        estimated_seconds=report.usual_seconds,
    )


def me_shape(who: Identity, policy: Policy, quotas: Quotas, login: str = "", home: str = "") -> MeShape:
    """Give an identity, what it may do and have, where that is given anew, and where its hub is."""
    permissions = [action.value for action in Action if policy.allows(who, action, who.owner)]
    return MeShape(
        name=who.name,
        kind=who.kind.value,
        owner=str(who.owner),
        groups=sorted(who.groups),
        owners=[str(owner) for owner in policy.owners(who)],
        permissions=permissions,
        admin=policy.is_admin(who),
        login=login,
        home=home,
        limits=MeLimits(builds=quotas.builds, images=quotas.images),
    )


def profile_shape(profile: Profile) -> ProfileShape:
    """Give a profile as the API tells it."""
    return ProfileShape(**(asdict(profile) | {"title": profile.title or profile.slug}))


def owner_of(text: str) -> Owner | None:
    """Read an owner that the schema has checked; an empty text is none."""
    return Owner.parse(text) if text else None


def credentials_of(wish: CredentialsWish | None) -> Credentials | None:
    """Read what opens a repository."""
    return Credentials(wish.username, wish.password.get_secret_value()) if wish else None


def plan_fields(plan: BuildPlan) -> dict[str, Any]:
    """Give what the shapes of a build and of its image share."""
    return {
        "repo": plan.source.address,
        "ref": plan.source.ref,
        "commit": plan.commit,
        "subdir": plan.source.subdir,
        "owner": str(plan.owner),
        "requested_by": str(plan.requested_by),
        "private": plan.private,
        "build_args": sorted(plan.build_args),
        "title": plan.title,
        "description": plan.description,
    }


def known(**values: object) -> dict[str, Any]:
    """Give the fields that have a value: the rest is left out of an answer."""
    return {name: value for name, value in values.items() if value is not None}


def utc(time: datetime) -> datetime:
    """Give the same moment as the API tells times."""
    return time.astimezone(UTC)
