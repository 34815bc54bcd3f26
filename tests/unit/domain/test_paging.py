"""Pages of lists that change meanwhile."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.domain.errors import BadCursor
from repo2docker_service.domain.paging import Key, Page, paginate

Items = list[tuple[float, str]]
ITEMS = st.lists(
    st.tuples(st.floats(allow_nan=False, allow_infinity=False) | st.integers(), st.text(max_size=5)), unique=True
)


def key(item: tuple[float, str]) -> Key:
    return item


def cursor_of(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def pages(items: Items, limit: int, *, descending: bool = True) -> list[Page[tuple[float, str]]]:
    found = [paginate(items, key, limit=limit, descending=descending)]
    while (cursor := found[-1].next) is not None:
        assert len(found) < len(items), "pages come to an end"
        found.append(paginate(items, key, limit=limit, cursor=cursor, descending=descending))
    return found


@given(ITEMS, st.integers(1, 5), st.booleans())
def test_all_pages_together_are_the_whole_list_in_order(items: Items, limit: int, descending: bool) -> None:
    found = pages(items, limit, descending=descending)

    assert [item for page in found for item in page.items] == sorted(items, reverse=descending)
    assert all(len(page.items) == limit for page in found[:-1])
    assert {page.total for page in found} == {len(items)}


@given(ITEMS, st.integers(1, 5), st.integers(1, 1000))
def test_what_comes_new_meanwhile_moves_nothing_on_later_pages(items: Items, limit: int, new: int) -> None:
    first = paginate(items, key, limit=limit)
    later: Items = [*items, *((max((item[0] for item in items), default=0) * 2 + 1e300 + i, "") for i in range(new))]

    if first.next is not None:
        assert paginate(later, key, limit=limit, cursor=first.next).items == pages(items, limit)[1].items


def test_a_page_goes_on_after_an_item_that_vanished() -> None:
    items: Items = [(number, "x") for number in range(6)]
    first = paginate(items, key, limit=3)
    assert first.next is not None

    rest = paginate([item for item in items if item not in first.items], key, limit=3, cursor=first.next)

    assert rest.items == [(2, "x"), (1, "x"), (0, "x")]


def test_a_list_of_exactly_one_page_has_no_next() -> None:
    assert paginate([(1, "x"), (2, "x")], key, limit=2).next is None


@pytest.mark.parametrize(
    "cursor",
    [
        "?",
        "tokén",
        "AAAA",
        cursor_of(None),
        cursor_of([1]),
        cursor_of([1, 2]),
        cursor_of(["x", "y"]),
        cursor_of([[1], "x"]),
        cursor_of([1, "x", "y"]),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" + b"9" * 5000 + b',"x"]').decode(),
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        paginate([(1, "x")], key, limit=1, cursor=cursor)
