"""Browsers of the tests hear of no network that comes or goes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tools.parts import still_network

ASK = "import socket; socket.socket(socket.{}, socket.SOCK_DGRAM).close()"


@pytest.mark.parametrize(("family", "is_given"), [("AF_NETLINK", False), ("AF_INET", True), ("AF_UNIX", True)])
def test_what_is_run_so_is_given_no_netlink_socket_and_all_others(family: str, is_given: bool) -> None:
    asking = [sys.executable, "-c", ASK.format(family)]
    subprocess.run(asking, check=True)

    done = subprocess.run(
        [sys.executable, still_network.__file__, *asking], capture_output=True, text=True, check=False
    )

    assert (done.returncode == 0) is is_given
    assert ("Address family not supported" in done.stderr) is not is_given
