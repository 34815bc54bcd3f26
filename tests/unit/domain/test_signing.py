"""Marks that only an installation can make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.domain.signing import Signer

OLD, NEW = b"the old key, 16+", b"the new key, 16+"
ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT, ANY_TEXT)
def test_what_was_signed_verifies(purpose: str, text: str) -> None:
    signer = Signer([NEW])

    mark = signer.sign(purpose, text)

    assert len(mark) == 64
    assert signer.verify(purpose, text, mark)


@given(st.tuples(ANY_TEXT, ANY_TEXT), st.tuples(ANY_TEXT, ANY_TEXT))
def test_a_mark_is_for_one_purpose_and_text_only(signed: tuple[str, str], other: tuple[str, str]) -> None:
    signer = Signer([NEW])

    assert signer.verify(*other, signer.sign(*signed)) is (signed == other)


def test_what_moves_between_purpose_and_text_is_noticed() -> None:
    signer = Signer([NEW])

    assert signer.sign("ab", "c") != signer.sign("a", "bc")
    assert signer.sign("image/a", ":b") != signer.sign("image/a:", "b")


@given(ANY_TEXT)
def test_a_mark_made_up_by_others_does_not_verify(mark: str) -> None:
    assert not Signer([NEW]).verify("image", "text", mark)


def test_the_first_key_signs_and_all_verify() -> None:
    rotated = Signer([NEW, OLD])

    assert rotated.verify("image", "text", Signer([OLD]).sign("image", "text"))
    assert rotated.sign("image", "text") == Signer([NEW]).sign("image", "text")
    assert not Signer([NEW]).verify("image", "text", Signer([OLD]).sign("image", "text"))


@pytest.mark.parametrize("keys", [[], [b""], [b"short"], [NEW, b"short"]])
def test_weak_keys_are_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Signer(keys)


def test_keys_are_not_printed() -> None:
    assert "new key" not in repr(Signer([NEW]))
