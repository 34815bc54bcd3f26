"""Who sees and may do what: pure rules over identities, owners and scopes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from typing import Final

from repo2docker_service.domain.errors import Forbidden, InvalidInput, SourceForbidden
from repo2docker_service.domain.models import Build, BuildPlan, Identity, Image, Owner, OwnerKind
from repo2docker_service.domain.resolved import SourceTerms


class Action(StrEnum):
    """What a scope allows. The value is the scope's name without its ``custom:repo2docker:`` prefix."""

    READ_BUILDS = "builds:read"
    CREATE_BUILDS = "builds:create"
    CANCEL_BUILDS = "builds:cancel"
    READ_IMAGES = "images:read"
    READ_IMAGES_FOR_USER = "images:read-for-user"
    DELETE_IMAGES = "images:delete"
    READ_METRICS = "metrics:read"
    ADMIN = "admin"


def scopes_allow(who: Identity, action: Action, owner: Owner | None) -> bool:
    """Whether one of the identity's scopes covers the action on something of that owner."""
    return any(_covers(scope, who, action, owner) for scope in who.scopes)


def _covers(scope: str, who: Identity, action: Action, owner: Owner | None) -> bool:
    name, filtered, filter_text = scope.partition("!")
    if name not in (action.value, Action.ADMIN.value):
        return False
    if not filtered:
        return True
    kind, named, filter_name = filter_text.partition("=")
    if not named:
        # "!user" alone stands for the caller; a service called like a user is not that user.
        return kind == who.kind and owner == who.owner
    return owner is not None and bool(filter_name) and (owner.kind, owner.name) == (kind, filter_name)


_READING: Final = (Action.READ_IMAGES, Action.READ_BUILDS, Action.CREATE_BUILDS)

