"""What a real Helm makes of the chart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from tools.parts import helm

CHART: Final = Path(__file__).parents[3] / "deploy" / "helm" / "repo2docker-service"
LEAST: Final[Mapping[str, Any]] = yaml.safe_load((CHART / "ci" / "least-values.yaml").read_text())
MOST: Final[Mapping[str, Any]] = yaml.safe_load((CHART / "ci" / "most-values.yaml").read_text())
NAMESPACE: Final = "jhub"
BUILDS: Final = "jhub-builds"
SERVICE: Final = "repo2docker-service"
BUILDKIT: Final = f"{SERVICE}-buildkit"
"""What the label `app.kubernetes.io/name` tells the two parts of the chart by."""
Object = dict[str, Any]


class Refused(Exception):
    """Helm makes nothing of these values; the text is what it says."""


@dataclass(frozen=True)
class Manifests:
    """All objects that the chart makes."""

    objects: Sequence[Object]

    def of(self, kind: str) -> Sequence[Object]:
        return [each for each in self.objects if each["kind"] == kind]

    def the(self, kind: str, namespace: str | None = None, part: str = SERVICE) -> Object:
        """Give the one object of a kind and part, in the namespace of the release unless another is named."""
        (found,) = (
            each
            for each in self.of(kind)
            if each["metadata"].get("namespace") == namespace
            and each["metadata"]["labels"]["app.kubernetes.io/name"] == part
        )
        return found

    @property
    def pod(self) -> Object:
        pod: Object = self.the("Deployment")["spec"]["template"]
        return pod

    @property
    def container(self) -> Object:
        container: Object = self.pod["spec"]["containers"][0]
        return container

    @property
    def buildkit(self) -> Object:
        """The pod of BuildKit."""
        pod: Object = self.the("Deployment", part=BUILDKIT)["spec"]["template"]
        return pod

    def configuration(self, name: str) -> str:
        """Give a file of the service's configuration."""
        (found,) = (each["data"][name] for each in self.of("ConfigMap") if name in each["data"])
        return str(found)


def render(
    values: Mapping[str, Any] = LEAST,
    *,
    release: str = "r2d",
    namespace: str = NAMESPACE,
    version: str = "1.37.0",
    **more: Any,
) -> Manifests:
    """Make manifests of values, which are beside those that have to be said.

    Raises:
        Refused: Helm makes nothing of them.
    """
    return _rendered(json.dumps({**values, **more}), release, namespace, version)


@cache
def _rendered(values: str, release: str, namespace: str, version: str) -> Manifests:
    chosen = (f"--namespace={namespace}", f"--kube-version={version}", "--values=-")
    made = helm.run("template", release, CHART, *chosen, given=values)
    if made.returncode != 0:
        raise Refused(made.stderr)
    return Manifests([each for each in yaml.safe_load_all(made.stdout) if each])
