"""What runs in the containers does its work once, ends in time, and says why it ended."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from repo2docker_service.adapters.builders.containers import in_container
from repo2docker_service.adapters.builders.containers.in_container import builder, codes, git_credentials, hooks
from repo2docker_service.adapters.builders.containers.in_container.backends import EngineBackend
from repo2docker_service.adapters.builders.containers.in_container.public_proxy import PROXIES

PACKAGES = str(Path(in_container.__file__).parent.parent)
KILLED_BY_KERNEL = -signal.SIGKILL


def python(script: str, *arguments: object, stderr: int = subprocess.STDOUT) -> "subprocess.Popen[str]":
    """Run a script beside the in-container package, so that no signal mask of ours changes."""
    lines = f"import sys\nsys.path.insert(0, {PACKAGES!r})\n{script}"
    command = [sys.executable, "-I", "-S", "-c", lines, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)


def result(process: "subprocess.Popen[str]") -> tuple[int, str]:
    with process:
        output, _ = process.communicate(timeout=20)
    return process.returncode, output


# --- the guard --------------------------------------------------------------------------------

WORK = """
from in_container.guard import pending_end, run_once
import errno, os, signal
folder, then = sys.argv[1:]
def work():
    print("working", flush=True)
    if then == "write":
        raise OSError(errno.EDQUOT, "Disk quota exceeded")
    if then == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if then.startswith("SIG"):
        os.kill(os.getpid(), getattr(signal, then))
        return pending_end()
    return int(then)  # fails for what is no number
sys.exit(run_once(folder, work))
"""


@pytest.mark.parametrize("code", [0, 72])
def test_work_is_done_once_however_often_a_container_is_started(tmp_path: Path, code: int) -> None:
    assert result(python(WORK, tmp_path, code)) == (code, "working\n")
    assert result(python(WORK, tmp_path, 0)) == (code, "")


def test_work_that_breaks_is_our_own_fault_and_says_what_happened(tmp_path: Path) -> None:
    code, printed = result(python(WORK, tmp_path, "nonsense"))

    assert code == codes.INTERNAL
    assert printed.splitlines()[1].startswith("This container could not do its work: ValueError(")
    assert result(python(WORK, tmp_path, 0)) == (codes.INTERNAL, "")


def test_work_that_finds_a_full_disk_was_kept_by_it(tmp_path: Path) -> None:
    code, printed = result(python(WORK, tmp_path, "write"))

    assert code == codes.OUT_OF_RESOURCES
    assert printed == "working\nThe disk of the engine was full and kept this container from its work.\n"


NOTHING_CAN_BE_MADE = """
import errno, os
def mkdir(path):
    raise OSError(errno.ENOSPC, "No space left on device", path)
os.mkdir = mkdir
"""


def test_a_disk_that_is_full_before_the_work_begins_keeps_it_from_that(tmp_path: Path) -> None:
    code, printed = result(python(NOTHING_CAN_BE_MADE + WORK, tmp_path, 0))

    assert code == codes.OUT_OF_RESOURCES
    assert printed == "The disk of the engine was full and kept this container from its work.\n"


def test_work_that_was_killed_before_it_could_say_how_it_ended_is_lost(tmp_path: Path) -> None:
    assert result(python(WORK, tmp_path, "die")) == (KILLED_BY_KERNEL, "working\n")
    assert result(python(WORK, tmp_path, 0)) == (codes.LOST, "")


def test_an_end_that_cannot_be_written_is_told_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "ended").mkdir()  # as good as a full disk

    assert result(python(WORK, tmp_path, 73)) == (73, "working\n")


def test_an_end_that_was_written_only_in_part_is_none(tmp_path: Path) -> None:
    (tmp_path / "ran").mkdir()
    (tmp_path / "ended").write_text("")

    assert result(python(WORK, tmp_path, 0)) == (codes.LOST, "")


def test_nothing_is_done_in_a_container_that_was_cancelled_before(tmp_path: Path) -> None:
    (tmp_path / "cancelled").touch()

    assert result(python(WORK, tmp_path, 0)) == (codes.CANCELLED, "")
    (tmp_path / "cancelled").unlink()
    assert result(python(WORK, tmp_path, 0)) == (codes.CANCELLED, "")


def test_what_was_done_before_a_cancel_is_not_undone(tmp_path: Path) -> None:
    result(python(WORK, tmp_path, 0))
    (tmp_path / "cancelled").touch()

    assert result(python(WORK, tmp_path, 72)) == (codes.OK, "")


@pytest.mark.parametrize(("name", "code"), [("SIGUSR1", codes.CANCELLED), ("SIGTERM", codes.LOST)])
def test_a_signal_during_the_work_waits_until_it_is_asked_for(tmp_path: Path, name: str, code: int) -> None:
    assert result(python(WORK, tmp_path, name)) == (code, "working\n")


# --- waiting for repo2docker ------------------------------------------------------------------

WAIT = """
from in_container import builder, disk, guard
import os, signal, subprocess
timeout, command = sys.argv[1:]
signal.pthread_sigmask(signal.SIG_BLOCK, {guard.CANCEL, guard.STOP, signal.SIGCHLD})
family, member = os.pipe()  # ends when nobody of the child's family is left
child = subprocess.Popen(["sh", "-c", command], start_new_session=True, stdout=subprocess.DEVNULL,
                         pass_fds=[member], preexec_fn=builder.unblock_signals)
