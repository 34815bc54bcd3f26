import importlib.metadata
import logging
from pathlib import Path

import pytest
from tests.unit.entrypoints.cli.conftest import Run
from tests.unit.entrypoints.cli.servers import TOKEN, write_config
from traitlets.config.loader import PyFileConfigLoader

from repo2docker_service import __version__
from repo2docker_service.entrypoints.cli.configuration import load

SECRETS = """
c.Repo2DockerService.secret = ["secret-word-of-some-length"]
c.TokenAuthorizer.token = "secret-word"
c.SomeRegistry.password = "secret-word"
c.SomeRegistry.api_key = "secret-word"
c.SomeRegistry.url = "https://ada:secret-word@example.org/"
c.SomeRegistry.password_file = "/run/password"
c.SomeResolver.rules = [{"match": "https://example.org", "token": "secret-word"}]
"""

NOWHERE = "--ip=192.0.2.1"
"""Nothing can listen there, so nothing is served should a mistake go unnoticed."""


def test_help_shows_serving_and_every_command_with_an_example(run: Run) -> None:
    outcome = run("--help")

    assert outcome.code == 0
    assert "--generate-config" in outcome.out
    for command in ("build", "images", "builds", "log", "cancel", "delete", "info"):
        assert f"repo2docker-service {command}" in outcome.out


def test_help_for_all_lists_settings_of_the_service_and_of_adapters(run: Run) -> None:
    outcome = run("--help-all")

    assert outcome.code == 0
    for setting in ("Repo2DockerService.port", "TokenAuthorizer.token", "InMemoryImageBuilder.lines"):
        assert f"--{setting}=" in outcome.out


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version").out == f"{__version__}\n"


def test_the_generated_file_loads_and_changes_nothing(run: Run) -> None:
    outcome = run("--generate-config")

    text = Path("repo2docker_service_config.py").read_text(encoding="utf-8")
    assert outcome.code == 0
    assert "# c.Repo2DockerService.port = 10101" in text
    assert "# c.TokenAuthorizer.token = ''" in text
    assert PyFileConfigLoader("repo2docker_service_config.py", path=".").load_config() == {}
    assert load().port == 10101


def test_no_list_in_place_of_everything_is_an_empty_one_in_the_generated_file(run: Run) -> None:
    run("--generate-config")

    lines = Path("repo2docker_service_config.py").read_text().splitlines()
    assert "# c.Repo2DockerService.group_owners = None" in lines


def test_a_generated_file_is_not_overwritten_unless_forced(run: Run) -> None:
    Path("mine.py").write_text("# mine")
    refused = run("--generate-config", "-f", "mine.py")
    kept = Path("mine.py").read_text()
    forced = run("--generate-config", "--force", "-f", "mine.py")

    assert (refused.code, kept) == (1, "# mine")
    assert "--force" in refused.err
    assert forced.code == 0
    assert "c.Repo2DockerService" in Path("mine.py").read_text()


@pytest.mark.parametrize("option", ["--show-config", "--show-config-json"])
def test_shown_settings_hide_every_secret(run: Run, tmp_path: Path, option: str) -> None:
    outcome = run("-f", str(write_config(tmp_path, SECRETS)), option, "--port=1234")

    assert outcome.code == 0
    assert "1234" in outcome.out
    assert "/run/password" in outcome.out
    assert "***@example.org" in outcome.out
    assert "secret-word" not in outcome.out
    assert TOKEN not in outcome.out


