"""What third parties may add to a build before it begins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from repo2docker_service.domain.models import BuildPlan

_OUR_LABELS: Final = (
    "repo2docker-service.",
    "repo2docker.",
    "org.opencontainers.image.source",
    "org.opencontainers.image.revision",
)
"""What labels may not begin with: these say what an image is and where it came from."""
_OUR_TRAITS: Final = frozenset(
    {"content_providers", "extra_build_args", "labels", "output_image_spec", "ref", "repo", "subdir", "target_repo_dir"}
)
"""Traits of repo2docker that the service sets, for what it promises of images."""
LONGEST_ADDITION: Final = 16 * 1024
"""Characters of all labels, or of all configuration, that is added to one build. A record has to hold them."""


class Extensions(Protocol):
    """What third parties have to say about builds."""

    async def extend(self, plan: BuildPlan) -> BuildPlan:
        """Give the plan of a build that is about to begin, with what is added to it.

        Raises:
            BuildVetoed: it must not be done.
            PluginUnavailable: one that has a say in it fails or does not answer.
        """
        ...


class NoExtensions:
    """Nobody has anything to say."""

    async def extend(self, plan: BuildPlan) -> BuildPlan:
        """Give the plan without what was added when it was first made."""
        return replace(plan, labels={}, repo2docker_config={})


def check_labels(labels: object) -> Mapping[str, str]:
    """Give labels that may be added to an image.

    Raises:
        ValueError: they are no texts by name, too long, or say what only the service says.
    """
    if not isinstance(labels, Mapping) or not all(isinstance(each, str) for item in labels.items() for each in item):
        raise ValueError(f"Labels are texts by name, not {labels!r:.200}.")
    for name in labels:
        if not name or name.startswith(_OUR_LABELS):
            raise ValueError(f"The label {name!r} is for the service to write.")
    _check_length(labels)
    return dict(labels)


def check_config(config: object) -> Mapping[str, Mapping[str, Any]]:
    """Give configuration that may be added to what repo2docker is run with: values by class and trait.

    Raises:
        ValueError: it has another form, holds what is no JSON, is too long, or sets what only the service sets.
    """
    if not isinstance(config, Mapping) or not all(isinstance(traits, Mapping) for traits in config.values()):
        raise ValueError(f"Configuration is values by class and trait, not {config!r:.200}.")
    for section, traits in config.items():
        # In any section: what is said of a class that repo2docker's own is made from holds for that one, too.
        if taken := _OUR_TRAITS & traits.keys():
            raise ValueError(f"{section}.{min(taken)} is for the service to set.")
    _check_length(config)
    return {str(section): dict(traits) for section, traits in config.items()}


def _check_length(values: object) -> None:
    try:
        length = len(json.dumps(values))
    except TypeError as error:
        raise ValueError(f"It can hold only what JSON can: {error}.") from None
    if length > LONGEST_ADDITION:
        raise ValueError(f"It has {length} characters, and may have {LONGEST_ADDITION}.")
