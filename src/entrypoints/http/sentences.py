"""Says in plain sentences what pydantic finds wrong with a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

_MOST: Final = 20
"""More mistakes than this are not told at once."""
_LONGEST_FIELD: Final = 100

_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "This is needed.",
    "string_type": "This must be a text.",
    "string_unicode": "This holds characters that cannot be read.",
    "string_too_long": "This is longer than {max_length} characters.",
    "string_too_short": "This must not be empty.",
    "too_long": "At most {max_length} can be given.",
    "bool_type": "This must be true or false.",
    "dict_type": "This must be an object.",
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be a JSON object.",
    "extra_forbidden": "There is no such field.",
    "enum": "This must be {expected}.",
    "literal_error": "This must be {expected}.",
    "int_parsing": "This must be a whole number.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than_equal": "This must be at most {le}.",
    "value_error": "{error}",
}


def field_errors(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Give the field and a sentence for each mistake, without repeating what was sent."""
    return [{"field": _field(each["loc"]), "problem": _sentence(each)} for each in errors[:_MOST]]


def _field(location: Sequence[str | int]) -> str:
    # The first part says body, query or header; a key of a dictionary ends in "[key]".
    parts = [str(part) for part in location[1:] if part != "[key]"]
    return (".".join(parts) or str(location[0]))[:_LONGEST_FIELD]


def _sentence(error: Mapping[str, Any]) -> str:
    known = _SENTENCES.get(error["type"])
    return known.format(**error.get("ctx", {})) if known else f"{error['msg']}."
