"""Only addresses that are allowed are contacted, however they are written and whatever names stand for."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from repo2docker_service.adapters.addresses import (
    MetadataAddress,
    PrivateAddress,
    check_address_policy,
    check_name_policy,
    is_metadata,
    is_public,
    literal,
)
from repo2docker_service.adapters.sources.git import GitSourceResolver
from repo2docker_service.adapters.sources.git.transport import CheckingBackend, UnknownHost
from repo2docker_service.domain.errors import InvalidInput, SourceForbidden
from repo2docker_service.domain.models import Source

PUBLIC = [
    "1.1.1.1",
    "140.82.121.3",
    "2606:4700::1111",
    "2a02:26f0::1",
    "::ffff:140.82.121.3",
    "64:ff9b::140.82.121.3",
]
PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.1.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::140.82.121.3",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:8c52:7903::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
METADATA = [
    "169.254.169.254",
    "169.254.169.253",
    "169.254.170.2",
    "169.254.170.23",
    "169.254.42.42",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "64:ff9b::169.254.169.254",
    "2002:a9fe:a9fe::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_contacted(text: str) -> None:
    check_address_policy(ip_address(text), private_allowed=False)


@pytest.mark.parametrize("text", PRIVATE)
def test_a_private_address_is_contacted_only_where_that_is_allowed(text: str) -> None:
    with pytest.raises(PrivateAddress):
        check_address_policy(ip_address(text), private_allowed=False)

    check_address_policy(ip_address(text), private_allowed=True)


@pytest.mark.parametrize("private_allowed", [False, True])
@pytest.mark.parametrize("text", METADATA)
def test_an_address_of_metadata_is_never_contacted(text: str, *, private_allowed: bool) -> None:
    with pytest.raises(MetadataAddress):
        check_address_policy(ip_address(text), private_allowed=private_allowed)


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_the_same_however_it_is_wrapped(address: IPv4Address) -> None:
    for prefix in ("::ffff:", "64:ff9b::"):
        wrapped = ip_address(f"{prefix}{address}")

        assert is_public(wrapped) == is_public(address)
        assert is_metadata(wrapped) == is_metadata(address)


@given(st.ip_addresses(v=6))
def test_every_address_outside_of_global_unicast_is_private(address: IPv6Address) -> None:
    wraps = address in ip_network("64:ff9b::/96") or address.ipv4_mapped
    assert wraps or not is_public(address) or int(address) >> 125 == 1


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.0.0.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("0xa9fea9fe", "169.254.169.254"),
        ("[::1]", "::1"),
        ("::1", "::1"),
    ],
)
def test_an_address_is_recognised_in_every_form_that_libraries_read(host: str, address: str) -> None:
    assert literal(host) == ip_address(address)


@pytest.mark.parametrize("host", ["localhost", "example.org", "1.2.3.4.5", "a", "abc.1", "ü"])
def test_a_name_is_no_address(host: str) -> None:
    assert literal(host) is None


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "git.localhost", "127.1", "[::1]", "10.0.0.1"])
def test_behind_a_proxy_what_is_written_is_still_checked(host: str) -> None:
    with pytest.raises(PrivateAddress):
        check_name_policy(host, private_allowed=False)

    check_name_policy(host, private_allowed=True)
    check_name_policy("github.com", private_allowed=False)


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "0xa9fea9fe", "metadata.google.internal", "Metadata.Google.Internal."]
)
def test_behind_a_proxy_metadata_is_still_refused(host: str) -> None:
    with pytest.raises(MetadataAddress):
        check_name_policy(host, private_allowed=True)


class Names:
    """Gives other addresses each time that it is asked, as the owner of a name may."""

    def __init__(self, *answers: Sequence[str] | OSError) -> None:
        self.answers = list(answers)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        answer = self.answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Give the port of a server on loopback that greets."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_the_address_that_was_checked_is_the_one_connected_to(threads: ThreadPoolExecutor, port: int) -> None:
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    backend = CheckingBackend(names, threads, private_allowed=True)

    stream = await backend.connect_tcp("rebound.example", port)

    assert await stream.read(5) == b"hello"
    assert len(names.answers) == 1
    await stream.aclose()


@pytest.mark.parametrize("found", [["127.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["2606:4700::1111", "fe80::1%lo"]])
async def test_one_private_address_among_those_of_a_name_is_enough_to_refuse(
    threads: ThreadPoolExecutor, port: int, found: Sequence[str]
) -> None:
    backend = CheckingBackend(Names(found), threads, private_allowed=False)

    with pytest.raises(PrivateAddress):
        await backend.connect_tcp("mixed.example", port)


async def test_the_next_address_is_tried_when_one_does_not_answer(threads: ThreadPoolExecutor, port: int) -> None:
    backend = CheckingBackend(Names(["127.0.0.2", "::1", "127.0.0.1"]), threads, private_allowed=True)

    stream = await backend.connect_tcp("many.example", port)

    assert await stream.read(5) == b"hello"
    await stream.aclose()


@pytest.mark.parametrize("found", [[], ["not an address"], OSError()])
async def test_a_name_without_a_usable_address_is_unknown(
    threads: ThreadPoolExecutor, found: Sequence[str] | OSError
) -> None:
    with pytest.raises(UnknownHost):
        await CheckingBackend(Names(found), threads, private_allowed=True).connect_tcp("x.example", 1)


@pytest.mark.parametrize("value", ["socks5://h:1", "h:3128", "file:///x"])
def test_only_an_http_proxy_is_accepted(value: str) -> None:
    with pytest.raises(TraitError, match="must begin with"):
        GitSourceResolver(proxy=value)


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_certificate_authorities_that_cannot_be_read_are_noticed_at_start(
    tmp_path: Path, content: str | None
) -> None:
    if content:
        (tmp_path / "ca.pem").write_text(content)

    with pytest.raises(TraitError, match="ca_bundle cannot be used"):
        async with GitSourceResolver(ca_bundle=str(tmp_path / "ca.pem")):
            pass


def test_every_setting_is_explained_in_one_sentence() -> None:
    traits = GitSourceResolver.class_own_traits(config=True)

    assert set(traits) == {"rules", "forges", "allow_private_networks", "ca_bundle", "proxy", "timeout"}
    for trait in traits.values():
        assert trait.help.endswith(".")
        assert ". " not in trait.help


async def test_an_address_that_a_rule_refuses_is_not_even_looked_up() -> None:
    names = Names()
    resolver = GitSourceResolver(rules=[{"match": "https://git.example", "allow": False}], look_up=names)

    for ask in (resolver.resolve(Source("https://git.example/a")), resolver.refs("https://git.example/a")):
        with pytest.raises(SourceForbidden) as refused:
            await ask

        assert refused.value.field == "repo"
        assert str(refused.value).endswith("Ask the hub's administrators to allow it.")


NOTHING = {"match": "https://", "allow": False}
OURS = {"match": "https://git.example/ours"}


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ([NOTHING, OURS], "only builds from https://git.example/ours. "),
        (
            [NOTHING, OURS, {"match": "https://git.example/too"}],
            "only builds from https://git.example/ours or https://git.example/too. ",
        ),
        ([NOTHING, OURS | {"visible_to": ["group:team"]}], "may not build from this address. "),
        ([{"match": "https://git.example", "allow": False}], "may not build from https://git.example. "),
        (
            [{"match": "https://git.example", "allow": False}, OURS, {"match": "https://other.example"}],
            "may not build from https://git.example, only from https://git.example/ours. ",
        ),
        (
            [NOTHING, *({"match": f"https://git.example/{number}"} for number in range(9))],
            "or https://git.example/4 or some others. ",
        ),
    ],
)
async def test_a_refusal_names_what_the_rules_leave_open_and_tells_their_setting_to_administrators_and_the_log_alone(
    rules: list[dict[str, object]], sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(SourceForbidden) as refused:
        await GitSourceResolver(rules=rules, look_up=Names()).resolve(Source("https://git.example/a"))

    assert sentence in str(refused.value)
    assert "GitSourceResolver.rules" not in str(refused.value)
    for told in (refused.value.for_administrators(), caplog.text):
        assert f"{sentence}Allow it with GitSourceResolver.rules." in told


@pytest.mark.parametrize("private_allowed", [False, True])
async def test_a_refusal_names_the_setting_and_not_the_address_behind_a_name(*, private_allowed: bool) -> None:
    found = "169.254.169.254" if private_allowed else "10.11.12.13"
    resolver = GitSourceResolver(look_up=Names([found]), allow_private_networks=private_allowed)

    with pytest.raises(SourceForbidden) as refused:
        await resolver.resolve(Source("https://intranet.example/a"))

    assert found not in str(refused.value)
    assert ("allow_private_networks" in refused.value.for_administrators()) != private_allowed


async def test_a_rule_can_close_private_networks_that_are_open_otherwise() -> None:
    rules = [{"match": "http://closed.example:1", "private_network": False}]
    resolver = GitSourceResolver(look_up=Names(["127.0.0.1"]), allow_private_networks=True, rules=rules)

    with pytest.raises(SourceForbidden):
        await resolver.resolve(Source("http://closed.example:1/a"))


@pytest.mark.parametrize(
    "address", ["file:///etc", "https://me:secret@h/r", "git://h/r", "https://h/a/../b", "ext::sh"]
)
async def test_what_is_no_address_of_a_repository_is_bad_input(address: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await GitSourceResolver(look_up=Names()).resolve(Source(address))

    assert refused.value.field == "repo"
