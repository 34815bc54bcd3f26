"""How plugins are found, and what they must not do."""

import importlib.metadata
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Protocol

import pluggy
import pytest

from repo2docker_service import hookimpl, hookspecs
from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.domain.ports import ImageBuilder
from repo2docker_service.hookspecs import Register
from repo2docker_service.plugins import (
    BUILT_IN,
    PORTS,
    PROJECT,
    Catalogue,
    NameTaken,
    UnknownAdapter,
    catalogue,
    load,
    loading,
)
from repo2docker_service.plugins.offers import CALLED_LATER


class Install(Protocol):
    """Installs a module, under its own name as a plugin unless others are given."""

    def __call__(self, name: str, code: str, *names: str) -> None: ...


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution with one module and an entry point of the same name."""
    before = set(sys.modules)
    found, others = importlib.metadata.entry_points, set(importlib.metadata.entry_points(group=PROJECT))
    monkeypatch.setattr(
        importlib.metadata,
        "entry_points",
        lambda group: importlib.metadata.EntryPoints(each for each in found(group=group) if each not in others),
    )
    monkeypatch.syspath_prepend(tmp_path)

    def make(name: str, code: str, *names: str) -> None:
        (tmp_path / f"{name}.py").write_text(dedent(code))
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        points = "".join(f"{each} = {name}\n" for each in names or (name,))
        (folder / "entry_points.txt").write_text(f"[repo2docker_service]\n{points}")
        importlib.invalidate_caches()

    yield make
    for name in set(sys.modules) - before:
        if not name.startswith("repo2docker_service"):
            del sys.modules[name]


OFFER = """
    from repo2docker_service import hookimpl

    class Adapter:
        pass

    @hookimpl
    def register_image_builders(register):
        register("{name}", Adapter)
