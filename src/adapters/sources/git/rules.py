"""What administrators say of addresses that begin alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from repo2docker_service.adapters.addresses import literal
from repo2docker_service.domain.models import Owner

EVERYBODY: Final = ("*",)
"""What ``visible_to`` is where all who may build may build from there, and share the images."""

_KINDS: Final[Mapping[str, type]] = {
    "match": str,
    "allow": bool,
    "private_network": bool,
    "credentials_file": str,
    "visible_to": list,
}
_SLASHES: Final = re.compile("/+")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class BadRule(ValueError):
    """A rule that cannot be understood; the message says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for one address and all below it."""

    match: str
    allow: bool = True
    private_network: bool | None = None
    """None leaves it to ``allow_private_networks``."""
    credentials_file: str = ""
    """What holds the credentials for these addresses, if there are any."""
    visible_to: Sequence[str] = ()
    """Owners as they are written, or :data:`EVERYBODY`; empty when nothing is said."""

    @property
    def people(self) -> frozenset[Owner] | None:
        """Who may build from there; None: everybody who may build."""
        if self.visible_to in ((), EVERYBODY):
            return None
        return frozenset(map(Owner.parse, self.visible_to))

    @property
    def holds_back(self) -> bool:
        """Whether what is there is not for everybody, so that nobody may be led there from elsewhere."""
        return self.people is not None or bool(self.credentials_file)

    def covers(self, address: str) -> bool:
        """Whether the rule speaks of this address."""
        prefix, text = normal(self.match), normal(address)
        if not self.allow or self.holds_back:
            # Many servers do not care for case; nobody shall slip past a refusal by it.
            return _begins(_without_case(text), _without_case(prefix))
        return _begins(text, prefix)

    def covers_exactly(self, address: str) -> bool:
        """Whether the address begins with the rule's own, letter by letter."""
        return _begins(normal(address), normal(self.match))

    def without_permissions(self) -> Rule:
        """Give what the rule says to addresses that only look like its own: whom it shuts out, and no more."""
        return replace(
            self, private_network=None if self.private_network else self.private_network, credentials_file=""
        )


def read_rules(values: Iterable[Mapping[str, Any]]) -> Sequence[Rule]:
    """Read rules as they are written in the configuration.

    Raises:
        BadRule: one cannot be understood.
    """
    return tuple(_read(value) for value in values)


def rule_for(rules: Iterable[Rule], address: str) -> Rule:
    """Give the rule that matches most of the address, or one that says nothing."""

    def closeness(rule: Rule) -> tuple[int, bool]:
        return len(normal(rule.match)), rule.covers_exactly(address)

    found = max((rule for rule in rules if rule.covers(address)), key=closeness, default=Rule(address))
    return found if found.covers_exactly(address) else found.without_permissions()


def normal(address: str) -> str:
    """Give the one form in which addresses are compared: decoded, with single slashes and no ``.git`` at the end."""
    parts = urlsplit(address)
    scheme = parts.scheme.lower()
    path = _SLASHES.sub("/", unquote(parts.path))
    port = "" if parts.port in (None, _DEFAULT_PORTS.get(scheme)) else f":{parts.port}"
    return f"{scheme}://{_host(parts.hostname or '')}{port}{path.rstrip('/').removesuffix('.git')}"


def _host(name: str) -> str:
    """Give the one form of a host: an address of the network has many."""
    address = literal(name) if name else None
    if address is None:
        return name
    return f"[{address}]" if address.version == 6 else str(address)


def _without_case(text: str) -> str:
    return text.casefold().removesuffix(".git")


def _begins(text: str, prefix: str) -> bool:
    return text == prefix or text.startswith(prefix if prefix.endswith("/") else f"{prefix}/")


def _read(value: Mapping[str, Any]) -> Rule:
    for key, given in value.items():
        if key not in _KINDS:
            raise BadRule(f"{key!r} is unknown; a rule has {', '.join(_KINDS)}.")
        if not isinstance(given, _KINDS[key]):
            raise BadRule(f"{key!r} must be a {_KINDS[key].__name__}, not {given!r}.")
    match = value.get("match", "")
    if not _is_readable(match):
        raise BadRule(f"'match' cannot be read as an address: {match!r}.")
    if not match.lower().startswith(("http://", "https://")) or "@" in match or "?" in match or "#" in match:
        raise BadRule(f"'match' must begin with https:// or http:// and hold no '@', '?' or '#'; it is {match!r}.")
    people = {"visible_to": _people(value["visible_to"])} if "visible_to" in value else {}
    rule = Rule(**{**value, **people})
    if rule.credentials_file and not rule.visible_to:
        raise BadRule("'credentials_file' needs 'visible_to' beside it: who may build with these credentials?")
    if rule.credentials_file and not urlsplit(match).hostname:
        raise BadRule(f"'credentials_file' needs the name of a host in 'match'; it is {match!r}.")
    return rule


def _is_readable(match: str) -> bool:
    try:
        normal(match)
    except ValueError:
        return False
    return True


def _people(names: Sequence[Any]) -> Sequence[str]:
    if tuple(names) == EVERYBODY:
        return EVERYBODY
    try:
        parsed = tuple(str(Owner.parse(name)) for name in names if isinstance(name, str))
    except ValueError:
        parsed = ()
    if not parsed or len(parsed) < len(names):
        raise BadRule(f"'visible_to' must list user:NAME, group:NAME and service:NAME, or be ['*']; it is {names!r}.")
    return parsed
