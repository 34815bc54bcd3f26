"""Tokens of the hub, as requests carry them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from repo2docker_service.domain.errors import Unauthenticated

_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,4096}")


def is_token(text: str) -> bool:
    """Whether the hub could have given out such a token or code."""
    return _TOKEN.fullmatch(text) is not None


def authorization(token: str) -> Mapping[str, str]:
    """Give the header for a request on behalf of whoever holds the token.

    Raises:
        Unauthenticated: it cannot be one.
    """
    if not is_token(token):
        raise Unauthenticated
    return {"Authorization": f"token {token}"}
