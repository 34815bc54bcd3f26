"""What several versions of Kubernetes take as an object: JSON schemas made of their published API descriptions."""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from . import wheels
from .cache import alone, cache_folder

_PACKAGE = "kubernetes-validate"
_VERSION = "1.37.0"
_DIGEST = "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9"
_DEFINITIONS = "kubernetes_validate/kubernetes-json-schema/v{version}.0-local-strict/_definitions.json"


def versions() -> Sequence[str]:
    """Give the versions of Kubernetes whose schemas there are, as 1.37, the oldest first."""
    with zipfile.ZipFile(_kept()) as wheel:
        names = re.findall(_DEFINITIONS.format(version=r"(\d+\.\d+)"), "\n".join(wheel.namelist()))
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")])


def complaints(version: str, document: Mapping[str, Any]) -> Sequence[str]:
    """Say what a version of Kubernetes finds wrong with an object; fields that it does not know are wrong, too.

    Raises:
        LookupError: that version has no such kind.
    """
    errors = _validator(version, document["apiVersion"], document["kind"]).iter_errors(document)
    return [f"{'.'.join(map(str, error.instance_path))}: {error.message}" for error in errors]


def _kept() -> Path:
    kept = cache_folder() / f"{_PACKAGE}-{_VERSION}.whl"
    with alone(_PACKAGE):
        if not kept.exists():
            with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
                wheels.fetch(_PACKAGE, _VERSION, _DIGEST, Path(folder)).rename(kept)
    return kept


@cache
def _definitions(version: str) -> dict[str, Any]:
    with zipfile.ZipFile(_kept()) as wheel:
        text = wheel.read(_DEFINITIONS.format(version=version)).decode()
    definitions: dict[str, Any] = json.loads(re.sub(r'"[^"]*_definitions\.json#', '"#', text))["$defs"]
    return definitions


@cache
def _validator(version: str, api: str, kind: str) -> jsonschema_rs.Validator:
    group, _, name = api.rpartition("/")
    wanted = {"group": group, "kind": kind, "version": name}
    definitions = _definitions(version)
    for each, schema in definitions.items():
        if wanted in schema.get("x-kubernetes-group-version-kind", ()):
            return jsonschema_rs.validator_for({"$ref": f"#/$defs/{each}", "$defs": definitions})
    raise LookupError(f"Kubernetes {version} knows no {kind} of {api}.")
