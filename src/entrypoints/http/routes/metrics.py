"""Figures for Prometheus."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from repo2docker_service.entrypoints.http.dependencies import ServicesNeeded, SessionsNeeded, caller
from repo2docker_service.entrypoints.http.documentation import problems, stream_of
from repo2docker_service.entrypoints.http.monitoring.looking import Looking

router = APIRouter(tags=["health"])

_EXAMPLE = 'repo2docker_service_builds{state="queued"} 3.0\n'


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses=problems() | {200: {"description": "The figures.", "content": stream_of("text/plain", _EXAMPLE)}},
)
async def read_metrics(
    request: Request, services: ServicesNeeded, sessions: SessionsNeeded, accept: Annotated[str, Header()] = ""
) -> Response:
    """Needs the scope ``metrics:read``, unless ``authenticate_prometheus`` is off. No label names anybody's things."""
    if services.settings.authenticate_prometheus:
        services.policy.require_metrics(await caller(request, services, sessions))
    looking: Looking = request.app.state.looking
    content, media_type = await looking.exposition(accept)
    return Response(content, media_type=media_type)
