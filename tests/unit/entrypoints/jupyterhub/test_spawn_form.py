"""What people see in the Hub's spawn page."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from tests.unit.entrypoints.jupyterhub.samples import GPU, NOW, SMALL, image, offer

from repo2docker_service.domain.servers import Profile
from repo2docker_service.entrypoints.jupyterhub import form
from repo2docker_service.entrypoints.jupyterhub.offers import Offer

TAGS = {
    "a",
    "bdi",
    "br",
    "details",
    "div",
    "fieldset",
    "input",
    "label",
    "legend",
    "option",
    "p",
    "select",
    "small",
    "span",
    "strong",
    "summary",
}
ATTRIBUTES = {"checked", "class", "for", "href", "id", "name", "required", "type", "value"}
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    "</label></fieldset></form><form action=//evil.example>",
    "&lt;script&gt;",
    "{{ 7 * 7 }}{% raw %}",
]


class Page(HTMLParser):
    """What a browser makes of the form."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(given: Offer) -> Page:
    return Page(form.render(given, NOW))


def test_each_environment_can_be_chosen_by_what_a_spawner_starts() -> None:
    images = image(1), image(2)

    inputs = page(offer(*images)).all("input")

    assert [each["value"] for each in inputs] == [each.reference for each in images]
    assert {each["name"] for each in inputs} == {"image"}


def test_an_environment_tells_where_it_comes_from_and_how_old_it_is() -> None:
    text = page(offer(image(title="Climate", subdir="lessons", description="A model of the climate"))).text

    assert "Climate" in text
    assert "A model of the climate" in text
    assert "https://example.org/a/b1, folder lessons, main at 0123456" in text
    assert "built 3 days ago" in text


def test_the_default_branch_is_called_so() -> None:
    assert "https://example.org/a/b1, default branch at 0123456" in page(offer(image(ref="HEAD"))).text


def test_an_environment_that_somebody_made_differ_says_by_what() -> None:
    assert "at 0123456, with BASE, <b>X</b>" in page(offer(image(build_args=("BASE", "<b>X</b>")))).text


def test_an_environment_without_title_is_called_after_its_repository() -> None:
    assert form.title(image()) == "a/b1"
    assert form.title(image(repo="https://example.org")) == "https://example.org"


@pytest.mark.parametrize("which", [0, 2])
def test_the_default_is_chosen_already_wherever_it_stands(which: int) -> None:
    images = [image(number, default=number == which) for number in range(3)]

    inputs = page(offer(*images)).all("input")

    assert ["checked" in each for each in inputs] == [number == which for number in range(3)]


def test_nothing_is_chosen_already_where_nothing_is_the_default() -> None:
    assert ["checked" in each for each in page(offer(image(1, featured=True), image(2))).all("input")] == [False, False]


def test_what_cannot_start_is_not_shown_and_never_chosen_already() -> None:
    inputs = page(offer(image(1, default=True, launchable=False), image(2, launchable=None))).all("input")

    assert [each["value"] for each in inputs] == [image(2).reference]
    assert "checked" not in inputs[0]


def test_many_environments_are_unfolded_without_a_script() -> None:
    shown = page(offer(*(image(number) for number in range(form.SHOWN_AT_ONCE + 3))))

    assert len(shown.all("input")) == form.SHOWN_AT_ONCE + 3
    assert "3 more" in shown.text
    assert len(shown.all("details")) == 1


def test_profiles_say_what_a_server_may_use() -> None:
    shown = page(offer(image(), profiles=(SMALL, GPU)))

    assert [each["value"] for each in shown.all("option")] == ["", "small", "gpu"]
    assert "Small (0.5 CPUs, 1 GiB of memory)" in shown.text
    assert "With GPU" in shown.text


def test_there_is_nothing_to_choose_where_there_are_no_profiles() -> None:
    assert page(offer(image())).all("select") == []


def test_an_empty_list_says_where_to_build() -> None:
    shown = page(offer(profiles=(SMALL,)))

    assert "no environment" in shown.text
    assert [each["href"] for each in shown.all("a")] == ["/jhub/services/repo2docker/"]
    assert shown.all("input") == shown.all("select") == []


def test_a_service_that_does_not_answer_is_no_empty_list() -> None:
    shown = page(offer(away=("repo2docker",)))

    assert "cannot be read now" in shown.text
    assert "no environment" not in shown.text


def test_one_service_that_does_not_answer_hides_nothing_of_another() -> None:
    shown = page(offer(image(), away=("second",)))

    assert "cannot be read now" in shown.text
    assert len(shown.all("input")) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_people_write_becomes_html(text: str) -> None:
    hostile = image(
        title=text,
        description=text,
        repo=f"https://example.org/{text}",
        ref=text,
        subdir=text,
        reference=f"localhost/{text}",
        commit=text,
    )
    profile = Profile("p", text, text)

    shown = page(Offer([hostile], {text: [profile], "repo2docker": [profile]}, {text: f"/services/{text}/"}))

    assert {tag for tag, _ in shown.tags} <= TAGS
    assert {name for _, attributes in shown.tags for name in attributes} <= ATTRIBUTES
    assert shown.all("input")[0]["value"] == f"localhost/{text}"
    assert " ".join(text.split()) in shown.text


def test_no_script_and_no_style_is_needed() -> None:
    html = form.render(offer(image(featured=True, private=True), profiles=(SMALL,)), NOW)

    assert {tag for tag, _ in Page(html).tags} <= TAGS
    assert {name for _, attributes in Page(html).tags for name in attributes} <= ATTRIBUTES


def test_characters_that_cannot_be_seen_or_turn_the_text_are_shown_as_such() -> None:
    shown = page(offer(image(title="safe\u202egnp.exe\u200b\x1b[31m\n\nnext")))

    assert "safe\ufffdgnp.exe\ufffd\ufffd[31m next" in shown.text
    assert "\u202e" not in shown.text


def test_each_text_of_somebody_keeps_its_direction_for_itself() -> None:
    assert "<bdi>שלום</bdi>" in form.render(offer(image(title="שלום")), NOW)


def test_a_long_text_is_cut() -> None:
    assert len(form.plain("x" * 5000)) == 200


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=400), "400 days ago"),
    ],
)
def test_an_age_is_said_in_the_largest_unit(passed: timedelta, said: str) -> None:
    assert form.age(NOW - passed, NOW) == said
