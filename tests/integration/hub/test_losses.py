"""A Hub that is away is not taken for a refusal, and a role that was taken away is gone at once.

What becomes of open streams and of a Hub that is stopped for longer is in tests/integration/test_reliability_hub.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from tests.integration.hub.conftest import Behind


def wish() -> dict[str, str]:
    """Ask for what nobody has built."""
    return {"repo": f"https://example.org/{secrets.token_hex(8)}.git"}


@contextmanager
def without_role(behind: Behind, user: str) -> Iterator[None]:
    behind.hub.ask("DELETE", "/groups/builders/users", {"users": [user]})
    try:
        yield
    finally:
        behind.hub.ask("POST", "/groups/builders/users", {"users": [user]})


def test_a_role_that_was_taken_away_is_gone_at_the_next_build_and_comes_back_without_a_login(behind: Behind) -> None:
    with behind.client_of("ben") as ben:
        before = ben.post("builds", json=wish()).status_code
        with without_role(behind, "ben"):
            without = [ben.post("builds", json=wish()).status_code, ben.get("images").status_code]
        after = ben.post("builds", json=wish()).status_code

    assert (before, after) == (202, 202)
    # What was refused is forgotten, so that reading is refused from then on too.
    assert without == [403, 403]


def test_a_hub_that_does_not_answer_is_not_taken_for_a_refusal(behind: Behind) -> None:
    with behind.client_of("alice") as alice, behind.client_of("vera") as vera:
        alice.get("me").raise_for_status()
        behind.hub.freeze()
        try:
            known, asked, new = alice.get("me"), alice.post("builds", json=wish()), vera.get("me")
        finally:
            behind.hub.thaw()
        recovered = [alice.post("builds", json=wish()).status_code, vera.get("me").status_code]

    assert known.status_code == 200
    assert [answer.status_code for answer in (asked, new)] == [503, 503]
    assert int(asked.headers["Retry-After"]) > 0
    assert asked.json()["part"] == "hub"
    assert recovered == [202, 200]
