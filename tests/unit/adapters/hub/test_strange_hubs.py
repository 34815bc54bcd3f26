"""Whatever a hub answers: it is read as far as it makes sense, and what people are shown of it misleads nobody."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC
from typing import Any

import httpx
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.adapters.hub.played_hub import ADA, API, VERSION, PlayedHub, said

from repo2docker_service.adapters.authorizers.jupyterhub.hub_api import HubApi
from repo2docker_service.adapters.hub.answers import Answer, as_document
from repo2docker_service.adapters.hub.events import data_of_events
from repo2docker_service.adapters.hub.http import HubHttp
from repo2docker_service.adapters.launchers.jupyterhub.models import progress_in, servers_in
from repo2docker_service.adapters.launchers.jupyterhub.refusals import is_active_already, no_right, refusal
from repo2docker_service.domain.errors import ServiceError

HOSTS = ["", "https://hub.example"]
WORDS = ["a", "/user/ada/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https://[", "\ud800", "\u202e"]
WORDS += ["\n", "spawn", "stop", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-31T12:00:00Z"]
texts = st.lists(st.sampled_from(WORDS), max_size=3).map("".join) | st.text(max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def with_keys(*names: str) -> st.SearchStrategy[Mapping[str, Any]]:
    """Objects that have some of these keys, with anything in them."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, values))


servers = with_keys("name", "pending", "ready", "url", "full_url", "display_name", "user_options", "started")
events = with_keys("progress", "message", "ready", "failed", "url")
holders = with_keys("name", "kind", "groups", "scopes")


def message(text: str) -> bytes:
    return json.dumps({"status": 400, "message": text}).encode()


def is_fit_to_be_shown(text: str) -> bool:
    return not text or text.isprintable()


def leads_to_the_hub_or_is_a_whole_address(url: str, host: str) -> bool:
    within = url.startswith(f"{host}/") and not url.startswith((f"{host}//", f"{host}/\\"))
    return is_fit_to_be_shown(url) and (not url or within or url.startswith(("http://", "https://")))


@given(st.dictionaries(texts, servers | values, max_size=3), st.sampled_from(HOSTS))
@example({"a\ud800": {}}, "")
@example({"\u202egnp": {}}, "")
@example({"a": {"ready": True, "started": "0001-01-01T00:00:00+14:00"}}, "")
@example({"a": {"url": "//evil.example/"}, "b": {"url": "/\\evil.example/"}}, "")
@example({"a": {"display_name": "a\u202eb", "user_options": {"image": "\n", "profile": "\u202e", "path": "\x1b"}}}, "")
def test_of_any_servers_only_those_are_told_that_can_be_shown(models: Mapping[str, Any], host: str) -> None:
    for server in (servers_in({"servers": models}, host) or {}).values():
        assert all(map(is_fit_to_be_shown, (server.name, server.title, server.image, server.profile, server.path)))
        assert leads_to_the_hub_or_is_a_whole_address(server.url, host)
        for time in (server.started_at, server.last_activity):
            assert time is None or time.astimezone(UTC).tzinfo is UTC


@given(events, st.sampled_from(HOSTS))
@example({"ready": True, "url": "//evil.example/", "progress": float("nan")}, "")
@example({"failed": True, "message": "\x1b[2J\u202e", "progress": 1e400}, "")
def test_of_any_event_of_a_start_only_that_is_told_which_can_be_shown(event: Mapping[str, Any], host: str) -> None:
    told = progress_in(event, host)

    assert 0 <= told.percent <= 100
    assert is_fit_to_be_shown(told.message)
    assert leads_to_the_hub_or_is_a_whole_address(told.url, host)
    assert not (told.ready and told.failed)


@given(holders.map(lambda model: {**ADA, **model}) | values)
@example({**ADA, "groups": ["a\u202eb", "\ud800"]})
@example({**ADA, "name": "a\ud800"})
async def test_any_model_of_a_holder_is_somebody_with_a_name_or_an_error_of_ours(model: object) -> None:
    hub = PlayedHub()
    hub.says = [said(model)]
    try:
        holder = await HubApi(API, HubHttp(transport=hub)).holder("a-token")
    except ServiceError:
        return

    assert holder.name
    assert all(map(is_fit_to_be_shown, {holder.name, *holder.groups}))


@given(
    st.sampled_from([200, 400, 401, 403, 404, 429, 500]),
    st.fixed_dictionaries({}, optional={"Retry-After": st.text(st.characters(codec="latin-1"), max_size=8)}),
    st.binary(max_size=40) | values.map(json.dumps).map(str.encode) | texts.map(message),
)
@example(400, {}, b"[" * 100_000)
@example(403, {}, b'{"message": "\\u202e\\n\\ud800"}')
@example(429, {"Retry-After": "\u00b2"}, b"{}")
def test_any_answer_to_a_start_says_something_that_can_be_shown(
    status: int, headers: Mapping[str, str], body: bytes
) -> None:
    answer = Answer(status, httpx.Headers({**VERSION, **headers}, encoding="latin-1"), body)

    assert is_active_already(answer) in (True, False)
    for error in filter(None, (refusal(answer), no_right(answer, "read:servers"))):
        assert str(error)
        assert is_fit_to_be_shown(str(error))
        assert len(str(error)) < 500


@given(st.lists(st.dictionaries(texts, texts, max_size=2), max_size=5), st.sampled_from([b"\n", b"\r\n"]), st.data())
async def test_events_come_out_as_they_were_however_their_stream_is_cut(
    documents: list[dict[str, str]], end: bytes, data: st.DataObject
) -> None:
    lines = [b": a comment" + end + b"data: " + json.dumps(each).encode() + end + end for each in documents]

    assert [as_document(each) async for each in data_of_events(pieces(b"".join(lines), data))] == documents


@given(st.lists(st.sampled_from([b"data", b":", b" ", b"\r", b"\n", b"{", b"\xff", b"\x00"]), max_size=40), st.data())
async def test_any_bytes_are_the_same_events_however_they_are_cut(given_: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(given_)

    assert [each async for each in data_of_events(pieces(stream, data))] == [
        each async for each in data_of_events(whole(stream))
    ]


async def pieces(stream: bytes, data: st.DataObject) -> AsyncIterator[bytes]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        yield stream[start:end]


async def whole(stream: bytes) -> AsyncIterator[bytes]:
    yield stream
