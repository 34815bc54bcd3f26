"""repo2docker runs as another user only where that user really can do less than the launcher."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from repo2docker_service.adapters.builders.containers import in_container
from repo2docker_service.adapters.builders.containers.in_container.uid_split import is_powerless

PACKAGES = str(Path(in_container.__file__).parent.parent)
UID = 10101
SPLIT = """
from in_container.uid_split import split_holds
print(split_holds(int(sys.argv[1]), sys.argv[2]), os.getpid(), flush=True)
"""
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can start a program as another user")


@pytest.fixture
def engine() -> Iterator[Path]:
    """Listen where only root may connect, in a folder that all may enter."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        Path(folder).chmod(0o755)
        path = Path(folder, "engine")
        listener.bind(str(path))
        listener.listen(100)
        path.chmod(0o660)
        yield path


def split(path: Path, *prefix: str) -> list[str]:
    """Try the split as a launcher does, and give what it prints; the answer stands before the launcher's number."""
    script = f"import os, sys\nsys.path.insert(0, {PACKAGES!r})\n{SPLIT}"
    command = [*prefix, sys.executable, "-I", "-S", "-c", script, str(UID), str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)
    *said, last = done.stdout.splitlines()
    return [*said, last.split()[0]]


NO_NEW = ("setpriv", "--no-new-privs")


@as_root
def test_a_user_that_reaches_nothing_of_the_launchers_is_another_one(engine: Path) -> None:
    assert split(engine, *NO_NEW) == ["True"]


@as_root
def test_groups_of_the_launcher_are_left_behind(engine: Path) -> None:
    assert split(engine, *NO_NEW, "--groups", "999") == ["True"]


@as_root
def test_a_launcher_that_cannot_become_another_user_is_refused(engine: Path) -> None:
    assert split(engine, *NO_NEW, "--bounding-set", "-setuid", "--inh-caps", "-all") == ["False"]


@as_root
@pytest.mark.parametrize(("mode", "group"), [(0o666, 0), (0o662, 0), (0o660, UID)], ids=["all", "others", "its group"])
def test_a_socket_that_this_user_may_open_is_refused(engine: Path, mode: int, group: int) -> None:
    os.chown(engine, 0, group)
    engine.chmod(mode)

    assert split(engine, *NO_NEW) == ["False"]


@as_root
def test_a_user_that_can_become_another_one_is_refused(engine: Path) -> None:
    assert split(engine) == ["False"]


@as_root
def test_a_launcher_that_is_not_root_is_refused(engine: Path) -> None:
    assert split(engine, *NO_NEW, "--reuid", str(UID), "--clear-groups") == ["False"]


@as_root
def test_a_launcher_that_may_not_open_the_socket_itself_says_so(engine: Path) -> None:
    os.chown(engine, UID, UID)
    said, held = split(engine, *NO_NEW, "--bounding-set", "-dac_override", "--inh-caps", "-all")

    assert said.startswith("The engine's socket cannot be opened: ")
    assert held == "False"


def test_a_socket_where_nobody_listens_is_refused(tmp_path: Path) -> None:
    assert split(tmp_path / "engine", *NO_NEW)[-1] == "False"


POWERLESS = {
    "Uid": f"\t{UID}\t{UID}\t{UID}\t{UID}\n",
    "Gid": f"\t{UID}\t{UID}\t{UID}\t{UID}\n",
    "Groups": "\t \n",
    "CapPrm": "\t0000000000000000\n",
    "CapEff": "\t0000000000000000\n",
    "CapAmb": "\t0000000000000000\n",
    "NoNewPrivs": "\t1\n",
}


@pytest.mark.parametrize("groups", ["\t \n", "", f"\t{UID} \n"])
def test_nothing_but_a_user_is_powerless(groups: str) -> None:
    assert is_powerless({**POWERLESS, "Groups": groups}, UID)


@pytest.mark.parametrize(
    "more",
    [
        {"Uid": f"\t{UID}\t{UID}\t0\t{UID}\n"},
        {"Gid": f"\t{UID}\t{UID}\t0\t{UID}\n"},
        {"Groups": f"\t0 {UID} \n"},
        {"Groups": "\t999 \n"},
        {"CapPrm": "\t0000000000000020\n"},
        {"CapEff": "\t00000000000000c0\n"},
        {"CapAmb": "\t0000000000000001\n"},
        {"NoNewPrivs": "\t0\n"},
    ],
    ids=str,
)
def test_whatever_is_left_of_root_is_power(more: dict[str, str]) -> None:
    assert not is_powerless({**POWERLESS, **more}, UID)
