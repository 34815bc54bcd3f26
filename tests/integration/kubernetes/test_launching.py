"""From a git address to a server that answers: built in the cluster, listed, and started there by a real Hub."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import yaml
from tests.integration.hub.conftest import Behind
from tests.integration.hub.launching import AT_HOME, build_image, launch
from tests.integration.kubernetes.builds import Site, service_settings
from tests.integration.kubernetes.clusters import Cluster
from tools.parts import singleuser_image
from tools.parts.engine import Engine
from tools.parts.hub import running_hub
from tools.parts.ports import free_port
from tools.parts.registry import Setup, running_registry
from tools.parts.repository import Repository

pytestmark = pytest.mark.timeout(400)
GUIDE: Final = Path(__file__).parents[3] / "docs" / "how-to" / "run-beside-zero-to-jupyterhub.md"
VALUES: Final = re.compile(r"```yaml\n(hub:\n.*?)```", re.DOTALL)
# What Zero to JupyterHub sets besides, and what a cluster without a network between nodes and pods needs.
HUB: Final = """
import os
os.environ["KUBECONFIG"] = {kubeconfig!r}
c.JupyterHub.allow_named_servers = True
c.JupyterHub.load_groups["teachers"] = {{"users": ["alice"]}}
c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
c.KubeSpawner.namespace = {namespace!r}
c.KubeSpawner.cmd = ["jupyterhub-singleuser"]
c.KubeSpawner.extra_pod_config = {{"hostNetwork": True}}
c.KubeSpawner.start_timeout = 150
"""


@dataclass(frozen=True)
class Classroom:
    """A Hub beside a cluster, and the service that it starts."""

    behind: Behind
    repository: str
    """The address of a repository with a lesson."""


@pytest.fixture
def classroom(site: Site, cluster: Cluster, engine: Engine, tmp_path: Path) -> Iterator[Classroom]:
    image = singleuser_image.ensure(engine.url)
    cluster.take(image, engine)
    repository = Repository(site.repositories.git.root, f"{secrets.token_hex(4)}/lesson.git")
    repository.commit({"Dockerfile": AT_HOME.replace("{image}", image), "notes/first.md": "# Begin here\n"}, "A lesson")
    (tmp_path / "registry").mkdir()
    with ExitStack() as stack:
        registry = stack.enter_context(running_registry(tmp_path / "registry", Setup()))
        place = stack.enter_context(cluster.reaches(registry.port))
        config = tmp_path / "repo2docker_service_config.py"
        settings = service_settings(site, place, server_namespaces=[site.namespace.name])
        config.write_text(f"c.Repo2DockerService.data_dir = {str(tmp_path / 'data')!r}\n{settings}")
        lines = HUB.format(kubeconfig=str(cluster.kubeconfig), namespace=site.namespace.name)
        hub = stack.enter_context(running_hub(tmp_path, lines + documented(config), api_ip=cluster.host))
        address = f"{site.repositories.git.url}{repository.name}"
        yield Classroom(Behind(hub, hub.wait_for_service("repo2docker")), address)


def documented(config: Path) -> str:
    """Give what the guide has a Hub told, but for where the service is: here the Hub starts it."""
    [values] = [yaml.safe_load(each) for each in VALUES.findall(GUIDE.read_text()) if "extraConfig" in each]
    lines: str = values["hub"]["extraConfig"]["repo2docker"]
    before, named, after = lines.partition('url="http://repo2docker-service"')
    assert named
    return f"{before}url='http://127.0.0.1:{free_port()}', config_file={str(config)!r}{after}"


def test_what_was_built_in_the_cluster_starts_there_and_shows_its_files(classroom: Classroom) -> None:
    with classroom.behind.client_of("alice") as alice, classroom.behind.client_of("bob") as bob:
        image = build_image(alice, classroom.repository)
        refused = bob.post("builds", json={"repo": classroom.repository})
        server = launch(bob, image, path="notes/first.md")
        assert server["kind"] == "ready", server
        opened = bob.get(alice.base_url.join(f"{server['url']}api/contents/notes/first.md"))
        stopped = bob.delete(f"servers/{server['name']}")

    assert refused.status_code == 403
    assert opened.json()["content"] == "# Begin here\n"
    assert stopped.status_code == 204
