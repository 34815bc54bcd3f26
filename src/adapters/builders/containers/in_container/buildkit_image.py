"""Looks into an image that BuildKit has made, and has BuildKit send it to its registry."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from . import buildkit, layout
from .buildkit import Daemon, Forward
from .layout import Image
from .looking import FOUND, MISSING, NO, PROGRAM, UNKNOWN, YES, folders

PLAIN_FOLDER = re.compile(r"/[A-Za-z0-9._/+@-]*", re.ASCII)
"""Folders that a Dockerfile names as they are, with nothing in them that it would read as more than a name."""
ABSENT = re.compile(r"(?:not found|no such file or directory|not a directory)", re.ASCII)
EXECUTABLE = 0o111
PUSHED = re.compile(rb"#\d+ pushing manifest ", re.ASCII)
"""Comes after the layers, if all of them have arrived."""
ERROR = re.compile(rb"ERROR: (?:failed to solve: )?(?P<problem>.*)", re.ASCII)


class BuildkitImage:
    """One image, in the hands of BuildKit.

    Args:
        image: where it lies.
        folder: one of this container's own, which nobody else reads.
        env: the variables by which buildx finds BuildKit, and a docker configuration.
    """

    talks = False

    def __init__(self, image: Image, folder: str, env: Mapping[str, str]) -> None:
        self.image = image
        self.folder = folder
        self.env = dict(env)
        self.labels: dict[str, str] = {}
        """What it is sent with, besides its own."""
        self._sending: subprocess.Popen[bytes] | None = None

    def has_program(self) -> bool:
        """Whether a notebook server is on its PATH; nothing of it is run.

        Raises:
            RuntimeError: BuildKit cannot tell.
        """
        return any(self._is_program(each) for each in folders(self.image.config) if PLAIN_FOLDER.fullmatch(each))

    def _is_program(self, folder: str) -> bool:
        # A copy follows all links, inside of the image.
        steps = f"FROM scratch\nCOPY --from=image {json.dumps([f'{folder}/{PROGRAM}', '/found/'])}\n"
        with self._build(steps, "--quiet", "--output", "type=tar,dest=-", stderr=subprocess.PIPE) as looking:
            try:
                with tarfile.open(fileobj=looking.stdout, mode="r|") as files:
                    return any(file.isfile() and bool(file.mode & EXECUTABLE) for file in files)
            except tarfile.ReadError:
                said = looking.communicate()[1].decode(errors="replace")  # nothing was written but that
            finally:
                # Of a program only its first block is wanted.
                looking.kill()
        if ABSENT.search(said):
            return False
        raise RuntimeError(said.strip()[-300:])

    def push(self, repository: str, tag: str, authorization: str) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Send it, and give what is known of that in an engine's words.

        Args:
            repository: with the registry before it.
            tag: the one to push.
            authorization: left to the docker configuration.
        """
        told = os.path.join(self.folder, "sent.json")
        named = f"type=image,name={repository}:{tag},push=true"
        labels = [f"--label={name}={value}" for name, value in self.labels.items()]
        more = ["--progress=plain", f"--metadata-file={told}", "--output", named, *labels]
        yield from (self._layer(digest, "Waiting") for digest in self.image.layers)
        problem = "BuildKit ended the push without a word"
        with self._build("FROM image\n", *more, stderr=subprocess.STDOUT) as self._sending:
            for line in self._sending.stdout or ():
                if PUSHED.match(line):
                    yield from (self._layer(digest, "Pushed") for digest in self.image.layers)
                if found := ERROR.match(line):
                    problem = found["problem"].decode(errors="replace")
        if self._sending.returncode:
            yield {"error": problem}
            return
        with open(told) as file:
            yield {"aux": {"Digest": json.load(file)["containerimage.digest"]}}

    def stop(self) -> None:
        """Stop sending; BuildKit stops when whoever asked it is gone."""
        if self._sending is not None:
            self._sending.kill()

    def _layer(self, digest: str, status: str) -> dict[str, Any]:
        detail = {"current": 0, "total": self.image.layers[digest]}
        return {"id": digest, "status": status, "progressDetail": detail}

    def _build(self, steps: str, *more: str, stderr: int) -> subprocess.Popen[bytes]:
        context = os.path.join(self.folder, "steps")
        os.makedirs(context, exist_ok=True)
        with open(os.path.join(context, "Dockerfile"), "w") as file:
            file.write(steps)
        source = f"image=oci-layout://{self.image.folder}@{self.image.digest}"
        command = ["docker", "buildx", "build", "--build-context", source, *more, context]
        return subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr)


def prepare(address: str, folder: str, config: dict[str, Any]) -> BuildkitImage:
    """Take the image that was built, and let buildx reach BuildKit.

    Raises:
        NoImage: none was built.
        OSError: BuildKit cannot be reached.
        RuntimeError: buildx cannot be told of it.
    """
    daemon = Daemon(address)
    daemon.connect_patiently().close()
    Forward(os.path.join(folder, buildkit.SOCKET), daemon).serve()
    place = tempfile.mkdtemp(dir=folder)
    with open(os.path.join(place, "config.json"), "w") as file:
        json.dump(config, file)
    own = {"HOME": place, "DOCKER_CONFIG": place, "BUILDX_CONFIG": os.path.join(place, "buildx")}
    env = {**os.environ, **own, **buildkit.environment(folder)}
    buildkit.introduce(env)
    return BuildkitImage(layout.read(), place, env)


def verdict(plan: Mapping[str, Any], image: BuildkitImage) -> dict[str, str]:
    """Give the label that says whether a hub can start the image, and tell it; none where that is not known."""
    try:
        there = image.has_program()
    except Exception as error:
        print(UNKNOWN.format(error), flush=True)
        return {}
    print(FOUND if there else MISSING, flush=True)
    return {plan["launchable_label"]: YES if there else NO}
