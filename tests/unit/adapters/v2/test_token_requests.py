"""Tokens are read however old or strange their server is, and last neither too short nor too long."""

import json

import pytest

from repo2docker_service.adapters.registries.v2.auth.credentials import Credential, Secret
from repo2docker_service.adapters.registries.v2.auth.realms import Realm
from repo2docker_service.adapters.registries.v2.auth.token_requests import Token, by_get, by_refresh_token, read_token
from repo2docker_service.adapters.registries.v2.errors import BadAnswer
from repo2docker_service.adapters.registries.v2.transport.http import Answer, Headers

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def answer(document: object) -> Answer:
    return Answer(200, Headers(), json.dumps(document).encode(), "https://auth.example/token")


@pytest.mark.parametrize("names", [("token",), ("access_token",), ("token", "access_token")])
def test_a_token_is_read_under_both_of_its_names(names: tuple[str, ...]) -> None:
    """Case 8."""
    assert read_token(answer(dict.fromkeys(names, "t")), NOW).text == "t"


@pytest.mark.parametrize(
    ("fields", "renew_after"),
    [
        ({}, 48),
        ({"expires_in": 10}, 48),
        ({"expires_in": -1}, 48),
        ({"expires_in": "300"}, 48),
        ({"expires_in": True}, 48),
        ({"expires_in": None}, 48),
        ({"expires_in": 300}, 240),
        ({"expires_in": 300.0}, 240),
        ({"expires_in": 10**300}, 69120),
        ({"expires_in": 300, "issued_at": "2027-01-15T08:00:00Z"}, 240),
        ({"expires_in": 300, "issued_at": "2027-01-15T07:59:00.123456789Z"}, 180.123456),
        ({"expires_in": 300, "issued_at": "2027-01-15T09:00:00Z"}, 240),
        ({"expires_in": 300, "issued_at": "2027-01-15T07:00:00Z"}, 240),
        ({"expires_in": 300, "issued_at": "yesterday"}, 240),
        ({"expires_in": 300, "issued_at": 7}, 240),
        ({"expires_in": 300, "issued_at": "0001-01-01T00:00:00Z"}, 240),
    ],
)
def test_a_token_is_renewed_before_it_expires_but_not_all_the_time(fields: dict[str, object], renew_after: int) -> None:
    """Case 8."""
    assert read_token(answer({"token": "t", **fields}), NOW).renew_after == pytest.approx(renew_after)


@pytest.mark.parametrize("document", [{}, [], {"token": ""}, {"token": 7}, {"token": "a\r\nb"}, {"token": "a b"}, None])
def test_an_answer_without_a_token_is_refused(document: object) -> None:
    with pytest.raises(BadAnswer):
        read_token(answer(document), NOW)


def test_a_token_does_not_show_itself() -> None:
    assert "canary" not in repr(Token("canary", 1))
    credential = Credential("u", Secret("canary"), Secret("canary"))
    for ask in (by_get, by_refresh_token):
        request = ask(Realm("https://auth.example/token", ""), (), credential)
        assert "canary" not in repr(request)
        assert "Basic" not in repr(request)


def test_the_query_that_a_realm_has_already_is_kept() -> None:
    request = by_get(
        Realm("https://auth.example/token?a=b", "s&t"), ("repository:x:pull", "registry:catalog:*"), Credential()
    )

    assert request.url == (
        "https://auth.example/token?a=b&service=s%26t&scope=repository%3Ax%3Apull&scope=registry%3Acatalog%3A%2A"
        "&client_id=repo2docker-service"
    )
    assert request.headers == {}


def test_a_password_goes_into_the_header_and_not_into_the_address() -> None:
    request = by_get(Realm("https://auth.example/token", ""), (), Credential("ü:", Secret("pä:ss")))

    assert request.url == "https://auth.example/token?account=%C3%BC%3A&client_id=repo2docker-service"
    assert request.headers == {"Authorization": "Basic w7w6OnDDpDpzcw=="}
