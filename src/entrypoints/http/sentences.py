"""Says in plain sentences what pydantic finds wrong with a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

_MOST: Final = 20
"""More mistakes than this are not told at once."""
_LONGEST_FIELD: Final = 100
_LEVELS: Final = 2
"""Parts of the place of a whole field: what holds it, as the body, and its name."""

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
    "datetime_parsing": "This must be a time, such as 2026-01-31T12:00:00Z.",
    "datetime_from_date_parsing": "This must be a time, such as 2026-01-31T12:00:00Z.",
    "datetime_type": "This must be a time, such as 2026-01-31T12:00:00Z.",
    "timezone_aware": "This must tell its time zone, as 2026-01-31T12:00:00Z does.",
    "value_error": "{error}",
}


def field_errors(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Give the field and a sentence for each mistake, without repeating what was sent."""
    return [_field_error(each) for each in errors[:_MOST]]


def _field_error(error: Mapping[str, Any]) -> dict[str, str]:
    location = error["loc"]
    if error["type"] == "extra_forbidden" and len(location) > _LEVELS:
        # What stands in the place of a name may be a secret: who writes {"token": …} wrong may write {…: "token"}.
        return {"field": _field(location[:-1]), "problem": "This has a field that is not known."}
    return {"field": _field(location), "problem": _sentence(error)}


def _field(location: Sequence[str | int]) -> str:
    # The first part says body, query or header; a key of a dictionary ends in "[key]".
    parts = [str(part) for part in location[1:] if part != "[key]"]
    return (".".join(parts) or str(location[0]))[:_LONGEST_FIELD]


def _sentence(error: Mapping[str, Any]) -> str:
    known = _SENTENCES.get(error["type"])
    return known.format(**error.get("ctx", {})) if known else f"{error['msg']}."
