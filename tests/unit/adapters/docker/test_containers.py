"""What the engine is asked to create gives a build what it needs, and nothing else."""

import ast
import io
import json
import re
import string
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.adapters.docker.cards import IMAGE, OURS, card_of
from tests.unit.domain.people import plan_of

from repo2docker_service.adapters.builders.containers.cards import Card, Kind
from repo2docker_service.adapters.builders.containers.in_container import codes
from repo2docker_service.adapters.builders.containers.plans import BuildSettings, Limits, argv, launcher, temporary_name
from repo2docker_service.adapters.builders.docker.containers import ENTRYPOINT, READY, archive, container, content
from repo2docker_service.domain.errors import InvalidInput
from repo2docker_service.domain.inputs import check_address, check_build_args, check_subdir
from repo2docker_service.domain.models import Owner, OwnerKind, Source
from repo2docker_service.domain.records import read_image_labels

KEY = b"a key for tests only"
OTHER = Owner(OwnerKind.USER, "somebody-else")
LIMITS = Limits(
    socket="/var/run/docker.sock",
    network="builds",
    memory=2**30,
    timeout=3600,
    push_timeout=1800,
    push_patience=120,
    environment={"HTTPS_PROXY": "http://proxy:3128"},
    repository_bytes=2**30,
    repository_files=1000,
)
SETTINGS = BuildSettings("RUN true", 1000, "jovyan", "/srv/repo", "c.Repo2Docker.extra = True\n")


def described(kind: Kind = Kind.BUILDER) -> dict[str, Any]:
    return container(card_of(kind=kind), OURS, LIMITS)


def members(kind: Kind = Kind.BUILDER) -> dict[str, bytes]:
    return members_of(card_of(kind=kind))


def members_of(card: Card) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content(card, OURS, LIMITS, SETTINGS))) as tar:
        return {
            member.name: file.read() if (file := tar.extractfile(member)) is not None else b""
            for member in tar.getmembers()
        }


# --- the engine's description -----------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind)
def test_no_container_has_more_privileges_than_it_must(kind: Kind) -> None:
    host = described(kind)["HostConfig"]

    assert host["CapDrop"] == ["ALL"]
    assert host["CapAdd"] == (["SETUID", "SETGID", "KILL"] if kind is Kind.BUILDER else [])
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert not {"Privileged", "Devices", "PidMode", "IpcMode", "UsernsMode", "CgroupParent", "VolumesFrom"} & set(host)


@pytest.mark.parametrize("kind", Kind)
def test_every_container_is_limited(kind: Kind) -> None:
    host = described(kind)["HostConfig"]

    assert host["Memory"] == host["MemorySwap"] == 2**30
    assert 128 <= host["PidsLimit"] <= 1024
    assert host["LogConfig"]["Type"] == "json-file"
    assert host["LogConfig"]["Config"]["max-file"] == "1"


@pytest.mark.parametrize("kind", Kind)
def test_nothing_of_the_machine_is_in_a_container_but_the_socket(kind: Kind) -> None:
    told = described(kind)

    assert told["HostConfig"]["Binds"] == ["/var/run/docker.sock:/run/real/docker.sock"]
    assert not {"Volumes", "ExposedPorts"} & set(told)
    assert not {"Mounts", "PortBindings", "PublishAllPorts", "ExtraHosts"} & set(told["HostConfig"])


@pytest.mark.parametrize("kind", Kind)
def test_the_engine_keeps_what_ran_and_never_runs_it_again(kind: Kind) -> None:
    host = described(kind)["HostConfig"]

    assert host["RestartPolicy"] == {"Name": "no"}
    assert host["Init"] is True
    assert not host.get("AutoRemove")


def test_only_the_builder_has_a_network_and_the_administrators_environment() -> None:
    builder, *others = (described(kind) for kind in (Kind.BUILDER, Kind.PUSHER, Kind.CLAIM))

    assert (builder["HostConfig"]["NetworkMode"], builder["Env"]) == ("builds", ["HTTPS_PROXY=http://proxy:3128"])
    assert [(other["HostConfig"]["NetworkMode"], other["Env"]) for other in others] == [("none", [])] * 2


@pytest.mark.parametrize(("kind", "command"), [(Kind.BUILDER, "build"), (Kind.PUSHER, "push"), (Kind.CLAIM, "claim")])
def test_every_container_runs_the_launcher_from_an_empty_place(kind: Kind, command: str) -> None:
    told = described(kind)

    assert (told["Image"], told["Entrypoint"], told["Cmd"]) == (IMAGE, list(ENTRYPOINT), [command])
    assert (told["User"], told["WorkingDir"]) == ("0:0", "/")
    assert ENTRYPOINT[:2] == ("python3", "-I")


@pytest.mark.parametrize("kind", Kind)
def test_no_key_is_in_a_container(kind: Kind) -> None:
    everything = json.dumps(described(kind)).encode() + b"".join(members(kind).values())

    assert KEY not in everything
    assert KEY.hex().encode() not in everything


# --- the command line -------------------------------------------------------------------------


