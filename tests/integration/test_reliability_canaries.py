"""What is promised about credentials for repositories: `make reliability` in short."""

from __future__ import annotations

import base64
import gzip
import json
from urllib.parse import quote

import pytest
from tools.reliability import canaries
from tools.reliability.figures import missed
from tools.reliability.rig import Rig
from tools.reliability.secret_search import Mark

MARK = Mark("canary0123456789abcdef")
SECRET = f"ä %{MARK.word}/1"


@pytest.mark.parametrize(
    "text",
    [
        SECRET.encode(),
        quote(SECRET).encode(),
        json.dumps({"password": SECRET}).encode(),
        base64.b64encode(SECRET.encode()),
        base64.b64encode(f"ada:{SECRET}".encode()),
        base64.b64encode(f"x-token:{SECRET}".encode()),
        SECRET.encode().hex().encode(),
        gzip.compress(SECRET.encode()),
    ],
    ids=["plain", "quoted", "JSON", "base64", "Basic", "Basic by another name", "hex", "packed"],
)
def test_a_secret_is_found_in_each_form_that_it_may_have(text: bytes) -> None:
    assert MARK.is_in(text)
    assert not Mark(MARK.word.replace("0", "1")).is_in(text)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_opens_a_repository_is_found_nowhere_and_gives_others_nothing(rig: Rig) -> None:
    assert missed(canaries.run(rig, canaries.SHORT)) == []
