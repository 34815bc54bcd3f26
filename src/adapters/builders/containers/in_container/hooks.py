"""Configures repo2docker from inside its own process, so that it says why it failed by its exit code.

The log is neither captured nor searched: git and BuildKit write to it as they would anywhere.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any, NoReturn

from . import checkout, codes, git_credentials, memory
from .builder import FETCHED, PHASE_VARIABLE
from .public_proxy import only_public

# BuildKit's own line for a step that was killed by the kernel, or for a full disk. What a step prints has a time before
# it, and what it was told to run stands in the middle.
OUT_OF_RESOURCES = re.compile(r"(?:#\d+ )?ERROR: .*(?:exit code: 137|no space left on device)\s*")


def configure(c: Any, path: str) -> None:
    """Set up repo2docker for one plan."""
    from repo2docker.contentproviders import Git  # type: ignore[import-not-found]  # only there in the container

    with open(path) as file:
        plan = json.load(file)
    c.Repo2Docker.content_providers = [Git]  # the default ones ask hosts elsewhere before git is tried
    c.Repo2Docker.labels = plan["labels"]
    c.Repo2Docker.appendix = plan["appendix"]
    add(c, plan["config"])
    if plan["target_repo_dir"]:
        c.Repo2Docker.target_repo_dir = plan["target_repo_dir"]
    watch_fetch(told_descriptor(), plan["most"], public_only=plan["public_only"])
    watch_build(plan["buildx"], buildkit=bool(plan["buildkit"]))


def add(c: Any, config: dict[str, dict[str, Any]]) -> None:
    """Take over what plugins say; an appendix of theirs follows the administrator's."""
    for name, traits in config.items():
        for trait, value in traits.items():
            before = c.Repo2Docker.appendix if (name, trait) == ("Repo2Docker", "appendix") else ""
            c[name][trait] = f"{before}\n{value}" if before else value


def told_descriptor() -> int:
    """Take the pipe to the launcher, out of reach of the programs that repo2docker starts."""
    descriptor = int(os.environ.pop(PHASE_VARIABLE))
    os.set_inheritable(descriptor, False)
    return descriptor


def watch_fetch(told: int, most: dict[str, int], *, public_only: bool = False) -> None:
    """Make fetching end the process with the reason when it fails or is too much, whoever provides the content.

    Args:
        told: where to tell the launcher that it is done.
        most: what a repository may take.
        public_only: whether git may connect to public addresses only.
    """
    import repo2docker.contentproviders.git as module  # type: ignore[import-not-found]
    from repo2docker.app import Repo2Docker  # type: ignore[import-not-found]

    steps = [""]
    execute, original = module.execute_cmd, Repo2Docker.fetch

    def execute_cmd(command: list[str], *args: Any, **kwargs: Any) -> Iterator[str]:
        steps.append(command[1])
        yield from execute(command, *args, **kwargs)

    def fetch(self: Any, *args: Any) -> None:
        try:
            with checkout.bounded(most, lambda: too_much(most)), only_public() if public_only else nullcontext():
                original(self, *args)
        except Exception:
            end_of_fetch(steps[-1])
        finally:
            # From here on repo2docker reads the repository, and follows its links to whatever it may read.
            git_credentials.forget()
        os.write(told, FETCHED)

    module.execute_cmd = execute_cmd
    Repo2Docker.fetch = fetch


def too_much(most: dict[str, int]) -> None:
    """End at once from any thread; the launcher ends what git has started."""
    limits = [f"more than {number} {name}" for name, number in most.items() if number]
    print(f"The repository is larger than what is built here: it has {' or '.join(limits)}.", flush=True)
    os._exit(codes.OUT_OF_RESOURCES)


def end_of_fetch(step: str) -> NoReturn:
    """End with the reason that the git command which failed stands for."""
    end_when_out_of_memory()
    if step == "reset":
        end(codes.REF_NOT_FOUND, "The commit is not in the repository.")
    if step == "submodule":
        end(codes.UNREACHABLE, "A submodule of the repository could not be fetched.")
    end(codes.UNREACHABLE, "The repository could not be fetched.")


def watch_build(more: list[str], *, buildkit: bool = False) -> None:
    """Give the engine's build more arguments, and make it end the process with the reason when it fails.

    Args:
        more: the arguments.
        buildkit: whether there is no engine behind it.
    """
    from repo2docker.docker import DockerEngine  # type: ignore[import-not-found]

    original = DockerEngine.build
    if buildkit:
        # It would ask for an engine's version, and take the absence of one for a fault.
        DockerEngine.container_cli = "docker"

    def build(self: Any, **kwargs: Any) -> Iterator[str]:
        spent, begins = False, True
        if buildkit:
            from .buildkit import introduce

            try:
                introduce(os.environ)
            except RuntimeError as error:
                end(codes.INTERNAL, str(error))
        # After those of the administrator, as the last one of a kind holds.
        self.extra_buildx_build_args = [*self.extra_buildx_build_args, *more]
        try:
            for line in original(self, **kwargs):
                spent = spent or (begins and bool(OUT_OF_RESOURCES.fullmatch(line)))
                begins = line.endswith("\n")  # repo2docker also cuts at \r, which a step can print
                yield line
        except subprocess.CalledProcessError:
            if spent:
                end(codes.OUT_OF_RESOURCES, "A step of the build ran out of memory or disk.")
            end_when_out_of_memory()
            end(codes.BUILD_FAILED, "A step of the build failed.")

    DockerEngine.build = build


def end_when_out_of_memory() -> None:
    """End with that reason when it was the kernel that ended git, docker, or what they had started."""
    if memory.ran_out():
        end(codes.OUT_OF_RESOURCES, "The build was killed because it used more memory than it may.")


def end(code: int, sentence: str) -> NoReturn:
    """Add a line to the log and end the process."""
    sys.stderr.flush()
    print(sentence, flush=True)
    raise SystemExit(code)
