"""What is served under ``plugins/team/``, to those who have logged in."""

from __future__ import annotations

from fastapi import APIRouter, Request

router = APIRouter()


@router.get("/largest")
async def largest(request: Request) -> list[dict[str, object]]:
    """Give the largest images, as far as the caller may know of them: the use cases see to that."""
    page = await request.state.services.images.list(request.state.who, sort="size", limit=10)
    return [{"name": str(image.name), "bytes": image.size} for image in page.items]
