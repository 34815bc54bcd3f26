"""Other versions of the service, made of this one and installed beside it.

A version differs from this one by code at the end of some modules, which takes the place of what stands before: so it
holds whatever becomes of these modules. The next one does what the rules of decision 13 allow to a next release.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
NEEDED: Final = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE")
NEW_REASON: Final = "step-failed"
OLD_REASON: Final = "build-failed"
"""What this version calls the same."""


@dataclass(frozen=True)
class Version:
    """A version, by what is different in it."""

    number: str
    at_the_end: Mapping[str, str] = field(default_factory=dict)
    """Code by module."""


PREVIOUS: Final = Version(
    "0.0.9",
    {
        "domain/records.py": """
_FIRST = {"schema", "id", "repo", "ref", "subdir", "commit", "image", "owner", "requested_by", "clone_address"}
_FIRST |= {"private", "build_args", "title", "description"}
_record, _image_labels = plan_to_record, image_labels


def plan_to_record(plan):
    return {key: value for key, value in _record(plan).items() if key in _FIRST}


def image_labels(*args, **named):
    return {key: value for key, value in _image_labels(*args, **named).items() if key != LAUNCHABLE_LABEL}
""",
        "adapters/builders/containers/cards.py": """
_FIRST = {"kind", "name", "plan", "push", "builder_image", "settings", "sealed"}
_labels = Card.labels


def _first_labels(self, installation):
    labels = _labels(self, installation)
    text = canonical({key: value for key, value in json.loads(labels[CARD]).items() if key in _FIRST})
    return {**labels, CARD: text, SIGNATURE: installation.signer.sign(_purpose(installation), text)}


Card.labels = _first_labels
""",
    },
)
"""Writes records as the first ones were written, without all that came since, but for what private builds go by."""

NEXT: Final = Version(
    "0.2.0",
    {
        "domain/records.py": """
_record, _image_labels = plan_to_record, image_labels


def plan_to_record(plan):
    return {**_record(plan), "colour": "blue", "steps": [{"of": "a later release"}]}


def image_labels(*args, **named):
    return {**_image_labels(*args, **named), f"{_LABEL}.colour": "blue"}
""",
        "domain/models.py": f'''
Reason = StrEnum("Reason", {{**{{each.name: each.value for each in Reason}}, "STEP_FAILED": "{NEW_REASON}"}})
''',
        "domain/failures/advice.py": """
ADVICE = {**ADVICE, Reason.STEP_FAILED: "A step of the build failed. Its log says why."}
""",
        "adapters/builders/containers/cards.py": """
_labels = Card.labels
Kind = StrEnum("Kind", {**{each.name: each.value for each in Kind}, "OBSERVER": "observer"})


def _more_labels(self, installation):
    labels = _labels(self, installation)
    text = canonical({**json.loads(labels[CARD]), "priority": 1})
    signature = installation.signer.sign(_purpose(installation), text)
    return {**labels, f"{PREFIX}.colour": "blue", CARD: text, SIGNATURE: signature}


Card.labels = _more_labels
""",
        "adapters/builders/docker/containers.py": """
_COMMAND = {**_COMMAND, Kind.OBSERVER: "claim"}
""",
        "adapters/builders/containers/ends.py": """
_REASONS = {**_REASONS, codes.BUILD_FAILED: Reason.STEP_FAILED}
""",
        "adapters/builders/docker/states.py": """
_pair = pair


def pair(containers):
    return _pair([found for found in containers if found.card.kind is not Kind.OBSERVER])
""",
        "adapters/builders/docker/crew.py": """
import dataclasses

_record = Crew.record


async def _record_with_observer(self, card, credentials=None):
    identifier = await _record(self, card, credentials)
    if card.kind is Kind.BUILDER:
        name = f"{card.name}-observer-{card.plan.id[:16]}"
        await self.create(dataclasses.replace(card, kind=Kind.OBSERVER, name=name))
    return identifier


Crew.record = _record_with_observer
""",
    },
)
"""Adds fields and labels to all that is recorded, a kind of container, and a reason of failure."""


ALL: Final[Mapping[str, Version]] = {"previous": PREVIOUS, "next": NEXT}


def install(version: Version, folder: Path) -> str:
    """Install a version into an environment of its own, and give its command; what it needs is borrowed from ours."""
    tree, home = folder / "tree", folder / "environment"
    shutil.copytree(ROOT / "src", tree / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in NEEDED:
        shutil.copy(ROOT / name, tree)
    for module, code in version.at_the_end.items():
        with (tree / "src" / module).open("a") as file:
            file.write(code)
    package = tree / "src" / "__init__.py"
    package.write_text(f'{package.read_text()}\n__version__ = "{version.number}"\n')
    _install(tree, home)
    return str(home / "bin" / "repo2docker-service")


def _install(tree: Path, home: Path) -> None:
    venv.create(home)
    ours = sysconfig.get_path("purelib")
    pip = (sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install", "--quiet")
    options = ("--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed", "--no-compile")
    environment = {**os.environ, "PYTHONPATH": ours, "R2D_SKIP_PAGE": "1"}
    subprocess.run([*pip, *options, str(tree)], env=environment, cwd=home, check=True)
    # A folder named in a .pth file is searched, but .pth files in it are not read: this checkout stays unseen.
    (Path(sysconfig.get_path("purelib", vars={"base": str(home)})) / "borrowed.pth").write_text(ours)
