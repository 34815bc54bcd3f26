"""Whether the process lives, and whether the parts that it stands on answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from repo2docker_service.domain.overview.readiness import Part
from repo2docker_service.entrypoints.http.dependencies import ServicesNeeded
from repo2docker_service.entrypoints.http.documentation import FOR_ALL

router = APIRouter(prefix="/health", tags=["health"])


class Liveness(BaseModel):
    """That the process answers."""

    status: str = "ok"


class Report(BaseModel):
    """How the parts are: ``ok``, ``degraded`` (builds go on, but not all that people do works) or ``down``."""

    status: str
    parts: dict[str, Part]
    warnings: Annotated[
        int, Field(description="Things that an administrator should change, who finds them in the summary.")
    ]
    plugins: Annotated[list[str], Field(description="Names of plugins that should be used and cannot be.")]


@router.get("/live", summary="Does the process answer?", openapi_extra=FOR_ALL)
async def live() -> Liveness:
    """Nothing else is asked."""
    return Liveness()


@router.get(
    "/ready",
    summary="Do its parts answer?",
    responses={503: {"model": Report, "description": "No builds."}},
    openapi_extra=FOR_ALL,
)
async def ready(services: ServicesNeeded, response: Response) -> Report:
    """Without the builder the service is down; without another part builds go on, so it is degraded.

    Warnings change nothing about the status, and what they say is not for everybody who can reach this.
    """
    health = await services.readiness.look()
    status = "ok" if all(part.ok for part in health.parts.values()) else "degraded"
    if not health.parts["builder"].ok:
        status = "down"
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return Report(status=status, parts=dict(health.parts), warnings=len(health.cautions), plugins=list(health.plugins))
