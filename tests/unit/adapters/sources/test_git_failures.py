"""What is told of a server that does not hand a repository out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from repo2docker_service.adapters.sources.git.failures import OURS_REFUSED, refused, seconds_to_wait

ADDRESS = "https://git.example/a"


@pytest.mark.parametrize(
    ("status", "may_be"), [(401, True), (403, True), (404, True), (410, True), (429, False), (500, False)]
)
def test_what_is_not_shown_to_everybody_may_be_private(status: int, may_be: bool) -> None:
    assert refused(ADDRESS, status, {}).may_be_private is may_be


@pytest.mark.parametrize(("status", "may_be"), [(401, True), (403, False), (404, True), (410, True)])
def test_only_a_403_may_mean_the_limit_that_its_headers_tell_to_be_used_up(status: int, may_be: bool) -> None:
    error = refused(ADDRESS, status, {"x-ratelimit-remaining": "0"})

    assert error.may_be_private is may_be
    assert ("too many requests" in error.problem) is not may_be


def test_where_the_administrators_own_credentials_are_refused_others_are_not_asked_for() -> None:
    assert not refused(ADDRESS, 403, {}, OURS_REFUSED).may_be_private


@pytest.mark.parametrize(
    ("value", "wait", "sentence"),
    [
        ("1", 1, "in 1 second."),
        ("40", 40, "in 40 seconds."),
        ("130", 130, "in 3 minutes."),
        ("600", 600, "in 10 minutes."),
        ("86400", 86_400, "in 24 hours."),
        ("soon", None, "in some minutes."),
    ],
)
def test_a_server_that_has_had_too_many_requests_says_when_it_takes_more(
    value: str, wait: int | None, sentence: str
) -> None:
    error = refused(ADDRESS, 429, {"retry-after": value})

    assert error.retry_after == wait
    assert error.problem.endswith(f"Try again {sentence}")


def test_a_date_to_come_back_at_is_understood() -> None:
    assert seconds_to_wait(format_datetime(datetime.now(UTC) + timedelta(minutes=5))) in (299, 300)


@pytest.mark.parametrize(
    "value", ["", "-1", "0", "1.5", "²", "9" * 400, "86401", "Mon, 32 Jan 2026", "Thu, 01 Jan 1970 00:00:00 GMT"]
)
def test_a_wait_that_makes_no_sense_is_none(value: str) -> None:
    assert seconds_to_wait(value) is None
