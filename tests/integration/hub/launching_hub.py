"""A real Hub whose spawner takes an image, as the ones for containers do, and starts a small process for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.integration.hub.conftest import outside
from tools.parts.hub import RunningHub, running_hub

from repo2docker_service.domain.models import BuildPlan, Identity, Image, ImageName, Owner, OwnerKind, Source

TOKEN = "the-token-of-the-service-that-launches"
QUIET_TOKEN = "the-token-of-the-service-that-does-not"
NAMED_LIMIT = 3
ACTIVE_LIMIT = 4

# Starts a small process, whatever it is asked for.
SMALL_SERVERS = r'''
import sys
from jupyterhub.spawner import SimpleLocalProcessSpawner

SERVER = """
import http.server, os, urllib.parse
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words):
        pass
place = urllib.parse.urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
http.server.ThreadingHTTPServer(("127.0.0.1", place.port), Handler).serve_forever()
"""

class SmallServers(SimpleLocalProcessSpawner):
    cmd = [sys.executable, "-S", "-c", SERVER]
    poll_interval = 1

    def get_args(self):
        return []
'''
# What becomes of a start is in the name of the image.
SPAWNER = (
    SMALL_SERVERS
    + r"""
import asyncio
from tornado.web import HTTPError

class ImageTakingSpawner(SmallServers):
    async def start(self):
        image = self.user_options.get("image", "")
        if "refused" in image:
            raise HTTPError(400, f"Image {image} not in allowed list: secret-one, secret-two")
        if "hooked" in image:
            raise HTTPError(403, "No servers on Sundays")
        if "failing" in image:
            raise RuntimeError("the engine is on fire")
        if "slow" in image:
            await asyncio.sleep(2.5)
        if "late" in image:
            raise RuntimeError("the engine went out")
        if "ending" in image:
            self.cmd = [sys.executable, "-S", "-c", "raise SystemExit(3)"]
            self.http_timeout = 2  # for so long the Hub asks for what has ended
        return await super().start()

    async def progress(self):
        yield {"progress": 20, "message": "Looking\u202e for\n<b>room</b>"}
        await asyncio.sleep(0.2)
        yield {"progress": 60, "message": "x" * 5000, "ready": True}

c.JupyterHub.spawner_class = ImageTakingSpawner
"""
)
SETTINGS = f"""
from repo2docker_service.entrypoints.jupyterhub import configure
configure(c, define_only=True)
configure(c, name="quiet", define_only=True, launch=False)
c.JupyterHub.allow_named_servers = True
c.JupyterHub.named_server_limit_per_user = {NAMED_LIMIT}
c.JupyterHub.active_server_limit = {ACTIVE_LIMIT}
c.JupyterHub.tornado_settings = {{"slow_stop_timeout": 1}}
c.Spawner.http_timeout = 20
c.Spawner.consecutive_failure_limit = 0
"""


@contextmanager
def launching_hub(folder: Path, lines: str = "", base_url: str = "/jhub/") -> Iterator[RunningHub]:
    """Run a Hub that starts servers, and knows this service twice: once it is to launch, once not."""
    services = outside("repo2docker", TOKEN) + outside("quiet", QUIET_TOKEN)
    with running_hub(folder, services + SPAWNER + SETTINGS + lines, base_url=base_url) as hub:
        yield hub


def image(word: str) -> Image:
    """Give an image of whose start becomes what its word says."""
    name = ImageName("localhost", f"r2d/{word}", "a" * 40)
    owner = Owner(OwnerKind.USER, "alice")
    source = Source(f"https://example.org/{word}")
    plan = BuildPlan(id="0" * 32, source=source, commit="a" * 40, image=name, owner=owner, requested_by=owner)
    return Image(
        name=name,
        digest="sha256:" + "0" * 64,
        created_at=datetime.now(UTC),
        size=1,
        plan=plan,
        launch_reference=f"localhost/r2d/{word}@sha256:0",
    )


def person(name: str) -> Identity:
    """Give somebody of the Hub."""
    return Identity(name, OwnerKind.USER)


def clear(hub: RunningHub, *users: str) -> None:
    """Stop and remove all servers of people, and wait until they are gone."""
    deadline = time.monotonic() + 30
    for user in users:
        while left := hub.ask("GET", f"/users/{user}?include_stopped_servers=1").body["servers"]:
            active = {name: server for name, server in left.items() if not server["stopped"]}
            if not active and not any(left):
                break
            assert time.monotonic() < deadline, left
            for name, server in left.items():
                if server["pending"] is None and (name or not server["stopped"]):
                    path = f"servers/{name}" if name else "server"
                    hub.ask("DELETE", f"/users/{user}/{path}", {"remove": True} if name else {})
            time.sleep(0.1)
