"""Does foreign work apart from all else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

T = TypeVar("T")


def in_thread(name: str, do: Callable[[], T]) -> Future[T]:
    """Do something in a thread of its own: not one of a pool, so that nobody waits for it when the process stops."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            settle = partial(future.set_result, do())
        except BaseException as error:  # noqa: BLE001 - a foreign program can raise anything
            settle = partial(future.set_exception, error)
        # Whoever has asked may not wait for it any more.
        if future.set_running_or_notify_cancel():
            settle()

    try:
        threading.Thread(target=work, name=name, daemon=True).start()
    except RuntimeError as error:  # the system has no more threads
        future.set_exception(error)
    return future
