"""What is at an address, before it is built."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from repo2docker_service.domain.models import Source
from repo2docker_service.entrypoints.http.dependencies import Caller, ServicesNeeded, caller, require_json
from repo2docker_service.entrypoints.http.documentation import problems
from repo2docker_service.entrypoints.http.routes import API
from repo2docker_service.entrypoints.http.schemas import SourceShape, SourceWish
from repo2docker_service.entrypoints.http.shaping import credentials_of, owner_of, source_shape

router = APIRouter(prefix=f"{API}/source", tags=["source"])


@router.post(
    "",
    summary="Resolve an address and a ref",
    dependencies=[Depends(caller), Depends(require_json)],
    responses=problems(400, 413, 415, 502),
)
async def look_up_source(who: Caller, wish: SourceWish, services: ServicesNeeded) -> SourceShape:
    """Gives the commit, the repository's refs, and the image that a build would reuse. Builds nothing."""
    source = Source(wish.repo, wish.ref, wish.subdir)
    report = await services.source_reports.look_up(who, source, owner_of(wish.owner), credentials_of(wish.credentials))
    return source_shape(report)
