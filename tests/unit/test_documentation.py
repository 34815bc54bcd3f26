"""What the documentation shows exists, and can be read by what it is for."""

import argparse
import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from dockerspawner import DockerSpawner
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.proxy import ConfigurableHTTPProxy
from tests.pages import COMMANDS, PAGES, ROOT, Block, blocks
from tools.openapi import document
from tools.parts import repo2docker_image
from traitlets.config import Configurable

from repo2docker_service.adapters.builders.repo2docker_builder import OFFICIAL_IMAGE
from repo2docker_service.config import Repo2DockerService
from repo2docker_service.entrypoints.cli import LIST_PLUGINS, arguments
from repo2docker_service.entrypoints.cli.unknown_settings import known_classes
from repo2docker_service.entrypoints.jupyterhub import PREFIX, SCOPES
from repo2docker_service.entrypoints.jupyterhub.images import Repo2DockerImages
from repo2docker_service.plugins import catalogue, load

_SETTING = re.compile(r"^c\.(?P<owner>[A-Z]\w+)\.(?P<trait>\w+)\b", re.MULTILINE)
_NAMED = re.compile(r"`(?:c\.)?(?P<owner>[A-Z]\w*[a-z]\w*)\.(?P<trait>(?!(?:toml|yaml)\b)[a-z]\w+)(?: = [^`]*)?`")


@pytest.fixture(scope="module")
def known() -> dict[str, type[Configurable]]:
    """Give every class that has settings, of the service and of the Hub."""
    settings = Repo2DockerService()
    settings.catalogue = catalogue(load())
    hub = (JupyterHub, Authenticator, ConfigurableHTTPProxy, DockerSpawner, Repo2DockerImages)
    parents = [parent for each in hub for parent in each.mro() if issubclass(parent, Configurable)]
    return {each.__name__: each for each in [*parents, *known_classes(settings)]}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_says_its_language(page: Path) -> None:
    fences = re.findall(r"^ *```(.*)$", page.read_text(), re.MULTILINE)

    assert len(fences) % 2 == 0
    assert [each for each in fences[::2] if not re.fullmatch(r"[a-z]+|\{[a-z-]+\}.*", each)] == []


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
    for block in blocks(*COMMANDS):
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
        arguments.parse(words)


def test_targets_that_are_named_can_be_made() -> None:
    named = {target for page in PAGES for target in re.findall(r"`make ([a-z-]+)", page.read_text())}
    named |= {target for block in blocks(*COMMANDS) for target in re.findall(r"(?m)^make ([a-z-]+)", block.script)}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert {"demo", "test", "lint"} <= named <= targets


def test_every_command_is_shown() -> None:
    reference = (ROOT / "docs" / "reference" / "commands.md").read_text()

    for command in arguments.COMMANDS:
        assert re.search(rf"^\| `{command.name}\b.*\|$", reference, re.MULTILINE), command.name


def test_every_option_of_a_command_is_shown() -> None:
    reference = (ROOT / "docs" / "reference" / "commands.md").read_text()

    assert [option for option in options() if not re.search(rf"(?<![\w-]){option}(?![\w-])", reference)] == []


def options() -> Iterator[str]:
    for command in arguments.COMMANDS:
        parser = argparse.ArgumentParser(add_help=False)
        command.add_arguments(parser)
        for action in parser._actions:
            yield from action.option_strings


def test_every_call_of_the_api_is_shown() -> None:
    reference = (ROOT / "docs" / "reference" / "http-api.md").read_text()
    called = {shown(path, method) for path, item in json.loads(document())["paths"].items() for method in item}

    assert len(called) > 20
    assert [call for call in called if not re.search(rf"{re.escape(call)}(?![\w/])", reference)] == []


def shown(path: str, method: str) -> str:
    """Give a call as the page writes it: the API's with its method, and what stands for an id is called so."""
    inside = path.removeprefix("/api/v1")
    return f"`{path}`" if inside == path else f"{method.upper()} {re.sub(r'{[a-z]+_id}', '{id}', inside)}"


def test_scopes_that_are_named_are_told_to_the_hub_and_all_are_on_their_page() -> None:
    named = {scope for page in PAGES for scope in re.findall(rf"{PREFIX}([a-z:-]+[a-z])", page.read_text())}

    assert named >= {"builds:create", "images:read", "metrics:read"}
    assert {f"{PREFIX}{scope}" for scope in named} <= set(SCOPES)
    assert "```{scope-table}" in (ROOT / "docs" / "reference" / "scopes.md").read_text()


def test_the_repo2docker_image_that_is_named_is_the_one_that_is_used() -> None:
    name = OFFICIAL_IMAGE.partition(":")[0]
    named = {found for page in PAGES for found in re.findall(rf"{name}:[\w.]+\w", page.read_text())}

    assert named == {OFFICIAL_IMAGE, repo2docker_image.OFFICIAL}


def test_every_setting_is_explained(known: dict[str, type[Configurable]]) -> None:
    ours = [each for each in known.values() if each.__module__.startswith("repo2docker_service.")]
    settings = [(each.__name__, name, trait) for each in ours for name, trait in each.class_traits(config=True).items()]

    assert len(settings) > 100
    assert [(owner, name) for owner, name, trait in settings if not trait.help] == []


OUTSIDE = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]
"""Pages that Sphinx does not check."""


@pytest.mark.parametrize("page", OUTSIDE, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_what_is_there(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", page.read_text())

    assert ROOT / "SECURITY.md" in OUTSIDE
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
