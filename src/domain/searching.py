"""Whether something is meant by words that somebody looks for."""

from __future__ import annotations

from repo2docker_service.domain.models import BuildPlan


def holds_words(words: str, plan: BuildPlan, *called: str) -> bool:
    """Whether all of the words occur in a plan's source, its owner's name, or in what else the thing is called."""
    if not words:
        return True
    source = plan.source
    told = (source.address, source.ref, source.subdir, plan.commit, plan.owner.name, *called)
    text = " ".join(told).lower()
    return all(word in text for word in words.lower().split())
