"""How a spawner says no."""

from __future__ import annotations

from typing import Any, NoReturn

import jupyterhub.spawner
from tornado.web import HTTPError

from repo2docker_service.entrypoints.jupyterhub.offers import Refused


def refuse(refused: Refused) -> NoReturn:
    """Say no in the Hub's way.

    Raises:
        tornado.web.HTTPError: always. From version 6 on, the Hub counts it as a refusal and not as a failure.
    """
    kind = getattr(jupyterhub.spawner, "SpawnException", None)
    error: Any = (
        kind(refused.message, reason=refused.reason, status_code=int(refused.status))
        if kind
        else HTTPError(refused.status, refused.message)
    )
    # What the Hub shows on its pages, in place of the whole exception.
    error.jupyterhub_message = refused.message
    raise error
