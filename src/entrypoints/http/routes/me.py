"""Who is asking, and what this service is."""

from __future__ import annotations

from fastapi import APIRouter

from repo2docker_service import __version__
from repo2docker_service.domain.inputs import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_TEXT
from repo2docker_service.entrypoints.http.build_shapes import MOST_BUILD_ARGS
from repo2docker_service.entrypoints.http.dependencies import Caller, ServicesNeeded, home_address, login_address
from repo2docker_service.entrypoints.http.documentation import problems
from repo2docker_service.entrypoints.http.routes import API
from repo2docker_service.entrypoints.http.schemas import LONGEST_PAGE, InfoShape, MeShape
from repo2docker_service.entrypoints.http.shaping import me_shape, profile_shape

router = APIRouter(prefix=API, tags=["service"])


@router.get("/me", summary="Who am I?", responses=problems())
async def get_me(who: Caller, services: ServicesNeeded) -> MeShape:
    """The caller's name, groups, permissions and limits."""
    quotas = services.builds.admission.quotas_of(who.owner)
    return me_shape(who, services.policy, quotas, login_address(services), home_address(services))


@router.get("/info", summary="What can this service do?", responses=problems())
async def get_info(_who: Caller, services: ServicesNeeded) -> InfoShape:
    """Version, capabilities, profiles and limits."""
    return InfoShape(
        version=__version__,
        capabilities={
            "credentials": True,
            "force": True,
            "servers": await services.servers.offered(),
            "named_servers": services.servers.launcher.named_servers,
            "subdir": True,
            "build_args": True,
        },
        profiles=[profile_shape(each) for each in services.servers.profiles],
        limits={
            "repo": LONGEST_ADDRESS,
            "ref": LONGEST_NAME,
            "subdir": LONGEST_NAME,
            "title": LONGEST_TEXT,
            "description": LONGEST_TEXT,
            "build_args": MOST_BUILD_ARGS,
            "page": LONGEST_PAGE,
        },
        after_delete=services.images.after_delete,
    )