Allows = Callable[[Identity, Action, Owner | None], bool]


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of "who sees and may do what"."""

    allows: Allows
    group_owners: Collection[str] | None = None
    """Groups that may own things; None: every one."""

    def is_admin(self, who: Identity) -> bool:
        """Whether the identity holds the unfiltered ``admin`` scope."""
        return self.allows(who, Action.ADMIN, None)

    def require_admin(self, who: Identity) -> None:
        """Refuse all but admins.

        Raises:
            Forbidden: the identity is none.
        """
        self._require(who, Action.ADMIN, None)

    def sees(self, who: Identity, item: Build | Image) -> bool:
        """Whether an item exists for this identity at all; if not, it is answered as missing."""
        return self.sight_of(who)(item)

    def sight_of(self, who: Identity) -> Callable[[Build | Image], bool]:
        """Give what :meth:`sees` answers for one identity, for many items of few owners."""
        is_admin = self.is_admin(who)
        reads = cache(partial(self._reads, who))
        # A token that is for one's own things shows nothing private of one's groups.
        reads_private = cache(partial(self._holds_for, who))

        def sees(item: Build | Image) -> bool:
            reads_this = reads_private if item.plan.private else reads
            return is_admin or (reads_this(item.plan.owner) and _is_meant_for(who, item))

        return sees

    def reads_all_that_is_shared(self, who: Identity) -> bool:
        """Whether no filter keeps shared things of some owners from the identity."""
        return self._reads(who, None)

    def is_among(self, who: Identity, groups: Collection[str]) -> bool:
        """Whether what is for these groups only is for this identity; what is for none of them is for everybody."""
        return _is_among(who, groups) or self.is_admin(who)

    def sight_on_behalf_of(self, who: Identity, owner: Owner, groups: Collection[str] = ()) -> Callable[[Image], bool]:
        """Give which images somebody else sees, for a spawner that offers them: shared ones, and that one's own.

        Args:
            who: the caller.
            owner: who is to see them.
            groups: which groups that one is in, as the caller says; of the caller itself that is known, and not asked.

        Raises:
            Forbidden: the caller may not ask for that owner, or not for one of these groups.
        """
        if owner == who.owner:
            self.require_read(who)
            return self.sight_of(who)
        asked = (owner, *(Owner(OwnerKind.GROUP, group) for group in groups))
        of_a_group = owner.kind is OwnerKind.GROUP and not self.is_admin(who)
        # A scope that is only for one person cannot put that one into a group.
        if of_a_group or not all(self.allows(who, Action.READ_IMAGES_FOR_USER, each) for each in asked):
            raise Forbidden(Action.READ_IMAGES_FOR_USER)
        # What members of a group see by being in it is what is asked for when the group itself is.
        member_of = {*groups, owner.name} if owner.kind is OwnerKind.GROUP else groups
        return partial(_is_meant_for, Identity(owner.name, owner.kind, frozenset(member_of)))

    def require_create(self, who: Identity, owner: Owner) -> None:
        """Refuse to build for an owner that is neither the caller nor one of its groups.

        Raises:
            Forbidden: the caller lacks the scope, or the owner is somebody else.
            InvalidInput: the owner is a group that owns nothing here.
        """
        self._require(who, Action.CREATE_BUILDS, owner)
        if not _belongs_to(who, owner) and not self.is_admin(who):
            raise Forbidden(Action.ADMIN)
        if not self._may_own(owner):
            raise InvalidInput("owner", f"The group {owner.name} owns nothing here. Build for yourself instead.")

    def require_source(self, who: Identity, owner: Owner, terms: SourceTerms) -> None:
        """Refuse to build from an address that is not for the caller, or for an owner that it is not for.

        Raises:
            SourceForbidden: it is not; before anybody asked the repository anything.
        """
        allowed = terms.visible_to
        if allowed is None or self.is_admin(who):
            return
        is_in = not allowed.isdisjoint(self._owners_of(who))
        if not is_in or (owner != who.owner and owner not in allowed):
            raise SourceForbidden(
                "repo", "You may not build from this address here. Ask the hub's administrators to allow it."
            )

    def owners(self, who: Identity) -> Sequence[Owner]:
        """Give the owners that the identity may build for: itself first, then its groups."""
        return [owner for owner in self._builds_for(who) if self._may_own(owner)]

    def _builds_for(self, who: Identity) -> Sequence[Owner]:
        return [owner for owner in self._owners_of(who) if self.allows(who, Action.CREATE_BUILDS, owner)]

    def _may_own(self, owner: Owner) -> bool:
        return owner.kind is not OwnerKind.GROUP or self.group_owners is None or owner.name in self.group_owners

    @staticmethod
    def _owners_of(who: Identity) -> Sequence[Owner]:
        return (who.owner, *(Owner(OwnerKind.GROUP, group) for group in sorted(who.groups)))

    def require_any_create(self, who: Identity) -> None:
        """Refuse an identity that may not build at all."""
        if not self.owners(who):
            raise Forbidden(Action.CREATE_BUILDS)

    def require_read(self, who: Identity) -> None:
        """Refuse an identity that may read nothing at all."""
        if not any(self._reads(who, owner) for owner in self._owners_of(who)):
            raise Forbidden(Action.READ_IMAGES)

    def require_metrics(self, who: Identity) -> None:
        """Refuse an identity that may not read how the service is used."""
        self._require(who, Action.READ_METRICS, None)

    def require_cancel(self, who: Identity, build: Build) -> None:
        """Refuse all but the owner (of a group's build: who asked for it) and admins."""
        self._require_own(who, Action.CANCEL_BUILDS, build.plan, requester=build.plan.owner.kind is OwnerKind.GROUP)

    def require_forget(self, who: Identity, build: Build) -> None:
        """Refuse all but owner, requester and admins."""
        self._require_own(who, Action.CANCEL_BUILDS, build.plan, requester=True)

    def require_delete(self, who: Identity, image: Image) -> None:
        """Refuse all but owner, requester and admins."""
        self._require_own(who, Action.DELETE_IMAGES, image.plan, requester=True)

    def _require_own(self, who: Identity, action: Action, plan: BuildPlan, *, requester: bool) -> None:
        if self.is_admin(who):
            return
        owns = plan.owner == who.owner or (requester and plan.requested_by == who.owner)
        if not owns:
            raise Forbidden(Action.ADMIN)
        # Of a group's things a scope for the group is enough.
        if not self.allows(who, action, who.owner) and not self.allows(who, action, plan.owner):
            raise Forbidden(action)

    def _require(self, who: Identity, action: Action, owner: Owner | None) -> None:
        if not self.allows(who, action, owner):
            raise Forbidden(action)

    def _reads(self, who: Identity, owner: Owner | None) -> bool:
        # Who builds, for whomever, shares in what others build.
        return self._holds_for(who, owner) or bool(self._builds_for(who))

    def _holds_for(self, who: Identity, owner: Owner | None) -> bool:
        return any(self.allows(who, action, owner) for action in _READING)


def _is_meant_for(who: Identity, item: Build | Image) -> bool:
    if _belongs_to(who, item.plan.owner):
        return True
    # A build is known to all who share in it; what the catalog says is of the image that it made.
    groups = item.curation.groups if isinstance(item, Image) else frozenset()
    return not item.plan.private and _is_among(who, groups)


def _is_among(who: Identity, groups: Collection[str]) -> bool:
    return not groups or not who.groups.isdisjoint(groups)


def _belongs_to(who: Identity, owner: Owner) -> bool:
    return owner == who.owner or (owner.kind is OwnerKind.GROUP and owner.name in who.groups)
