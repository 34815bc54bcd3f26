"""A thousand calls of all kinds, many at a time: the audit stream tells each that changes something, and once."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from tests.unit.entrypoints.http.audited import hearing
from tests.unit.entrypoints.http.conftest import REPO, World

from repo2docker_service.domain.naming import image_id
from repo2docker_service.entrypoints.log_lines import JsonLines

CALLS: Final = 1000
AT_ONCE: Final = 20
SENT: Final = "canary-of-what-was-sent"
HOW_OFTEN: Final = {
    "build": 4,
    "cancel": 3,
    "forget": 2,
    "delete": 4,
    "launch": 3,
    "stop": 3,
    "log_in": 2,
    "log_out": 1,
    "administer": 1,
    "read": 3,
}
CALLERS: Final = ("", "ada", "ada", "bob", "carl", "viewer", "nobody", "root")


class Lines(logging.Handler):
    """Keeps the lines as a program would read them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def stream() -> Iterator[Lines]:
    with hearing(Lines()) as kept:
        yield kept


@dataclass
class Call:
    """A request, and what is to be told of it; of one without an action nothing is."""

    action: str
    method: str
    path: str
    caller: str = ""
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Mixer:
    """Makes up calls about what there is, and about what there is not."""

    world: World
    dice: random.Random = field(default_factory=lambda: random.Random(8))
    builds: list[str] = field(default_factory=lambda: ["0" * 32])
    images: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number in range(200):
            owner, tag = self.dice.choice(["user:ada", "user:bob", "group:team"]), f"{number:040x}"
            image = self.world.put_image(owner, tag, digest=f"sha256:{number:064x}", private=number % 3 == 0)
            self.images[image_id(str(image.name))] = image.digest

    def call(self) -> Call:
        [kind] = self.dice.choices(list(HOW_OFTEN), list(HOW_OFTEN.values()))
        made: Call = getattr(self, kind)()
        made.caller = made.caller or self.dice.choice(CALLERS)
        return made

    def build(self) -> Call:
        body = {
            "repo": self.dice.choice([REPO, REPO, f"https://ada:{SENT}@example.org/x/y"]),
            "ref": self.dice.choice(["main", "other", SENT]),
            "owner": self.dice.choice(["", "", "group:team", "user:bob"]),
            "title": SENT,
        }
        return Call("build", "POST", "api/v1/builds", body=body)

    def cancel(self) -> Call:
        return Call("cancel", "POST", f"api/v1/builds/{self.dice.choice(self.builds)}/cancel")

    def forget(self) -> Call:
        return Call("forget", "DELETE", f"api/v1/builds/{self.dice.choice(self.builds)}")

    def delete(self) -> Call:
        identifier = self.dice.choice(list(self.images))
        seen = self.dice.choice([self.images[identifier], self.images[identifier], f"sha256:{'9' * 64}", ""])
        headers = {"If-Match": f'"{seen}"'} if seen else {}
        return Call("delete", "DELETE", f"api/v1/images/{identifier}", headers=headers)

    def launch(self) -> Call:
        body = {"image": self.dice.choice(list(self.images)), "server_name": f"s{self.dice.randrange(4)}"}
        return Call("launch", "POST", "api/v1/servers", body=body)

    def stop(self) -> Call:
        return Call("stop", "DELETE", f"api/v1/servers/s{self.dice.randrange(4)}")

    def log_in(self) -> Call:
        known = self.dice.choice(["ada", "bob", SENT])
        body, headers = {"token": f"{known}-token"}, {"Sec-Fetch-Site": "same-origin"}
        return Call("login", "POST", "login", known if known != SENT else "stranger", body, headers)

    def log_out(self) -> Call:
        return Call("logout", "POST", "logout", "stranger", headers={"Sec-Fetch-Site": "same-origin"})

    def administer(self) -> Call:
        action, path = self.dice.choice([("cleanup", "cleanup"), ("rebuild", "rebuilds")])
        return Call(action, "POST", f"api/v1/admin/{path}", self.dice.choice(["root", "ada"]), body={})

    def read(self) -> Call:
        return Call("", "GET", self.dice.choice(["api/v1/builds", "api/v1/images", "api/v1/me", "health/live"]))

    async def make(self, number: int, call: Call) -> int:
        # A login is of a browser that shows nothing yet.
        shows = call.caller if call.action not in ("login", "logout") and call.caller != "stranger" else ""
        client = self.world.client(shows)
        headers = call.headers | {"X-Request-ID": f"call-{number}"}
        answer = await client.request(call.method, call.path, headers=headers, json=call.body)
        if call.action == "build" and answer.status_code == 202:
            self.builds.append(answer.json()["id"])
        return answer.status_code


async def test_each_of_a_thousand_calls_is_told_once_with_who_made_it_and_how_it_went(
    world: World, stream: Lines
) -> None:
    mixer = Mixer(world)
    expected: dict[str, tuple[str, str, int]] = {}
    for first in range(0, CALLS, AT_ONCE):
        calls = [mixer.call() for _ in range(AT_ONCE)]
        statuses = await asyncio.gather(*(mixer.make(first + each, call) for each, call in enumerate(calls)))
        for number, (call, status) in enumerate(zip(calls, statuses, strict=True), first):
            if call.action:
                expected[f"call-{number}"] = (call.action, who(call, status), status)

    told = [json.loads(line) for line in stream.lines]
    requests = [each for each in told if "status" in each]
    assert Counter(each["request_id"] for each in requests) == Counter(list(expected))
    assert {each["request_id"]: (each["action"], each["who"], each["status"]) for each in requests} == expected
    assert {each["outcome"] for each in requests} == {"done", "refused"}
    assert_varied(requests)
    # Nothing that a caller sent and that was not found to be so, and no token.
    assert not [line for line in stream.lines if SENT in line or "-token" in line]


def who(call: Call, status: int) -> str:
    unknown = call.caller in ("", "stranger") or (call.action == "login" and status >= 400)
    return "unknown" if unknown else f"user:{call.caller}"


def assert_varied(requests: list[dict[str, Any]]) -> None:
    """See that these calls show something: nearly each thing was done, and refused."""
    seen = {(each["action"], each["outcome"]) for each in requests}
    actions = ("build", "cancel", "forget", "delete", "launch", "stop", "login", "cleanup", "rebuild")
    assert {(action, outcome) for action in actions for outcome in ("done", "refused")} <= seen
    assert {401, 403, 404, 412, 422, 428} <= {each["status"] for each in requests}
    assert {each["by"] for each in requests if each["action"] == "build" and each["who"] != "unknown"} == {"token"}
