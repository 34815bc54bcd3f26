"""Servers of a hub: what it is asked, what its answers mean, and what never leaves this service."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.unit.adapters.hub.launching import (
    ADA,
    HUB_5,
    OPTIONS,
    REFERENCE,
    STARTING,
    STOPPED,
    STOPPING,
    refused,
    server,
    servers,
    stream,
    taken,
    wish,
)
from tests.unit.adapters.hub.played_hub import API, PlayedHub, Said, said

from repo2docker_service.adapters.hub.http import HubHttp
from repo2docker_service.adapters.launchers.jupyterhub import launcher as launcher_module
from repo2docker_service.adapters.launchers.jupyterhub.launcher import JupyterHubServerLauncher
from repo2docker_service.domain.errors import (
    Forbidden,
    InvalidInput,
    LauncherUnavailable,
    LaunchRefused,
    ServerBusy,
    ServerNotFound,
    ServiceError,
    TooManyServers,
    Unauthenticated,
)
from repo2docker_service.domain.models import Identity, OwnerKind
from repo2docker_service.domain.servers import Server, ServerProgress, ServerState

TOKEN = "ada's-token"
LAUNCHED = [("POST", "/users/ada/servers/one", {"user_options": OPTIONS})]


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_PAUSE", "_BETWEEN_LOOKS"):
        monkeypatch.setattr(launcher_module, name, 0.0)


def made(hub: PlayedHub, **settings: Any) -> JupyterHubServerLauncher:
    http = HubHttp(transport=hub, unavailable=LauncherUnavailable)
    known = {"api_url": API, "api_token": "secret of r2d", "spawner_options": "docker"}
    return JupyterHubServerLauncher(http=http, **(known | settings))


@pytest.fixture
async def launcher(hub: PlayedHub) -> AsyncIterator[JupyterHubServerLauncher]:
    async with made(hub) as launcher:
        yield launcher
    assert hub.closed


async def steps(launcher: JupyterHubServerLauncher) -> list[ServerProgress]:
    return [step async for step in launcher.progress(ADA, TOKEN, "one")]


class TestListing:
    async def test_the_hub_is_asked_for_stopped_ones_too_with_the_token_of_the_caller(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [servers()]

        await launcher.list(Identity("ada/@ü"), TOKEN)

        [asked] = hub.asked
        assert str(asked.url) == f"{API}/users/ada%2F%40%C3%BC?include_stopped_servers=1"
        assert asked.headers["authorization"] == f"token {TOKEN}"

    async def test_a_server_is_told_in_our_words(self, launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
        options = {"image": "localhost/r2d/y@sha256:1", "profile": "small", "path": "a/b.ipynb"}
        hub.says = [servers(server(display_name="A title", user_options=options))]

        assert await launcher.list(ADA, TOKEN) == [
            Server(
                name="one",
                state=ServerState.READY,
                url="/user/ada/one/",
                title="A title",
                image="localhost/r2d/y@sha256:1",
                profile="small",
                path="a/b.ipynb",
                started_at=datetime(2026, 1, 31, 12, 5, 0, 500_000, tzinfo=UTC),
                last_activity=datetime(2026, 1, 31, 12, 6, tzinfo=UTC),
            )
        ]

    @pytest.mark.parametrize(
        ("model", "state"),
        [
            ({}, ServerState.READY),
            ({"ready": False, "pending": "check"}, ServerState.READY),
            (STARTING, ServerState.STARTING),
            (STOPPING, ServerState.STOPPING),
            (STOPPED, ServerState.STOPPED),
            ({"ready": False, "pending": "rename"}, ServerState.STOPPED),
        ],
    )
    async def test_where_a_server_is_follows_from_what_is_pending(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub, model: dict[str, Any], state: ServerState
    ) -> None:
        hub.says = [servers(server(**model))]

        [found] = await launcher.list(ADA, TOKEN)

        assert found.state is state
        assert (found.started_at is None) == (state is ServerState.STOPPED)

    async def test_the_one_without_a_name_is_left_out_when_it_has_stopped(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [servers(server("", **STOPPED), server("one", **STOPPED)), servers(server(""))]

        assert [each.name for each in await launcher.list(ADA, TOKEN)] == ["one"]
        assert [each.name for each in await launcher.list(ADA, TOKEN)] == [""]

    @pytest.mark.parametrize(
        "model",
        [
            {"user_options": None},
            {"user_options": ["image"]},
            {"user_options": {"image": 7, "profile": {}, "path": []}},
            {"user_options": {"image": "a\u202eb", "profile": "x" * 5000, "path": "../../etc"}},
            {"user_options": {"image": "a\nb", "path": "//evil.example"}},
            {"user_options": {"path": "https://evil.example"}},
        ],
    )
    async def test_options_that_its_owner_made_up_are_not_believed(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub, model: dict[str, Any]
    ) -> None:
        hub.says = [servers(server(**model))]

        [found] = await launcher.list(ADA, TOKEN)

        assert (found.image, found.profile, found.path) == ("", "", "")

    async def test_a_model_that_makes_no_sense_hurts_nobody(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        wrong = {"name": "one", "url": "javascript:alert(1)", "started": "soon", "last_activity": 7, "display_name": []}
        hub.says = [said({"servers": {"one": wrong, "two": "text", "x" * 256: wrong}})]

        assert await launcher.list(ADA, TOKEN) == [Server("one", ServerState.STOPPED)]

    @pytest.mark.parametrize(
        ("host", "url", "found"),
        [
            ("https://hub.example", "/jhub/user/ada/one/", "https://hub.example/jhub/user/ada/one/"),
            ("https://hub.example", "https://ada.hub.example/user/ada/one/", "https://ada.hub.example/user/ada/one/"),
            ("", "/user/ada/one/", "/user/ada/one/"),
            ("", "//evil.example/", ""),
            ("", "user/ada", ""),
            ("", None, ""),
        ],
    )
    async def test_browsers_reach_a_server_at_the_hub_or_at_a_domain_of_its_own(
        self, hub: PlayedHub, host: str, url: str | None, found: str
    ) -> None:
        hub.says = [servers(server(url=url))]

        [one] = await made(hub, hub_host=host).list(ADA, TOKEN)

        assert one.url == found

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (refused(403, "Missing or invalid credentials."), Unauthenticated),
            (refused(403, "Action is not authorized with current scopes; requires any of [read:servers]"), Forbidden),
            (refused(404, "No access to resources or resources not found"), Forbidden),
            (said({"kind": "user", "name": "ada"}), Forbidden),
            (Said(403, b"<h1>no</h1>", {}), LauncherUnavailable),
            (Said(404, b"", {}), LauncherUnavailable),
            (Said(200, b"<h1>hello</h1>"), LauncherUnavailable),
            (Said(502, b""), LauncherUnavailable),
            (Said(raises=httpx.ConnectError("x")), LauncherUnavailable),
        ],
    )
    async def test_why_nothing_is_listed_is_told_apart(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub, answer: Said, error: type[ServiceError]
    ) -> None:
        hub.says = [answer]

        with pytest.raises(error) as caught:
            await launcher.list(ADA, TOKEN)

        assert not isinstance(caught.value, Forbidden) or caught.value.scope == "read:servers!user"


class TestStarting:
    async def test_a_server_starts_with_all_that_is_asked_for(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        options = {"image": REFERENCE, "profile": "small", "path": "a.ipynb"}
        hub.says = [servers(), taken(201), servers(server(user_options=options))]

        started = await launcher.start(
            ADA, TOKEN, wish(title="A \u202etitle \n of e\u0301", profile="small", path="a.ipynb")
        )

        body = {"user_options": options, "display_name": "A title of \u00e9"}
        assert hub.sent() == [("POST", "/users/ada/servers/one", body)]
        assert (started.image, started.state) == (REFERENCE, ServerState.READY)

    async def test_a_hub_before_6_is_sent_the_options_alone(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [servers(headers=HUB_5), taken(202, HUB_5), servers(server(**STARTING), headers=HUB_5)]

        await launcher.start(ADA, TOKEN, wish(title="A title"))

        assert hub.sent() == [("POST", "/users/ada/servers/one", OPTIONS)]

    async def test_the_server_without_a_name_has_no_title(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [servers(), taken(), servers(server("", **STARTING))]

        await launcher.start(ADA, TOKEN, wish("", title="A title"))

        assert hub.sent() == [("POST", "/users/ada/server", {"user_options": OPTIONS})]

    async def test_for_kubernetes_the_image_is_a_choice_of_a_profile(self, hub: PlayedHub) -> None:
        chosen = {"image": "2d3e8e8b3c4bb41d7eb0a6e5", "profile": "repo2docker-small"}
        launcher = made(hub, spawner_options="kubernetes")
        hub.says = [servers(), taken(), servers()]

        with pytest.raises(LaunchRefused):
            await launcher.start(ADA, TOKEN, wish(profile="small"))

        [(_, _, body)] = hub.sent()
        assert body["user_options"].keys() == chosen.keys()
        assert body["user_options"]["profile"] == "repo2docker-small"
        assert len(body["user_options"]["image"]) == 24

        hub.says = [servers(server(user_options=body["user_options"]))]
        [found] = await launcher.list(ADA, TOKEN)
        assert (found.profile, found.image) == ("small", body["user_options"]["image"])

    async def test_one_that_starts_from_the_same_is_given_as_it_is(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [servers(server(**STARTING))]

        assert (await launcher.start(ADA, TOKEN, wish())).state is ServerState.STARTING
        assert hub.sent() == []

    async def test_of_one_that_is_ready_the_hub_finds_out_whether_it_lives(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [servers(server()), refused(400, "ada:one is already running"), servers(server())]

        assert (await launcher.start(ADA, TOKEN, wish())).state is ServerState.READY
        assert hub.sent() == LAUNCHED

    async def test_what_the_hub_tells_late_is_waited_for(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        early = server(**STARTING, user_options={"image": "of-the-start-before"})
        hub.says = [servers(early), servers({**early, "user_options": {}}), servers(server(**STARTING))]

        assert (await launcher.start(ADA, TOKEN, wish())).image == REFERENCE

    @pytest.mark.parametrize("state", [{}, STARTING, STOPPING])
    async def test_one_from_something_else_or_that_stops_is_busy(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub, state: dict[str, Any]
    ) -> None:
        other: dict[str, Any] = {} if state is STOPPING else {"user_options": {"image": "other"}}
        hub.says = [servers(server(**state, **other)) for _ in range(20)]

        with pytest.raises(ServerBusy):
            await launcher.start(ADA, TOKEN, wish())

        assert hub.sent() == []

    async def test_a_race_that_another_image_has_won_is_told(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        other = server(user_options={"image": "other"})
        hub.says = [servers(), refused(400, "ada:one is already running"), servers(other)]

        with pytest.raises(ServerBusy):
            await launcher.start(ADA, TOKEN, wish())

        assert hub.sent() == LAUNCHED

    @pytest.mark.parametrize(
        ("answer", "error", "words"),
        [
            (refused(400, "Image x not in allowed list: a, b"), LaunchRefused, "does not start this image for you"),
            (refused(400, "Specifying image to launch is not allowed"), LaunchRefused, "choose what to start"),
            (refused(400, "Named servers are not enabled."), LaunchRefused, "allow_named_servers"),
            (refused(400, "Not \u202etoday\n."), LaunchRefused, "start the server: Not today ."),
            (refused(400, "Invalid server_name: x"), InvalidInput, "lower case letters"),
            (
                refused(400, "User ada already has the maximum of 3 named servers.  One must be deleted before"),
                TooManyServers,
                "You have 3 servers",
            ),
            (refused(403, "Missing or invalid credentials."), Unauthenticated, "log in"),
            (refused(403, "auth has expired for ada, login again"), Unauthenticated, "log in"),
            (
                refused(403, "Action is not authorized with current scopes; requires any of [start:servers]"),
                Forbidden,
                "start:servers!user",
            ),
            (refused(404, "No access to resources or resources not found"), Forbidden, "start:servers!user"),
            (refused(403, "Only on weekdays"), LaunchRefused, "Only on weekdays"),
            (refused(500, "Spawner failed to start [status=1]."), LaunchRefused, "The log of the hub may say more"),
            (refused(429, "Too many users", **{"Retry-After": "45"}), TooManyServers, "few minutes"),
        ],
    )
    async def test_a_refusal_says_what_to_do_and_what_it_left_is_removed(
        self,
        launcher: JupyterHubServerLauncher,
        hub: PlayedHub,
        answer: Said,
        error: type[ServiceError],
        words: str,
    ) -> None:
        hub.says = [servers(), answer, servers(server(**STOPPED)), taken(204)]

        with pytest.raises(error, match=words.replace("[", r"\[")) as caught:
            await launcher.start(ADA, TOKEN, wish())

        assert type(caught.value) is error
        assert "a, b" not in str(caught.value)
        assert hub.sent()[1:] == [("DELETE", "/users/ada/servers/one", {"remove": True})]

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [({"Retry-After": "45"}, 45), ({"Retry-After": "999999"}, 120), ({"Retry-After": "x"}, 120), ({}, 120)],
    )
    async def test_when_to_try_again_is_what_the_hub_says_or_soon(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub, headers: dict[str, str], seconds: int
    ) -> None:
        hub.says = [servers(), refused(429, "Active user limit exceeded.", **headers), servers()]

        with pytest.raises(TooManyServers) as caught:
            await launcher.start(ADA, TOKEN, wish())

        assert caught.value.retry_after == seconds

    @pytest.mark.parametrize("left", [server(), server(**STARTING)])
    async def test_what_somebody_else_has_started_meanwhile_is_not_removed(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub, left: dict[str, Any]
    ) -> None:
        hub.says = [servers(), refused(400, "No."), servers(left)]

        with pytest.raises(LaunchRefused):
            await launcher.start(ADA, TOKEN, wish())

        assert hub.sent() == LAUNCHED

    async def test_what_was_there_before_a_refused_start_is_not_removed(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [servers(server(**STOPPED)), refused(400, "No."), servers(server(**STOPPED)), taken(204)]

        with pytest.raises(LaunchRefused):
            await launcher.start(ADA, TOKEN, wish())

        assert hub.sent() == LAUNCHED

    async def test_what_cannot_be_removed_hides_no_refusal(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [servers(), refused(400, "No."), servers(server(**STOPPED)), refused(403, "scopes")]

        with pytest.raises(LaunchRefused):
            await launcher.start(ADA, TOKEN, wish())

    @pytest.mark.parametrize("answer", [Said(502), Said(503, b"busy"), Said(400, b"<h1>no</h1>", {}), Said(302)])
    async def test_what_is_no_answer_of_the_api_is_an_outage(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub, answer: Said
    ) -> None:
        hub.says = [servers(), answer]

        with pytest.raises(LauncherUnavailable):
            await launcher.start(ADA, TOKEN, wish())

    async def test_one_that_ends_at_once_was_not_started(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [servers(), taken(), servers(server(**STOPPED))]

        with pytest.raises(LaunchRefused, match="ended while it was starting"):
            await launcher.start(ADA, TOKEN, wish())

    async def test_an_image_that_nothing_is_started_by_is_refused(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        nameless = replace(wish(), image=replace(wish().image, launch_reference=""))

        with pytest.raises(LaunchRefused, match="registry"):
            await launcher.start(ADA, TOKEN, nameless)

        assert hub.asked == []

    async def test_services_have_no_servers(self, launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
        service = Identity("ci", OwnerKind.SERVICE)

        assert list(await launcher.list(service, TOKEN)) == []
        with pytest.raises(LaunchRefused, match="person"):
            await launcher.start(service, TOKEN, wish())
        with pytest.raises(ServerNotFound):
            await launcher.stop(service, TOKEN, "one")
        with pytest.raises(ServerNotFound):
            await anext(launcher.progress(service, TOKEN, "one"))
        assert hub.asked == []


class TestStopping:
    @pytest.mark.parametrize(
        ("name", "sent"),
        [
            ("one", ("DELETE", "/users/ada/servers/one", {"remove": True})),
            ("", ("DELETE", "/users/ada/server", {})),
        ],
    )
    @pytest.mark.parametrize("status", [202, 204])
    async def test_one_with_a_name_is_removed_too(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub, name: str, sent: object, status: int
    ) -> None:
        hub.says = [servers(server(name)), taken(status)]

        await launcher.stop(ADA, TOKEN, name)

        assert hub.sent() == [sent]

    async def test_one_that_stops_already_is_left_to_it(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [servers(server(**STOPPING))]

        await launcher.stop(ADA, TOKEN, "one")

        assert hub.sent() == []

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (refused(400, "ada:one is pending spawn, please wait"), ServerBusy),
            (refused(500, "ada:one pending spawn"), ServerBusy),
            (refused(404, "ada has no server named 'one'"), ServerNotFound),
            (refused(404, "No access to resources or resources not found"), Forbidden),
            (refused(403, "Action is not authorized with current scopes"), Forbidden),
            (refused(403, "Missing or invalid credentials."), Unauthenticated),
            (Said(404, b"", {}), LauncherUnavailable),
            (Said(502), LauncherUnavailable),
        ],
    )
    async def test_why_one_is_not_stopped_is_told_apart(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub, answer: Said, error: type[ServiceError]
    ) -> None:
        hub.says = [servers(server()), answer]

        with pytest.raises(error) as caught:
            await launcher.stop(ADA, TOKEN, "one")

        assert not isinstance(caught.value, Forbidden) or caught.value.scope == "delete:servers!user"


class TestProgress:
    async def test_messages_come_as_they_are_told_and_mislead_nobody(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [
            stream(
                {"progress": 0, "message": "Server requested"},
                {"progress": 50.9, "message": "a\u202e\x1b[31m\n" + "x" * 5000},
                {"progress": 101, "message": ["no", "text"]},
                {"progress": True},
                [],
                {"progress": 100, "ready": True, "message": "Server ready", "url": "/user/ada/one/"},
            )
        ]

        first, second, third, fourth, last = await steps(launcher)

        assert first == ServerProgress(0, "Server requested")
        assert second.percent == 50
        assert second.message.isprintable()
        assert len(second.message) == 300
        assert (third, fourth) == (ServerProgress(0), ServerProgress(0))
        assert last == ServerProgress(100, "Server ready", ready=True, url="/user/ada/one/")

    async def test_a_failed_start_is_told_with_its_reason(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [stream({"progress": 100, "failed": True, "message": "Spawn failed: no room"})]

        assert await steps(launcher) == [ServerProgress(100, "Spawn failed: no room", failed=True)]

    @pytest.mark.parametrize("broken", [None, httpx.ReadError("x"), httpx.ReadTimeout("x")])
    @pytest.mark.parametrize(
        ("state", "ready"),
        [({}, True), (STOPPED, False), (STOPPING, False), (None, False)],
    )
    async def test_after_a_broken_stream_the_server_itself_is_looked_at(
        self,
        launcher: JupyterHubServerLauncher,
        hub: PlayedHub,
        broken: Exception | None,
        state: dict[str, Any] | None,
        ready: bool,
    ) -> None:
        there = [] if state is None else [server(**state)]
        hub.says = [stream({"progress": 10}, breaks=broken), servers(*there)]

        *_, last = await steps(launcher)

        assert (last.ready, last.failed, last.percent) == (ready, not ready, 100)
        assert last.url == ("/user/ada/one/" if ready else "")

    async def test_a_start_that_goes_on_is_followed_again(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        broken = stream({"progress": 10}, breaks=httpx.ReadError("x"))
        ready = stream({"progress": 100, "ready": True, "url": "/user/ada/one/"})
        hub.says = [broken, servers(server(**STARTING)), Said(502), servers(server(**STARTING)), ready]

        assert [step.percent for step in await steps(launcher)] == [10, 100]

    async def test_a_stream_that_breaks_again_and_again_is_given_up(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub
    ) -> None:
        hub.says = [stream(breaks=httpx.ReadError("x")), servers(server(**STARTING))] * 100

        with pytest.raises(LauncherUnavailable):
            await steps(launcher)

        assert hub.says

    @pytest.mark.parametrize(
        ("answers", "error"),
        [
            ([refused(404, "Not Found")], ServerNotFound),
            ([refused(400, "ada:one is not starting...")], ServerNotFound),
            ([refused(404, "No access to resources or resources not found")], Forbidden),
            ([refused(403, "Action is not authorized with current scopes")], Forbidden),
            ([refused(403, "Missing or invalid credentials.")], Unauthenticated),
            ([Said(502), servers()], ServerNotFound),
            ([Said(502), Said(502)], LauncherUnavailable),
            ([Said(404, b"", {}), Said(502)], LauncherUnavailable),
        ],
    )
    async def test_why_nothing_can_be_followed_is_told_apart(
        self, launcher: JupyterHubServerLauncher, hub: PlayedHub, answers: list[Said], error: type[ServiceError]
    ) -> None:
        hub.says = answers

        with pytest.raises(error):
            await steps(launcher)


async def test_no_token_is_logged_or_told(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hub.says = [servers(), refused(500, "bad"), servers(), Said(raises=httpx.ReadError("x")), Said(500), Said(500)]

    told = []
    for asked in (launcher.start(ADA, TOKEN, wish()), launcher.list(ADA, TOKEN), launcher.stop(ADA, TOKEN, "one")):
        with pytest.raises((LaunchRefused, LauncherUnavailable)) as caught:
            await asked
        told.append(f"{caught.value!r} {caught.value} {caught.value.__cause__!r} {caught.value.__context__!r}")

    assert TOKEN not in caplog.text + "".join(told) + repr(launcher) + repr(vars(launcher))
    assert "secret of r2d" not in caplog.text + "".join(told) + repr(launcher)


@pytest.mark.parametrize("token", ["", "a b", "\n", "\udcff"])
async def test_what_cannot_be_a_token_is_not_even_sent(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, token: str
) -> None:
    for asked in (launcher.start(ADA, token, wish()), launcher.list(ADA, token), launcher.stop(ADA, token, "one")):
        with pytest.raises(Unauthenticated):
            await asked

    assert hub.asked == []
