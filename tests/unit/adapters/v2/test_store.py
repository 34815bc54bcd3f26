"""The cache remembers over a restart, and nothing that happens to its file disturbs anybody."""

import asyncio
import os
import sqlite3
import stat
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.unit.adapters.v2.told_registry import LOG, REPOSITORY, digest_of, name_of, summary_for

from repo2docker_service.adapters.registries.v2.inventory.store import ImageStore
from repo2docker_service.adapters.registries.v2.inventory.tables import Batch, TagRow
from repo2docker_service.adapters.registries.v2.protocol.manifests import Kind, Summary

AS_OF = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
SUMMARY = summary_for(name_of())
ROW = TagRow(REPOSITORY, "latest", SUMMARY.digest, 1000.5)
BATCH = Batch([SUMMARY], [ROW], AS_OF)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "registry.sqlite"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[ImageStore]:
    store = ImageStore(path, "identity", LOG)
    await store.open()
    yield store
    await store.close()


async def reread(path: Path, identity: str = "identity") -> Batch:
    """Open the file anew, and give all that is in it."""
    store = ImageStore(path, identity, LOG)
    contents = await store.open()
    await store.close()
    return Batch(tuple(contents.summaries.values()), tuple(contents.tags), contents.as_of)


async def filled(path: Path) -> None:
    """Make a file with something in it."""
    store = ImageStore(path, "identity", LOG)
    await store.open()
    await store.save(BATCH)
    await store.close()


async def test_what_is_saved_is_there_after_a_restart(path: Path) -> None:
    odd = Summary(digest_of("odd"), "", Kind.LEGACY, 2**61, None, {"ключ": "\u202e<script>"}, "")
    store = ImageStore(path, "identity", LOG)
    await store.open()
    await store.save(BATCH)
    await store.save(Batch([odd]))
    await store.close()

    known = await reread(path)

    assert {each.digest: each for each in known.summaries} == {each.digest: each for each in (SUMMARY, odd)}
    assert (known.tags, known.as_of) == ((ROW,), AS_OF)


async def test_a_later_look_replaces_an_earlier_one_and_not_the_other_way_round(store: ImageStore, path: Path) -> None:
    newer = ROW._replace(digest=digest_of("newer"), checked_at=2000.0)
    await store.save(Batch(tags=[newer]))
    await store.save(Batch(tags=[ROW]))
    await store.save(Batch(tags=[ROW._replace(digest="")]))

    assert (await reread(path)).tags == (newer,)


async def test_a_tag_that_is_gone_is_dropped(store: ImageStore, path: Path) -> None:
    await store.save(BATCH)
    await store.save(Batch(tags=[ROW._replace(digest="", checked_at=2000.0)]))

    known = await reread(path)
    assert known.tags == ()
    assert known.summaries == (SUMMARY,)


async def test_processes_share_what_they_find(store: ImageStore, path: Path) -> None:
    other = ImageStore(path, "identity", LOG)
    await other.open()
    await other.save(BATCH)
    await other.close()

    assert await store.summary(SUMMARY.digest) == SUMMARY
    assert await store.summary(digest_of("unknown")) is None
    assert await store.repositories() == {REPOSITORY}


async def test_only_the_summaries_used_last_are_kept(path: Path) -> None:
    store = ImageStore(path, "identity", LOG, most=3)
    await store.open()
    summaries = [replace(SUMMARY, digest=digest_of(str(number))) for number in range(5)]
    now = time.time()
    await store.save(Batch(summaries[:3], [TagRow("r", str(n), summaries[n].digest, now + n) for n in range(3)]))
    await store.save(Batch(summaries[3:], [TagRow("r", str(n), summaries[n].digest, now + 10) for n in (3, 0)]))
    await store.close()

    assert {each.digest for each in (await reread(path)).summaries} == {summaries[n].digest for n in (0, 2, 3)}


@pytest.fixture
def readable(path: Path) -> None:
    """Leave a file that anybody may read."""
    path.parent.mkdir()
    path.touch(mode=0o644)


@pytest.mark.usefixtures("readable")
async def test_nobody_else_on_the_machine_may_read_it(path: Path) -> None:
    store = ImageStore(path, "identity", LOG)
    await store.open()
    await store.save(BATCH)

    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    await store.close()

    assert set(modes.values()) == {0o600}
    assert modes.keys() >= {path.name, f"{path.name}-wal"}


@pytest.mark.parametrize("identity", ["another registry", "identity2", ""])
async def test_what_another_registry_or_installation_left_is_dropped(path: Path, identity: str) -> None:
    await filled(path)

    assert await reread(path, identity) == Batch((), (), None)


