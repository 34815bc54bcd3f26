"""What is private, and whose, follows from the rules alone."""

import base64
import logging
from pathlib import Path
from typing import Any

import pytest

from repo2docker_service.adapters.secret_files import UnreadableSecret
from repo2docker_service.adapters.sources.git import GitSourceResolver
from repo2docker_service.adapters.sources.git.keys import Key, read_key
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import SourceForbidden, SourceUnreachable
from repo2docker_service.domain.models import Owner, Source
from repo2docker_service.domain.resolved import SourceTerms

AT = {"match": "https://git.example/team"}
TEAM = Owner.parse("group:team")
CANARY = "canary-7d1f"


def never(host: str, port: int) -> list[str]:
    """Fail: nobody may be asked."""
    raise AssertionError(f"{host} was looked up")


@pytest.mark.parametrize(
    ("rule", "terms"),
    [
        ({}, SourceTerms()),
        ({"allow": False}, SourceTerms()),
        ({"private_network": False}, SourceTerms()),
        ({"private_network": True}, SourceTerms(private=True)),
        ({"private_network": True, "visible_to": ["*"]}, SourceTerms()),
        ({"visible_to": ["*"]}, SourceTerms()),
        ({"visible_to": ["group:team"]}, SourceTerms(private=True, visible_to=frozenset({TEAM}))),
        ({"credentials_file": "/f", "visible_to": ["*"]}, SourceTerms(private=True)),
    ],
)
def test_a_rule_says_what_is_private_and_who_may_build(rule: dict[str, Any], terms: SourceTerms) -> None:
    resolver = GitSourceResolver(rules=[AT | rule], look_up=never)

    assert resolver.terms("https://git.example/team/a") == terms
    assert resolver.terms("https://git.example/other") == SourceTerms()


def test_where_private_networks_are_nothing_special_what_is_there_is_shared() -> None:
    resolver = GitSourceResolver(rules=[AT | {"private_network": True}], allow_private_networks=True)

    assert resolver.terms("https://git.example/team/a") == SourceTerms()


async def test_credentials_are_not_sent_over_http_to_where_everybody_may_listen(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(CANARY)
    ours = {"match": "http://git.example", "credentials_file": str(tmp_path / "token"), "visible_to": ["*"]}
    address, given = "http://git.example/a", Credentials("me", CANARY)

    for resolver in (GitSourceResolver(look_up=never), GitSourceResolver(rules=[ours], look_up=never)):
        for ask in (resolver.resolve(Source(address), given), resolver.refs(address, credentials=given)):
            with pytest.raises(SourceForbidden, match="over https only"):
                await ask
    with pytest.raises(SourceForbidden, match="over https only"):
        await resolver.resolve(Source(address))


@pytest.mark.parametrize(
    ("content", "username", "password"),
    [
        ("ada:secret\n", "ada", "secret"),
        ("ada:se:cret", "ada", "se:cret"),
        ("token", "git", "token"),
        (":token\r\n", "git", "token"),
        (" ada : secret ", " ada ", " secret "),
    ],
)
def test_a_file_holds_a_name_and_a_password_or_a_token_alone(
    tmp_path: Path, content: str, username: str, password: str
) -> None:
    (tmp_path / "file").write_text(content)

    assert read_key(tmp_path / "file").credentials == Credentials(username, password)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"ada:", "holds no credentials: Give a password"),
        (f"{CANARY}\n# comment".encode(), "holds no credentials: .* cannot be seen"),
        (f"{CANARY}\xff".encode("latin-1"), "cannot be read: it is no UTF-8 text"),
        (CANARY.encode() * 1000, "holds no credentials: .* longer than"),
        (CANARY.encode() * 100_000, "cannot be read: it is too large"),
    ],
)
async def test_a_file_without_credentials_is_told_to_the_administrator_and_not_to_people(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes | None, reason: str
) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    rule = AT | {"credentials_file": str(file), "visible_to": ["*"]}

    with pytest.raises(UnreadableSecret, match=reason):
        read_key(file)
    with caplog.at_level(logging.DEBUG), pytest.raises(SourceUnreachable, match="Tell an administrator") as unreadable:
        await GitSourceResolver(rules=[rule], look_up=never).resolve(Source("https://git.example/team/a"))

    assert str(tmp_path) not in str(unreadable.value)
    assert str(file) in caplog.text
    assert CANARY not in caplog.text + str(unreadable.value)


def test_a_key_shows_itself_to_servers_only() -> None:
    key = Key(Credentials("ä", CANARY))

    assert base64.b64decode(key.headers["Authorization"].removeprefix("Basic ")).decode() == f"ä:{CANARY}"
    assert CANARY not in repr(key)
