"""Looks whether a registry really gives all that an image consists of."""

from __future__ import annotations

import hashlib

import httpx

from tools.parts.registry_content import ALL
from tools.trust import TRUST


def is_whole(url: str, repository: str, digest: str) -> bool:
    """Read manifest, config and layers, and compare each with its digest."""
    with httpx.Client(base_url=f"{url}/v2/{repository}", headers={"Accept": ALL}, timeout=30, verify=TRUST) as client:
        found = client.get(f"/manifests/{digest}")
        if found.is_error:
            return False
        manifest = found.json()
        parts = [manifest["config"]["digest"], *(layer["digest"] for layer in manifest["layers"])]
        return all(_is_there(client, part) for part in parts)


def _is_there(client: httpx.Client, digest: str) -> bool:
    try:
        blob = client.get(f"/blobs/{digest}")
    except httpx.TransportError:
        return False  # the registry believed that it had it
    return blob.is_success and f"sha256:{hashlib.sha256(blob.content).hexdigest()}" == digest