def test_a_variable_names_the_file_and_the_command_line_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.py").write_text("c.Repo2DockerService.port = 1")
    (tmp_path / "two.py").write_text("c.Repo2DockerService.port = 2")
    monkeypatch.setenv("REPO2DOCKER_SERVICE_CONFIG", str(tmp_path / "one.py"))

    assert load().port == 1
    assert load(["-f", str(tmp_path / "two.py")]).port == 2
    assert load(["--port=3"]).port == 3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("c.Repo2DockerService.port = 'x'", "'port' trait"),
        ("a = 1\nc.A.b = unknown", "config.py, line 17: NameError: name 'unknown'"),
        ("c.A.b = = 1", "config.py, line 16: SyntaxError: invalid syntax\n"),
        ("c.Repo2DockerService.registry = 'memroy'", "There is no registry called 'memroy'. Known ones: "),
        ("c.InMemoryImageBuilder.lines = -1", "lines"),
        ("c.Repo2DockerService.secret = ['short']", "c.Repo2DockerService.secret: each key takes at least 16"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence(run: Run, tmp_path: Path, content: str, sentence: str) -> None:
    outcome = run("-f", str(write_config(tmp_path, content)), NOWHERE)

    assert outcome.code == 1
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--prot=1", NOWHERE], "There is no option --prot. Did you mean --port?"),
        ([NOWHERE, "stray"], "'stray'"),
        ([NOWHERE, "images"], "Options of a command come after it"),
        (["-f", "nowhere.py"], "There is no configuration file"),
        (["--port=abc"], "port"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_sentence(run: Run, arguments: list[str], sentence: str) -> None:
    outcome = run(*arguments)

    assert outcome.code == 1
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err


@pytest.fixture
def _no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_: importlib.metadata.EntryPoints(()))


@pytest.mark.usefixtures("_no_plugins")
@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("DockerImageBuidler.url", "There is no DockerImageBuidler. Did you mean DockerImageBuilder?\n"),
        ("DockerImageBuilder.ulr", "DockerImageBuilder has no setting `ulr`. Did you mean `url`?\n"),
        ("Repo2DockerService.prot", "Repo2DockerService has no setting `prot`. Did you mean `port`?\n"),
        ("Repo2DockerService.TokenAuthorizer.usr", "TokenAuthorizer has no setting `usr`. Did you mean `user`?\n"),
        ("Nonsense.x", "There is no Nonsense. --help-all lists what there is.\n"),
    ],
)
def test_a_setting_that_nothing_has_is_refused_once(run: Run, tmp_path: Path, setting: str, sentence: str) -> None:
    in_file = run("-f", str(write_config(tmp_path, f"c.{setting} = '3'")), NOWHERE)
    on_command_line = run(f"--{setting}=3", NOWHERE)

    assert (in_file.code, in_file.err) == (1, sentence)
    assert (on_command_line.code, on_command_line.err) == (1, sentence)


@pytest.mark.usefixtures("_no_plugins")
def test_a_setting_that_may_be_of_a_plugin_is_refused_with_what_keeps_the_plugin_away(run: Run) -> None:
    outcome = run("--Nonsense.x=3", "--Repo2DockerService.allowed_plugins=gone", NOWHERE)

    assert outcome.err == (
        "There is no Nonsense. --help-all lists what there is."
        " The plugin gone could not be used: It is not installed.\n"
    )


def test_settings_of_bases_and_of_children_are_known(tmp_path: Path) -> None:
    settings = "c.Application.log_level = 'ERROR'\nc.Repo2DockerService.TokenAuthorizer.user = 'ada'\nc.Nothing"

    assert load(["-f", str(write_config(tmp_path, settings))]).log_level == logging.ERROR


@pytest.mark.parametrize("words", [["--log-level=debug"], ["--log-level", "Debug"], ["--Application.log_level=debug"]])
def test_the_level_of_the_log_may_be_in_lower_case(words: list[str]) -> None:
    assert load(words).log_level == logging.DEBUG
    assert load(["--log-level=warning"]).log_level == logging.WARNING


def test_our_classes_are_explained_before_those_they_are_made_from(run: Run) -> None:
    text = run("--help-all").out
    run("--generate-config")
    file = Path("repo2docker_service_config.py").read_text(encoding="utf-8")

    assert text.index("DockerImageBuilder(") < text.index("\nApplication(")
    assert file.index("# DockerImageBuilder(") < file.index("# Application(")
