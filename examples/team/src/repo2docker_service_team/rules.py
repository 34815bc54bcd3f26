"""Says what the team builds, adds to it, and keeps a diary of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traitlets import Instance, List, Unicode
from traitlets.config import LoggingConfigurable

from repo2docker_service import hookimpl
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildPlan


class TeamRules(LoggingConfigurable):
    """Each method is called in a thread of its own, so that it may read, write and wait."""

    addresses = List(Unicode(), help="What addresses of repositories begin with; empty: all are built.").tag(
        config=True
    )
    packages = List(Unicode(), help="Python packages that every image gets besides.").tag(config=True)
    diary = Unicode(help="A file that gets a line for each build that has ended; empty: none.").tag(config=True)
    installation = Instance(Installation)

    @hookimpl
    def veto_build(self, plan: BuildPlan) -> str | None:
        """Refuse what is not the team's."""
        if not self.addresses or plan.source.address.startswith(tuple(self.addresses)):
            return None
        return f"This team builds from {' and '.join(self.addresses)} only."

    @hookimpl
    def image_labels(self, plan: BuildPlan) -> Mapping[str, str]:
        """Let other tools find the team's images, as with ``docker images --filter label=org.example.team``."""
        return {"org.example.team": self.installation.instance, "org.example.owner": str(plan.owner)}

    @hookimpl
    def repo2docker_config(self) -> Mapping[str, Mapping[str, Any]] | None:
        """Install the team's packages into every image. A hook may leave out arguments that it does not need."""
        if not self.packages:
            return None
        return {"Repo2Docker": {"appendix": f"RUN python3 -m pip install --no-cache-dir {' '.join(self.packages)}"}}

    @hookimpl
    def build_changed(self, build: Build) -> None:
        """Write down how a build ended."""
        if self.diary and build.state.ended:
            with Path(self.diary).open("a") as diary:
                diary.write(f"{build.finished_at:%Y-%m-%d %H:%M} {build.plan.source.address} {build.state}\n")
