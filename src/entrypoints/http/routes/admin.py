"""What only administrators do."""

from __future__ import annotations

from fastapi import APIRouter, Request

from repo2docker_service.entrypoints.http.cleanup_shapes import LeftoversShape, leftovers_shape
from repo2docker_service.entrypoints.http.dependencies import Caller, CallerNow, ServicesNeeded
from repo2docker_service.entrypoints.http.documentation import problems
from repo2docker_service.entrypoints.http.monitoring.audit import note
from repo2docker_service.entrypoints.http.routes import API

router = APIRouter(prefix=f"{API}/admin", tags=["administration"])


@router.get("/cleanup", summary="What would be collected now?", responses=problems())
async def preview_cleanup(who: Caller, services: ServicesNeeded) -> LeftoversShape:
    """Nothing is removed. The service also collects by itself, each hour."""
    return leftovers_shape(await services.cleanup.preview(who))


@router.post("/cleanup", summary="Collect what nobody needs any more", responses=problems())
async def clean_up(request: Request, who: CallerNow, services: ServicesNeeded) -> LeftoversShape:
    """What is removed is answered; it is what would have been listed. Images are among it only where a rule says so."""
    gone = await services.cleanup.clean_up(who)
    note(request, removed=len(gone))
    return leftovers_shape(gone)
