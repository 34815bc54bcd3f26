"""What the documentation shows exists, and can be read by what it is for."""

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from dockerspawner import DockerSpawner
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.proxy import ConfigurableHTTPProxy
from traitlets.config import Configurable

from repo2docker_service.config import Repo2DockerService
from repo2docker_service.entrypoints.cli import LIST_PLUGINS
from repo2docker_service.entrypoints.cli.arguments import COMMANDS, parse
from repo2docker_service.entrypoints.cli.unknown_settings import known_classes
from repo2docker_service.entrypoints.jupyterhub.images import Repo2DockerImages
from repo2docker_service.plugins import catalogue, load

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>[a-z]+)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_SETTING = re.compile(r"^c\.(?P<owner>[A-Z]\w+)\.(?P<trait>\w+)\b", re.MULTILINE)
_NAMED = re.compile(r"`(?:c\.)?(?P<owner>[A-Z]\w*[a-z]\w*)\.(?P<trait>(?!toml\b)[a-z]\w+)(?: = [^`]*)?`")


class Block(NamedTuple):
    """Some lines that a page shows."""

    page: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """Find what is shown in these languages, on all pages."""
    return [
        Block(str(page.relative_to(ROOT)), text.count("\n", 0, found.start()) + 1, unindented(found))
        for page in PAGES
        if "_build" not in page.parts
        for text in [page.read_text()]
        for found in _BLOCK.finditer(text)
        if found["language"] in languages
    ]


def unindented(found: re.Match[str]) -> str:
    return re.sub(rf"^{found['indent']}", "", found["text"], flags=re.MULTILINE)


@pytest.fixture(scope="module")
def known() -> dict[str, type[Configurable]]:
    """Give every class that has settings, of the service and of the Hub."""
    settings = Repo2DockerService()
    settings.catalogue = catalogue(load())
    hub = (JupyterHub, Authenticator, ConfigurableHTTPProxy, DockerSpawner, Repo2DockerImages)
    parents = [parent for each in hub for parent in each.mro() if issubclass(parent, Configurable)]
    return {each.__name__: each for each in [*parents, *known_classes(settings)]}


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_is_python(block: Block) -> None:
    ast.parse(block.text)


@pytest.mark.parametrize("block", blocks("yaml", "json", "toml"), ids=str)
def test_data_can_be_read(block: Block) -> None:
    if block.text.lstrip().startswith("["):
        tomllib.loads(block.text)
    elif block.text.startswith("{"):
        json.loads(block.text)
    else:
        yaml.safe_load(block.text)


def settings_named() -> Iterator[tuple[str, str, str]]:
    for block in blocks("python"):
        yield from ((str(block), each["owner"], each["trait"]) for each in _SETTING.finditer(block.text))
    for page in PAGES:
        if "_build" not in page.parts:
            name = str(page.relative_to(ROOT))
            yield from ((name, each["owner"], each["trait"]) for each in _NAMED.finditer(page.read_text()))


ELSEWHERE = {
    "BinderHub",
    "BuildExecutor",
    "GitHubRepoProvider",
    "GitLabRepoProvider",
    "RepoProvider",
    "TljhRepo2Docker",
    "KubeSpawner",
    "Repo2Docker",
}
"""Classes that are not installed here."""


@pytest.mark.parametrize(
    ("page", "owner", "trait"), sorted({each for each in settings_named() if each[1] not in ELSEWHERE})
)
def test_settings_that_are_named_can_be_made(
    known: dict[str, type[Configurable]], page: str, owner: str, trait: str
) -> None:
    assert owner in known, f"{page} names {owner}.{trait}"
    assert known[owner].class_traits(config=True).get(trait), f"{page} names {owner}.{trait}"


def test_no_class_is_left_out_that_no_page_names() -> None:
    assert {owner for _, owner, _ in settings_named()} >= ELSEWHERE


def commands_shown() -> Iterator[tuple[str, list[str]]]:
    for block in blocks("bash", "console"):
        text = block.text.replace("\\\n", " ")
        for line in text.splitlines():
            command = line.strip().removeprefix("$ ")
            if re.match(r"repo2docker-service [a-z]", command):
                yield str(block), shlex.split(command.partition(" | ")[0], comments=True)[1:]


@pytest.mark.parametrize(
    ("page", "words"),
    list(commands_shown()),
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else value,
)
def test_commands_that_are_shown_are_understood(page: str, words: list[str]) -> None:
    if words != [LIST_PLUGINS]:  # with anything else it is not shown
        parse(words)


def test_every_command_is_shown() -> None:
    reference = (ROOT / "docs" / "reference" / "commands.md").read_text()

    for command in COMMANDS:
        assert re.search(rf"^\| `{command.name}\b.*\|$", reference, re.MULTILINE), command.name


OUTSIDE = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "examples/team/README.md")
]
"""Pages that Sphinx does not check."""


@pytest.mark.parametrize("page", OUTSIDE, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_what_is_there(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", page.read_text())

    for link in links:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def anchors(page: Path) -> set[str]:
    """Give what a forge calls the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
