"""Forges that are asked by their own API, with a token of the administrator's, before git's protocol is.

An API only ever makes an answer come sooner: what it does not know, or does not tell, git's protocol is asked for.
"""

from __future__ import annotations

from repo2docker_service.adapters.sources.git.forges.asking import Forges
from repo2docker_service.adapters.sources.git.forges.forge import BadForge, read_forges

__all__ = ["BadForge", "Forges", "read_forges"]
