"""A catalog in a file, while an administrator works on it."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from repo2docker_service.adapters.catalogs.file import CatalogFile
from repo2docker_service.adapters.catalogs.reading import BadCatalog

LOG = logging.getLogger(__name__)
FIRST = "- repo: https://example.org/a/first\n"
SECOND = "- repo: https://example.org/a/second\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.yaml"
    path.write_text(FIRST)
    return path


@pytest.fixture
def still(path: Path) -> CatalogFile:
    return CatalogFile(path, ["small"], LOG)


@pytest.fixture
async def catalog(path: Path) -> AsyncIterator[CatalogFile]:
    async with CatalogFile(path, ["small"], LOG, interval=0.01) as catalog:
        yield catalog


def said(catalog: CatalogFile) -> list[str]:
    return [entry.repo.rpartition("/")[2] for entry in catalog.entries()]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nobody tells that the file was read
            await asyncio.sleep(0.01)


def write(path: Path, text: str) -> None:
    path.write_text(text)


def looking() -> bool:
    return any(task.get_name() == "look at the catalog" for task in asyncio.all_tasks())


class TestAtStart:
    def test_the_file_is_read(self, path: Path) -> None:
        assert said(CatalogFile(path, [], LOG)) == ["first"]

    def test_a_missing_one_is_told_by_its_whole_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

        with pytest.raises(BadCatalog) as caught:
            CatalogFile(Path("missing.yaml"), [], LOG)

        assert str(caught.value) == f"The catalog {tmp_path}/missing.yaml cannot be read: No such file or directory."

    def test_a_folder_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(BadCatalog, match="cannot be read: Is a directory"):
            CatalogFile(tmp_path, [], LOG)

    def test_a_broken_one_is_told_with_its_line(self, path: Path) -> None:
        path.write_text(f"{FIRST}  titel: x\n")

        with pytest.raises(BadCatalog) as caught:
            CatalogFile(path, [], LOG)

        assert str(caught.value) == (
            f"The catalog {path} cannot be used: line 1, entry 1: There is no key titel. Did you mean title?"
        )

    def test_one_of_more_than_a_mebibyte_is_refused_unread(self, path: Path) -> None:
        path.write_text("#" * (2**20 + 1))

        with pytest.raises(BadCatalog, match="larger than 1 MiB"):
            CatalogFile(path, [], LOG)


class TestWhileItRuns:
    async def test_a_change_is_read(self, catalog: CatalogFile, path: Path) -> None:
        write(path, SECOND)

        await until(lambda: said(catalog) == ["second"])

    async def test_a_broken_one_leaves_what_was_said_before_until_it_is_mended(
        self, catalog: CatalogFile, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        write(path, "broken: [\n")
        await until(lambda: bool(caplog.records))

        assert said(catalog) == ["first"]

        write(path, SECOND)
        await until(lambda: said(catalog) == ["second"])

    async def test_nobody_looks_any_more_once_it_is_closed(self, path: Path) -> None:
        async with CatalogFile(path, [], LOG, interval=0.01):
            assert looking()

        assert not looking()


class TestLooking:
    def test_a_file_that_takes_its_place_is_read_though_it_is_as_long_and_as_old(
        self, still: CatalogFile, path: Path, tmp_path: Path
    ) -> None:
        other = tmp_path / "other.yaml"
        other.write_text(FIRST.replace("first", "third"))
        os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
        other.replace(path)

        still._refresh()

        assert said(still) == ["third"]

    def test_a_link_that_leads_elsewhere_is_followed(self, tmp_path: Path) -> None:
        for name, text in (("one", FIRST), ("two", SECOND)):
            (tmp_path / name).write_text(text)
        (tmp_path / "catalog.yaml").symlink_to("one")
        catalog = CatalogFile(tmp_path / "catalog.yaml", [], LOG)
        (tmp_path / "new").symlink_to("two")
        (tmp_path / "new").replace(tmp_path / "catalog.yaml")

        catalog._refresh()

        assert said(catalog) == ["second"]

    def test_one_that_is_broken_is_told_once_with_its_line(
        self, still: CatalogFile, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        path.write_text(f"{SECOND}  title: [\n")
        for _ in range(3):
            still._refresh()

        assert said(still) == ["first"]
        [warning] = [record.getMessage() for record in caplog.records]
        assert warning.startswith(f"The catalog {path} cannot be used: line 3: ")
        assert warning.endswith(" What it said before stays.")

    def test_one_that_is_missing_is_told_once_and_found_when_it_is_back(
        self, still: CatalogFile, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        path.unlink()
        for _ in range(3):
            still._refresh()

        assert said(still) == ["first"]
        assert [record.levelno for record in caplog.records] == [logging.WARNING]

        path.write_text(SECOND)
        still._refresh()
        assert said(still) == ["second"]

    def test_the_same_mistake_made_again_is_told_again(
        self, still: CatalogFile, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        for text in ("x: 1\n", SECOND, "x: 1\n"):
            path.write_text(text)
            still._refresh()

        assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.WARNING]

    def test_a_file_that_has_not_changed_is_not_read_again(self, still: CatalogFile) -> None:
        before = still.entries()

        still._refresh()

        assert still.entries() is before
