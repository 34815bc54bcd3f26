"""The spawn page of jupyterhub-fancy-profiles, in a browser: a repository is built, and its image is what would start.

All of it is as it was published, and KubeSpawner too: only behind that is no cluster.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.integration.binder.hub.conftest import Profiles
from tests.integration.browser import PATIENCE
from tools.parts.repository import Repository

BUILT = 90_000
"""Milliseconds in which a build ends on a busy machine."""


@pytest.fixture
def page(profiles: Profiles, chromium: Browser) -> Iterator[Page]:
    """Open the spawn page as somebody who may build, and choose to."""
    with chromium.new_context() as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{profiles.hub.url}hub/spawn")
        page.fill("input[name=username]", "alice")
        with page.expect_navigation():
            page.click("input[type=submit]")
        page.get_by_label("Environment").click()
        page.get_by_text("Build your own image", exact=True).click()
        yield page


def begin(page: Page, address: str, ref: str = "HEAD") -> Locator:
    """Have a repository built and started, and give the log in the page."""
    page.get_by_role("combobox", name="Repository").fill(address)
    page.get_by_role("combobox", name="Git Ref").fill(ref)
    page.get_by_role("button", name="Build Image and Start").click()
    return page.locator(".xterm-rows")


def test_a_repository_that_is_pasted_is_built_with_its_log_in_the_page_and_its_image_would_start(
    profiles: Profiles, page: Page, image: str
) -> None:
    marker, name = secrets.token_hex(4), f"{secrets.token_hex(4)}/example"
    step = f"FROM {image}\nRUN echo {marker} && sleep 2\n"
    commit = Repository(profiles.git.root, name).commit({"Dockerfile": step}, "The only one")

    log = begin(page, f"https://github.com/{name}")
    expect(log).to_contain_text(marker, timeout=BUILT)
    expect(page.get_by_text("There is no cluster here.")).to_be_visible(timeout=BUILT)

    [there] = profiles.of("alice").get(f"gh/{name}/{commit}?build_only=true")
    assert there["phase"] == "ready"
    assert profiles.started[-1] == ["alice", there["imageName"]]


def test_a_build_that_fails_says_why_in_the_page_and_nothing_starts(profiles: Profiles, page: Page) -> None:
    name, before = f"{secrets.token_hex(4)}/broken", profiles.started
    Repository(profiles.git.root, name).commit({"Dockerfile": "FROM scratch\nCOPY what-is-missing /\n"}, "One", "odd/x")

    log = begin(page, name, "odd/x")
    expect(page.get_by_text("image build failed").first).to_be_visible(timeout=BUILT)

    expect(log).to_contain_text("what-is-missing")
    expect(page.get_by_role("button", name="Build Image and Start")).to_be_enabled()
    assert profiles.started == before
