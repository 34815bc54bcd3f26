"""Whether the process lives, and whether the parts that it stands on answer."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from repo2docker_service.entrypoints.http.readiness import Part, Readiness

router = APIRouter(prefix="/health", tags=["health"])


class Liveness(BaseModel):
    """That the process answers."""

    status: str = "ok"


class Report(BaseModel):
    """How the parts are: ``ok``, ``degraded`` (builds go on, but not all that people do works) or ``down``."""

    status: str
    parts: dict[str, Part]


@router.get("/live", summary="Does the process answer?")
async def live() -> Liveness:
    """Nothing else is asked."""
    return Liveness()


@router.get("/ready", summary="Do its parts answer?", responses={503: {"model": Report, "description": "No builds."}})
async def ready(request: Request, response: Response) -> Report:
    """Without the builder the service is down; without another part builds go on, so it is degraded."""
    readiness: Readiness = request.app.state.readiness
    parts = await readiness.parts()
    if not parts["builder"].ok:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        return Report(status="down", parts=dict(parts))
    return Report(status="ok" if all(part.ok for part in parts.values()) else "degraded", parts=dict(parts))
