"""Where a registry says that its list goes on: there, at the registry itself, or nowhere."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repo2docker_service.adapters.registries.v2.errors import BadAnswer
from repo2docker_service.adapters.registries.v2.protocol.pagination import next_path
from repo2docker_service.adapters.registries.v2.transport.origins import Origin

BASE = "http://registry.example:5000"
HERE = "/v2/r/tags/list"
PIECES = [
    "http:",
    "//",
    "/",
    "[",
    "]",
    "::1",
    "registry.example",
    ":5000",
    ":99999",
    "@",
    "v2",
    "..",
    "%2e",
    "?",
    "#",
    "\\",
    "\u2100",
]

targets = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=9).map("".join))


@given(targets)
@example(f"{BASE}/v2/a?n=1")
@example("http://[/v2/")
@example("http://registry.example:99999/v2/")
def test_any_link_leads_to_the_registry_itself_or_is_refused(target: str) -> None:
    try:
        found = next_path(BASE, HERE, [f'<{target}>; rel="next"'])
    except BadAnswer:
        return

    if found is not None:
        assert found.startswith("/v2/")
        assert Origin.of(BASE + found) == Origin.of(BASE)


@given(st.lists(st.text(st.sampled_from('<>;,= "relnextREL/v2a\\'), max_size=60), max_size=3))
def test_any_header_is_read_without_an_error(links: list[str]) -> None:
    try:
        found = next_path(BASE, HERE, links)
    except BadAnswer:
        return

    assert found is None or found.startswith("/v2/")


@pytest.mark.parametrize(
    "target", ["http://[/v2/", "http://registry.example:99999/v2/", "//registry.example\u2100/v2/"]
)
def test_a_link_that_makes_no_sense_is_an_answer_that_makes_none(target: str) -> None:
    with pytest.raises(BadAnswer, match="not at this registry"):
        next_path(BASE, HERE, [f"<{target}>; rel=next"])
