"""Who may do what, for every route and every kind of caller; a route without a line here fails."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.routing import Route
from tests.unit.entrypoints.http.conftest import COMMIT, OWN, REPO, Make, World

from repo2docker_service.domain.curation.catalog import CatalogEntry
from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.models import BuildPlan, Destination, Owner, Source
from repo2docker_service.domain.naming import image_id
from repo2docker_service.domain.policy import Action
from repo2docker_service.domain.servers import Launch

ITEMS = ("shared", "private", "team")
# The catalog keeps some images for the team, and some from being deleted.
IMAGES = (*ITEMS, "for the team", "kept")
CALLERS = ("anonymous", "nobody", "viewer", "ada", "bob", "carl", "root", "spawner", "narrow")
"""Ada owns what there is, or asked for it on behalf of the team that carl is in, too. Bob builds, root is an admin. The
spawner is a service that asks for others; the narrow token is one of Ada's that may only read what is hers."""
MORE: dict[str, dict[str, Any]] = {
    "spawner": {"kind": "service", "scopes": ["images:read-for-user"]},
    "narrow": {"name": "ada", "scopes": ["images:read!user=ada", "builds:read!user=ada"]},
    "somebody": {"scopes": OWN},
    "half": {"scopes": ["admin!group=team"]},
    "plain": {"scopes": [f"{action}!group=team" for action in Action if action is not Action.ADMIN]},
}
# One column for each caller. What one may not know of is missing (404); what one may see and not do is refused (403).
RULES = {
    "GET /api/v1/me": "401 200 200 200 200 200 200 200 200",
    "GET /api/v1/info": "401 200 200 200 200 200 200 200 200",
    "GET /metrics": "401 403 403 403 403 403 200 403 403",
    "GET /api/v1/events": "401 403 200 200 200 200 200 403 200",
    "GET /api/v1/builds": "401 403 200 200 200 200 200 403 200",
    "GET /api/v1/images": "401 403 200 200 200 200 200 403 200",
    "GET /api/v1/images?visible_to=user:ada": "401 403 403 200 403 403 200 200 200",
    "GET /api/v1/images?visible_to=user:ada&group=team": "401 403 403 200 403 403 200 200 200",
    "POST /api/v1/builds": "401 403 403 202 202 202 202 403 403",
    "POST /api/v1/source": "401 403 403 200 200 200 200 403 403",
    "GET /api/v1/builds/{build_id} shared": "401 404 200 200 200 200 200 404 200",
    "GET /api/v1/builds/{build_id} private": "401 404 404 200 404 404 200 404 200",
    "GET /api/v1/builds/{build_id} team": "401 404 404 200 404 200 200 404 404",
    "GET /api/v1/builds/{build_id}/log shared": "401 404 200 200 200 200 200 404 200",
    "GET /api/v1/builds/{build_id}/log private": "401 404 404 200 404 404 200 404 200",
    "GET /api/v1/builds/{build_id}/log team": "401 404 404 200 404 200 200 404 404",
    "POST /api/v1/builds/{build_id}/cancel shared": "401 404 403 200 403 403 200 404 403",
    "POST /api/v1/builds/{build_id}/cancel private": "401 404 404 200 404 404 200 404 403",
    "POST /api/v1/builds/{build_id}/cancel team": "401 404 404 200 404 403 200 404 404",
    "DELETE /api/v1/builds/{build_id} shared": "401 404 403 204 403 403 204 404 403",
    "DELETE /api/v1/builds/{build_id} private": "401 404 404 204 404 404 204 404 403",
    "DELETE /api/v1/builds/{build_id} team": "401 404 404 204 404 403 204 404 404",
    "GET /api/v1/images/{image_id} shared": "401 404 200 200 200 200 200 404 200",
    "GET /api/v1/images/{image_id} private": "401 404 404 200 404 404 200 404 200",
    "GET /api/v1/images/{image_id} team": "401 404 404 200 404 200 200 404 404",
    "GET /api/v1/images/{image_id} for the team": "401 404 404 200 404 200 200 404 200",
    "GET /api/v1/images/{image_id} kept": "401 404 200 200 200 200 200 404 200",
    "DELETE /api/v1/images/{image_id} shared": "401 404 403 204 403 403 204 404 403",
    "DELETE /api/v1/images/{image_id} private": "401 404 404 204 404 404 204 404 403",
    "DELETE /api/v1/images/{image_id} team": "401 404 404 204 404 403 204 404 404",
    "DELETE /api/v1/images/{image_id} for the team": "401 404 404 204 404 403 204 404 403",
    "DELETE /api/v1/images/{image_id} kept": "401 404 403 409 403 403 409 404 403",
    "GET /api/v1/admin/cleanup": "401 403 403 403 403 403 200 403 403",
    "POST /api/v1/admin/cleanup": "401 403 403 403 403 403 200 403 403",
    "GET /api/v1/admin/owners/{owner}/removal somebody's": "401 403 403 403 403 403 200 403 403",
    "POST /api/v1/admin/owners/{owner}/removal somebody's": "401 403 403 403 403 403 200 403 403",
    "GET /api/v1/admin/summary": "401 403 403 403 403 403 200 403 403",
    "GET /api/v1/admin/rebuilds": "401 403 403 403 403 403 200 403 403",
    "POST /api/v1/admin/rebuilds": "401 403 403 403 403 403 200 403 403",
    "GET /api/v1/servers": "401 403 200 200 200 200 200 403 200",
    "POST /api/v1/servers shared": "401 403 200 200 200 200 200 403 200",
    "POST /api/v1/servers private": "401 403 404 200 404 404 200 403 200",
    "POST /api/v1/servers team": "401 403 404 200 404 200 200 403 404",
    "POST /api/v1/servers for the team": "401 403 404 200 404 200 200 403 200",
    "POST /api/v1/servers kept": "401 403 200 200 200 200 200 403 200",
    "GET /api/v1/servers/{name}/progress own": "401 403 200 200 200 200 200 403 200",
    "GET /api/v1/servers/{name}/progress another's": "401 403 404 404 404 404 404 403 404",
    "DELETE /api/v1/servers/{name} own": "401 403 204 204 204 204 204 403 204",
    "DELETE /api/v1/servers/{name} another's": "401 403 404 404 404 404 404 403 404",
}
OPEN = {"GET /health/live", "GET /health/ready", "GET /login", "GET /logout", "POST /login", "POST /logout"}
"""Routes that ask nobody who is calling."""
ABOUT = {
    "{build_id}": ITEMS,
    "{image_id}": IMAGES,
    "POST /api/v1/servers": IMAGES,
    "{name}": ("own", "another's"),
    "{owner}": ("somebody's",),
}
"""What a route may be about, by a part of it. Servers are one's own, not even an admin reaches those of others."""
SAID = {"for the team": Curation(groups=frozenset({"team"})), "kept": Curation(protected=True)}
BODIES = {
    "POST /api/v1/builds": {"repo": REPO},
    "POST /api/v1/source": {"repo": REPO},
    "POST /api/v1/admin/rebuilds": {},
}


