"""The part of the Hub's spawn page in which people choose an environment: plain HTML that needs no script."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Final

from repo2docker_service.domain.servers import Profile
from repo2docker_service.entrypoints.jupyterhub.offers import AWAY, NOTHING_OFFERED, Offer, OfferedImage

SHOWN_AT_ONCE: Final = 12
"""Environments that are shown without being asked for."""
_LONGEST: Final = 200
_SPANS: Final = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


def render(offer: Offer, now: datetime | None = None, *, linked: str = "") -> str:
    """Give the form's content for an offer.

    Args:
        offer: what there is to choose.
        now: the moment for which ages are told.
        linked: the image that is chosen already, if it is offered; else the default is, if there is one.
    """
    parts = [_warning(AWAY)] if offer.away else []
    if offer.startable:
        parts += [_images(offer, now or datetime.now(UTC), linked), _profiles(offer)]
    elif not offer.away:
        parts.append(f'<p class="alert alert-info">{NOTHING_OFFERED}</p>')
    return "\n".join(part for part in (*parts, links(offer)) if part)


def label(image: OfferedImage, now: datetime | None = None) -> str:
    """Describe an image in one line of plain text."""
    return f"{title(image)} ({_origin(image)}, {age(image.created_at, now or datetime.now(UTC))})"


def title(image: OfferedImage) -> str:
    """Give what people call an image, as plain text."""
    return plain(image.title or image.repo.partition("://")[2].partition("/")[2] or image.repo)


def size(profile: Profile) -> str:
    """Give what a profile is called and what it sets, as plain text."""
    limits = [
        *([f"{profile.cpu:g} CPUs"] if profile.cpu else []),
        *([f"{profile.memory / 1024**3:.3g} GiB of memory"] if profile.memory else []),
    ]
    return plain(profile.title or profile.slug) + (f" ({', '.join(limits)})" if limits else "")


def age(then: datetime, now: datetime) -> str:
    """Say how long ago something was."""
    # Clocks differ.
    passed = max(now - then, timedelta())
    for unit, span in _SPANS:
        if number := passed // span:
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"


def plain(text: str) -> str:
    """Shorten a text to one line without characters that cannot be seen or turn the direction of what follows."""
    line = " ".join(text.split())[:_LONGEST]
    if line.isprintable():
        return line  # at once: while a page is made, nobody else is served by the Hub
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(each)[0] == "C" else each for each in line)


def _images(offer: Offer, now: datetime, linked: str) -> str:
    images = offer.startable
    # No other is chosen for anybody: the newest may be anyone's, made for those who press Start without a look.
    chosen = [image for image in images if image.is_called(linked)] or [image for image in images if image.default]
    choices = [_image(number, image, now, chosen=image in chosen[:1]) for number, image in enumerate(images)]
    first, rest = choices[:SHOWN_AT_ONCE], choices[SHOWN_AT_ONCE:]
    more = f"<details><summary>{len(rest)} more</summary>{''.join(rest)}</details>" if rest else ""
    return f"<fieldset><legend>Environment</legend>{''.join(first)}{more}</fieldset>"


def _image(number: int, image: OfferedImage, now: datetime, *, chosen: bool) -> str:
    named = f"r2d-image-{number}"
    checked = " checked" if chosen else ""
    marks = [*(["featured"] if image.featured else []), *(["private"] if image.private else [])]
    badges = "".join(f' <span class="badge text-bg-secondary">{mark}</span>' for mark in marks)
    lines = [
        f"<strong>{_text(title(image))}</strong>{badges}",
        *([_text(plain(image.description))] if image.description else []),
        f"<small>{_text(_origin(image))}, built {age(image.created_at, now)}</small>",
    ]
    return (
        f'<div class="form-check mb-2"><input class="form-check-input" type="radio" name="image" id="{named}"'
        f' value="{escape(image.reference)}" required{checked}>'
        f'<label class="form-check-label" for="{named}">{"<br>".join(lines)}</label></div>'
    )


def _origin(image: OfferedImage) -> str:
    folder = f", folder {image.subdir}" if image.subdir else ""
    ref = "default branch" if image.ref == "HEAD" else image.ref
    differs = f", with {', '.join(image.build_args)}" if image.build_args else ""
    doubt = ", not what was built" if image.changed_outside else ""
    return plain(f"{image.repo}{folder}, {ref} at {image.commit[:7]}{differs}{doubt}")


def _profiles(offer: Offer) -> str:
    if not offer.profiles_by_slug:
        return ""
    sizes = [(slug, size(profile)) for slug, profile in offer.profiles_by_slug.items()]
    options = [("", "As set for the environment"), *sizes]
    return (
        '<label class="form-label mt-2" for="r2d-profile">Size</label>'
        f'<select class="form-select" name="profile" id="r2d-profile">{"".join(_options(options))}</select>'
    )


def _options(options: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options)


def links(offer: Offer) -> str:
    """Give the HTML that leads to the services' own pages; empty when there are none."""
    pages = [f'<a href="{escape(page)}">{escape(plain(name))}</a>' for name, page in offer.pages.items()]
    return f'<p class="mt-3">Build an environment: {", ".join(pages)}</p>' if pages else ""


def _warning(text: str) -> str:
    return f'<p class="alert alert-warning">{escape(text)}</p>'


def _text(text: str) -> str:
    # What is written from right to left must not turn what stands after it.
    return f"<bdi>{escape(text)}</bdi>"
