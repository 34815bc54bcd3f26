"""Whatever way a server says what it wants to see, it is understood, and what makes no sense is passed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.adapters.registries.v2.auth.challenges import Challenge, choose, read_challenges

BEARER = Challenge("bearer", {"realm": "https://t/token", "service": "s"})
BASIC = Challenge("basic", {"realm": "x"})


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (['Bearer realm="https://t/token",service="s"'], [BEARER]),
        (['bEARER Service="s" , REALM="https://t/token"'], [BEARER]),
        (['Bearer realm="https://t/token",service="s", Basic realm="x"'], [BEARER, BASIC]),
        (['Basic realm="x"', 'Bearer realm="https://t/token",service="s"'], [BASIC, BEARER]),
        (['Bearer realm=https://t/token,service=s'], [BEARER]),
        (['Basic realm="a, Bearer realm=\\"b\\", \\\\c"'], [Challenge("basic", {"realm": 'a, Bearer realm="b", \\c'})]),
        (['Bearer realm="r",scope="repository:a:pull,push registry:catalog:*",error="invalid_token"'],
         [Challenge("bearer", {
             "realm": "r", "scope": "repository:a:pull,push registry:catalog:*", "error": "invalid_token"})]),
        (["Negotiate YWJj==, Basic realm=\"x\""], [Challenge("negotiate", {}), BASIC]),
        (["Negotiate", "Basic realm=\"x\""], [Challenge("negotiate", {}), BASIC]),
        (["Basic"], [Challenge("basic", {})]),
        (['Basic realm="x",realm="y"'], [BASIC]),
        ([' , Basic realm = "x" ,, '], [BASIC]),
        (['Basic realm="x", Bearer realm="never ends'], [BASIC, Challenge("bearer", {})]),
        (['realm="x"'], []),
        (["", "=,=\"", "\"\""], []),
    ],
)  # fmt: skip
def test_challenges_are_read_in_all_their_forms(headers: list[str], found: list[Challenge]) -> None:
    """Case 12."""
    assert read_challenges(headers) == found


@given(st.lists(st.text(st.sampled_from('Bearer realm="\\,= \t;x/'), max_size=60), max_size=3))
def test_any_header_is_read_without_an_error(headers: list[str]) -> None:
    for challenge in read_challenges(headers):
        assert challenge.scheme == challenge.scheme.lower()


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(st.characters(codec="ascii")), min_size=1))
def test_what_is_quoted_is_read_again(parameters: dict[str, str]) -> None:
    quoted = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in parameters.items()}
    header = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in quoted.items())

    assert [dict(challenge.parameters) for challenge in read_challenges([header])] == [parameters]


def test_reading_a_long_header_takes_no_time() -> None:
    for header in ('Basic realm="' + "\\" * 100_000, "a " * 50_000, "," * 100_000, "a=" * 50_000):
        read_challenges([header])


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([BASIC, BEARER], BEARER),
        ([Challenge("negotiate", {}), BASIC], BASIC),
        ([Challenge("bearer", {}), BASIC], BASIC),
        ([Challenge("bearer", {})], None),
        ([Challenge("negotiate", {}), Challenge("digest", {"realm": "x"})], None),
        ([], None),
    ],
)
def test_a_challenge_that_can_be_answered_is_chosen(offered: list[Challenge], chosen: Challenge | None) -> None:
    assert choose(offered) == chosen
