"""Checks an entry that an administrator wrote, and says in a sentence what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from repo2docker_service.domain.errors import InvalidInput
from repo2docker_service.domain.inputs import LONGEST_NAME, check_text

_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "This is needed.",
    "string_type": "This must be a text. Put it in quotes.",
    "string_too_long": "This is longer than {max_length} characters.",
    "string_too_short": "This must not be empty.",
    "too_short": "This must not be empty. Leave the key out instead.",
    "bool_type": "This must be true or false.",
    "list_type": "This must be a list.",
    "dict_type": "This must have keys with values.",
    "int_type": "This must be a whole number.",
    "float_type": "This must be a number.",
    "finite_number": "This must be a number.",
    "greater_than_equal": "This must be at least {ge}.",
    "value_error": "{error}",
}


class BadEntry(ValueError):
    """An entry cannot be used; the text is a sentence for people."""


class Entry(BaseModel):
    """Keys with values: nothing is converted, nothing unknown is passed over."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
E = TypeVar("E", bound=Entry)


def by(check: Callable[[str], str]) -> AfterValidator:
    """Check a text by a rule of the domain, which may change its form."""

    def checked(text: str) -> str:
        try:
            return check(text)
        except InvalidInput as error:
            raise ValueError(str(error)) from None

    return AfterValidator(checked)


Text = Annotated[str, by(lambda text: check_text("text", text))]


def read_entry(kind: type[E], given: object) -> E:
    """Make an entry from what was written.

    Raises:
        BadEntry: names the key that is wrong, and says why; a misspelt one goes first.
    """
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_input=False)
        first = min(mistakes, key=lambda mistake: mistake["type"] != "extra_forbidden")
        raise BadEntry(_sentence(kind, first)) from None


def near(word: str, known: list[str]) -> str:
    """Offer what a word may have been meant to be; nothing where it is not near anything."""
    found = get_close_matches(word, known, n=2)
    return f" Did you mean {' or '.join(found)}?" if found else ""


def _sentence(kind: type[Entry], mistake: Mapping[str, Any]) -> str:
    # A key of a dictionary ends in "[key]"; items are counted from 0.
    parts = [f"item {part + 1}" if isinstance(part, int) else str(part) for part in mistake["loc"] if part != "[key]"]
    key = ", ".join(parts)[:LONGEST_NAME]
    if not key:
        return f"This must have keys with values, such as {next(iter(kind.model_fields))}."
    if mistake["type"] == "extra_forbidden":
        return f"There is no key {key}.{near(key, list(kind.model_fields))}"
    known = _SENTENCES.get(mistake["type"])
    return f"{key}: {known.format(**mistake.get('ctx', {})) if known else mistake['msg'] + '.'}"
