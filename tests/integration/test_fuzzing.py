"""Requests made up from the API's own description, with a fixed seed; ``make fuzz`` makes far more of them."""

from pathlib import Path

from tools.fuzz import CALLERS, fuzz


def test_no_request_made_up_for_any_caller_meets_an_error_of_the_service_or_a_status_that_is_not_documented(
    tmp_path: Path,
) -> None:
    found = fuzz(tmp_path, examples=1, seed=1, phases=("examples", "fuzzing", "stateful"))

    assert {name: each.complaint for name, each in found.asked.items()} == dict.fromkeys(CALLERS, "")
    assert found.problems == []
    assert {200, 202, 401, 403, 404} <= set(found.answers)
    assert found.cases > 150
