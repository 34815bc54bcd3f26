"""All that one owner has, for administrators."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Request

from repo2docker_service.domain.models import Owner
from repo2docker_service.entrypoints.http.cleanup_shapes import HoldingsShape, holdings_shape
from repo2docker_service.entrypoints.http.dependencies import Caller, CallerNow, ServicesNeeded
from repo2docker_service.entrypoints.http.documentation import problems
from repo2docker_service.entrypoints.http.monitoring.audit import note
from repo2docker_service.entrypoints.http.routes import API
from repo2docker_service.entrypoints.http.schemas import OwnerText

router = APIRouter(prefix=f"{API}/admin/owners", tags=["administration"])

# Names of groups may hold slashes.
_REMOVAL: Final = "/{owner:path}/removal"
Named = Annotated[OwnerText, Path(min_length=1, description="user:NAME, service:NAME or group:NAME.")]
Protected = Annotated[Literal["", "delete"], Query(description="Also delete what the catalog protects.")]


@router.get(
    _REMOVAL,
    response_model_exclude_unset=True,
    summary="What would be removed of an owner?",
    responses=problems(404),
)
async def preview_removal(
    who: Caller, owner: Named, services: ServicesNeeded, protected: Protected = ""
) -> HoldingsShape:
    """Nothing is removed. What would be left, as far as that is known beforehand, says why."""
    found = await services.removal.preview(who, Owner.parse(owner), protected=protected == "delete")
    return holdings_shape(found)


@router.post(
    _REMOVAL,
    response_model_exclude_unset=True,
    summary="Remove all that an owner has",
    responses=problems(404),
)
async def remove_owner(
    request: Request, who: CallerNow, owner: Named, services: ServicesNeeded, protected: Protected = ""
) -> HoldingsShape:
    """Builds are cancelled and forgotten, images deleted. What is left says why; asked again, it goes on with that."""
    found = await services.removal.remove(who, Owner.parse(owner), protected=protected == "delete")
    left = sum(bool(each.stays) for each in found.items)
    note(request, removed=len(found.items) - left, left=left)
    return holdings_shape(found)
