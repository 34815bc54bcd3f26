"""Reads a catalog that an administrator wrote in YAML, and says which line is wrong and why."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from typing import Annotated, Any, Final

import yaml
from pydantic import Field
from traitlets import TraitError

from repo2docker_service.adapters.written.entries import BadEntry, Entry, Name, Text, by, near, read_entry
from repo2docker_service.domain.curation.catalog import CatalogEntry
from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.errors import InvalidInput
from repo2docker_service.domain.inputs import check_address, check_ref, check_subdir, is_commit

_MERGE: Final = "tag:yaml.org,2002:merge"


class BadCatalog(TraitError):
    """A catalog cannot be used as it is written; the text is a sentence for people, and names the line."""


def _commit(text: str) -> str:
    if text and not is_commit(text):
        raise InvalidInput("commit", "Give all 40 digits of the commit.")
    return text


class CatalogItem(Entry):
    """What an administrator says of one image."""

    repo: Annotated[str, by(check_address)]
    ref: Annotated[str, by(check_ref)] = ""
    commit: Annotated[str, by(_commit)] = ""
    subdir: Annotated[str, by(check_subdir)] = ""
    title: Text = ""
    description: Text = ""
    groups: Annotated[list[Name], Field(min_length=1)] | None = None
    featured: bool = False
    default: bool = False
    protected: bool = False
    profile: str = ""

    def entry(self, profiles: Collection[str]) -> CatalogEntry:
        """Give it in the words of the domain.

        Raises:
            BadEntry: it contradicts itself, or there is no such profile.
        """
        if self.ref and self.commit:
            raise BadEntry("commit: Give a ref or a commit, not both.")
        if self.profile and self.profile not in profiles:
            raise BadEntry(f"profile: There is no profile {self.profile}.{near(self.profile, list(profiles))}")
        ref = self.ref or "HEAD"
        said = Curation(
            title=self.title,
            description=self.description,
            groups=frozenset(self.groups or ()),
            featured=self.featured,
            default=self.default,
            protected=self.protected,
            profile=self.profile,
        )
        return CatalogEntry(self.repo, ref, self.commit or (ref if is_commit(ref) else ""), self.subdir, said)


class _Loader(yaml.SafeLoader):
    """Reads plain values only. Merging is left out, with which a few lines could grow without end."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - as the base has it
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag == _MERGE:
                raise yaml.constructor.ConstructorError(None, None, "merging with << is not possible", key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} is given twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def read_catalog(text: str | bytes, profiles: Collection[str]) -> tuple[CatalogEntry, ...]:
    """Read a list of entries; an empty text holds none.

    Args:
        text: YAML; bytes in UTF-8.
        profiles: slugs of the profiles that there are.

    Raises:
        BadCatalog: it is not YAML, or an entry is wrong; names the line, and the number of the entry.
    """
    return tuple(_checked(number, line, given, profiles) for number, (line, given) in enumerate(_values(text), 1))


def _checked(number: int, line: int, given: object, profiles: Collection[str]) -> CatalogEntry:
    try:
        return read_entry(CatalogItem, given).entry(profiles)
    except BadEntry as error:
        raise BadCatalog(f"line {line}, entry {number}: {error}") from None


def _values(text: str | bytes) -> Iterator[tuple[int, object]]:
    """Give each entry with the line on which it begins."""
    node, values = _parsed(text)
    if values is None:
        return
    if not isinstance(node, yaml.SequenceNode):
        raise BadCatalog("line 1: The catalog must be a list of entries, each beginning with a hyphen.")
    yield from zip((each.start_mark.line + 1 for each in node.value), values, strict=True)


def _parsed(text: str | bytes) -> tuple[yaml.Node | None, Any]:
    """Give the values, and the node that knows on which lines they are."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        raise BadCatalog(_what_is_wrong(error)) from None
    except RecursionError:
        raise BadCatalog("It is nested too deeply.") from None
    except Exception:  # noqa: BLE001 - a value that is said to be of another kind makes the library raise anything
        raise BadCatalog("It is not a text in UTF-8, or a value in it cannot be read.") from None


def _what_is_wrong(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    line = f"line {mark.line + 1}: " if mark else ""
    return f"{line}{error.problem or 'This is not YAML'}."
