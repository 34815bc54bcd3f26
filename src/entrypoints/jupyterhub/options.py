"""What people ask a spawner for, by the spawn page, by a link or by the Hub's API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from repo2docker_service.domain.errors import InvalidInput
from repo2docker_service.domain.inputs import check_open_path
from repo2docker_service.entrypoints.jupyterhub.form import plain
from repo2docker_service.entrypoints.jupyterhub.offers import LONGEST_OPTION, NO_SUCH_PROFILE, NOT_OFFERED, Refused

CHOOSE_ONE = "Choose an environment."


def read_form(fields: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Turn the fields of the form into options for the spawner.

    Whether they may be started is found out when they are.

    Raises:
        Refused: no environment is chosen, or a value cannot be one.
    """
    image = _only(fields, "image", NOT_OFFERED)
    if not image:
        raise Refused(CHOOSE_ONE, reason="image")
    options = {"image": image, "profile": _only(fields, "profile", NO_SUCH_PROFILE), "path": _path(fields)}
    return {name: value for name, value in options.items() if value}


def _path(fields: Mapping[str, Sequence[str]]) -> str:
    try:
        return check_open_path("".join(fields.get("path", ())[:1]))
    except InvalidInput as error:
        raise Refused(str(error), reason="path") from None


def _only(fields: Mapping[str, Sequence[str]], name: str, otherwise: str) -> str:
    values = fields.get(name, ())
    value = values[0] if values else ""
    if len(values) > 1 or len(value) > LONGEST_OPTION or plain(value[:100]) != value[:100]:
        raise Refused(otherwise, reason=name)
    return value
