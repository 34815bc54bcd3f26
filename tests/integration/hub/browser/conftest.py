"""The Hub and the browsers of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.integration.hub.browser.watched import Watched, watched_service, watching
from tests.integration.hub.conftest import Behind


@pytest.fixture(scope="session")
def watched_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """Run the Hub, and behind it the service, for all tests of this folder."""
    with watched_service(tmp_path_factory.mktemp("watched")) as behind:
        yield behind


@pytest.fixture
def watched(watched_hub: Behind, chromium: Browser) -> Iterator[Watched]:
    """Open a browser in which nobody has logged in."""
    with watching(watched_hub, chromium) as watched:
        yield watched
