"""What builders that run repo2docker in containers are told by administrators, wherever the containers are."""

from __future__ import annotations

from typing import Final

from traitlets import Dict, Float, Integer, Unicode
from traitlets.config import LoggingConfigurable

from repo2docker_service.adapters.builders.containers.plans import BuildSettings

OFFICIAL_IMAGE: Final = "quay.io/jupyterhub/repo2docker:2026.04.0"


class Repo2DockerBuilder(LoggingConfigurable):
    """What they have in common."""

    repo2docker_image = Unicode(OFFICIAL_IMAGE, help="The image that repo2docker runs from.").tag(config=True)
    environment = Dict(
        Unicode(), help="Environment of the builder containers, such as HTTPS_PROXY. Builds can print it: no secrets."
    ).tag(config=True)
    ca_bundle = Unicode(
        help="File with certificate authorities that git trusts in builds, besides the usual ones. Steps of the build"
        " trust what their base image does."
    ).tag(config=True)
    timeout = Float(3600, min=1, help="Seconds after which a build is stopped.").tag(config=True)
    push_timeout = Float(1800, min=1, help="Seconds that delivering an image may take.").tag(config=True)
    push_patience = Float(120, min=0, help="Seconds for which a silent registry is tried again.").tag(config=True)
    max_repository_bytes = Integer(
        10 * 2**30, min=0, help="Bytes that a repository with all its history may take on the disk; 0 sets no limit."
    ).tag(config=True)
    max_repository_files = Integer(
        10**6, min=0, help="Files and folders that a repository may have, git's own among them; 0 sets no limit."
    ).tag(config=True)
    concurrency_per_owner = Integer(
        0, min=0, help="Builds at once of one owner; 0 sets no limit of its own: owners take turns anyway."
    ).tag(config=True)
    appendix = Unicode(help="Lines added to the end of every Dockerfile that repo2docker writes.").tag(config=True)
    user_id = Integer(1000, min=1, help="User id in the images.").tag(config=True)
    user_name = Unicode("jovyan", help="User name in the images.").tag(config=True)
    target_repo_dir = Unicode(
        help="Folder in the images for the repository's content; the user's home when empty."
    ).tag(config=True)
    extra_repo2docker_config = Unicode(
        help="Python code at the end of repo2docker's own configuration, where c is its config object."
    ).tag(config=True)

    def _build_settings(self) -> BuildSettings:
        return BuildSettings(
            self.appendix, self.user_id, self.user_name, self.target_repo_dir, self.extra_repo2docker_config
        )
