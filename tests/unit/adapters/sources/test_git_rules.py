"""Rules speak of the addresses that administrators mean, and of no others."""

from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError
from traitlets.config import Config

from repo2docker_service.adapters.sources.git import GitSourceResolver
from repo2docker_service.adapters.sources.git.rules import BadRule, Rule, read_rules, rule_for

ADA = ("user:ada",)


@pytest.mark.parametrize(
    ("match", "address"),
    [
        ("https://git.example", "https://git.example/a"),
        ("https://git.example/", "https://git.example/a"),
        ("https://GIT.example:443/team", "https://git.example/team/a"),
        ("https://git.example/team", "https://git.example/team"),
        ("https://git.example/team/a", "https://git.example/team/a.git"),
        ("https://git.example/team/a.git", "https://git.example/team/a"),
        ("https://git.example/team", "https://git.example/%74eam/a"),
        ("https://", "https://git.example/a"),
        ("http://127.0.0.1:8080/team", "http://127.0.0.1:8080/team/a"),
        ("https://git.example/team", "https://git.example:0443/team/a"),
        ("https://git.example:8443", "https://git.example:08443/team/a"),
        ("http://[::1]:8080", "http://[0:0:0:0:0:0:0:1]:8080/a"),
        ("http://[::1]", "http://[::0.0.0.1]:80/a"),
    ],
)
def test_a_rule_covers_its_address_and_all_below(match: str, address: str) -> None:
    assert Rule(match).covers(address)
    assert Rule(match, allow=False).covers(address)


@pytest.mark.parametrize(
    ("match", "address"),
    [
        ("https://git.example", "https://git.example.org/a"),
        ("https://git.example", "https://git.example:8443/a"),
        ("https://git.example", "http://git.example/a"),
        ("https://git.example/team", "https://git.example/teamwork/a"),
        ("https://git.example/team/a", "https://git.example/team"),
        ("https://", "http://git.example/a"),
        ("http://[::1]:8080", "http://[::1:8080]/a"),
    ],
)
def test_a_rule_does_not_cover_its_neighbours(match: str, address: str) -> None:
    assert not Rule(match).covers(address)
    assert not Rule(match, allow=False).covers(address)


@pytest.mark.parametrize("address", ["https://git.example/%2Fteam/a", "https://git.example/TEAM/a.GIT"])
def test_what_servers_may_take_for_the_same_is_shut_out_with_it(address: str) -> None:
    for rule in (Rule("https://git.example/team/a", allow=False), Rule("https://git.example/team/a", visible_to=ADA)):
        assert rule.covers(address)


@given(st.ip_addresses(v=4), st.sampled_from(["{0}", "0x{0:x}", "0{0:o}", "{1}.{2}", "0x{1:x}.0{2:o}"]))
def test_a_rule_for_an_address_of_the_network_covers_it_however_it_is_written(address: IPv4Address, form: str) -> None:
    number = int(address)
    written = form.format(number, number >> 24, number & 0xFFFFFF)

    assert Rule(f"http://{address}", allow=False).covers(f"http://{written}/a")
    assert Rule(f"http://{written}", allow=False).covers(f"http://{address}/a")
    assert not Rule(f"http://{address}", allow=False).covers(f"http://{written}:8080/a")


def test_case_does_not_help_to_slip_past_a_refusal_nor_to_gain_a_permission() -> None:
    assert Rule("https://git.example/Evil", allow=False).covers("https://git.example/eVIL/a")
    assert not Rule("https://git.example/Team", private_network=True).covers("https://git.example/tEAM/a")


def test_the_longest_match_decides_whatever_the_order() -> None:
    wide, narrow = Rule("https://git.example", allow=False), Rule("https://git.example/team")

    for rules in ([wide, narrow], [narrow, wide]):
        assert rule_for(rules, "https://git.example/team/a") is narrow
        assert rule_for(rules, "https://git.example/other") is wide
        assert rule_for(rules, "https://elsewhere.example/a") == Rule("https://elsewhere.example/a")


def test_in_another_case_a_rule_shuts_out_and_gives_nothing() -> None:
    rule = Rule("https://h/Team", private_network=True, credentials_file="/f", visible_to=ADA)

    assert rule_for([rule], "https://h/Team/a") == rule
    assert rule_for([rule], "https://h/team/a") == Rule("https://h/Team", visible_to=ADA)


def test_of_two_rules_that_differ_in_case_the_one_that_is_written_like_the_address_decides() -> None:
    large, small = Rule("https://h/Team", visible_to=ADA), Rule("https://h/team", visible_to=("user:bob",))

    for rules in ([large, small], [small, large]):
        assert rule_for(rules, "https://h/Team/a") == large
        assert rule_for(rules, "https://h/team/a") == small


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({"match": "https://h", "credentials_file": "/f"}, "needs 'visible_to' beside it"),
        ({"match": "https://h", "credentials_file": "/f", "visible_to": []}, "'visible_to' must list"),
        ({"match": "https://", "credentials_file": "/f", "visible_to": ["*"]}, "needs the name of a host"),
        ({"match": "https://h", "visible_to": "user:ada"}, "'visible_to' must be a list"),
        ({"match": "https://h", "visible_to": ["ada"]}, "'visible_to' must list"),
        ({"match": "https://h", "visible_to": ["team:x"]}, "'visible_to' must list"),
        ({"match": "https://h", "visible_to": ["user:ada", 7]}, "'visible_to' must list"),
        ({"match": "https://h", "visible_to": ["user:ada", "*"]}, "'visible_to' must list"),
        ({"match": "https://h", "alow": True}, "'alow' is unknown"),
        ({"match": "https://h", "allow": "no"}, "'allow' must be a bool"),
        ({"match": "https://h", "private_network": 1}, "'private_network' must be a bool"),
        ({"match": 7}, "'match' must be a str"),
        ({"allow": False}, "'match' must begin"),
        ({"match": "github.com"}, "'match' must begin"),
        ({"match": "https://me@h"}, "no '@'"),
        ({"match": "https://h:99999"}, "cannot be read"),
        ({"match": "https://[h"}, "cannot be read"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_with_a_sentence(value: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadRule, match=complaint):
        read_rules([value])
    with pytest.raises(TraitError, match=complaint):
        GitSourceResolver(rules=[value])
    with pytest.raises(TraitError, match=complaint):
        GitSourceResolver(config=Config(GitSourceResolver={"rules": [value]}))
