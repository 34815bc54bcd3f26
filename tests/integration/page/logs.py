"""Builds with logs that are worth looking at, as lines of configuration."""

from __future__ import annotations

from typing import Final

from tests.integration.page.conftest import FORGE, configuration
from tools.bench.page.services import LONG_LOG

NEEDLE: Final = "package-12345-1.0"
LIVELY: Final = f"{FORGE}lively"
"""Writes about a hundred lines a second, and does not come to an end by itself."""
STEPWISE: Final = f"{FORGE}stepwise"
"""Goes slowly from step to step, and does not come to an end by itself."""
COLOURED: Final = (
    "#1 [1/1] RUN show",
    "#1 0.100 \x1b[1;31mred\x1b[0m <script>alert(1)</script> \x1b[38;5;46mgreen\x1b[0m",
    "#1 0.200 10 %\r50 %\r100 %",
    "#1 0.300 tur\u202ened \x1b]0;title\x07around",
    "#1 DONE 0.4s",
)
LOGS: Final = f"""
{configuration()}
c.InMemoryImageBuilder.concurrency = 50
c.InMemoryImageBuilder.scripts = {{
    **c.InMemoryImageBuilder.scripts,
    {FORGE + "many"!r}: {{"lines": 0, "says": {LONG_LOG}}},
    {FORGE + "coloured"!r}: {{"lines": 0, "says": {list(COLOURED)!r}}},
    {LIVELY!r}: {{"lines": 90_000, "pace": 0.005}},
    {STEPWISE!r}: {{"lines": 9000, "pace": 0.3}},
}}
"""