@dataclass
class Stand:
    """A world with something of each kind in it, made anew for each request."""

    world: World

    async def build(self, item: str, *, ended: bool) -> str:
        plan, destination = self._plan(item)
        await self.world.builder.start(plan, destination)
        if ended:
            self.world.builder.begin(plan.id)
            self.world.builder.finish(plan.id)
        return plan.id

    def image(self, item: str) -> tuple[str, str]:
        plan, _ = self._plan(item)
        owner = str(plan.owner)
        image = self.world.put_image(
            owner,
            tag=secrets.token_hex(20),
            private=plan.private,
            requested_by="user:ada",
            digest=f"sha256:{secrets.token_hex(32)}",
            created_at=datetime.now(UTC),
        )
        self.world.catalog.said = [CatalogEntry(REPO, curation=SAID[item])] if item in SAID else []
        return image_id(str(image.name)), image.digest

    async def server(self, of: str) -> str:
        who = await self.world.services.authorizer.identify(f"{of}-token")
        image = self.world.put_image("user:ada", tag=secrets.token_hex(20))
        return (await self.world.services.launcher.start(who, "", Launch(image, f"of-{of}"))).name

    def _plan(self, item: str) -> tuple[BuildPlan, Destination]:
        destination = self.world.registry.destination("r2d/x", secrets.token_hex(20))
        ada = Owner.parse("user:ada")
        owner = Owner.parse("group:team") if item == "team" else ada
        private = item in ("private", "team")
        plan = BuildPlan(secrets.token_hex(16), Source(REPO), COMMIT, destination.image, owner, ada, private=private)
        return plan, destination


