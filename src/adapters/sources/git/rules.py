"""What administrators say of addresses that begin alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

_KINDS: Final[Mapping[str, type]] = {"match": str, "allow": bool, "private_network": bool}
_LATER: Final = ("credentials_file", "visible_to")
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}


class BadRule(ValueError):
    """A rule that cannot be understood; the message says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for one address and all below it."""

    match: str
    allow: bool = True
    private_network: bool | None = None
    """None leaves it to ``allow_private_networks``."""

    def covers(self, address: str) -> bool:
        """Whether the rule speaks of this address."""
        prefix, text = normal(self.match), normal(address)
        if not self.allow:
            # Many servers do not care for case; nobody shall slip past a refusal by it.
            prefix, text = prefix.casefold(), text.casefold()
        return text == prefix or text.startswith(prefix if prefix.endswith("/") else f"{prefix}/")


def read_rules(values: Iterable[Mapping[str, Any]]) -> Sequence[Rule]:
    """Read rules as they are written in the configuration.

    Raises:
        BadRule: one cannot be understood.
    """
    return tuple(_read(value) for value in values)


def rule_for(rules: Iterable[Rule], address: str) -> Rule | None:
    """Give the rule that matches most of the address, or None."""
    return max((rule for rule in rules if rule.covers(address)), key=lambda rule: len(normal(rule.match)), default=None)


def normal(address: str) -> str:
    """Give the one form in which addresses are compared: decoded, without ``.git`` or a slash at the end."""
    parts = urlsplit(address)
    scheme = parts.scheme.lower()
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ":"))
    return f"{scheme}://{host}{unquote(parts.path).rstrip('/').removesuffix('.git')}"


def _read(value: Mapping[str, Any]) -> Rule:
    for key, given in value.items():
        if key in _LATER:
            raise BadRule(f"{key!r} is not supported yet.")
        if key not in _KINDS:
            raise BadRule(f"{key!r} is unknown; a rule has {', '.join(_KINDS)}.")
        if not isinstance(given, _KINDS[key]):
            raise BadRule(f"{key!r} must be a {_KINDS[key].__name__}, not {given!r}.")
    match = value.get("match", "")
    if not match.lower().startswith(("http://", "https://")) or "@" in match or "?" in match or "#" in match:
        raise BadRule(f"'match' must begin with https:// or http:// and hold no '@', '?' or '#'; it is {match!r}.")
    return Rule(**value)
