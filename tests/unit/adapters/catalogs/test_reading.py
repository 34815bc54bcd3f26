"""A catalog as an administrator writes it."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.adapters.catalogs.reading import BadCatalog, read_catalog
from repo2docker_service.domain.curation.catalog import CatalogEntry
from repo2docker_service.domain.curation.curation import NOTHING_SAID, Curation

REPO = "https://example.org/a/b"
COMMIT = "0123456789" * 4

WHOLE = f"""
# What we offer.
- repo: HTTPS://Example.org/a/b/
  ref: main
  subdir: ./docs
  title: Climate
  description: |
    Models of the climate.
  groups: &course [course-a, staff]
  featured: true
  default: yes
  protected: true
  profile: small
- repo: {REPO}
  commit: "{COMMIT}"
  groups: *course
"""


def test_every_key_is_read() -> None:
    groups = frozenset({"course-a", "staff"})
    said = Curation(
        "Climate", "Models of the climate.\n", groups, featured=True, default=True, protected=True, profile="small"
    )

    assert read_catalog(WHOLE, ["small"]) == (
        CatalogEntry(REPO, "main", subdir="docs", curation=said),
        CatalogEntry(REPO, commit=COMMIT, curation=Curation(groups=groups)),
    )


def test_the_catalog_of_the_documentation_can_be_read() -> None:
    page = (Path(__file__).parents[4] / "docs" / "how-to" / "curate-environments.md").read_text()
    [example] = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)

    first, second = read_catalog(example, ["small", "large"])

    assert first.curation.default
    assert second.curation.groups == {"course-a", "staff"}


def test_an_entry_without_ref_is_about_the_default_branch() -> None:
    assert read_catalog(f"- repo: {REPO}", []) == (CatalogEntry(REPO, "HEAD", "", "", NOTHING_SAID),)


def test_a_commit_may_be_written_as_a_ref() -> None:
    assert read_catalog(f"- repo: {REPO}\n  ref: 'a{COMMIT[1:]}'", [])[0].commit == f"a{COMMIT[1:]}"


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[]", b"", "---\n"])
def test_an_empty_catalog_says_nothing(text: str | bytes) -> None:
    assert read_catalog(text, []) == ()


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("titel: Climate", "There is no key titel. Did you mean title?"),
        ("xyz: Climate", "There is no key xyz."),
        ("title: 2026", "title: This must be a text. Put it in quotes."),
        ("title: 2026-01-31", "title: This must be a text. Put it in quotes."),
        ("ref: 1.0", "ref: This must be a text. Put it in quotes."),
        ("ref: 'a b'", "ref: Give the exact name of a branch"),
        ("ref:", "ref: This must be a text. Put it in quotes."),
        (f"commit: {'1' * 40}", "commit: This must be a text. Put it in quotes."),
        ("commit: abc", "commit: Give all 40 digits of the commit."),
        (f"{{ref: main, commit: a{COMMIT[1:]}}}", "commit: Give a ref or a commit, not both."),
        ("subdir: ../x", "subdir: The folder must lie inside the repository"),
        ("featured: 1", "featured: This must be true or false."),
        ("groups: course-a", "groups: This must be a list."),
        ("groups: [a, 1]", "groups, item 2: This must be a text. Put it in quotes."),
        ("groups: ['']", "groups, item 1: This must not be empty."),
        ("groups: []", "groups: This must not be empty. Leave the key out instead."),
        ("profile: smal", "profile: There is no profile smal. Did you mean small?"),
        ("profile: xyz", "profile: There is no profile xyz."),
        ('title: "a\\u202eb"', "title: This holds characters that cannot be seen."),
        (f"description: {'x' * 2001}", "description: This is longer than 2000 characters."),
    ],
)
def test_what_is_wrong_is_named_with_line_entry_and_key(lines: str, sentence: str) -> None:
    wrong = f"  {lines}" if not lines.startswith("{") else "\n".join(f"  {each}" for each in lines[1:-1].split(", "))
    text = f"# a comment\n- repo: {REPO}\n\n- repo: {REPO}\n{wrong}\n"

    with pytest.raises(BadCatalog) as caught:
        read_catalog(text, ["small", "large"])

    assert str(caught.value).startswith(f"line 4, entry 2: {sentence}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- title: x", "line 1, entry 1: repo: This is needed."),
        ("- repo: git@example.org:a/b", "line 1, entry 1: repo: Give the address of a git repository"),
        ("- repo: https://me:secret@example.org/a", "line 1, entry 1: repo: The address must not hold a user name"),
        ("- https://example.org/a/b", "line 1, entry 1: This must have keys with values, such as repo."),
        (f"repo: {REPO}", "line 1: The catalog must be a list of entries"),
        ("- a\n- b: c: d", "line 2: mapping values are not allowed here."),
        (f"- repo: {REPO}\n  title: a\n  title: b", "line 3: title is given twice."),
        (f"- &a {{repo: '{REPO}'}}\n- {{<<: *a}}", "line 2: merging with << is not possible."),
        ("- {? [a] : b}", "line 1: found unhashable key."),
        ("- !!python/object/apply:os.getcwd []", "line 1: could not determine a constructor"),
        ("- a\n---\n- b", "line 2: but found another document."),
        ("- *nothing", "line 1: found undefined alias 'nothing'."),
        ("- !!timestamp x", "It is not a text in UTF-8, or a value in it cannot be read."),
        ("- !!bool x", "It is not a text in UTF-8, or a value in it cannot be read."),
        ("- 2026-99-99", "It is not a text in UTF-8, or a value in it cannot be read."),
        (f"- {'1' * 5000}", "It is not a text in UTF-8, or a value in it cannot be read."),
        (b"- \xff\xfe", "It is not a text in UTF-8, or a value in it cannot be read."),
        ("[" * 1_000, "It is nested too deeply."),
    ],
)
def test_what_is_no_catalog_is_told_in_a_sentence(text: str | bytes, sentence: str) -> None:
    with pytest.raises(BadCatalog) as caught:
        read_catalog(text, [])

    assert str(caught.value).startswith(sentence)


@pytest.mark.timeout(20)
def test_names_for_values_do_not_make_a_small_catalog_large() -> None:
    layers = [f"- &n{number} [{', '.join([f'*n{number - 1}'] * 10)}]" for number in range(1, 30)]

    with pytest.raises(BadCatalog, match="entry 1"):
        read_catalog("\n".join(["- &n0 [x]", *layers]), [])


@given(
    st.one_of(st.text(), st.binary(), st.lists(st.sampled_from("-:[]{}&*!<>|'\"\n \ta#?%@,"), max_size=30).map("".join))
)
def test_whatever_is_written_is_read_or_refused_in_a_sentence(text: str | bytes) -> None:
    with suppress(BadCatalog):
        read_catalog(text, [])
