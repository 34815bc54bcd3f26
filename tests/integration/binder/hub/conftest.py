"""A Hub as the how-to page sets it up for BinderHub's clients, with a service that builds for real."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from tests.integration.binder.conftest import PAGE, Binder
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.hub import RunningHub, running_hub
from tools.parts.ports import free_port
from tools.reliability.engine_facts import remove_everything

DOCUMENTED: Final = re.compile(
    r"```python\n(from jupyterhub_fancy_profiles .*?|c\.JupyterHub\.load_roles.*?)```", re.DOTALL
)
DOCUMENTED_REGISTRY: Final = r"registry\.example\.org/r2d"
"""What images are called, in the expression that they have to fit."""
TLJH_TOKEN: Final = "the-token-of-tljh-repo2docker"
NO_CLUSTER: Final = """
apiVersion: v1
kind: Config
clusters: [{name: none, cluster: {server: "http://127.0.0.1:9"}}]
contexts: [{name: none, context: {cluster: none, user: none}}]
users: [{name: none, user: {}}]
current-context: none
"""
BEFORE: Final = """
import functools, json, os
from tornado.web import HTTPError
from repo2docker_service.entrypoints import jupyterhub
jupyterhub.configure = functools.partial(jupyterhub.configure, url=URL, config_file=CONFIG)
os.environ["KUBECONFIG"] = NO_CLUSTER
c.JupyterHub.load_groups["teachers"] = {"users": ["alice"]}
c.JupyterHub.services.append({"name": "tljh_repo2docker", "api_token": TLJH_TOKEN})
"""
AFTER: Final = """
async def note_pod(spawner):
    # This is what KubeSpawner does before it asks the cluster, of which there is none.
    await spawner.load_user_options()
    pod = await spawner.get_pod_manifest()
    with open(PODS, "a") as file:
        print(json.dumps([spawner.user.name, pod.spec.containers[0].image]), file=file)
    raise HTTPError(503, "There is no cluster here.")

c.KubeSpawner.pre_spawn_hook = note_pod
"""


@dataclass(frozen=True)
class Profiles:
    """A Hub whose spawn page is that of jupyterhub-fancy-profiles, and this service as ``binder`` behind it."""

    hub: RunningHub
    url: str
    git: GitServer
    pods: Path

    def seen_by(self, token: str) -> Binder:
        """Give the service as who has that token sees it, through the Hub's proxy."""
        return Binder(self.url, token)

    def of(self, user: str) -> Binder:
        """Give the service as somebody sees it."""
        return self.seen_by(self.hub.token(user))

    @property
    def started(self) -> list[Any]:
        """User and image of each pod that KubeSpawner would have made."""
        return [json.loads(line) for line in self.pods.read_text().splitlines()] if self.pods.exists() else []


@pytest.fixture(scope="session")
def profiles(
    engine: Engine, git: GitServer, service_settings: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Profiles]:
    """Run the Hub, and behind it the service, for all tests of this folder."""
    folder, instance = tmp_path_factory.mktemp("profiles"), f"t{secrets.token_hex(6)}"
    config, cluster, pods = folder / "repo2docker_service_config.py", folder / "kubeconfig", folder / "pods"
    cluster.write_text(NO_CLUSTER)
    config.write_text(
        f"c.Repo2DockerService.instance = {instance!r}\n"
        f"c.Repo2DockerService.image_prefix = 'r2d-{instance}'\n"
        f"c.Repo2DockerService.data_dir = {str(folder / 'data')!r}\n"
        f"c.Repo2DockerService.binder_forges = {{'gh': {git.url.rstrip('/')!r}}}\n"
        f"{service_settings}"
    )
    places = {
        "URL": f"http://127.0.0.1:{free_port()}",
        "CONFIG": str(config),
        "NO_CLUSTER": str(cluster),
        "TLJH_TOKEN": TLJH_TOKEN,
        "PODS": str(pods),
    }
    named = "".join(f"{name} = {value!r}\n" for name, value in places.items())
    documented = DOCUMENTED.findall(PAGE.read_text())
    assert [DOCUMENTED_REGISTRY in each for each in documented] == [True, False]
    lines = named + BEFORE + "\n".join(documented).replace(DOCUMENTED_REGISTRY, f"localhost/r2d-{instance}") + AFTER
    try:
        with running_hub(folder, lines) as hub:
            yield Profiles(hub, hub.wait_for_service("binder"), git, pods)
    finally:
        remove_everything(DockerApi(engine.url), instance)
