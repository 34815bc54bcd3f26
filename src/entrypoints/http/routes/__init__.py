"""One module for each kind of thing that people ask for."""

from __future__ import annotations

from typing import Final

API: Final = "/api/v1"
"""Where the REST API is, below the base URL."""
