"""A service whose catalog is edited while it runs, through the real command."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.unit.entrypoints.cli.conftest import Run
from tests.unit.entrypoints.cli.servers import TOKEN, write_config
from tests.unit.entrypoints.cli.test_serving import ready_link, served

pytestmark = pytest.mark.served

REPO = "https://example.org/known"
SETTINGS = """
c.Repo2DockerService.catalog_file = "catalog.yaml"
c.Repo2DockerService.profiles = [{"slug": "small", "memory": "1G"}]
c.InMemoryImageBuilder.pace = 0.0
"""
FEATURED = f"- repo: {REPO}\n  title: Known\n  featured: true\n  protected: true\n  profile: small\n"


Told = Sequence[dict[str, Any]]


def until(asked: Callable[[], Told], wanted: Callable[[Told], bool]) -> Told:
    """Ask until the answer is what was waited for."""
    end = time.monotonic() + 60
    while not wanted(answer := asked()):
        assert time.monotonic() < end, answer
        time.sleep(0.1)
    return answer


def test_what_an_administrator_writes_is_told_while_the_service_runs(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text("")
    with (
        served(write_config(tmp_path, SETTINGS)) as process,
        httpx.Client(
            base_url=f"{ready_link(process)}api/v1/",
            headers={"Authorization": f"Bearer {TOKEN}"},
            trust_env=False,
            timeout=30,
        ) as client,
    ):

        def images() -> list[dict[str, Any]]:
            items: list[dict[str, Any]] = client.get("images").json()["items"]
            return items

        assert client.post("builds", json={"repo": REPO}).status_code == 202
        [image] = until(images, lambda items: len(items) == 1)
        assert (image["title"], image["featured"]) == ("", False)

        catalog.write_text(FEATURED)
        [image] = until(images, lambda items: bool(items[0]["featured"]))
        assert (image["title"], image["protected"], image["profile"]) == ("Known", True, "small")
        digest = {"If-Match": f'"{image["digest"]}"'}
        assert client.delete(f"images/{image['id']}", headers=digest).status_code == 409
        assert client.post("builds", json={"repo": REPO, "force": True}).status_code == 409

        catalog.write_text(f"{FEATURED}- repo: [")
        assert process.stderr is not None
        # Among lines that tell who did what.
        warning = next(line for line in process.stderr if "The catalog" in line)
        assert f"The catalog {catalog} cannot be used: line 6: " in warning
        assert images()[0]["title"] == "Known"

        catalog.write_text("")
        until(images, lambda items: not items[0]["featured"])
        assert client.delete(f"images/{image['id']}", headers=digest).status_code == 204


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "cannot be read: No such file or directory."),
        (FEATURED.replace("small", "smal"), "There is no profile smal. Did you mean small?"),
    ],
)
def test_a_catalog_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, text: str | None, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / "catalog.yaml").write_text(text)

    outcome = run("-f", str(write_config(tmp_path, SETTINGS)), "--port=0", "--ip=192.0.2.1")

    assert outcome.code == 1
    assert outcome.err.strip().endswith(sentence)
    assert len(outcome.err.splitlines()) == 1


def test_a_profile_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path) -> None:
    wrong = 'c.Repo2DockerService.profiles = [{"slug": "small", "mem": "1G"}]'
    with served(write_config(tmp_path, f"{SETTINGS}{wrong}\n")) as process:
        out, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert out == ""
    [line] = err.splitlines()
    assert line.endswith("c.Repo2DockerService.profiles, entry 1: There is no key mem. Did you mean memory?")
