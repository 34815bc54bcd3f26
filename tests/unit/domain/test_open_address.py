"""Where a browser is led when a server is ready."""

from __future__ import annotations

from urllib.parse import unquote, urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repo2docker_service.domain.errors import InvalidInput
from repo2docker_service.domain.inputs import check_open_path
from repo2docker_service.domain.servers import open_address

SERVER = "/user/ada/mine/"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("", SERVER),
        ("first.ipynb", f"{SERVER}lab/tree/first.ipynb"),
        ("notebooks/", f"{SERVER}lab/tree/notebooks/"),
        ("a b/50% über?.ipynb", f"{SERVER}lab/tree/a%20b/50%25%20%C3%BCber%3F.ipynb"),
        ("/rstudio", f"{SERVER}rstudio"),
        ("/", SERVER),
        ("/voila/render/a.ipynb?dark=1&x=a b#top", f"{SERVER}voila/render/a.ipynb?dark=1&x=a%20b#top"),
        ("/already%20quoted", f"{SERVER}already%20quoted"),
    ],
)
def test_a_file_is_opened_by_jupyterlab_and_an_address_as_it_is(path: str, address: str) -> None:
    assert open_address(SERVER, path) == address


def test_a_server_that_is_nowhere_has_no_address() -> None:
    assert not open_address("", "first.ipynb")


_PIECES = st.lists(
    st.sampled_from(["a", "é", " ", "/", "..", "/..", ".", "%2e", "%252e", "%2F", "?", "#", "\\", ":"]), max_size=14
)


@given(_PIECES.map("".join))
@example("/..#")
@example("/..?")
@example("a?/../../../../../mallory/")
@example("a#/../../../../../mallory/")
def test_what_is_taken_leads_to_the_server_and_nowhere_else(path: str) -> None:
    try:
        check_open_path(path)
    except InvalidInput:
        return
    address = urljoin("https://hub.example/", open_address(SERVER, path))

    assert address.startswith(f"https://hub.example{SERVER}")
    assert ".." not in unquote(address.partition("?")[0].partition("#")[0]).split("/")
