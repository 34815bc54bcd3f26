"""What the launcher does in a pod before and after its work."""

from collections.abc import Callable
from pathlib import Path

import pytest

from repo2docker_service.adapters.builders.containers.in_container import codes, credentials, pod


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Give the folders of a pod, as Kubernetes mounts Secrets: what is not hidden is a link to what is."""
    made = {name: tmp_path / name for name in ("folder", "given", "secrets")}
    for each in made.values():
        each.mkdir()
    hidden = made["given"] / "..data"
    hidden.mkdir()
    (hidden / "plan.json").write_text("a plan")
    (made["given"] / "plan.json").symlink_to(hidden / "plan.json")
    made["folder"].chmod(0o777)
    return made


@pytest.fixture
def run(folders: dict[str, Path], tmp_path: Path) -> Callable[[Callable[[], int]], int]:
    def run(work: Callable[[], int]) -> int:
        places = {name: str(folders[name]) for name in ("folder", "given", "secrets")}
        return pod.run(work, **places, told=str(tmp_path / "told"))

    return run


Run = Callable[[Callable[[], int]], int]


def test_files_are_where_the_launcher_looks_for_them(run: Run, folders: dict[str, Path]) -> None:
    folder = folders["folder"]

    assert run(lambda: len((folder / "plan.json").read_text())) == len("a plan")
    assert sorted(each.name for each in folder.iterdir()) == ["empty", "plan.json"]


def test_nobody_else_can_write_where_the_launcher_works(run: Run, folders: dict[str, Path]) -> None:
    run(lambda: 0)

    assert folders["folder"].stat().st_mode & 0o777 == 0o755


def test_credentials_are_taken_as_in_a_container(run: Run, folders: dict[str, Path]) -> None:
    (folders["secrets"] / "config.json").write_text('{"auths": {}}')

    assert run(lambda: len(credentials.take(str(folders["folder"])))) == 1
    assert (folders["folder"] / "credentials").is_file()


def test_the_cluster_is_told_what_the_pusher_reports(run: Run, folders: dict[str, Path], tmp_path: Path) -> None:
    run(lambda: (folders["folder"] / "report.json").write_text('{"digest": "sha256:1"}') and 0)

    assert (tmp_path / "told").read_text() == '{"digest": "sha256:1"}'


def test_without_a_report_nothing_is_told(run: Run, tmp_path: Path) -> None:
    run(lambda: 0)

    assert not (tmp_path / "told").exists()


def test_a_container_that_is_started_again_keeps_what_it_has(run: Run, folders: dict[str, Path]) -> None:
    (folders["folder"] / "ran").mkdir()

    assert run(lambda: 75) == 75
    assert not (folders["folder"] / "plan.json").exists()


@pytest.mark.parametrize(
    ("own", "begun", "code"),
    [("a", "", codes.OK), ("a", "a", codes.OK), ("b", "a", codes.LOST), ("", "a", codes.OK)],
    ids=["not yet", "here", "in another pod", "it is not known where this is"],
)
def test_a_build_that_has_begun_in_another_pod_is_not_run_again(
    run: Run, folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch, own: str, begun: str, code: int
) -> None:
    if own:
        monkeypatch.setenv("R2D_POD", own)
    if begun:
        (folders["given"] / "begun").write_text(begun)
    done = folders["folder"] / "done"

    assert run(lambda: done.write_text("") or codes.OK) == code
    assert done.exists() is (code == codes.OK)