@pytest.fixture
def stand(make_world: Make) -> Stand:
    world = make_world()
    tokens = {f"{name}-token": {"name": name, **person} for name, person in MORE.items()}
    authorizer = world.services.authorizer
    ada_in_the_team = {"ada-token": {"name": "ada", "groups": ["team"], "scopes": [*OWN, "builds:create!group=team"]}}
    authorizer.tokens = {**authorizer.tokens, **ada_in_the_team, **tokens}  # type: ignore[attr-defined]
    return Stand(world)


def items_of(route: str) -> tuple[str, ...]:
    """Give what a route may be about; one text that is empty when it is about nothing in particular.

    Raises:
        KeyError: it is about something that this test knows nothing of.
    """
    part = route[route.index("{") : route.index("}") + 1] if "{" in route else route
    found = [items for about, items in ABOUT.items() if about == part]
    if "{" in route and not found:
        raise KeyError(route)
    return found[0] if found else ("",)


async def ask(stand: Stand, rule: str, caller: str) -> int:
    request, _, item = rule.partition(" ")[2].partition(" ")
    method = rule.partition(" ")[0]
    headers, path = {}, request
    if "{build_id}" in path:
        ended = method == "DELETE" or path.endswith("/log")
        path = path.replace("{build_id}", await stand.build(item, ended=ended))
    path = path.replace("{owner}", "user:ada")
    if "{image_id}" in path:
        identifier, digest = stand.image(item)
        path, headers = path.replace("{image_id}", identifier), {"If-Match": f'"{digest}"'}
    if "{name}" in path:
        of = "somebody" if item == "another's" or caller == "anonymous" else caller
        path = path.replace("{name}", await stand.server(of))
    body = BODIES.get(f"{method} {request}")
    if rule.startswith("POST /api/v1/servers"):
        body = {"image": stand.image(item)[0], "server_name": caller}  # the narrow token is Ada's, too
    client = stand.world.client("" if caller == "anonymous" else caller)
    # Streams are told that the process stops, as they would go on for ever.
    stand.world.app.state.streams.stopping.begin()
    answer = await client.request(method, path.lstrip("/"), headers=headers, json=body)
    return answer.status_code


@pytest.mark.parametrize("rule", RULES)
async def test_each_caller_is_answered_as_the_rules_say(stand: Stand, rule: str) -> None:
    answered = [str(await ask(stand, rule, caller)) for caller in CALLERS]

    assert dict(zip(CALLERS, answered, strict=True)) == dict(zip(CALLERS, RULES[rule].split(), strict=True))


@pytest.mark.parametrize("rule", RULES)
async def test_an_admin_scope_with_a_filter_gives_what_every_scope_with_it_gives(stand: Stand, rule: str) -> None:
    answered = await ask(stand, rule, "half")

    assert answered == await ask(stand, rule, "plain")
    if RULES[rule].split()[CALLERS.index("bob")] in ("403", "404"):
        # What somebody with ordinary rights may not, a filtered admin scope does not give.
        assert answered in (403, 404)


async def test_every_route_has_a_rule_for_everything_that_it_may_be_about(stand: Stand) -> None:
    document = (await stand.world.client().get("api/v1/openapi.json")).json()
    routes = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}

    expected = {f"{route} {item}".rstrip() for route in routes - OPEN for item in items_of(route)}
    assert expected == {rule for rule in RULES if "?" not in rule}
    assert routes >= OPEN


async def test_nothing_but_the_way_back_from_a_login_is_left_out_of_what_the_rules_are_made_from(world: World) -> None:
    left_out = {route.path for route in world.app.routes if isinstance(route, Route) and not route.include_in_schema}

    assert left_out == {"/api/v1/openapi.json", "/oauth_callback"}
    assert all(isinstance(route, Route) for route in world.app.routes)
