"""Prints the OpenAPI document of the service, from which the page's types are made."""

from __future__ import annotations

import json
import tempfile

from repo2docker_service.bootstrap import bootstrap
from repo2docker_service.config import Repo2DockerService
from repo2docker_service.entrypoints.http.app import create_app
from tools.service import PRETENDED


def document() -> str:
    """Give it as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Repo2DockerService(data_dir=folder, config_file=f"{folder}/none.py", **PRETENDED).load()
        return json.dumps(create_app(bootstrap(settings)).openapi(), indent=1, sort_keys=True)


if __name__ == "__main__":
    print(document())
