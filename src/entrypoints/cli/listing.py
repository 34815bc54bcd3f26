"""The commands around what is there: list images and builds, delete an image, show the service."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator

from rich.filesize import decimal

from repo2docker_service.entrypoints.cli.client import Client, Json
from repo2docker_service.entrypoints.cli.identifiers import is_beginning, whole_id
from repo2docker_service.entrypoints.cli.output import (
    doubt,
    emit,
    note,
    say,
    show_builds,
    show_facts,
    show_images,
    when,
)
from repo2docker_service.entrypoints.cli.problems import CommandFailed, ExitCode
from repo2docker_service.entrypoints.cli.terminal import plain


def images(client: Client, options: Namespace) -> int:
    """List images."""
    pages = _with_doubts(client.pages("images", q=options.q, owner=options.owner))
    found = (image for page in pages for image in page.get("items", ()))
    if options.json:
        return _emit_all(found)
    show_images(found)
    return ExitCode.DONE


def builds(client: Client, options: Namespace) -> int:
    """List builds."""
    found = client.every("builds", state=options.state, owner=options.owner)
    if options.json:
        return _emit_all(found)
    show_builds(found)
    return ExitCode.DONE


def info(client: Client, options: Namespace) -> int:
    """Show what the service is and what it can do."""
    facts = client.get("info")
    if options.json:
        emit(facts)
    else:
        show_facts({"address": options.url, **facts})
    return ExitCode.DONE


def delete(client: Client, options: Namespace) -> int:
    """Delete an image that still is what was shown."""
    image = _find(client, options.image)
    if not options.json:
        note(_description(image))
    if options.dry_run:
        note("Nothing was deleted.")
        return ExitCode.DONE
    agree(options)
    client.delete(
        "images",
        str(image["id"]),
        digest=str(image["digest"]),
        siblings="delete" if options.siblings else None,
    )
    if options.json:
        emit(image)
    else:
        say(f"deleted: {image['name']}")
        if sentence := client.get("info").get("after_delete"):
            note(str(sentence))
    return ExitCode.DONE


def _with_doubts(pages: Iterable[Json]) -> Iterator[Json]:
    """Say beside the list why it may not be true."""
    for number, page in enumerate(pages):
        if not number and page.get("stale"):
            note(f"The registry could not be asked lately: this is what was there at {when(page.get('as_of'))}.")
        if not number:
            doubt(page)
        yield page


def _find(client: Client, image: str) -> Json:
    if is_beginning(image):
        return client.get("images", whole_id(client, "images", image))
    found = next(client.every("images", name=image), None)
    if found is None:
        raise CommandFailed(f"There is no image {image}. `repo2docker-service images` lists those that there are.")
    return found


def _description(image: Json) -> str:
    size, created = decimal(int(image.get("size") or 0)), when(image.get("created_at"))
    return f"{image['name']}: {size}, made {created}, owner {image.get('owner')}, {image['digest']}"


def agree(options: Namespace) -> None:
    """Ask whether to go on, unless that was said beforehand.

    Raises:
        CommandFailed: no, or there is nobody to be asked.
    """
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise CommandFailed("Nothing was deleted. Add --yes to delete without being asked.")
    print("Delete it? [y/N] ", end="", file=sys.stderr, flush=True)
    if plain(sys.stdin.readline()).lower() not in ("y", "yes"):
        raise CommandFailed("Nothing was deleted.")


def _emit_all(items: Iterable[Json]) -> int:
    for item in items:
        emit(item)
    return ExitCode.DONE