async def test_two_installations_with_one_file_do_not_mix(
    store: ImageStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = ImageStore(path, "other", LOG)
    await other.open()

    await store.save(BATCH)
    await other.close()

    assert await reread(path, "other") == Batch((), (), None)
    assert "another registry or installation" in caplog.text
    assert await store.summary(SUMMARY.digest) is None


async def test_what_the_release_before_has_written_is_dropped_as_it_lacks_what_is_kept_now(path: Path) -> None:
    await filled(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 1")
        connection.execute("UPDATE meta SET value = 'identity' WHERE key = 'identity'")
        connection.commit()

    assert await reread(path) == Batch((), (), None)


async def test_a_process_of_the_release_before_takes_the_file_for_that_of_somebody_else(path: Path) -> None:
    await filled(path)

    with closing(sqlite3.connect(path)) as connection:
        (written,) = connection.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()
    assert written != "identity"


def other_schema(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def no_database(path: Path) -> None:
    path.write_bytes(b"this is no database " * 1000)


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[2000:] = os.urandom(len(content) - 2000)
    path.write_bytes(content)


def lost_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE tag")


def odd_values(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE image SET labels = 'no JSON', kind = 'no kind'")
        connection.commit()


def empty(path: Path) -> None:
    path.write_bytes(b"")


MISHAPS = [other_schema, no_database, damaged, lost_table, odd_values, empty]


@pytest.mark.parametrize("mishap", MISHAPS, ids=lambda mishap: mishap.__name__)
async def test_a_file_of_no_use_is_begun_afresh(path: Path, mishap: Callable[[Path], None]) -> None:
    await filled(path)
    mishap(path)

    store = ImageStore(path, "identity", LOG)
    assert (await store.open()).summaries == {}
    assert not await store.save(BATCH)  # it says that it has nothing, once
    assert await store.save(Batch())
    await store.close()

    assert await reread(path) == Batch((SUMMARY,), (ROW,), AS_OF)


async def test_a_file_that_is_removed_meanwhile_is_begun_afresh(store: ImageStore, path: Path) -> None:
    await store.save(BATCH)
    for each in list(path.parent.iterdir()):
        each.unlink()

    assert await store.summary(SUMMARY.digest) is None
    assert not await store.save(Batch())
    assert await store.save(BATCH)

    assert await reread(path) == Batch((SUMMARY,), (ROW,), AS_OF)


async def test_a_file_that_is_damaged_meanwhile_is_begun_afresh(
    store: ImageStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await store.save(BATCH)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TABLE image; DROP TABLE tag;")

    await store.save(BATCH)

    assert "begun afresh" in caplog.text
    assert await reread(path) == Batch((SUMMARY,), (ROW,), AS_OF)


@pytest.mark.parametrize("place", ["file/registry.sqlite", "folder", "/proc/nowhere/registry.sqlite"])
async def test_a_place_that_cannot_be_written_to_is_done_without(
    tmp_path: Path, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder" / "registry.sqlite").mkdir(parents=True)
    store = ImageStore(tmp_path / place, "identity", LOG)

    assert (await store.open()).tags == ()
    assert await store.save(BATCH)
    assert await store.summary(SUMMARY.digest) is None
    assert await store.repositories() == set()
    await store.close()

    assert caplog.text.count("is not used now") == 1


async def test_a_file_that_somebody_holds_is_left_as_it_is(
    store: ImageStore, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await store.save(BATCH)
    await store._do(lambda: store._use(lambda known: known.execute("PRAGMA busy_timeout = 10")), None)
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        await store.save(Batch(tags=[ROW._replace(checked_at=2000.0)]))
        assert "is not used now" in caplog.text
        holder.execute("ROLLBACK")
    await store.save(Batch(tags=[ROW._replace(checked_at=3000.0)]))

    assert (await reread(path)).tags == (ROW._replace(checked_at=3000.0),)


async def test_a_store_that_is_closed_remembers_nothing(store: ImageStore) -> None:
    await store.save(BATCH)
    await store.close()

    assert await store.summary(SUMMARY.digest) is None
    assert await store.save(BATCH)


async def test_whoever_makes_the_file_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("repo2docker_service.adapters.registries.v2.inventory.tables._PATIENCE", 0.0)
    await filled(path)
    store = ImageStore(path, "identity", LOG)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        opening = asyncio.create_task(store.open())
        await asyncio.sleep(0.1)
        holder.execute("ROLLBACK")
        contents = await opening
    await store.close()

    assert list(contents.tags) == [ROW]
    assert caplog.text == ""
