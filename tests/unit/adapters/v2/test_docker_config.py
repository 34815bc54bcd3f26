"""Docker's config.json, as people and programs write it (cases 16, 18 and 19)."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.adapters.builders.containers.in_container.credentials import authorization
from repo2docker_service.adapters.registries.v2.auth.credentials import push_config
from repo2docker_service.adapters.registries.v2.auth.docker_config import (
    DockerConfig,
    helper_address,
    matching,
    read,
)
from repo2docker_service.adapters.registries.v2.auth.secret import Credential, Secret

HOST = "registry.example:5000"
ADA = Credential("ada", Secret("pass"))


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def config(**auths: object) -> DockerConfig:
    return read(json.dumps({"auths": auths}))


@pytest.mark.parametrize(
    "key",
    [
        HOST,
        f"https://{HOST}",
        f"http://{HOST}",
        f"{HOST}/",
        f"{HOST}/v1/",
        f"{HOST}/v2/",
        f"https://{HOST}/v2",
        f"https://{HOST}/some/where",
        "Registry.Example:5000",
        f" {HOST} ",
    ],
)
def test_every_way_to_write_a_registry_is_understood(key: str) -> None:
    """Case 16."""
    assert config(**{key: {"auth": packed("ada:pass")}}).entry(HOST, "") == ADA


@pytest.mark.parametrize("key", ["docker.io", "index.docker.io", "registry-1.docker.io", "https://index.docker.io/v1/"])
@pytest.mark.parametrize("host", ["docker.io", "registry-1.docker.io", "index.docker.io"])
def test_the_public_registry_has_many_names(key: str, host: str) -> None:
    """Case 16."""
    assert config(**{key: {"auth": packed("ada:pass")}}).entry(host, "ns/app") == ADA


@pytest.mark.parametrize(
    "key",
    [
        "registry.example",
        "registry.example:5001",
        "example:5000",
        "https://registry.example",
        f"{HOST}.evil.example",
        f"evil.example/{HOST}",
        f"https://evil.example/{HOST}/",
        "docker.io",
        "/",
        "",
    ],
)
def test_the_credential_of_another_registry_is_not_used(key: str) -> None:
    assert config(**{key: {"auth": packed("ada:pass")}}).entry(HOST, "") is None


@pytest.mark.parametrize(
    ("key", "host"),
    [
        ("registry.example:443", "registry.example"),
        ("https://registry.example:443/v2/", "registry.example"),
        ("http://registry.example:80", "registry.example"),
        ("registry.example", "registry.example:443"),
    ],
)
def test_a_port_that_goes_without_saying_may_be_said(key: str, host: str) -> None:
    assert matching([key], host) == [key]


def test_the_entry_closest_to_our_repositories_is_used() -> None:
    """Case 16."""
    others = [f"{HOST}/tea", f"{HOST}/teams", f"{HOST}/team/other"]
    keys = [HOST, f"{HOST}/team", f"{HOST}/team/images", f"https://{HOST}/v1/", *others]

    assert matching(keys, HOST, "team/images") == [
        f"{HOST}/team/images",
        f"{HOST}/team",
        HOST,
        f"https://{HOST}/v1/",
    ]


def test_an_entry_for_some_repositories_is_not_used_for_all() -> None:
    assert matching([f"{HOST}/team"], HOST) == []


@pytest.mark.parametrize(
    ("entry", "credential"),
    [
        ({"auth": packed("ada:pass")}, ADA),
        ({"auth": packed("ada:pa").rstrip("=")}, Credential("ada", Secret("pa"))),
        ({"auth": packed("ada:pass\0\0\0")}, ADA),
        ({"auth": packed("ada:pass"), "username": "old", "password": "old"}, ADA),
        ({"username": "ada", "password": "pass"}, ADA),
        ({"auth": packed("ada:"), "identitytoken": "refresh"}, Credential("ada", identity_token=Secret("refresh"))),
        ({"registrytoken": "bearer"}, Credential(registry_token=Secret("bearer"))),
        ({"auth": packed("ada:pa:ss:")}, Credential("ada", Secret("pa:ss:"))),
        ({"auth": packed("adá:pä🗝ss")}, Credential("adá", Secret("pä🗝ss"))),
    ],
)
def test_what_an_entry_says_is_understood(entry: object, credential: Credential) -> None:
    """Case 19, among others: colons and letters beyond ASCII in a password."""
    assert config(**{HOST: entry}).entry(HOST, "") == credential


@pytest.mark.parametrize(
    "entry",
    [
        "text",
        None,
        [],
        {"auth": 1},
        {"auth": f"!!!!{packed('ada:pass')}"},
        {"auth": packed("no colon")},
        {"auth": packed(":no name")},
        {"auth": base64.b64encode(b"ada:\xff").decode()},
        {"auth": "ä"},
        {"auth": packed("ada:pass"), "identitytoken": {}},
    ],
)
def test_an_entry_that_makes_no_sense_is_skipped_by_name(entry: object) -> None:
    """Case 18."""
    found = config(**{"bad.example": entry, HOST: {"auth": packed("ada:pass")}})

    assert found.skipped == ("auths: bad.example",)
    assert found.entry(HOST, "") == ADA


def test_tables_that_make_no_sense_are_skipped_by_name() -> None:
    found = read('{"auths": [], "credHelpers": {"a": 1, "b": "good"}, "credsStore": 5}')

    assert found == DockerConfig({}, {"b": "good"}, "", ("auths", "credHelpers: a", "credsStore"))


def test_an_empty_entry_counts_as_none() -> None:
    """Docker leaves one where a helper keeps the secret."""
    found = config(**{HOST: {}, f"https://{HOST}": {"auth": packed("ada:pass")}})

    assert found.skipped == ()
    assert found.entry(HOST, "") == ADA


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"text"', "[" * 100_000, b"\xff\xfe\xfd", "1" * 5000])
def test_what_is_no_object_is_refused_without_quoting_it(text: str | bytes) -> None:
    """Case 18."""
    with pytest.raises(ValueError, match=r"^it is no JSON( object)?$"):
        read(text)


any_text = st.text(st.characters(exclude_categories=()), max_size=20)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=5,
)
packed_pairs = st.one_of(any_text, st.binary(max_size=20).map(lambda raw: base64.b64encode(raw).decode()))
fields = ("username", "password", "identitytoken", "registrytoken")
entries = st.fixed_dictionaries({}, optional={"auth": packed_pairs | any_json} | dict.fromkeys(fields, any_json))
keys = st.sampled_from([HOST, f"https://{HOST}/v1/", f"{HOST}/ns", "docker.io", "https://", "/"]) | any_text
configs = st.fixed_dictionaries(
    {},
    optional={
        "auths": any_json | st.dictionaries(keys, entries | any_json, max_size=3),
        "credHelpers": any_json | st.dictionaries(keys, any_json, max_size=3),
        "credsStore": any_json,
    },
)


@given(configs)
def test_of_any_object_what_makes_sense_is_read_and_the_rest_is_left_out(value: dict[str, object]) -> None:
    found = read(json.dumps(value))

    for host in (HOST, "docker.io"):
        assert all(isinstance(helper, str) for helper in found.helpers_of(host, "ns/app"))
        entry = found.entry(host, "ns/app") or Credential()
        assert all(isinstance(part.reveal(), str) for part in (entry.password, entry.identity_token))
        # What was read can be written for a push.
        assert json.loads(push_config(host, entry))["auths"].keys() <= {host}


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_refused(data: bytes) -> None:
    refusal = None
    try:
        read(data)
    except ValueError as error:
        refusal = str(error)

    assert refusal in {None, "it is no JSON", "it is no JSON object"}


def test_the_helper_of_a_registry_goes_before_the_one_of_all() -> None:
    found = read(json.dumps({"credHelpers": {f"https://{HOST}": "own", "else.example": "else"}, "credsStore": "all"}))

    assert list(found.helpers_of(HOST, "")) == ["own", "all"]


def test_helpers_know_the_public_registry_by_its_old_address() -> None:
    assert helper_address("registry-1.docker.io") == "https://index.docker.io/v1/"
    assert helper_address(HOST) == HOST


@pytest.mark.parametrize(
    "credential",
    [
        Credential("adá", Secret("pä:ss")),
        Credential("ada", identity_token=Secret("refresh")),
        Credential(identity_token=Secret("refresh")),
        Credential(registry_token=Secret("bearer")),
    ],
)
@pytest.mark.parametrize("host", [HOST, "docker.io"])
def test_what_is_written_for_a_push_reads_as_it_was(credential: Credential, host: str) -> None:
    written = push_config(host, credential)

    assert read(written).entry(host, "") == credential
    assert list(json.loads(written)) == ["auths"]
    assert list(read(written).auths) == [host]


@pytest.mark.parametrize("host", [HOST, "docker.io", "127.0.0.1:5000"])
def test_the_pusher_finds_what_was_written_for_it(host: str) -> None:
    written = json.loads(push_config(host, Credential("ada", Secret("pä:ss"))))

    header = json.loads(base64.urlsafe_b64decode(authorization(written, host)))
    assert header == {"username": "ada", "password": "pä:ss", "serveraddress": host}


def test_nothing_is_written_of_nobody() -> None:
    assert json.loads(push_config(HOST, Credential())) == {"auths": {}}