def beginning(card: Card) -> list[str]:
    """Give what every command line begins with."""
    return [
        "jupyter-repo2docker",
        "--config=/run/r2d/repo2docker_config.py",
        "--no-run",
        "--user-id=1000",
        "--user-name=jovyan",
        f"--image-name={temporary_name(card)}",
        f"--ref={'a' * 40}",
    ]


def test_the_command_line_of_a_plain_build() -> None:
    card = card_of()

    assert argv(card, SETTINGS) == [*beginning(card), "--", "https://example.org/a/b"]


def test_the_command_line_of_a_build_with_everything() -> None:
    plan = replace(
        plan_of(),
        source=Source("https://example.org/a/b", "main", "-v /:/host"),
        clone_address="https://example.org/moved/b",
        build_args={"Z": "--", "A": "x y=z"},
    )
    card = card_of(plan)

    assert argv(card, SETTINGS) == [
        *beginning(card),
        "--subdir=-v /:/host",
        "--build-arg=A=x y=z",
        "--build-arg=Z=--",
        "--",
        "https://example.org/moved/b",
    ]


letters = st.one_of(st.sampled_from("-=/. $'\";|&`"), st.characters(exclude_categories=["C", "Z"]))
words = st.text(letters, max_size=20)
names = st.text(string.ascii_letters + "_", min_size=1, max_size=9).map("A{}".format)
paths = st.text("ab._~!$&'()*+,;=:@/-", min_size=1, max_size=20)


def accepted(address: str, subdir: str, build_args: Mapping[str, str]) -> tuple[str, str, Mapping[str, str]]:
    with suppress(InvalidInput):
        return check_address(f"https://example.org/a{address}"), check_subdir(subdir), check_build_args(build_args)
    assume(False)
    raise AssertionError


@settings(max_examples=200)  # of ten words and more each
@given(paths, words.map("a{}".format), st.dictionaries(names, words, min_size=10, max_size=15))
def test_all_that_is_accepted_is_one_word_of_the_command_line_and_no_option_of_its_own(
    address: str, subdir: str, args: dict[str, str]
) -> None:
    address, subdir, build_args = accepted(address, subdir, args)
    card = card_of(replace(plan_of(), source=Source(address, "main", subdir), build_args=build_args))

    line = json.loads(members_of(card)["r2d/plan.json"])["argv"]

    assert line == [
        *beginning(card),
        f"--subdir={subdir}",
        *(f"--build-arg={name}={value}" for name, value in sorted(args.items())),
        "--",
        address,
    ]
    assert address.startswith("https://example.org/a")


def test_an_image_has_a_name_of_its_build_until_it_is_delivered() -> None:
    card = card_of(replace(plan_of(), id="0123456789abcdef" * 2))

    assert temporary_name(card) == "localhost/r2d/example.org--a--b:b-0123456789abcdef"


# --- the files --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind)
def test_the_sign_that_all_files_are_there_is_the_last_of_them(kind: Kind) -> None:
    packed = list(members(kind))

    assert packed[0] == "r2d"
    assert f"/run/{packed[-1]}" == READY
    assert sorted(packed[1:-1]) == ["r2d/empty", "r2d/launcher.pyz", "r2d/plan.json", "r2d/repo2docker_config.py"]


def test_files_keep_their_order_and_only_root_can_change_them() -> None:
    with tarfile.open(fileobj=io.BytesIO(archive({"r2d/z": b"zz", "r2d/a/": b"", "r2d/b": b""}))) as tar:
        found = [(member.name, member.isdir(), member.mode, member.size, member.uid) for member in tar]

    assert found == [
        ("r2d", True, 0o755, 0, 0),
        ("r2d/z", False, 0o644, 2, 0),
        ("r2d/a", True, 0o755, 0, 0),
        ("r2d/b", False, 0o644, 0, 0),
    ]


def test_the_plan_of_a_builder_holds_what_a_repository_may_read() -> None:
    card = card_of()
    with tarfile.open(fileobj=io.BytesIO(content(card, OURS, LIMITS, SETTINGS))) as tar:
        file = tar.extractfile("r2d/plan.json")
        assert file is not None
        plan = json.load(file)

    settings = {"appendix", "target_repo_dir", "timeout", "most", "log_limit", "public_only", "config"}
    assert set(plan) == {"kept", "argv", "uid", "labels", "buildkit", "buildx"} | settings
    assert plan["most"] == {"bytes": 2**30, "files": 1000}
    assert (plan["argv"], plan["timeout"]) == (argv(card, SETTINGS), 3600)
    assert (plan["appendix"], plan["target_repo_dir"]) == ("RUN true", "/srv/repo")
    assert plan["uid"] > 1000
    assert read_image_labels(OURS.signer, OURS.instance, plan["labels"], card.plan.image) == (card.plan, card.settings)
    assert card.labels(OURS).items().isdisjoint(plan["labels"].items())


@pytest.mark.parametrize("public_only", [True, False])
def test_a_builder_is_told_whether_git_may_leave_public_addresses(*, public_only: bool) -> None:
    card = card_of(replace(plan_of(), public_only=public_only))

    assert json.loads(members_of(card)["r2d/plan.json"])["public_only"] is public_only


