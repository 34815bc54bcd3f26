"""BinderHub's build endpoint on our use cases, so that the pages of its clients go on working."""

from __future__ import annotations

from typing import Final

BUILD: Final = "/build/{provider}/{spec:path}"
"""Where builds are asked for, below the base URL."""
