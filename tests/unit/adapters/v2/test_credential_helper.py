"""Docker's credential helpers: here, little scripts (case 17)."""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from repo2docker_service.adapters.registries.v2.auth.credential_helper import ask_helper
from repo2docker_service.adapters.registries.v2.auth.secret import BadCredentials, Credential, Secret

pytestmark = pytest.mark.served
MakeHelper = Callable[[str], Path]
NAME = "test"
SERVER = "registry.example:5000"
GOOD = """echo '{"ServerURL": "x", "Username": "ada", "Secret": "pass"}'"""


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeHelper:
    """Make the helper of a script, where programs are looked for."""
    folder = tmp_path / "helpers"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def make(script: str) -> Path:
        file = folder / f"docker-credential-{NAME}"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return folder

    return make


async def test_a_helper_is_asked_as_docker_asks_it(helper: MakeHelper) -> None:
    folder = helper(f'echo "$@" > "$0.words"; cat > "$0.read"; {GOOD}')

    assert await ask_helper(NAME, SERVER) == Credential("ada", Secret("pass"))
    assert (folder / f"docker-credential-{NAME}.words").read_text() == "get\n"
    assert (folder / f"docker-credential-{NAME}.read").read_text() == SERVER


async def test_a_helper_that_does_not_listen_may_answer(helper: MakeHelper) -> None:
    helper(f"exec <&-; {GOOD}")

    assert await ask_helper(NAME, SERVER) == Credential("ada", Secret("pass"))


async def test_a_secret_can_be_an_identity_token(helper: MakeHelper) -> None:
    helper("""echo '{"Username": "<token>", "Secret": "refresh"}'""")

    assert await ask_helper(NAME, SERVER) == Credential(identity_token=Secret("refresh"))


async def test_a_helper_may_have_nothing(helper: MakeHelper) -> None:
    helper("echo 'credentials not found in native keychain'; exit 1")

    assert await ask_helper(NAME, SERVER) is None


async def test_a_helper_that_crashes_is_an_error_that_tells_no_secret(helper: MakeHelper) -> None:
    helper("echo 'the secret is: pass'; echo pass >&2; exit 3")

    with pytest.raises(BadCredentials, match=f"docker-credential-{NAME} failed with status 3") as caught:
        await ask_helper(NAME, SERVER)
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    "answer", ["", "no JSON", "[]", "{}", '{"Username": "ada"}', '{"Username": 1, "Secret": "s"}', "[" * 30_000]
)
async def test_what_nobody_understands_is_an_error(answer: str, helper: MakeHelper) -> None:
    (helper('cat "$0.answer"') / f"docker-credential-{NAME}.answer").write_text(answer)

    with pytest.raises(BadCredentials, match="something else"):
        await ask_helper(NAME, SERVER)


async def test_a_helper_that_talks_without_end_is_cut_short(helper: MakeHelper) -> None:
    helper("while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done")

    with pytest.raises(BadCredentials, match="something else"):
        await ask_helper(NAME, SERVER)


async def test_a_helper_that_hangs_is_ended_with_all_it_started(helper: MakeHelper) -> None:
    folder = helper('sleep 100 & echo $! > "$0.child"; wait')
    started = time.monotonic()

    with pytest.raises(BadCredentials, match=r"did not answer within 0.5 s"):
        await ask_helper(NAME, SERVER, seconds=0.5)
    assert time.monotonic() - started < 5
    assert await eventually(lambda: ended(folder))


async def test_a_helper_ends_when_nobody_waits_for_it(helper: MakeHelper) -> None:
    folder = helper('sleep 100 & echo $! > "$0.child"; wait')
    asking = asyncio.create_task(ask_helper(NAME, SERVER))
    assert await eventually(lambda: child(folder).exists())

    asking.cancel()
    await asyncio.wait({asking})

    assert asking.cancelled()
    assert await eventually(lambda: ended(folder))


async def test_a_helper_ends_when_it_is_given_up_while_it_starts(
    helper: MakeHelper, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = helper('sleep 100 & echo $! > "$0.child"; wait')
    start = asyncio.create_subprocess_exec

    async def start_slowly(*words: Any, **more: Any) -> asyncio.subprocess.Process:
        process = await start(*words, **more)
        await eventually(lambda: child(folder).exists())
        asking.cancel()
        await asyncio.sleep(0.1)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start_slowly)
    asking = asyncio.create_task(ask_helper(NAME, SERVER))
    await asyncio.wait({asking})

    assert asking.cancelled()
    assert await eventually(lambda: ended(folder))


async def test_a_helper_does_not_see_the_secrets_of_the_service(
    helper: MakeHelper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPO2DOCKER_SERVICE_TOKEN", "ours")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "the hub's")
    monkeypatch.setenv("CLOUD_REGION", "somewhere")
    folder = helper(f'env > "$0.env"; {GOOD}')

    await ask_helper(NAME, SERVER)

    seen = (folder / f"docker-credential-{NAME}.env").read_text()
    assert "CLOUD_REGION=somewhere" in seen
    assert "REPO2DOCKER_SERVICE_" not in seen
    assert "JUPYTERHUB_" not in seen


@pytest.mark.parametrize("name", ["", "../test", "a b", "test;id", "/bin/sh", "test\n", "t\u00e9st"])
async def test_a_helper_with_an_odd_name_is_not_started(name: str, helper: MakeHelper) -> None:
    helper(GOOD)

    with pytest.raises(BadCredentials, match="cannot have the name"):
        await ask_helper(name, SERVER)


async def test_a_helper_that_is_not_there_is_an_error() -> None:
    with pytest.raises(BadCredentials, match="docker-credential-not-here cannot be started: No such file"):
        await ask_helper("not-here", SERVER)


def child(folder: Path) -> Path:
    """Give what the system shows of the process that the helper started."""
    file = folder / f"docker-credential-{NAME}.child"
    number = file.read_text().strip() if file.exists() else ""
    return Path("/proc", number or "not started", "stat")


def ended(folder: Path) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return child(folder).read_text().rpartition(")")[2].split()[0] == "Z"
    return True


async def eventually(happens: Callable[[], bool]) -> bool:
    """Give the system, and the helper, some time."""
    for _ in range(250):
        if happens():
            return True
        await asyncio.sleep(0.02)
    return False
