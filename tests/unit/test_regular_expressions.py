"""No regular expression takes long over a text, however long and hostile that is."""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import repo2docker_service

SOURCE = Path(repo2docker_service.__file__).parent
LENGTH = 100_000
LONGEST = 0.05
"""Seconds."""
METHODS = ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")
PIECES = [
    " ",
    "a",
    "0",
    "-",
    "/",
    ".",
    "%",
    '"',
    "<",
    ";",
    "=",
    ",",
    ":",
    "#",
    "\x1b",
    "\x1b[",
    "\x1b]",
    "\n",
    "a ",
    "a.",
]
PIECES += ["a-", "://", "://a@", "a=b ", ';a="', "<>;", "0.0 ", "rel=next ", "299 a "]

Use = tuple[re.Pattern[Any], str]


def uses() -> Iterator[tuple[str, Use]]:
    """Find where regular expressions are used, and how: what is quick to match can be slow to search for."""
    for file in sorted(SOURCE.rglob("*.py")):
        words = file.relative_to(SOURCE).with_suffix("").parts
        if words[0] == "testing" or words[-1] in {"__init__", "__main__"}:
            continue
        module = importlib.import_module(".".join(["repo2docker_service", *words]))
        for node in ast.walk(ast.parse(file.read_text())):
            if (found := use(node, module)) is not None:
                yield f"{words[-1]}.{ast.unparse(node.func if isinstance(node, ast.Call) else node)}"[-60:], found


def use(node: ast.AST, module: ModuleType) -> Use | None:
    """Tell of a piece of code whether it uses a regular expression."""
    if isinstance(node, ast.Attribute) and node.attr in METHODS:
        pattern = value(node.value, module)
        return (pattern, node.attr) if isinstance(pattern, re.Pattern) else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
        first = node.args[0] if node.args else None
        if value(node.func.value, module) is re and isinstance(first, ast.Constant):
            return re.compile(first.value), node.func.attr
    return None


def value(node: ast.expr, module: ModuleType) -> object:
    """Give what a name stands for where a module has it."""
    if isinstance(node, ast.Name):
        return getattr(module, node.id, None)
    return getattr(value(node.value, module), node.attr, None) if isinstance(node, ast.Attribute) else None


USES = {name: used for used, name in {used: name for name, used in uses()}.items()}


def seconds(used: Use, text: str | bytes) -> float:
    """Measure the processor's time, without what other programs and the collection of garbage take now and then."""
    pattern, method = used
    run: Callable[..., Any] = getattr(pattern, method)
    arguments = (text[:0], text) if method == "sub" else (text,)
    taken: list[float] = []
    while len(taken) < 3 and min(taken, default=1) >= LONGEST:
        begun = time.thread_time()
        list(run(*arguments)) if method == "finditer" else run(*arguments)
        taken.append(time.thread_time() - begun)
    return min(taken)


def pumped(before: Any, piece: Any, after: Any) -> Any:  # noqa: ANN401 - texts or bytes
    """Repeat a piece in the middle until all is long."""
    return before + piece * (LENGTH // max(len(piece), 1)) + after


def test_all_regular_expressions_are_found() -> None:
    assert len({pattern for pattern, _ in USES.values()}) > 50
    assert {method for _, method in USES.values()} >= {"match", "fullmatch", "search", "sub"}


def test_one_that_takes_long_would_be_noticed() -> None:
    assert seconds((re.compile(r"\s+x"), "search"), " " * 15_000) > LONGEST


@pytest.mark.parametrize("used", USES.values(), ids=USES)
def test_a_text_of_the_same_few_letters_takes_no_time(used: Use) -> None:
    is_text = isinstance(used[0].pattern, str)
    for piece in PIECES:
        text = piece * (LENGTH // len(piece)) + "!"
        assert seconds(used, text if is_text else text.encode()) < LONGEST, piece


@pytest.mark.parametrize("used", USES.values(), ids=USES)
@settings(max_examples=4, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_text_that_nearly_matches_takes_no_time(used: Use, data: st.DataObject) -> None:
    near: Any = data.draw(st.from_regex(used[0]))
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(near))] * 2)))
    bad = "\x00" if isinstance(near, str) else b"\x00"

    for text in (pumped(near[:start], near[start:end], near[end:]), pumped(near[:start], near[start:end], bad)):
        assert seconds(used, text) < LONGEST, (near, start, end)
