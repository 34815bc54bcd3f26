"""The real parts that other tests rely on do what they say."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import pytest
from tools.parts import containers, mirror, pip_settings, repo2docker_image, singleuser_image
from tools.parts.docker_api import DockerApi, answers
from tools.parts.engine import OwnEngine, running_engine, shared_engine
from tools.parts.git_server import GitServer, git_server
from tools.parts.repository import ENVIRONMENT, Repository, Symlink

CONFIG = """
from repo2docker.contentproviders import Git

# The default ones ask hosts elsewhere before git is tried.
c.Repo2Docker.content_providers = [Git]
"""


def git(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a git client without anybody's settings."""
    environment = os.environ | ENVIRONMENT | {"GIT_TERMINAL_PROMPT": "0"} | variables
    return subprocess.run(["git", *words], capture_output=True, text=True, check=False, env=environment)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Give a repository with two commits, a branch and a tag."""
    repository = Repository(tmp_path / "served", "group/example.git")
    files = {"README.md": "one", "run.sh": "#!/bin/sh\n", "link": Symlink("README.md")}
    first = repository.commit(files, "First")
    repository.commit({"README.md": "two", "run.sh": None}, "Second")
    repository.branch("old", first)
    repository.tag("v1", first)
    return repository


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """Give a git server of everything in a folder."""
    with git_server(tmp_path / "served") as server:
        yield server


def test_a_clone_has_every_file_branch_and_tag(server: GitServer, repository: Repository, tmp_path: Path) -> None:
    target = tmp_path / "clone"

    assert git("clone", f"{server.url}/{repository.name}", str(target)).returncode == 0

    assert (target / "README.md").read_text() == "two"
    assert (target / "link").readlink() == Path("README.md")
    assert not (target / "run.sh").exists()
    assert git("-C", str(target), "show", "v1:README.md").stdout == "one"
    assert git("-C", str(target), "show", "origin/old:run.sh").stdout == "#!/bin/sh\n"


@pytest.mark.parametrize("known", [True, False])
def test_protocol_v2_is_spoken_unless_it_is_switched_off(
    server: GitServer, repository: Repository, *, known: bool
) -> None:
    server.protocol_v2 = known

    done = git("ls-remote", f"{server.url}/{repository.name}", GIT_TRACE_PACKET="1")

    assert "refs/heads/old" in done.stdout
    assert ("< version 2" in done.stderr) == known
    assert server.requests[0].headers["git-protocol"] == "version=2"
    assert [request.method for request in server.requests] == (["GET", "POST"] if known else ["GET"])


def test_a_moved_repository_is_found_only_by_who_follows_redirects(server: GitServer, repository: Repository) -> None:
    server.redirects["/old"] = "/group"
    address = f"{server.url}/old/example.git"

    assert git("-c", "http.followRedirects=true", "ls-remote", address).returncode == 0
    assert git("-c", "http.followRedirects=false", "ls-remote", address).returncode != 0


def test_only_the_password_opens_a_protected_repository(server: GitServer, repository: Repository) -> None:
    Repository(server.root, "open.git").commit({"a": "b"}, "Free for all")
    server.passwords["/group/example.git"] = ("me", "secret")
    host = server.url.removeprefix("http://")

    assert git("ls-remote", f"{server.url}/group/example.git").returncode != 0
    assert git("ls-remote", f"http://me:wrong@{host}/group/example.git").returncode != 0
    assert git("ls-remote", f"http://me:secret@{host}/group/example.git").returncode == 0
    assert git("ls-remote", f"{server.url}/open.git").returncode == 0


def test_a_path_can_be_slow_or_broken(server: GitServer, repository: Repository) -> None:
    server.statuses["/broken.git"] = 503
    server.delays["/group"] = 0.5

    assert "503" in git("ls-remote", f"{server.url}/broken.git").stderr
    started = time.monotonic()
    assert git("ls-remote", f"{server.url}/{repository.name}").returncode == 0
    assert time.monotonic() - started >= 0.5


def test_requests_that_git_sends_zipped_or_in_chunks_are_understood(server: GitServer, tmp_path: Path) -> None:
    repository = Repository(server.root, "many.git")
    contents = [f"content {number}" for number in range(2000)]
    blobs = [hashlib.sha1(f"blob {len(text)}\0{text}".encode()).hexdigest() for text in contents]
    repository.commit({f"file{number}": text for number, text in enumerate(contents)}, "Many files")
    address = f"{server.url}/many.git"
    clone = ["clone", "--mirror", "--quiet", address]

    repository.refs({f"refs/tags/t{number}": blob for number, blob in enumerate(blobs[:500])})
    assert git(*clone, str(tmp_path / "zipped")).returncode == 0
    repository.refs({f"refs/tags/t{number}": blob for number, blob in enumerate(blobs)})
    assert git("-c", "http.postBuffer=65536", *clone, str(tmp_path / "chunked")).returncode == 0

    assert len(git("-C", str(tmp_path / "chunked"), "tag").stdout.split()) == len(blobs)
    posts = [request.headers for request in server.requests if request.method == "POST"]
    assert any(headers.get("content-encoding") == "gzip" for headers in posts)
    assert any(headers.get("transfer-encoding") == "chunked" for headers in posts)


def test_ten_clients_clone_at_once(server: GitServer, repository: Repository, tmp_path: Path) -> None:
    address = f"{server.url}/{repository.name}"

    with ThreadPoolExecutor(10) as pool:
        done = list(pool.map(lambda name: git("clone", address, str(tmp_path / name)), "abcdefghij"))

    assert [clone.returncode for clone in done] == [0] * 10


def test_mirrors_are_read_from_both_styles_of_apt_sources(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb http://comment.example/debian x main\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://one.example/debian bookworm main\n"
        "deb cdrom:[disc]/ bookworm main\n"
    )
    (tmp_path / "sources.list.d/more.sources").write_text(
        "Types: deb\n# a comment\nURIs: https://two.example/debian\n https://three.example/debian\n\n"
        "Enabled: no\nTypes: deb\nURIs: https://off.example/debian\nSuites: x\n"
    )

    assert list(mirror.addresses(tmp_path)) == [
        "http://one.example/debian",
        "https://two.example/debian",
        "https://three.example/debian",
    ]


def test_settings_of_pip_are_lent_with_the_folders_they_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index" / "simple").mkdir(parents=True)
    (tmp_path / "pip.conf").write_text(
        f"[global]\nfind-links = {tmp_path}\ntarget = /elsewhere\nextra-index-url = file://{tmp_path}/index/simple\n"
    )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))

    settings = pip_settings.environment()

    assert settings["PIP_FIND_LINKS"] == str(tmp_path)
    assert not {"PIP_TARGET", "PIP_CONFIG_FILE"} & settings.keys()
    lent = {f"{path}:{path}:ro" for path in (tmp_path, tmp_path / "index")}
    assert lent <= set(pip_settings.mounts(settings.values()))


@pytest.fixture(scope="module")
def api() -> Iterator[DockerApi]:
    """Give the engine that everything shares."""
    with running_engine() as engine:
        yield DockerApi(engine.url)


@pytest.fixture
def build(api: DockerApi, server: GitServer, tmp_path: Path) -> Iterator[Callable[[str, str], str]]:
    """Give a function that builds a Dockerfile with the repo2docker of an image and returns the log."""
    images = []
    (tmp_path / "config.py").write_text(CONFIG)
    binds = [f"{tmp_path}/config.py:/config.py:ro", f"{api.url.removeprefix('unix://')}:/var/run/docker.sock"]

    def build(repo2docker: str, dockerfile: str) -> str:
        commit = Repository(server.root, "env.git").commit({"Dockerfile": dockerfile}, "An environment")
        images.append(f"localhost/test-parts-{uuid4().hex[:8]}:{commit}")
        options = ["--config=/config.py", "--no-run", "--user-id=1000", "--user-name=jovyan"]
        options += [f"--ref={commit}", f"--image-name={images[-1]}"]
        command = ["jupyter-repo2docker", *options, "--", f"{server.url}/env.git"]
        with containers.container(api, repo2docker, command, binds=binds) as builder:
            log = builder.run(limit=120)
        assert containers.image_exists(api, images[-1])
        return log

    yield build
    for image in images:
        api.ask("DELETE", f"/images/{image}")


@pytest.mark.parametrize("variant", [repo2docker_image.ensure, repo2docker_image.ensure_busybox])
def test_real_repo2docker_builds_from_the_git_server(
    api: DockerApi, build: Callable[[str, str], str], variant: Callable[[str], str]
) -> None:
    made = uuid4().hex

    log = build(variant(api.url), f"FROM {repo2docker_image.LOCAL}\nRUN rev() {{ tr a-f A-F; }}; echo {made} | rev\n")

    assert made.upper() in log


@pytest.mark.slow
def test_our_own_engine_drops_no_line_of_a_long_log(api: DockerApi, build: Callable[[str, str], str]) -> None:
    if api.url != shared_engine().url:
        pytest.skip("Other engines have limits of their own")
    image = repo2docker_image.ensure(api.url)
    # In all 2.25 MB, at up to 300 kB in a second: more than BuildKit keeps by default.
    loop = f"for i in $(seq 75); do for j in $(seq 400); do echo {uuid4().hex * 2} $i end; done; sleep 0.1; done"

    log = build(image, f"FROM {image}\nRUN {loop}\n")

    assert sum(line.endswith(" end") for line in log.splitlines()) == 30000


def test_git_in_the_image_takes_its_password_from_the_environment(
    api: DockerApi, server: GitServer, repository: Repository
) -> None:
    server.passwords["/group"] = ("me", "secret")
    command = ["git", "ls-remote", f"{server.url}/{repository.name}"]
    image = repo2docker_image.ensure(api.url)
    variables = {"GIT_CREDENTIAL_ENV": r"username=me\npassword=secret", "GIT_TERMINAL_PROMPT": "0"}

    with containers.container(api, image, command, variables) as client:
        assert "refs/tags/v1" in client.run(limit=60)


@pytest.mark.parametrize("part", [repo2docker_image, singleuser_image])
def test_an_image_carries_none_of_the_settings_of_this_machine(api: DockerApi, part: ModuleType) -> None:
    image = part.ensure(api.url)

    config = api.ask("GET", f"/images/{image}/json")["Config"]
    # Whoever the image runs as may not look everywhere; that it looks at all is seen by a file that is there.
    find = ["sh", "-c", "find / -xdev '(' -name pip.conf -o -path /etc/passwd ')' 2>/dev/null || true"]
    with containers.container(api, image, find) as client:
        listed = client.run(limit=60)

    assert "PATH" in {variable.partition("=")[0] for variable in config["Env"]}
    assert not [variable for variable in config["Env"] if variable.startswith("PIP_")]
    assert listed == "/etc/passwd\n"


def test_the_image_for_servers_has_what_the_hub_of_the_tests_starts(api: DockerApi) -> None:
    image = singleuser_image.ensure(api.url)

    words = "id -u; pwd; jupyterhub-singleuser --version; jupyter lab --version | cut -d. -f1"
    with containers.container(api, image, ["sh", "-c", words]) as server:
        user, home, hub, lab = server.run(limit=60).split()

    assert (user, home) == ("1000", "/home/jovyan")
    assert hub == version("jupyterhub") == singleuser_image.JUPYTERHUB_VERSION
    assert lab == singleuser_image.JUPYTERLAB_VERSION.partition(".")[0]


def image_that_sleeps(engine: str) -> str:
    """Make an image of this machine's `sleep` and its libraries: another engine has it at once."""
    listed = subprocess.run(["ldd", "/bin/sleep"], capture_output=True, text=True, check=True).stdout
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", dereference=True) as tar:
        for path in ("/bin/sleep", *re.findall(r"(/\S+) \(", listed)):
            tar.add(path)
    query = {"fromSrc": "-", "repo": "sleeper", "tag": "one"}
    for _ in DockerApi(engine).follow("/images/create", query, packed.getvalue()):
        pass
    return "sleeper:one"


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="An engine is started by root only")
def test_a_second_engine_lives_and_dies_beside_the_first(api: DockerApi) -> None:
    # Not pytest's folder: its path is too long for sockets.
    second = OwnEngine(Path(tempfile.mkdtemp(prefix="r2d-")))
    try:
        second.start()
        image = image_that_sleeps(second.url)
        with containers.container(DockerApi(second.url), image, ["/bin/sleep", "60"]) as sleeper:
            DockerApi(second.url).ask("POST", f"{sleeper.path}/start")
            second.kill()
            assert not answers(second.url)
            second.start()
    finally:
        second.erase()

    assert not answers(second.url)
    assert not second.folder.exists()
    network = api.ask("GET", "/networks/bridge")
    assert Path(f"/sys/class/net/{network['Options']['com.docker.network.bridge.name']}").exists()