"""


def test_the_built_in_adapters_are_offered() -> None:
    offered = catalogue(load()).offered

    assert {"docker", "memory"} <= set(offered["image_builder"])
    assert {"docker-daemon", "memory"} <= set(offered["registry"])
    assert {"jupyterhub", "token", "memory"} <= set(offered["authorizer"])
    assert {"git", "memory"} <= set(offered["source_resolver"])
    assert {"jupyterhub", "memory", "none"} <= set(offered["server_launcher"])


def test_the_built_in_adapters_come_through_the_same_hooks_as_all_others() -> None:
    manager = load()

    for module in BUILT_IN:
        plugin = manager.get_plugin(module)
        hooks = [caller.name for caller in manager.get_hookcallers(plugin) or []]
        assert len(hooks) == 1, f"{module} implements one hook"
        assert set(hooks) <= set(PORTS.values())


def test_without_the_built_in_plugins_nothing_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BUILT_IN", ())

    assert all(offered == {} for offered in catalogue(load(allowed=())).offered.values())


def test_every_hook_is_called_somewhere() -> None:
    specified = {name for name, value in vars(hookspecs).items() if hasattr(value, "repo2docker_service_spec")}

    assert specified == {*PORTS.values(), "register_routes", "register_extension", *CALLED_LATER}


def test_an_adapter_is_chosen_by_its_short_name() -> None:
    assert catalogue(load()).choose("image_builder", "memory") is InMemoryImageBuilder


@pytest.mark.parametrize("port", list(PORTS))
def test_an_unknown_name_is_answered_with_the_known_ones(port: str) -> None:
    known = catalogue(load())

    with pytest.raises(UnknownAdapter) as caught:
        known.choose(port, "dokcer")

    assert "'dokcer'" in str(caught.value)
    assert all(name in str(caught.value) for name in known.offered[port])


def test_all_classes_are_given_once_for_help_texts() -> None:
    one, other = type("One", (), {}), type("Other", (), {})

    classes = Catalogue({"image_builder": {"a": one, "b": other}, "registry": {"c": one}}).classes()

    assert classes == [one, other]


def test_an_installed_plugin_is_found(install: Install) -> None:
    install("third_party", OFFER.format(name="third"))

    assert catalogue(load(["third_party"])).choose("image_builder", "third").__name__ == "Adapter"


def test_a_name_that_is_taken_is_refused(install: Install) -> None:
    install("third_party", OFFER.format(name="memory"))

    with pytest.raises(NameTaken) as caught:
        catalogue(load(["third_party"]))

    assert "'memory'" in str(caught.value)
    assert "InMemoryImageBuilder" in str(caught.value)
    assert "third_party.Adapter" in str(caught.value)


def test_one_name_may_be_used_for_adapters_of_different_ports() -> None:
    offered = catalogue(load()).offered

    assert offered["image_builder"]["memory"] is not offered["registry"]["memory"]


def test_a_misspelt_hook_fails_at_start(install: Install) -> None:
    install("third_party", OFFER.format(name="third").replace("register_image_builders", "register_image_bilders"))

    with pytest.raises(pluggy.PluginValidationError, match="register_image_bilders"):
        load(["third_party"])


def test_a_hook_with_an_unknown_argument_fails_at_start(install: Install) -> None:
    install("third_party", OFFER.format(name="third").replace("(register):", "(regsiter):"))

    with pytest.raises(pluggy.PluginValidationError, match="regsiter"):
        load(["third_party"])


@pytest.mark.parametrize(("allowed", "found"), [(["third_party"], True), (["other"], False), ([], False)])
def test_only_allowed_plugins_are_loaded(install: Install, allowed: list[str], *, found: bool) -> None:
    install("third_party", OFFER.format(name="third"))

    offered = catalogue(load(allowed)).offered["image_builder"]

    assert ("third" in offered) is found
    assert ("third_party" in sys.modules) is found
    assert "memory" in offered


def test_a_plugin_that_is_installed_is_not_even_imported_until_it_is_allowed(install: Install) -> None:
    install("third_party", "raise RuntimeError('imported')")

    found = load()

    assert "third_party" not in sys.modules
    assert (found.failed, found.not_allowed) == ({}, ["third_party"])


BROKEN = {
    "on import": ("raise RuntimeError('no such library')", "RuntimeError: no such library"),
    "by leaving": ("raise SystemExit(3)", "SystemExit: 3"),
    "in its text": ("def (", "SyntaxError"),
    "as an interrupted one": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "for lack of an answer": ("raise TimeoutError('no answer')", "TimeoutError: no answer"),
    "in a hook": (
        OFFER.format(name="third").replace('register("third", Adapter)', 'register("third", Adapter); {}["a"]'),
        "KeyError: 'a'",
    ),
    "in a name": (OFFER.format(name="third").replace('"third"', "['third']"), "TypeError: An adapter is offered by"),
    "in a class": (OFFER.format(name="third").replace(", Adapter)", ", Adapter())"), "TypeError: An adapter is"),
}


@pytest.mark.parametrize(("code", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_plugin_that_breaks_is_named_and_harms_no_other(install: Install, code: str, reason: str) -> None:
    install("broken", code)
    install("third_party", OFFER.format(name="whole"))

    found = catalogue(load(["broken", "third_party"]))

    assert list(found.failed) == ["broken"]
    assert found.failed["broken"].startswith(reason)
    assert {"memory", "docker", "kubernetes", "whole"} == set(found.offered["image_builder"])


def test_a_plugin_that_is_allowed_twice_is_loaded_once(install: Install) -> None:
    install("third_party", OFFER.format(name="third"))

    found = catalogue(load(["third_party", "third_party"]))

    assert found.failed == {}
    assert "third" in found.offered["image_builder"]


def test_a_plugin_of_two_names_is_used_once_and_the_other_name_is_told(install: Install) -> None:
    install("third_party", OFFER.format(name="third"), "one", "other")

    found = catalogue(load(["one", "other"]))

    assert list(found.failed) == ["other"]
    assert "already registered" in found.failed["other"]
    assert "third" in found.offered["image_builder"]


def test_of_two_packages_that_claim_an_allowed_name_neither_is_loaded(install: Install) -> None:
    install("third_party", OFFER.format(name="third"))
    install("stranger", OFFER.format(name="strange"), "third_party")

    found = load(["third_party"])

    assert found.failed == {
        "third_party": "More than one package is installed that has a plugin of this name: stranger, third_party."
    }
    assert not sys.modules.keys() & {"third_party", "stranger"}


SLEEP = "__import__('time').sleep(30)"
HANGING = {"on import": SLEEP, "in a hook": OFFER.format(name="third").replace('register("', f'{SLEEP}; register("')}


@pytest.mark.parametrize("code", HANGING.values(), ids=HANGING)
def test_a_plugin_that_hangs_is_named_and_not_waited_for(
    install: Install, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(loading, "PATIENCE", 0.2)
    install("hanging", code)
    begun = time.monotonic()

    found = catalogue(load(["hanging"]))

    assert time.monotonic() - begun < 5
    assert found.failed == {"hanging": "It did nothing for 0.2 seconds."}
    assert "memory" in found.offered["image_builder"]


def test_a_plugin_that_is_allowed_and_not_there_is_named() -> None:
    assert load(["msispelt"]).failed == {"msispelt": "It is not installed."}


def test_who_asks_for_an_adapter_that_a_plugin_would_have_offered_is_told_why_it_is_not_there(install: Install) -> None:
    install("third_party", OFFER.format(name="third"))
    install("broken", "1 / 0")
    found = catalogue(load(["broken"]))

    with pytest.raises(UnknownAdapter) as caught:
        found.choose("image_builder", "third")

    assert "The plugin broken could not be used: ZeroDivisionError" in str(caught.value)
    assert "not in c.Repo2DockerService.allowed_plugins: third_party." in str(caught.value)


def test_a_plugin_can_be_an_object_too() -> None:
    class Plugin:
        @hookimpl
        def register_image_builders(self, register: Register[ImageBuilder]) -> None:
            register("another", InMemoryImageBuilder)

    manager = load()
    manager.register(Plugin())

    assert catalogue(manager).choose("image_builder", "another") is InMemoryImageBuilder


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ("(1, 0)", None),
        ("(1, 99)", "OtherHooks: It was written for version 1.99 of the hooks, and this is 1.0."),
        ("(2, 0)", "OtherHooks: It was written for version 2.0 of the hooks, and this is 1.0."),
        ("(0, 9)", "OtherHooks: It was written for version 0.9 of the hooks, and this is 1.0."),
        ("1", "TypeError: cannot unpack non-iterable int object"),
    ],
)
def test_a_plugin_for_other_hooks_is_left_out_and_named(install: Install, version: str, problem: str | None) -> None:
    install("written", f"hooks_version = {version}\n" + dedent(OFFER.format(name="third")))

    found = catalogue(load(["written"]))

    assert found.failed == ({"written": problem} if problem else {})
    assert ("third" in found.offered["image_builder"]) is (problem is None)
