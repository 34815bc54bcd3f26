"""Quotas of single owners, as administrators write them."""

import pytest

from repo2docker_service.adapters.written.entries import BadEntry
from repo2docker_service.adapters.written.quotas import read_quotas
from repo2docker_service.domain.models import Owner
from repo2docker_service.domain.orders.quotas import Quotas


def test_what_is_left_out_is_as_for_all_others() -> None:
    written = {"group:course": {"builds": 10}, "user:ada": {"images": 0}, "service:ci": {}}

    assert read_quotas(written, Quotas(50, 5)) == {
        Owner.parse("group:course"): Quotas(10, 5),
        Owner.parse("user:ada"): Quotas(50, 0),
        Owner.parse("service:ci"): Quotas(50, 5),
    }


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({"course": {}}, "course: Write user:NAME, service:NAME or group:NAME."),
        ({"team:course": {}}, "team:course: Write user:NAME, service:NAME or group:NAME."),
        ({"group:course": {"build": 1}}, "group:course: There is no key build. Did you mean builds?"),
        ({"group:course": {"builds": -1}}, "group:course: builds: This must be at least 0."),
        ({"group:course": {"builds": "1"}}, "group:course: builds: This must be a whole number."),
        ({"group:course": 3}, "group:course: This must have keys with values, such as builds."),
    ],
)
def test_what_is_wrong_is_named_with_the_owner_and_the_key(written: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadEntry) as caught:
        read_quotas(written, Quotas())

    assert str(caught.value) == sentence
