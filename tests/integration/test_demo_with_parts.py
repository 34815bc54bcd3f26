"""The demo with a registry, which an image goes to that takes a while, and with a Hub: no time of these is measured."""

from __future__ import annotations

import json
import re

import pytest
from tests.integration.test_demo import demo, image_of
from tools.parts import singleuser_image
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("image")
def test_the_demo_pushes_to_a_registry_and_lists_what_is_there() -> None:
    done = demo(REGISTRY="v2")

    assert image_of(done).startswith("127.0.0.1:")
    assert "RUN cat /greeting.txt" in done.stdout
    assert "Pushing [" in done.stdout


@pytest.mark.usefixtures("image")
def test_the_demo_with_a_hub_builds_as_somebody_and_starts_a_server_that_answers(engine: Engine) -> None:
    singleuser_image.ensure(engine.url)

    done = demo(HUB="1")

    assert image_of(done)
    assert "user:builder" in done.stdout.partition("$ repo2docker-service images")[2]
    ready = re.search(r"(?m)^ready: http://127.0.0.1:\d+/user/builder/(\S+)/lab/tree/hello.ipynb$", done.stdout)
    assert ready is not None
    assert "Its notebook says: Hello. This was written at " in done.stdout
    # The name comes from the example's address, which is another one in each run.
    filters = json.dumps({"name": [f"-builder--{ready[1]}$"]})
    assert DockerApi(engine.url).ask("GET", "/containers/json", {"all": "1", "filters": filters}) == []
