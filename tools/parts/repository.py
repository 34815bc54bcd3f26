"""Git repositories for a git server, written in one go by `git fast-import`."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

PERSON = "A Developer <developer@example.org>"
# The settings of whoever runs this must not matter.
ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_COMMITTER_NAME": "A Developer",
    "GIT_COMMITTER_EMAIL": "developer@example.org",
}


class Symlink(str):
    """The content of a file that is a symbolic link: what it points to."""


class Submodule(str):
    """The commit of another repository that is to be in this place; `.gitmodules` has to say which one."""


class Tree(str):
    """The tree of a commit of the same repository, which is to be a folder in this place."""


class Repository:
    """A bare repository `root/name`; `name` is what follows the server's address."""

    def __init__(self, root: Path, name: str, default_branch: str = "main") -> None:
        self.name = name
        self.path = root / name
        self.default_branch = default_branch
        self.path.mkdir(parents=True, exist_ok=True)
        self._git("init", "--bare", "--quiet", f"--initial-branch={default_branch}")

    def commit(
        self, files: Mapping[str, str | bytes | None], message: str, branch: str | None = None, when: int | None = None
    ) -> str:
        """Change these files on a branch, the default one unless named, and give the new commit.

        The same files, message and time (seconds since 1970; now unless given) make the same commit.
        None removes a file, a `Symlink` makes a link, a `Tree` a folder, a `Submodule` takes the place of another
        repository, and what begins with `#!` is executable.
        """
        ref = f"refs/heads/{branch or self.default_branch}"
        parent = self._git("for-each-ref", "--format=%(objectname)", ref).strip()
        stream = [
            f"commit {ref}\nmark :1\ncommitter {PERSON} {when or int(time.time())} +0000\n".encode(),
            _data(message),
            f"from {parent}\n".encode() if parent else b"",
            *(_change(path, content) for path, content in files.items()),
            b"\nget-mark :1\ndone\n",
        ]
        return self._git("fast-import", "--quiet", "--done", stdin=b"".join(stream)).strip()

    def tree(self, sha: str) -> Tree:
        """Give the tree of a commit."""
        return Tree(self._git("rev-parse", f"{sha}^{{tree}}").strip())

    def branch(self, name: str, sha: str) -> None:
        """Put a branch, new or moved, at a commit."""
        self._git("update-ref", f"refs/heads/{name}", sha)

    def refs(self, targets: Mapping[str, str]) -> None:
        """Put many refs, by their full names, at objects at once."""
        lines = "".join(f"update {name} {sha}\n" for name, sha in targets.items())
        self._git("update-ref", "--stdin", stdin=lines.encode())

    def tag(self, name: str, sha: str, *, annotated: bool = True) -> str:
        """Tag a commit and give what the tag's name stands for: an object of its own when annotated."""
        self._git("tag", *(["-a", "-m", name] if annotated else []), "--", name, sha)
        return self._git("rev-parse", f"refs/tags/{name}").strip()

    def _git(self, *words: str, stdin: bytes = b"") -> str:
        command = ["git", f"--git-dir={self.path}", *words]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False, env=os.environ | ENVIRONMENT)
        if done.returncode != 0:
            raise ValueError(f"git {words[0]} failed: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode()


def _data(content: str | bytes) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return b"data %d\n%s\n" % (len(raw), raw)


def _change(path: str, content: str | bytes | None) -> bytes:
    if content is None:
        return f"D {path}\n".encode()
    if isinstance(content, Submodule):
        return f"M 160000 {content} {path}\n".encode()
    if isinstance(content, Tree):
        return f"M 040000 {content} {path}\n".encode()
    return f"M {_mode(content)} inline {path}\n".encode() + _data(content)


def _mode(content: str | bytes) -> str:
    if isinstance(content, Symlink):
        return "120000"
    return "100755" if content[:2] in ("#!", b"#!") else "100644"
