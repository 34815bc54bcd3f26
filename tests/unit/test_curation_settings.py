"""Settings about what is offered, to whom, and how much of it."""

from pathlib import Path
from typing import Any

import pytest
from traitlets import TraitError

from repo2docker_service.adapters.catalogs.file import CatalogFile
from repo2docker_service.adapters.catalogs.memory import InMemoryCatalog
from repo2docker_service.bootstrap import Services, bootstrap
from repo2docker_service.config import Repo2DockerService
from repo2docker_service.domain.models import Owner
from repo2docker_service.domain.orders.quotas import Quotas
from repo2docker_service.domain.servers import Profile

PARTS = {"image_builder": "memory", "registry": "memory", "authorizer": "memory", "source_resolver": "memory"}
ENTRY = "- repo: https://example.org/a/b\n"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def services(folder: Path, **settings: Any) -> Services:
    lines = [f"c.Repo2DockerService.{name} = {value!r}" for name, value in (PARTS | settings).items()]
    (folder / "config.py").write_text("\n".join([*lines, f"c.Repo2DockerService.data_dir = {str(folder)!r}"]))
    return bootstrap(Repo2DockerService().load([f"--config={folder / 'config.py'}"]))


def test_profiles_reach_the_service_that_starts_servers(tmp_path: Path) -> None:
    made = services(tmp_path, profiles=[{"slug": "small", "memory": "1G"}])

    assert made.servers.profiles == (Profile("small", memory=2**30),)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"profiles": [{"slug": "small", "ram": "1G"}]}, "profiles, entry 1: There is no key ram."),
        ({"quotas": {"course": {"builds": 1}}}, "quotas, course: Write user:NAME, service:NAME or group:NAME."),
    ],
)
def test_what_is_wrong_with_a_setting_is_told_in_a_sentence(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TraitError) as caught:
        Repo2DockerService(**settings)

    assert str(caught.value) == f"c.Repo2DockerService.{sentence}"


def test_a_quota_of_one_owner_stands_on_that_of_all(tmp_path: Path) -> None:
    made = services(tmp_path, builds_per_owner=7, images_per_owner=8, quotas={"group:course": {"builds": 1}})

    assert made.builds.admission.quotas == Quotas(7, 8)
    assert made.builds.admission.own_quotas == {Owner.parse("group:course"): Quotas(1, 8)}


@pytest.mark.parametrize("groups", [None, [], ["course"]])
def test_the_policy_knows_which_groups_may_own(tmp_path: Path, groups: list[str] | None) -> None:
    assert services(tmp_path, group_owners=groups).policy.group_owners == groups


def test_without_a_catalog_nothing_is_said(tmp_path: Path) -> None:
    made = services(tmp_path)

    assert isinstance(made.catalog, InMemoryCatalog)
    assert made.images.curated.entries() == ()


def test_all_who_deal_with_images_know_the_catalog(tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text(ENTRY)
    made = services(tmp_path, catalog_file="catalog.yaml")

    assert isinstance(made.catalog, CatalogFile)
    for each in (made.images, made.builds.orders, made.source_reports.orders):
        assert [entry.repo for entry in each.curated.entries()] == ["https://example.org/a/b"]


async def test_the_catalog_is_looked_at_while_the_service_runs(tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text(ENTRY)
    made = services(tmp_path, catalog_file="catalog.yaml")
    assert isinstance(made.catalog, CatalogFile)

    async with made.running():
        assert made.catalog._task is not None
        assert not made.catalog._task.done()

    assert made.catalog._task.done()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "cannot be read: No such file or directory."),
        ("- a: [", "cannot be used: line 1: "),
        (f"{ENTRY}  profile: smal\n", "line 1, entry 1: profile: There is no profile smal. Did you mean small?"),
    ],
)
def test_a_catalog_that_cannot_be_used_stops_the_service(tmp_path: Path, text: str | None, sentence: str) -> None:
    if text is not None:
        (tmp_path / "catalog.yaml").write_text(text)

    with pytest.raises(TraitError) as caught:
        services(tmp_path, catalog_file="catalog.yaml", profiles=[{"slug": "small"}])

    assert str(caught.value).startswith(f"The catalog {tmp_path}/catalog.yaml ")
    assert sentence in str(caught.value)
