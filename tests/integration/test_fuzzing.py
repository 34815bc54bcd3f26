"""Requests made up from the API's own description, with a fixed seed; ``make fuzz`` makes far more of them."""

from pathlib import Path

from tools.fuzz import fuzz


def test_no_request_made_up_for_any_caller_meets_an_error_of_the_service_or_a_status_that_is_not_documented(
    tmp_path: Path,
) -> None:
    found = fuzz(tmp_path, examples=2, seed=1, phases=("examples", "fuzzing", "stateful"))

    assert found.complaints == {}
    assert found.tracebacks == 0
    assert [status for status in found.answers if status >= 500] == []
    assert {200, 202, 401, 403, 404, 422} <= set(found.answers)
    assert sum(found.answers.values()) > 200
