"""A played service, and a user as the Hub's own database has it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest
from jupyterhub import orm, scopes
from tests.unit.entrypoints.jupyterhub.samples import GPU, SMALL
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from traitlets.config import Config

from repo2docker_service.domain.servers import Profile
from repo2docker_service.entrypoints.jupyterhub import PREFIX, SCOPES
from repo2docker_service.entrypoints.jupyterhub.offers import OfferedImage

ACCESS = "access:services!service=repo2docker"


@dataclass
class PlayedService:
    """Answers as the service does, with what a test puts in, and remembers what it was asked."""

    url: str = ""
    images: list[OfferedImage] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=lambda: [SMALL, GPU])
    page: int = 200
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    answer: Callable[[RequestHandler], object] | None = None
    """Instead of an answer."""

    def config(self, **more: object) -> Config:
        """Give the configuration of a Hub that knows it."""
        services = [{"name": "repo2docker", "url": self.url, "api_token": "of-spawners", **more}]
        return Config({"Repo2DockerImages": {"services": services}})


class Answers(RequestHandler):
    """All addresses of the played service."""

    def initialize(self, service: PlayedService) -> None:
        self.service = service

    async def get(self) -> None:
        service = self.service
        service.asked.append(self.request.uri or "")
        service.tokens.add(self.request.headers.get("Authorization", ""))
        if service.answer is not None:
            await service.answer(self)  # type: ignore[misc]  # it can be awaited
        elif self.request.path.endswith("/info"):
            self.finish({"profiles": [asdict(profile) for profile in service.profiles]})
        else:
            self.finish(self.images())

    def images(self) -> str:
        wanted, first = self.get_query_argument("name", ""), int(self.get_query_argument("cursor", "0"))
        images = [each for each in self.service.images if not wanted or each.is_called(wanted)]
        page = images[first : first + self.service.page]
        following = str(first + self.service.page) if images[first + self.service.page :] else None
        return json.dumps({"items": [item(each) for each in page], "next": following})


def item(image: OfferedImage) -> dict[str, Any]:
    return {**asdict(image), "created_at": image.created_at.isoformat(), "launch_reference": image.reference}


@pytest.fixture
async def service() -> AsyncIterator[PlayedService]:
    """Run a played service on this machine."""
    played = PlayedService()
    server = HTTPServer(Application([(r".*", Answers, {"service": played})]))
    [socket] = bind_sockets(0, "127.0.0.1")
    server.add_sockets([socket])
    played.url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    yield played
    server.stop()
    await server.close_all_connections()


MakeUser = Callable[..., orm.User]


@pytest.fixture
def make_user() -> Iterator[MakeUser]:
    """Give what makes users in a Hub's database, with groups and with scopes of ours, and perhaps subdomains."""
    scopes.define_custom_scopes({name: {**text} for name, text in SCOPES.items()})
    session = orm.new_session_factory("sqlite:///:memory:")()

    def make(
        *granted: str, name: str = "alice", groups: tuple[str, ...] = (), settings: Mapping[str, Any] | None = None
    ) -> orm.User:
        user = orm.User(name=name)
        named = [each if each.startswith("access:") else PREFIX + each for each in granted]
        user.roles.append(orm.Role(name=f"role-of-{name}", scopes=named))
        user.groups.extend(orm.Group(name=group) for group in groups)
        session.add(user)
        session.commit()
        user.settings = settings or {}
        return user

    yield make
    engine = session.get_bind()
    session.close()
    engine.dispose()
