"""What the administrator's rules and settings allow of addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from repo2docker_service.adapters.sources.git.failures import LED_THERE, RULES
from repo2docker_service.adapters.sources.git.rules import EVERYBODY, Rule, rule_for
from repo2docker_service.domain.errors import SourceForbidden
from repo2docker_service.domain.resolved import SourceTerms

_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Permissions:
    """Answers for each address, without asking the network."""

    rules: Sequence[Rule]
    private_networks: bool
    """Whether private networks are nothing special where no rule says so."""

    def may_be_private(self, address: str) -> bool:
        """Whether an address may lead into a private network.

        Raises:
            SourceForbidden: it may not be asked at all.
        """
        rule = rule_for(self.rules, address)
        if not rule.allow:
            raise SourceForbidden("repo", self._refusal(rule), setting=RULES)
        return self.private_networks if rule.private_network is None else rule.private_network

    def terms(self, address: str) -> SourceTerms:
        """Say whose images from this address are, and who may build them."""
        rule = rule_for(self.rules, address)
        reaches_in = rule.private_network is True and not self.private_networks and rule.visible_to != EVERYBODY
        return SourceTerms(private=reaches_in or rule.holds_back, visible_to=rule.people)

    def credentials_file(self, address: str) -> str:
        """Name the file with the administrator's credentials for an address; empty where there are none."""
        return rule_for(self.rules, address).credentials_file

    def require_redirect(self, asked: str, hop: str) -> None:
        """Refuse to be led to an address that is not for everybody, unless what was asked for is of the same rule.

        Raises:
            SourceForbidden: who may build from the one need not be allowed to build from the other.
        """
        there = rule_for(self.rules, hop)
        if there.holds_back and there.match != rule_for(self.rules, asked).match:
            raise SourceForbidden("repo", LED_THERE)

    def _refusal(self, rule: Rule) -> str:
        """Name what is forbidden, and what the rules leave open to everybody."""
        is_general = urlsplit(rule.match).hostname is None
        inside = [each for each in self.rules if each.allow and each.people is None]
        left = [each.match for each in inside if each.match != rule.match and (is_general or rule.covers(each.match))]
        named = " or ".join([*left[:_MOST_NAMED], *(["some others"] if len(left) > _MOST_NAMED else [])])
        if is_general:
            return (
                f"This service only builds from {named}." if left else "This service may not build from this address."
            )
        return f"This service may not build from {rule.match}{f', only from {named}' if left else ''}."
