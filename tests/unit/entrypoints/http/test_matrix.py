"""Who may do what, for every route and every kind of caller; a route without a line here fails."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import pytest
from tests.unit.entrypoints.http.conftest import COMMIT, OWN, REPO, Make, World

from repo2docker_service.domain.models import BuildPlan, Destination, Owner, Source
from repo2docker_service.domain.naming import image_id

CALLERS = ("anonymous", "nobody", "viewer", "ada", "bob", "carl", "root", "spawner", "narrow")
"""Ada owns what there is, or asked for it on behalf of the team that carl is in, too. Bob builds, root is an admin. The
spawner is a service that asks for others; the narrow token is one of Ada's that may only read what is hers."""
MORE = {
    "spawner": {"kind": "service", "scopes": ["images:read-for-user"]},
    "narrow": {"name": "ada", "scopes": ["images:read!user=ada", "builds:read!user=ada"]},
}
ITEMS = ("shared", "private", "team")
# One column for each caller. What one may not know of is missing (404); what one may see and not do is refused (403).
RULES = {
    "GET /api/v1/me": "401 200 200 200 200 200 200 200 200",
    "GET /api/v1/info": "401 200 200 200 200 200 200 200 200",
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
    "DELETE /api/v1/images/{image_id} shared": "401 404 403 204 403 403 204 404 403",
    "DELETE /api/v1/images/{image_id} private": "401 404 404 204 404 404 204 404 403",
    "DELETE /api/v1/images/{image_id} team": "401 404 404 204 404 403 204 404 404",
}
OPEN = {"GET /health/live", "GET /health/ready", "POST /login", "POST /logout"}
"""Routes that ask nobody who is calling."""
BODIES = {"POST /api/v1/builds": {"repo": REPO}, "POST /api/v1/source": {"repo": REPO}}


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
        )
        return image_id(str(image.name)), image.digest

    def _plan(self, item: str) -> tuple[BuildPlan, Destination]:
        destination = self.world.registry.destination("r2d/x", secrets.token_hex(20))
        ada = Owner.parse("user:ada")
        owner = Owner.parse("group:team") if item == "team" else ada
        private = item != "shared"
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


async def ask(stand: Stand, rule: str, caller: str) -> int:
    request, _, item = rule.partition(" ")[2].partition(" ")
    method = rule.partition(" ")[0]
    headers, path = {}, request
    if "{build_id}" in path:
        ended = method == "DELETE" or path.endswith("/log")
        path = path.replace("{build_id}", await stand.build(item, ended=ended))
    if "{image_id}" in path:
        identifier, digest = stand.image(item)
        path, headers = path.replace("{image_id}", identifier), {"If-Match": f'"{digest}"'}
    client = stand.world.client("" if caller == "anonymous" else caller)
    # Streams are told that the process stops, as they would go on for ever.
    stand.world.app.state.streams.stopping.begin()
    answer = await client.request(method, path.lstrip("/"), headers=headers, json=BODIES.get(f"{method} {request}"))
    return answer.status_code


@pytest.mark.parametrize("rule", RULES)
async def test_each_caller_is_answered_as_the_rules_say(stand: Stand, rule: str) -> None:
    answered = [str(await ask(stand, rule, caller)) for caller in CALLERS]

    assert dict(zip(CALLERS, answered, strict=True)) == dict(zip(CALLERS, RULES[rule].split(), strict=True))


async def test_every_route_has_a_rule_for_everything_that_it_may_be_about(stand: Stand) -> None:
    document = (await stand.world.client().get("api/v1/openapi.json")).json()
    routes = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}

    expected = {
        f"{route} {item}" if "{" in route else route
        for route in routes - OPEN
        for item in (ITEMS if "{" in route else ("",))
    }
    assert expected == {rule for rule in RULES if "?" not in rule}
    assert routes >= OPEN
