"""What a server that refuses a request wants to see first: its ``WWW-Authenticate`` headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_WORD: Final = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_QUOTED: Final = r'"(?P<quoted>(?:[^"\\]|\\.)*)"'
# Some values come without the quotes that they need, so a plain one may hold slashes and colons too.
_PARAMETER: Final = rf'(?P<name>{_WORD})\s*=\s*(?:{_QUOTED}|(?P<plain>[^\s",]*))'
# A scheme can have a single value instead of parameters, as in "Negotiate YWJj==".
_SCHEME: Final = rf"(?P<scheme>{_WORD})(?:\s+[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|\Z)))?"
_ITEM: Final = re.compile(rf"[\s,]*(?:{_PARAMETER}|{_SCHEME})(?=[\s,]|\Z)", re.ASCII)
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to authenticate that a server offers. Scheme and names of parameters are in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def read_challenges(headers: Iterable[str]) -> list[Challenge]:
    """Read the challenges in all headers, in order; of a header that is malformed, those before that place."""
    found: list[tuple[str, dict[str, str]]] = []
    for header in headers:
        # The first parameter of a header belongs to a scheme of the same one.
        current: dict[str, str] = {}
        for match in _items(header):
            if match["scheme"]:
                current = {}
                found.append((match["scheme"].lower(), current))
            else:
                current.setdefault(match["name"].lower(), _value(match))
    return [Challenge(scheme, parameters) for scheme, parameters in found]


def choose(challenges: Sequence[Challenge]) -> Challenge | None:
    """Give the challenge to answer: one with tokens, else one with a password; None if there is neither."""
    tokens = [each for each in challenges if each.scheme == "bearer" and each.parameters.get("realm")]
    passwords = [each for each in challenges if each.scheme == "basic"]
    return next(iter([*tokens, *passwords]), None)


def _items(header: str) -> Iterable[re.Match[str]]:
    place = 0
    while match := _ITEM.match(header, place):
        yield match
        place = match.end()


def _value(match: re.Match[str]) -> str:
    if match["quoted"] is None:
        return match["plain"] or ""
    return _ESCAPED.sub(r"\1", match["quoted"])
