"""How long a browser is waited for."""

from __future__ import annotations

from typing import Final

PATIENCE: Final = 20_000
"""Milliseconds to wait for what is to be seen."""
