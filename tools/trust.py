"""Whom the clients of a process trust: read once for all, which takes longer than most of what they ask for."""

from __future__ import annotations

import ssl
from typing import Final

TRUST: Final = ssl.create_default_context()