def test_only_builds_of_one_owner_share_a_cache_when_they_are_private() -> None:
    private = replace(plan_of(), private=True)
    others = [replace(private, owner=OTHER), replace(private, id="f" * 32), plan_of()]

    found, other, again, shared = (
        json.loads(members_of(card_of(plan))["r2d/plan.json"])["buildx"] for plan in (private, *others)
    )

    assert shared == []
    assert found == again != other
    assert [found[0], found[2]] == ["--add-host", "--build-arg"]
    assert re.fullmatch(r"r2d-([0-9a-f]{32})\.invalid:127\.0\.0\.1", found[1])
    assert found[3] == f"BUILDKIT_CACHE_MOUNT_NS={found[1][4:36]}"


@pytest.mark.parametrize("kind", [Kind.PUSHER, Kind.CLAIM])
def test_the_plan_of_a_pusher_says_only_what_to_name(kind: Kind) -> None:
    plan = json.loads(members(kind)["r2d/plan.json"])

    names = {"buildkit", "temporary", "final", "registry", "repository", "tag", "look", "launchable_label"}
    assert set(plan) == names | {"push", "push_timeout", "push_patience"}
    assert plan["final"] == f"{plan['repository']}:{plan['tag']}" == f"localhost/r2d/example.org--a--b:{'a' * 40}"
    assert plan["temporary"].startswith(f"{plan['repository']}:b-")


def test_the_administrators_configuration_comes_last() -> None:
    text = members()["r2d/repo2docker_config.py"].decode()

    ast.parse(text)
    assert text.endswith(SETTINGS.extra_config)
    assert 'configure(c, "/run/r2d/plan.json")\nc.Repo2Docker.extra' in text


# --- the launcher -----------------------------------------------------------------------------


def packed_modules() -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(launcher())) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def test_the_launcher_needs_nothing_but_the_standard_library() -> None:
    for name, text in packed_modules().items():
        for node in ast.walk(ast.parse(text, name)):
            imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                imported = [str(node.module)]
            packed = {path.removesuffix(".py").replace("/", ".") for path in packed_modules()}
            foreign = {module for module in imported if module.split(".")[0] not in sys.stdlib_module_names}
            assert {module for module in foreign if not module.startswith("repo2docker.")} <= packed


def test_the_launcher_is_written_for_the_python_of_older_repo2docker_images() -> None:
    modules = packed_modules()

    assert {"__main__.py", "in_container/__init__.py", "in_container/launcher.py"} <= set(modules)
    for name, text in modules.items():
        ast.parse(text, name, feature_version=(3, 9))


RUN_PACKED = """
import runpy, sys
packed, folder, socket, command = sys.argv[1:]
sys.path.insert(0, packed)
import in_container.launcher
in_container.launcher.main.__defaults__ = (folder, socket)
sys.argv = [packed, command]
runpy.run_path(packed, run_name="__main__")
"""


HOOK_PACKED = """
import sys
sys.path.append(sys.argv[1])
from in_container.hooks import only_public
import os, repo2docker_service
with only_public():
    print(repo2docker_service.__file__.startswith(sys.argv[1] + "/"), os.environ["GIT_CONFIG_COUNT"])
"""


def test_what_repo2docker_loads_of_it_is_all_in_its_zip_file(tmp_path: Path) -> None:
    packed = tmp_path / "launcher.pyz"
    packed.write_bytes(launcher())
    command = [sys.executable, "-I", "-S", "-c", HOOK_PACKED, str(packed)]

    ran = subprocess.run(command, capture_output=True, text=True, env={}, cwd="/", check=False, timeout=20)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "True 1\n", "")


def test_the_launcher_runs_from_its_zip_file_alone(tmp_path: Path) -> None:
    packed = tmp_path / "launcher.pyz"
    packed.write_bytes(launcher())
    (tmp_path / "plan.json").write_bytes(members(Kind.CLAIM)["r2d/plan.json"])
    command = [sys.executable, "-I", "-c", RUN_PACKED, str(packed), str(tmp_path), "no socket", "claim"]

    ran = [subprocess.run(command, capture_output=True, cwd="/", check=False, timeout=20) for _ in range(2)]

    assert [(once.returncode, once.stdout, once.stderr) for once in ran] == [(codes.CANCELLED, b"", b"")] * 2
    assert (tmp_path / "ended").read_text() == str(codes.CANCELLED)


def test_what_another_build_made_is_delivered_from_where_that_one_left_it() -> None:
    card, kept = card_of(kind=Kind.PUSHER), "f" * 32
    with tarfile.open(fileobj=io.BytesIO(content(replace(card, kept=kept), OURS, LIMITS, SETTINGS))) as tar:
        file = tar.extractfile("r2d/plan.json")
        assert file is not None
        plan = json.load(file)

    assert plan["temporary"].endswith(f":b-{kept[:16]}")
    assert plan["final"] == str(card.plan.image)
