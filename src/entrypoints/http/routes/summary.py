"""The whole service at a glance, for administrators."""

from __future__ import annotations

from fastapi import APIRouter

from repo2docker_service.entrypoints.http.dependencies import Caller, ServicesNeeded
from repo2docker_service.entrypoints.http.documentation import problems
from repo2docker_service.entrypoints.http.routes import API
from repo2docker_service.entrypoints.http.summary_shapes import SummaryShape, summary_shape

router = APIRouter(prefix=f"{API}/admin", tags=["administration"])


@router.get("/summary", summary="How is the whole service?", responses=problems())
async def read_summary(who: Caller, services: ServicesNeeded) -> SummaryShape:
    """A part that does not answer within seconds is told as such; what it would have known is null."""
    return summary_shape(await services.summary.look(who))
