"""Images: list, get, delete."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.exceptions import HTTPException

from repo2docker_service.domain.errors import InvalidInput
from repo2docker_service.domain.images import ImageFilter
from repo2docker_service.entrypoints.http.dependencies import Caller, CallerNow, ImageId, ServicesNeeded
from repo2docker_service.entrypoints.http.documentation import problems
from repo2docker_service.entrypoints.http.monitoring.audit import note
from repo2docker_service.entrypoints.http.routes import API
from repo2docker_service.entrypoints.http.schemas import ImagePageShape, ImageShape, ImagesWanted
from repo2docker_service.entrypoints.http.shaping import image_page, image_shape, owner_of

router = APIRouter(prefix=f"{API}/images", tags=["images"])

_ETAG: Final = re.compile(r'"([!#-~]{1,200})"', re.ASCII)


@router.get("", summary="List images", responses=problems())
async def list_images(
    who: Caller, wanted: Annotated[ImagesWanted, Query()], services: ServicesNeeded
) -> ImagePageShape:
    """Only images that the caller may know of are listed and counted."""
    filtered = ImageFilter(wanted.name, wanted.repo, wanted.ref, owner_of(wanted.owner), wanted.q)
    return image_page(
        await services.images.list(
            who,
            filtered,
            sort=wanted.sort,
            limit=wanted.limit,
            cursor=wanted.cursor,
            visible_to=owner_of(wanted.visible_to),
            groups=wanted.group,
        )
    )


@router.get("/{image_id}", summary="Get an image", responses=problems(404))
async def get_image(who: Caller, image_id: ImageId, services: ServicesNeeded, response: Response) -> ImageShape:
    """The answer's ETag is what a deletion has to repeat as If-Match."""
    image = await services.images.get(who, image_id)
    response.headers["ETag"] = f'"{image.digest}"'
    return image_shape(image)


@router.delete(
    "/{image_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Delete an image",
    responses=problems(404, 405, 409, 412, 428),
)
async def delete_image(
    who: CallerNow,
    image_id: ImageId,
    services: ServicesNeeded,
    request: Request,
    if_match: Annotated[str, Header(description='The digest that was seen, in quotes: "sha256:…".')] = "",
    siblings: Annotated[
        Literal["", "delete"], Query(description="Also delete the other names of the same digest.")
    ] = "",
) -> None:
    """Refused when the image's name meanwhile points to something else than was seen."""
    image = await services.images.delete(who, image_id, _digest(if_match), siblings=siblings == "delete")
    note(request, image=str(image.name), digest=image.digest, owner=str(image.plan.owner))


def _digest(if_match: str) -> str:
    if not if_match:
        raise HTTPException(
            HTTPStatus.PRECONDITION_REQUIRED,
            'Send the digest that was seen as If-Match: "sha256:…".',
        )
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise InvalidInput("If-Match", 'Give one digest in quotes: "sha256:…".')
    return match[1]
