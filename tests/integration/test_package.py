"""What people download is complete, and works in an environment that never saw this checkout."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from tests.integration.waiting import wait_for
from tools.service import PRETENDED, configured, follow, running_service

import repo2docker_service

ROOT = Path(__file__).parents[2]
VERSION = repo2docker_service.__version__
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", "node_modules", "dist", "_build", ".*_cache", "__pycache__", ".hypothesis"
)
SCRIPT = "static/main.1234.js"
COPIES = ("", ".br", ".gz")
"""What the names of a script and of its compressed copies end with."""
SETTINGS: dict[str, dict[str, object]] = {
    "Repo2DockerService": {**PRETENDED, "allowed_plugins": ["team"], "authorizer": "team"},
    "TeamRules": {"addresses": ["https://forge.example/team/"], "diary": "diary.txt"},
}
PAGE = "<!doctype html><title>a page that was built before</title>"


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build the sdist from a copy of the checkout, and the wheel from the sdist."""
    checkout = tmp_path_factory.mktemp("copy") / "checkout"
    shutil.copytree(ROOT, checkout, symlinks=True, ignore=NOT_COPIED)
    page = checkout / "frontend" / "dist" / "index.html"
    script = page.parent / SCRIPT
    script.parent.mkdir(parents=True)
    page.write_text(PAGE)
    for end in COPIES:
        (script.parent / f"{script.name}{end}").write_text("run()")

    output = tmp_path_factory.mktemp("archives")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", output, checkout, cwd=output)

    (sdist,) = output.glob("*.tar.gz")
    (wheel,) = output.glob("*.whl")
    return {"sdist": sdist, "wheel": wheel}


