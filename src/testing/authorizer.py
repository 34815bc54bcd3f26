# ruff: noqa: D102  # a test's name is its sentence
"""What every authorizer must do, as tests."""

from __future__ import annotations

import pytest

from repo2docker_service.domain.errors import Unauthenticated
from repo2docker_service.domain.models import Identity, Owner, OwnerKind
from repo2docker_service.domain.policy import Action
from repo2docker_service.domain.ports import Authorizer

_ADA = Owner(OwnerKind.USER, "ada")
_BOB = Owner(OwnerKind.USER, "bob")
_LAB = Owner(OwnerKind.GROUP, "lab")
_WRONG_TOKENS = ["", " ", "no such token", "\x00", "tokén", "\udcff", "a" * 100_000]


def _holding(*scopes: str) -> Identity:
    return Identity("ada", groups=frozenset({"lab"}), scopes=frozenset(scopes))


@pytest.mark.asyncio
class AuthorizerContract:
    """Subclass this, and define these fixtures.

    Required:
        authorizer: the :class:`~repo2docker_service.domain.ports.Authorizer`.
        token: a token that somebody holds.
        identity: the :class:`~repo2docker_service.domain.models.Identity` of who holds it.
    """

    async def test_who_holds_a_token_is_known(self, authorizer: Authorizer, token: str, identity: Identity) -> None:
        assert await authorizer.identify(token) == identity
        assert await authorizer.identify(token) == identity

    async def test_who_holds_a_token_is_the_same_when_found_out_afresh(
        self, authorizer: Authorizer, token: str, identity: Identity
    ) -> None:
        assert await authorizer.identify(token, fresh=True) == identity
        assert await authorizer.identify(token) == identity
        assert await authorizer.identify(token, fresh=True) == identity

    @pytest.mark.parametrize("wrong", _WRONG_TOKENS, ids=range(len(_WRONG_TOKENS)))
    async def test_nobody_holds_a_wrong_token(self, authorizer: Authorizer, wrong: str) -> None:
        for fresh in (False, True):
            with pytest.raises(Unauthenticated):
                await authorizer.identify(wrong, fresh=fresh)

    async def test_a_token_must_match_wholly(self, authorizer: Authorizer, token: str) -> None:
        for wrong in (token[:-1], f"{token}x", f" {token}", f"{token}\n", token.swapcase()):
            if wrong != token:
                with pytest.raises(Unauthenticated):
                    await authorizer.identify(wrong)

    @pytest.mark.parametrize("action", list(Action))
    async def test_without_scopes_nothing_is_allowed(self, authorizer: Authorizer, action: Action) -> None:
        for owner in (None, _ADA, _BOB, _LAB):
            assert not authorizer.allows(_holding(), action, owner)

    @pytest.mark.parametrize("action", list(Action))
    async def test_a_scope_without_filter_covers_every_owner(self, authorizer: Authorizer, action: Action) -> None:
        for owner in (None, _ADA, _BOB, _LAB):
            assert authorizer.allows(_holding(action), action, owner)

    async def test_a_scope_covers_its_own_action_only(self, authorizer: Authorizer) -> None:
        for held in set(Action) - {Action.ADMIN}:
            for action in set(Action) - {held}:
                assert not authorizer.allows(_holding(held), action, _ADA)

    @pytest.mark.parametrize("action", list(Action))
    async def test_admin_covers_every_action(self, authorizer: Authorizer, action: Action) -> None:
        for owner in (None, _ADA, _BOB, _LAB):
            assert authorizer.allows(_holding(Action.ADMIN), action, owner)

    @pytest.mark.parametrize(
        ("scope", "owner"),
        [
            ("builds:read!user", _ADA),
            ("builds:read!user=ada", _ADA),
            ("builds:read!user=bob", _BOB),
            ("builds:read!group=lab", _LAB),
            ("builds:read!service=ci", Owner(OwnerKind.SERVICE, "ci")),
        ],
    )
    async def test_a_filtered_scope_covers_that_owner_only(
        self, authorizer: Authorizer, scope: str, owner: Owner
    ) -> None:
        everybody = {_ADA, _BOB, _LAB, Owner(OwnerKind.SERVICE, "ci"), Owner(OwnerKind.SERVICE, "ada")}

        allowed = {one for one in everybody if authorizer.allows(_holding(scope), Action.READ_BUILDS, one)}

        assert allowed == {owner}
        assert not authorizer.allows(_holding(scope), Action.READ_BUILDS, None)
        assert not authorizer.allows(_holding(scope), Action.DELETE_IMAGES, owner)

    @pytest.mark.parametrize("scope", ["builds:read!", "builds:read!server=ada", "builds:read!user=", "builds"])
    async def test_a_filter_that_is_not_understood_covers_nothing(self, authorizer: Authorizer, scope: str) -> None:
        for owner in (None, _ADA, Owner(OwnerKind.USER, "")):
            assert not authorizer.allows(_holding(scope), Action.READ_BUILDS, owner)