os.close(member)
print("waiting", flush=True)
code = builder.wait(child, float(timeout), disk.DiskWatch())
builder.kill_group(child)
os.read(family, 1)
print(code, child.returncode, flush=True)
"""
FAMILY = "sleep 60 & (sleep 60; true) & sleep 60"


def test_a_build_ends_at_its_deadline_with_all_that_it_started() -> None:
    assert result(python(WAIT, 0.1, FAMILY)) == (
        0,
        f"waiting\nThe build took longer than 0.1 seconds and was stopped.\n{codes.TIMED_OUT} {KILLED_BY_KERNEL}\n",
    )


@pytest.mark.parametrize(
    ("received", "code"), [(signal.SIGUSR1, codes.CANCELLED), (signal.SIGTERM, codes.LOST)], ids=["cancel", "stop"]
)
def test_a_build_ends_at_a_signal_with_all_that_it_started(received: signal.Signals, code: int) -> None:
    process = python(WAIT, 60, FAMILY)
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"

    process.send_signal(received)

    assert result(process) == (0, f"{code} {KILLED_BY_KERNEL}\n")


def test_a_build_that_ends_by_itself_leaves_nothing_behind() -> None:
    assert result(python(WAIT, 60, "sleep 60 & exit 7")) == (0, "waiting\nNone 7\n")


def test_a_child_hears_the_signals_that_its_launcher_blocks() -> None:
    assert result(python(WAIT, 60, "kill -TERM $$")) == (0, f"waiting\nNone {-signal.SIGTERM}\n")


START = """
from in_container import builder
import os
phase, told = os.pipe()
command = "echo out; echo err >&2; echo fetched >&$R2D_PHASE_FD; readlink /proc/self/cwd; id -u; id -G; cat"
env = {**os.environ, "R2D_PHASE_FD": str(told)}
child = builder.start({"argv": ["sh", "-c", command], "uid": 10101}, env, sys.argv[1])
os.close(told)
print(child.wait(), os.getpgid(0) == child.pid, builder.read_all(phase), flush=True)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start a program as another user")
def test_the_child_is_nobody_in_an_empty_place_and_says_all_in_one_stream(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    code, output = result(python(START, tmp_path, stderr=subprocess.DEVNULL))

    assert code == 0
    assert output.splitlines() == ["out", "err", f"{tmp_path}/empty", "10101", "10101", "0 False b'fetched\\n'"]


def test_what_a_build_leaves_behind_keeps_nobody_waiting() -> None:
    phase, told = os.pipe()
    os.write(told, builder.FETCHED)

    assert builder.read_all(phase) == builder.FETCHED  # though the pipe is still open for writing
    os.close(told)


def test_a_build_that_says_nothing_has_not_fetched() -> None:
    phase, told = os.pipe()
    os.close(told)

    assert builder.read_all(phase) == b""


# --- how repo2docker ended --------------------------------------------------------------------


@pytest.mark.parametrize("told", [b"", builder.FETCHED])
@pytest.mark.parametrize("status", sorted(codes.FROM_REPO2DOCKER))
def test_a_code_of_our_own_hooks_is_passed_on(status: int, told: bytes) -> None:
    assert builder.outcome(status, told) == status


@pytest.mark.parametrize(
    "status",
    [2, 127, -signal.SIGTERM, -signal.SIGSEGV, codes.TIMED_OUT, codes.CANCELLED, codes.LOST, codes.PUSH_FAILED],
)
def test_a_code_that_no_hook_of_ours_gives_is_internal(status: int) -> None:
    assert builder.outcome(status, builder.FETCHED) == codes.INTERNAL


def test_a_failure_counts_against_the_repository_only_once_it_was_fetched() -> None:
    assert builder.outcome(1, b"") == codes.INTERNAL
    assert builder.outcome(1, builder.FETCHED) == codes.BUILD_FAILED


def test_a_child_that_the_kernel_killed_ran_out_of_memory(capsys: pytest.CaptureFixture[str]) -> None:
    assert builder.outcome(KILLED_BY_KERNEL, b"") == codes.OUT_OF_RESOURCES
    assert capsys.readouterr().out == "The build was killed because it used more memory than it may.\n"


def test_the_child_asks_git_for_nothing_but_the_web(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")

    found = builder.environment("/run/r2d", 7, EngineBackend("/run/r2d", "/run/real/docker.sock"))

    assert found["HTTPS_PROXY"] == "http://proxy:3128"
    assert (found["GIT_ALLOW_PROTOCOL"], found["GIT_TERMINAL_PROMPT"]) == ("http:https", "0")
    assert found["DOCKER_HOST"] == "unix:///run/r2d/docker.sock"
    assert found["R2D_PHASE_FD"] == "7"


@pytest.mark.parametrize(
    ("variables", "proxies"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://a"}, {"httpsProxy": "http://a"}),
        ({"http_proxy": "http://b", "NO_PROXY": "c"}, {"httpProxy": "http://b", "noProxy": "c"}),
    ],
)
def test_docker_is_told_of_the_proxies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], proxies: dict[str, str] | None
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    builder.write_proxies(str(tmp_path / "docker"))

    written = json.loads((tmp_path / "docker" / "config.json").read_text())
    assert written == ({"proxies": {"default": proxies}} if proxies else {})


# --- inside repo2docker -----------------------------------------------------------------------

OUT_OF_RESOURCES_LINES = [
    "#8 ERROR: executor failed running [/bin/sh -c kill -9 $$]: exit code: 137\n",
    '#8 ERROR: process "/bin/sh -c kill -9 $$" did not complete successfully: exit code: 137\n',
    'ERROR: failed to solve: process "/bin/sh -c kill -9 $$" did not complete successfully: exit code: 137\n',
    "#12 ERROR: failed to copy files: copy file range failed: no space left on device\n",
    "ERROR: failed to solve: failed to register layer: write /a/b: no space left on device",
]
OTHER_LINES = [
    "",
    "exit code: 137\n",
    "#8 0.123 ERROR: exit code: 137\n",
    "#8 0.123 ERROR: no space left on device\n",
    "0.123 ERROR: process did not complete successfully: exit code: 137\n",
    " > [2/2] RUN echo ERROR: exit code: 137:\n",
    '#8 ERROR: process "/bin/sh -c echo exit code: 137; exit 1" did not complete successfully: exit code: 1\n',
    '#8 ERROR: process "/bin/sh -c echo no space left on device" did not complete successfully: exit code: 2\n',
    '#8 ERROR: process "/bin/sh -c x" did not complete successfully: exit code: 1370\n',
    "#8 [2/2] RUN echo ERROR: exit code: 137\n",
    "#8 CANCELED\n",
]


@pytest.mark.parametrize("line", OUT_OF_RESOURCES_LINES)
def test_what_old_and_new_engines_say_of_spent_resources_is_understood(line: str) -> None:
    assert hooks.OUT_OF_RESOURCES.fullmatch(line)


@pytest.mark.parametrize("line", OTHER_LINES)
def test_what_a_step_prints_or_is_told_to_run_is_no_word_of_the_engine(line: str) -> None:
    assert not hooks.OUT_OF_RESOURCES.fullmatch(line)


@given(st.text(), st.integers(0, 99))
@example("ERROR: exit code: 137", 1)
def test_no_step_can_speak_for_the_engine(text: str, step: int) -> None:
    assert not hooks.OUT_OF_RESOURCES.fullmatch(f"#{step} 0.123 {text}\n")
    assert not hooks.OUT_OF_RESOURCES.fullmatch(f'#{step} ERROR: process "{text}" did not complete: exit code: 1\n')


class StandIn:
    """As much of repo2docker as the hooks change."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fails_at = ""
        self.lines: list[str] = []
        self.said: list[str] = []
        self.arguments: Iterable[str] = ()
        self.git = ModuleType("repo2docker.contentproviders.git")
        self.git.execute_cmd = self.execute_cmd  # type: ignore[attr-defined]
        providers = ModuleType("repo2docker.contentproviders")
        providers.git = self.git  # type: ignore[attr-defined]
        docker = ModuleType("repo2docker.docker")
        stand_in = self

        class Git:
            def fetch(self, spec: str, output_dir: str, yield_output: bool = False) -> Iterator[str]:
                for step in ("clone", "reset", "submodule"):
                    try:
                        yield from stand_in.git.execute_cmd(["git", step, spec], cwd=output_dir, capture=yield_output)
                    except subprocess.CalledProcessError as error:
                        raise ValueError("the provider's own error") from error

        class Repo2Docker:
            content_providers: Sequence[Callable[[], Any]] = (Git,)

            def fetch(self, url: str, ref: str, checkout_path: str) -> None:
                assert ref == "main"
                for line in self.content_providers[0]().fetch(url, checkout_path, yield_output=True):
                    stand_in.said.append(line)

        class DockerEngine:
            extra_buildx_build_args = ("--pull",)

            def build(self, **kwargs: Any) -> Iterator[str]:
                stand_in.arguments = self.extra_buildx_build_args
                yield from stand_in.lines
                if stand_in.fails_at == "build":
                    raise subprocess.CalledProcessError(1, "docker")
                if stand_in.fails_at == "otherwise":
                    raise ValueError("not the engine's build")

        self.app, self.engine = Repo2Docker, DockerEngine
        app = ModuleType("repo2docker.app")
        app.Repo2Docker = Repo2Docker  # type: ignore[attr-defined]
        docker.DockerEngine = DockerEngine  # type: ignore[attr-defined]
        package = ModuleType("repo2docker")
        package.app, package.contentproviders, package.docker = app, providers, docker  # type: ignore[attr-defined]
        for module in (package, app, providers, self.git, docker):
            monkeypatch.setitem(sys.modules, module.__name__, module)

    def execute_cmd(self, command: list[str], *, cwd: str, capture: bool = False) -> Iterator[str]:
        yield f"{command[1]} {cwd} {capture}\n"
        if command[1] == self.fails_at:
            raise subprocess.CalledProcessError(128, command)


@pytest.fixture
def repo2docker(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    return StandIn(monkeypatch)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file that tells git what opens the repository."""
    place = tmp_path / "kept.json"
    place.touch()
    monkeypatch.setattr(git_credentials.forget, "__defaults__", (str(place),))
    return place


@pytest.fixture
def fetch(repo2docker: StandIn) -> Iterator[Callable[[], bytes]]:
    """Fetch, and give what the launcher was told."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    hooks.watch_fetch(write, {"bytes": 0, "files": 0})

    def run() -> bytes:
        try:
            repo2docker.app().fetch("url", "main", "folder")
        finally:
            os.write(write, b".")
        return os.read(read, 100).removesuffix(b".")

    yield run
    os.close(read)
    os.close(write)


def test_a_fetch_says_what_it_always_says_and_tells_the_launcher(
    fetch: Callable[[], bytes], repo2docker: StandIn
) -> None:
    assert fetch() == builder.FETCHED
    assert repo2docker.said == ["clone folder True\n", "reset folder True\n", "submodule folder True\n"]


@pytest.mark.parametrize(
    ("step", "code"),
    [("clone", codes.UNREACHABLE), ("reset", codes.REF_NOT_FOUND), ("submodule", codes.UNREACHABLE)],
)
def test_a_fetch_that_fails_ends_with_the_reason_of_its_step(
    fetch: Callable[[], bytes], repo2docker: StandIn, capsys: pytest.CaptureFixture[str], step: str, code: int
) -> None:
    repo2docker.fails_at = step

    with pytest.raises(SystemExit) as ended:
        fetch()

    assert ended.value.code == code
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize("step", ["", "clone", "reset", "submodule"])
def test_what_opened_the_repository_is_gone_before_anything_of_it_is_read(
    fetch: Callable[[], bytes], repo2docker: StandIn, kept: Path, step: str
) -> None:
    repo2docker.fails_at = step
    assert kept.exists()

    with suppress(SystemExit):
        fetch()

    assert not kept.exists()


def test_it_is_there_until_the_last_submodule_is_fetched(
    fetch: Callable[[], bytes], repo2docker: StandIn, kept: Path
) -> None:
    original, seen = repo2docker.git.execute_cmd, []

    def execute_cmd(command: list[str], **kwargs: Any) -> Iterator[str]:
        seen.append((command[1], kept.exists()))
        return original(command, **kwargs)  # type: ignore[no-any-return]  # of a made-up module

    repo2docker.git.execute_cmd = execute_cmd  # type: ignore[attr-defined]  # likewise
    fetch()

    assert seen == [("clone", True), ("reset", True), ("submodule", True)]


@pytest.mark.parametrize("public_only", [True, False])
def test_git_is_bound_to_public_addresses_only_while_it_fetches(
    repo2docker: StandIn, monkeypatch: pytest.MonkeyPatch, *, public_only: bool
) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "0")
    original, seen = repo2docker.git.execute_cmd, []

    def execute_cmd(command: list[str], **kwargs: Any) -> Iterator[str]:
        seen.append((command[1], os.environ["GIT_CONFIG_COUNT"]))
        return original(command, **kwargs)  # type: ignore[no-any-return]  # of a made-up module

    repo2docker.git.execute_cmd = execute_cmd  # type: ignore[attr-defined]  # likewise
    read, told = os.pipe()
    hooks.watch_fetch(told, {"bytes": 0, "files": 0}, public_only=public_only)
    repo2docker.app().fetch("url", "main", "folder")
    for descriptor in (read, told):
        os.close(descriptor)

    count = "1" if public_only else "0"
    assert seen == [("clone", count), ("reset", count), ("submodule", count)]
    assert os.environ["GIT_CONFIG_COUNT"] == "0"


@pytest.mark.parametrize("works", [True, False])
def test_it_is_gone_as_well_after_a_content_provider_that_an_administrator_has_chosen(
    fetch: Callable[[], bytes], repo2docker: StandIn, kept: Path, *, works: bool
) -> None:
    class Theirs:
        def fetch(self, spec: str, output_dir: str, yield_output: bool = False) -> Iterator[str]:
            yield spec
            if not works:
                raise OSError

    repo2docker.app.content_providers = (Theirs,)
    told = b""
    with suppress(SystemExit):
        told = fetch()

    assert (told, repo2docker.said) == (builder.FETCHED if works else b"", ["url"])
    assert not kept.exists()


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], codes.BUILD_FAILED),
        (OTHER_LINES, codes.BUILD_FAILED),
        (["#8 0.123 50 %\r", "ERROR: exit code: 137\n"], codes.BUILD_FAILED),
        (["#8 0.123 50 %\r", "ERROR: x\r", "ERROR: no space left on device\n", "ERROR: y\n"], codes.BUILD_FAILED),
        (["#8 0.123 50 %\r", "100 %\n", OUT_OF_RESOURCES_LINES[0], "after\n"], codes.OUT_OF_RESOURCES),
        *(([line], codes.OUT_OF_RESOURCES) for line in OUT_OF_RESOURCES_LINES),
    ],
)
def test_a_build_that_fails_ends_with_the_reason_that_the_engine_gives(
    repo2docker: StandIn, lines: list[str], code: int
) -> None:
    hooks.watch_build([])
    repo2docker.lines, repo2docker.fails_at = lines, "build"
    said: list[str] = []

    with pytest.raises(SystemExit) as ended:
        said.extend(repo2docker.engine().build(tag="x"))

    assert ended.value.code == code
    assert said == lines


def test_a_build_that_succeeds_or_breaks_otherwise_is_left_alone(repo2docker: StandIn) -> None:
    hooks.watch_build([])
    repo2docker.lines = OUT_OF_RESOURCES_LINES

    assert list(repo2docker.engine().build()) == OUT_OF_RESOURCES_LINES
    repo2docker.fails_at = "otherwise"
    with pytest.raises(ValueError, match="not the engine's"):
        list(repo2docker.engine().build())


def test_what_keeps_builds_apart_comes_after_what_the_administrator_says(repo2docker: StandIn) -> None:
    hooks.watch_build(["--add-host", "a:b"])

    list(repo2docker.engine().build())

    assert repo2docker.arguments == ["--pull", "--add-host", "a:b"]


def test_programs_that_repo2docker_starts_cannot_speak_to_the_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.set_inheritable(write, True)
    monkeypatch.setenv(builder.PHASE_VARIABLE, str(write))

    assert hooks.told_descriptor() == write

    assert not os.get_inheritable(write)
    assert builder.PHASE_VARIABLE not in os.environ
    os.close(read)
    os.close(write)
