"""Cards, and what an engine tells of their containers."""

from pathlib import Path
from typing import Any

from tests.unit.domain.people import plan_of

from repo2docker_service.adapters.builders.containers.cards import Card, Kind, builder_name, pusher_name
from repo2docker_service.adapters.builders.docker.containers import ENTRYPOINT
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan
from repo2docker_service.domain.signing import Signer

IMAGE = "repo2docker:test"
IMAGE_ID = f"sha256:{'1d' * 32}"
NEVER = "0001-01-01T00:00:00Z"
CREATED = "2026-01-02T03:04:05.123456789Z"


def installation_of(instance: str = "test", *keys: bytes) -> Installation:
    return Installation(instance, Signer(keys or [b"a key for tests only"]), Path("unused"))


OURS = installation_of()


def card_of(plan: BuildPlan | None = None, kind: Kind = Kind.BUILDER, installation: Installation = OURS) -> Card:
    plan = plan or plan_of()
    name = builder_name(installation, plan.image) if kind is Kind.BUILDER else pusher_name(installation, plan.id)
    return Card(kind=kind, name=name, plan=plan, push=False, builder_image=IMAGE, settings="5e771265")


def inspection(
    card: Card, status: str = "created", code: int = 0, *, name: str = "", installation: Installation = OURS
) -> dict[str, Any]:
    """Tell what the engine tells of a card's container."""
    ran, ended = status != "created", status in {"exited", "dead", "removing"}
    return {
        "Id": f"id of {card.name}",
        "Name": f"/{name or card.name}",
        "Created": CREATED,
        "Image": IMAGE_ID,
        "Config": {
            "Image": card.builder_image,
            "Entrypoint": list(ENTRYPOINT),
            "Labels": card.labels(installation),
        },
        "State": {
            "Status": status,
            "ExitCode": code,
            "OOMKilled": False,
            "StartedAt": "2026-01-02T03:04:06.5Z" if ran else NEVER,
            "FinishedAt": "2026-01-02T03:05:00Z" if ended else NEVER,
        },
    }