@pytest.fixture(scope="module", params=["sdist", "wheel"])
def installed(
    request: pytest.FixtureRequest, archives: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Install an archive into an environment of its own; its dependencies are borrowed from ours."""
    return environment(tmp_path_factory.mktemp("environment"), archives[request.param])


@pytest.fixture(scope="module")
def extended(archives: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the service and the example of a plugin, as an administrator would."""
    example = tmp_path_factory.mktemp("example") / "team"
    shutil.copytree(ROOT / "examples" / "team", example, ignore=NOT_COPIED)
    return environment(tmp_path_factory.mktemp("environment"), archives["wheel"], example)


def environment(home: Path, *packages: Path) -> Path:
    """Install packages into an environment of their own; what they depend on is borrowed from ours."""
    venv.create(home)
    ours = sysconfig.get_path("purelib")
    run(
        *(sys.executable, "-m", "pip", "--python", home / "bin" / "python", "install", "--quiet"),
        *("--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed", *map(str, packages)),
        cwd=home,
        PYTHONPATH=ours,  # where packages find what they are built with
    )
    # A folder named in a .pth file is searched, but .pth files in it are not read: the checkout stays unseen.
    (site_packages(home) / "borrowed.pth").write_text(ours)
    return home


def test_the_wheel_holds_every_module(archives: dict[str, Path]) -> None:
    with zipfile.ZipFile(archives["wheel"]) as wheel:
        names = set(wheel.namelist())

    assert {f"repo2docker_service/{each}" for each in modules()} <= names
    assert "repo2docker_service/py.typed" in names


def test_the_wheel_holds_the_page(archives: dict[str, Path]) -> None:
    with zipfile.ZipFile(archives["wheel"]) as wheel:
        page = wheel.read("repo2docker_service/entrypoints/spa/static/index.html").decode()
        names = set(wheel.namelist())

    assert page == PAGE
    assert {f"repo2docker_service/entrypoints/spa/static/{SCRIPT}{end}" for end in COPIES} <= names


def test_the_wheel_holds_nothing_else(archives: dict[str, Path]) -> None:
    with zipfile.ZipFile(archives["wheel"]) as wheel:
        folders = {name.split("/")[0] for name in wheel.namelist()}

    assert folders == {"repo2docker_service", f"repo2docker_service-{VERSION}.dist-info"}


def test_the_sdist_holds_every_module_and_the_page(archives: dict[str, Path]) -> None:
    top = f"repo2docker_service-{VERSION}"
    with tarfile.open(archives["sdist"]) as sdist:
        names = set(sdist.getnames())

    assert {f"{top}/src/{each}" for each in modules()} <= names
    assert {f"{top}/frontend/dist/index.html", f"{top}/frontend/package-lock.json", f"{top}/LICENSE"} <= names
    assert {f"{top}/frontend/dist/{SCRIPT}{end}" for end in COPIES} <= names


def test_the_installed_package_is_imported_from_where_it_was_installed(installed: Path) -> None:
    code = "import repo2docker_service as package; print(package.__version__, package.__file__)"

    version, file = python(installed, code).split()

    assert version == VERSION
    assert Path(file).is_relative_to(installed)


def test_plugin_authors_can_import_what_they_need(installed: Path) -> None:
    code = """
import repo2docker_service.testing
from repo2docker_service import hookimpl
print(hookimpl.project_name)
"""

    assert python(installed, code) == "repo2docker_service"


def test_the_installed_package_finds_its_page(installed: Path) -> None:
    code = """
from importlib.resources import files
print((files("repo2docker_service.entrypoints.spa") / "static" / "index.html").read_text())
"""

    assert python(installed, code) == PAGE


def test_the_installed_command_tells_its_version(installed: Path) -> None:
    assert VERSION in run(installed / "bin" / "repo2docker-service", "--version", cwd=installed)


def test_the_example_plugin_is_used_once_it_is_allowed_and_chosen(extended: Path) -> None:
    command = extended / "bin" / "repo2docker-service"
    ada = {"token_sha256": hashlib.sha256(b"ada's").hexdigest(), "scopes": ["builds:create!user", "builds:read"]}
    (extended / "team.json").write_text(json.dumps({"ada": ada}))
    diary = extended / "diary.txt"

    with (
        running_service(extended, configured(SETTINGS), command) as service,
        service.client as stranger,
        service.client_with("ada's") as client,
    ):
        refused = client.post("builds", json={"repo": "https://elsewhere.example/course"})
        taken = client.post("builds", json={"repo": "https://forge.example/team/course"})
        largest = client.get(f"{service.url}plugins/team/largest")
        nobody = stranger.get(f"{service.url}plugins/team/largest")
        ready = client.get(f"{service.url}health/ready").json()
        end = follow(client, taken.json()["id"]).end
        wait_for(lambda: diary.exists() and diary.read_text(), 10)

    assert (refused.status_code, taken.status_code, largest.status_code, nobody.status_code) == (403, 202, 200, 401)
    assert refused.json()["detail"] == "This team builds from https://forge.example/team/ only."
    assert (end["state"], ready["plugins"]) == ("succeeded", [])
    assert "https://forge.example/team/course succeeded" in diary.read_text()


def test_the_command_lists_plugins_and_says_which_are_not_used(extended: Path, tmp_path: Path) -> None:
    def told(*options: str) -> dict[str, dict[str, str]]:
        lines = run(extended / "bin" / "repo2docker-service", "plugins", "--json", *options, cwd=tmp_path).splitlines()
        return {each["name"]: each for each in map(json.loads, lines)}

    assert told()["team"]["problem"] == "It is not named in c.Repo2DockerService.allowed_plugins."
    used = told("--Repo2DockerService.allowed_plugins=team")["team"]
    assert used == {
        "name": "team",
        "package": "repo2docker-service-team 1.0",
        "offers": ["authorizer=team", "routes", "TeamRules"],
        "problem": "",
    }


def test_the_tutorial_on_plugins_can_be_followed_word_by_word(
    archives: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    people = tmp_path_factory.mktemp("person")
    pip = environment(people / "r2d", archives["wheel"]) / "bin" / "pip"
    pip.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n')
    pip.chmod(0o755)
    page = (ROOT / "docs" / "tutorial" / "write-a-plugin.md").read_text()
    commands = "".join(re.findall(r"^```bash\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    (people / "tutorial.sh").write_text(f"set -e\n{commands}")

    told = run(
        *("bash", "tutorial.sh"),
        cwd=people,
        HOME=str(people),
        REPOSITORY=str(ROOT),
        PIP_NO_INDEX="1",
        PIP_NO_BUILD_ISOLATION="0",  # pip reads it the other way round
        PYTHONPATH=sysconfig.get_path("purelib"),
    )

    first, second, third = (line for line in told.splitlines() if line.startswith("my_team "))
    assert "It is not named in c.Repo2DockerService.allowed_plugins." in first
    assert second.endswith("veto_build")
    assert third.endswith("MyTeam")
    # The example's own tests, with the suite of its port.
    assert int(re.findall(r"^(\d+) passed", told, re.MULTILINE)[0]) > 40


def modules() -> set[str]:
    """Name every module and every other file of the package, relative to it."""
    source = ROOT / "src"
    found = {str(path.relative_to(source)) for path in source.rglob("*.py")}
    assert "domain/ports.py" in found
    return found


def site_packages(home: Path) -> Path:
    return Path(sysconfig.get_path("purelib", vars={"base": str(home)}))


def python(home: Path, code: str) -> str:
    return run(home / "bin" / "python", "-c", code, cwd=home)


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "R2D_"))}
    done = subprocess.run(command, cwd=cwd, env=clean | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()
