"""The arithmetic over many builds: what their clients saw, beside what the engine holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tools.parts.docker_api import DockerApi

from .clients import Client, Seen
from .engine_facts import History, containers, per_build, temporary_tags
from .figures import Figure, exactly, known
from .logs import Tally


async def not_succeeded(client: Client, seen: Sequence[Seen]) -> tuple[int, int]:
    """Count accepted builds that the service does not know, and those that it knows with another end."""
    lost = failed = 0
    for each in [each for each in seen if each.id]:
        answer = await client.ask("GET", f"builds/{each.id}", 200, 404)
        if answer.status_code == 404:
            lost += 1
        elif answer.json()["state"] != "succeeded":
            failed += 1
            print("Did not succeed:", answer.text, *each.downloaded[-12:], sep="\n", flush=True)
    return lost, failed


async def ends(client: Client, seen: Sequence[Seen]) -> list[Figure]:
    """Compare what was accepted with what came of it."""
    lost, failed = await not_succeeded(client, seen)
    for trouble in [each.trouble for each in seen if each.trouble]:
        print(f"A client of a build saw: {trouble}", flush=True)
    return [
        known("builds done", len(seen)),
        exactly("clients that saw what they should not", sum(bool(each.trouble) for each in seen), 0),
        exactly("accepted builds lost", lost, 0),
        exactly("builds that did not succeed", failed, 0),
    ]


def work(docker: DockerApi, instance: str, seen: Sequence[Seen], others: Collection[str] = ()) -> list[Figure]:
    """Compare what was accepted with the containers on the engine; other builds may be there or not."""
    found = containers(docker, instance)
    builders, pushers = per_build(found, "builder"), per_build(found, "pusher")
    accepted = {each.id for each in seen if each.id}
    return [
        exactly("builds without exactly one builder and one pusher", _not_once(accepted, builders, pushers), 0),
        exactly("builds that nobody was told of", len((builders.keys() | pushers.keys()) - accepted - {*others}), 0),
        exactly("temporary names of images left", len(temporary_tags(docker, instance)), 0),
        exactly("builds whose delivery does not show once in the log", sum(_deliveries(each) != 1 for each in seen), 0),
    ]


def _not_once(accepted: Collection[str], *counts: dict[str, int]) -> int:
    return sum(any(count.get(each) != 1 for count in counts) for each in accepted)


def _deliveries(seen: Seen) -> int:
    """Count what only the pusher prints."""
    return sum(line.startswith("Stored as ") for line in seen.downloaded)


def lines(seen: Sequence[Seen]) -> list[Figure]:
    """Compare what builds printed with what came in streams and downloads."""
    followers = [follower for each in seen for follower in each.followers]
    streams = sum((each.streamed for each in seen), Tally())
    downloads = sum((each.in_download for each in seen), Tally())
    return [
        known("lines printed, without those of repo2docker itself", sum(each.rows for each in seen)),
        known("streams cut", sum(len(follower.breaks) for follower in followers)),
        *_of("streams", streams),
        *_of("downloads", downloads),
        exactly("line numbers left out in streams", sum(follower.gaps for follower in followers), 0),
        exactly("line numbers that came twice in streams", sum(follower.repeats for follower in followers), 0),
        exactly("builds whose streams and download differ", sum(not each.same for each in seen), 0),
    ]


def _of(where: str, found: Tally) -> list[Figure]:
    return [
        exactly(f"lines lost in {where}", found.missing, 0),
        exactly(f"lines doubled in {where}", found.doubled, 0),
        exactly(f"lines out of order in {where}", found.out_of_order, 0),
        exactly(f"lines damaged in {where}", found.damaged, 0),
    ]


def once(history: History) -> list[Figure]:
    """Count what happened in between, which the containers at the end do not show."""
    created = [history.count("create", kind) for kind in ("builder", "pusher")]
    started = [history.count("start", kind) for kind in ("builder", "pusher")]
    return [
        exactly("times that the engine stopped telling", int(not history.complete), 0),
        exactly("containers created twice for one build", sum(each.total() - len(each) for each in created), 0),
        known("starts of containers that had run already", sum(each.total() - len(each) for each in started)),
    ]
