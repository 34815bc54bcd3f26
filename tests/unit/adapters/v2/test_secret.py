"""Secrets that do not show themselves."""

import logging
import pickle

import pytest

from repo2docker_service.adapters.registries.v2.auth.secret import Credential, Secret

TEXT = "correct horse"


def test_a_secret_is_given_to_who_asks_for_it() -> None:
    assert Secret(TEXT).reveal() == TEXT


@pytest.mark.parametrize("form", ["{}", "{!r}", "{!s}", "{:>9}"])
def test_a_secret_does_not_show_in_a_text(form: str) -> None:
    shown = form.format(Secret(TEXT))

    assert shown.strip() == "***"


def test_a_credential_does_not_show_its_secrets(caplog: pytest.LogCaptureFixture) -> None:
    credential = Credential("ada", Secret(TEXT), Secret(TEXT), Secret(TEXT))

    with caplog.at_level(logging.INFO):
        logging.getLogger().info("%s %r %d%%", credential, [credential.password], 1)

    assert TEXT not in caplog.text
    assert "ada" in caplog.text


def test_a_secret_cannot_be_written_down() -> None:
    with pytest.raises(TypeError, match="not written"):
        pickle.dumps(Secret(TEXT))


def test_secrets_are_equal_to_secrets_of_the_same_text_only() -> None:
    assert Secret(TEXT) == Secret(TEXT)
    assert hash(Secret(TEXT)) == hash(Secret(TEXT))
    assert Secret(TEXT) != Secret("another")
    assert Secret(TEXT) != TEXT


def test_a_credential_without_anything_is_anonymous() -> None:
    assert Credential().anonymous
    assert not Credential(registry_token=Secret(TEXT)).anonymous
