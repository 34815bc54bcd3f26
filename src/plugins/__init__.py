"""Plugins: which there are, what they offer, and how they are called."""

from repo2docker_service.plugins.calling import PluginCalls
from repo2docker_service.plugins.loading import BUILT_IN, PROJECT, Plugins, load
from repo2docker_service.plugins.offers import (
    PORTS,
    Catalogue,
    Hook,
    Known,
    NameTaken,
    UnknownAdapter,
    catalogue,
    hooks_of,
)

__all__ = [
    "BUILT_IN",
    "PORTS",
    "PROJECT",
    "Catalogue",
    "Hook",
    "Known",
    "NameTaken",
    "PluginCalls",
    "Plugins",
    "UnknownAdapter",
    "catalogue",
    "hooks_of",
    "load",
]
