"""Looks into an image that BuildKit has made, and has BuildKit send it to its registry."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from . import buildkit, layout
from .buildkit import Forward, daemon_of
from .layout import Image
from .looking import PROGRAM, folders

SPECIAL = re.compile(r"[$*?\[\\\x00-\x1f]")
"""Characters for which a Dockerfile would read more into a folder than its name."""
EXECUTABLE = 0o111
PUSHED = re.compile(rb"#\d+ pushing manifest ", re.ASCII)
"""Comes after the layers, if all of them have arrived."""
ERROR = re.compile(rb"ERROR: (?:failed to solve: )?(?P<problem>.*)", re.ASCII)
OF_THE_REGISTRY = "failed to push "


class BuildkitImage:
    """One image, in the hands of BuildKit.

    Args:
        image: where it lies.
        folder: one of this container's own, which nobody else reads.
        env: the variables by which buildx finds BuildKit, without any credential.
        config: a docker configuration with what opens the registry.
    """

    name, talks = "BuildKit", False

    def __init__(self, image: Image, folder: str, env: Mapping[str, str], config: Mapping[str, Any]) -> None:
        self.image = image
        self.folder = folder
        self.env = dict(env)
        self.config = config
        self.labels: dict[str, str] = {}
        """What it is sent with, besides its own."""
        self._running: subprocess.Popen[bytes] | None = None

    def has_program(self) -> bool:
        """Whether a notebook server is on its PATH; nothing of it is run.

        Raises:
            RuntimeError: BuildKit cannot tell.
        """
        asked = folders(self.image.config)
        plain = [each for each in asked if not SPECIAL.search(each)]
        if any(self._is_program(f"{each}/{PROGRAM}") for each in plain):
            return True
        if plain != asked:
            raise RuntimeError("a folder of its PATH has a name that cannot be asked for")
        return False

    def _is_program(self, path: str) -> bool:
        # A copy follows all links, inside of the image. Of a folder it copies what is in it.
        steps = f"FROM scratch\nCOPY --from=image {json.dumps([path, '/found'])}\n"
        with self._build(steps, "--quiet", "--output", "type=tar,dest=-", stderr=subprocess.PIPE) as looking:
            try:
                with tarfile.open(fileobj=looking.stdout, mode="r|") as files:
                    first = next(iter(files))
                    return first.name == "found" and first.isfile() and bool(first.mode & EXECUTABLE)
            except (tarfile.ReadError, StopIteration):
                said = looking.communicate()[1].decode(errors="replace")  # nothing was written but that
            finally:
                # Of a program only its first block is wanted.
                self.stop()
        if f'"{path}": not found' in said:
            return False
        raise RuntimeError(said.strip()[-300:] or "BuildKit says nothing")

    def push(self, repository: str, tag: str, authorization: str) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Send it, and give what is known of that in an engine's words.

        Args:
            repository: with the registry before it.
            tag: the one to push.
            authorization: left to the docker configuration.

        Raises:
            ConnectionError: BuildKit could not do it, for a reason that is not the registry's.
        """
        with open(os.path.join(self.folder, "config.json"), "w") as file:
            json.dump(self.config, file)
        told = os.path.join(self.folder, "sent.json")
        named = f"type=image,name={repository}:{tag},push=true,store=false"
        labels = [f"--label={name}={value}" for name, value in self.labels.items()]
        more = ["--progress=plain", f"--metadata-file={told}", "--output", named, *labels]
        yield from (self._layer(digest, "Waiting") for digest in self.image.layers)
        problem = "it ended without a word"
        with self._build("FROM image\n", *more, stderr=subprocess.STDOUT) as sending:
            for line in sending.stdout or ():
                if PUSHED.match(line):
                    yield from (self._layer(digest, "Pushed") for digest in self.image.layers)
                if found := ERROR.match(line):
                    problem = found["problem"].decode(errors="replace")
        if not sending.returncode:
            with open(told) as file:
                yield {"aux": {"Digest": json.load(file)["containerimage.digest"]}}
        elif problem.startswith(OF_THE_REGISTRY):
            yield {"error": problem}
        else:
            raise ConnectionError(problem)

    def stop(self) -> None:
        """Stop what is asked of BuildKit; it stops when whoever asked is gone."""
        if self._running is not None and self._running.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)

    def close(self) -> None:
        """Stop, and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

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
        self._running = subprocess.Popen(
            command,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            # docker is not alone: a plugin of it asks BuildKit.
            start_new_session=True,
        )
        return self._running


def prepare(told: Mapping[str, Any], folder: str, config: Mapping[str, Any]) -> BuildkitImage:
    """Take the image that was built, and let buildx reach BuildKit.

    Args:
        told: how it is reached, as the plan says.
        folder: the launcher's.
        config: a docker configuration with what opens the registry.

    Raises:
        Ended: a signal came while BuildKit was waited for.
        NoImage: none was built.
        OSError: BuildKit cannot be reached.
        RuntimeError: it cannot be spoken to, or buildx cannot be told of it.
    """
    daemon = daemon_of(told)
    daemon.connect_patiently().close()
    Forward(os.path.join(folder, buildkit.SOCKET), daemon).serve()
    place = tempfile.mkdtemp(dir=folder)
    own = {"HOME": place, "DOCKER_CONFIG": place, "BUILDX_CONFIG": os.path.join(place, "buildx")}
    image = BuildkitImage(
        layout.take(os.path.join(place, "image")), place, {**os.environ, **own, **buildkit.environment(folder)}, config
    )
    buildkit.introduce(image.env)
    return image
