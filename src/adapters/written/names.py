"""A setting for names of which there may be a list, or all."""

from __future__ import annotations

from traitlets import List, Unicode


class NamesOrAll(List[str]):
    """Names, or None, which an empty list is not: help and generated files would take one for the other."""

    def __init__(self, *, help: str) -> None:  # noqa: A002  # as all traits call it
        super().__init__(Unicode(), default_value=None, allow_none=True, help=help)

    def default_value_repr(self) -> str:
        """Give what it is unless it is set."""
        return "None"
