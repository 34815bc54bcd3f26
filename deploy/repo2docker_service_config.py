"""The service of compose.yaml."""

import os
from pathlib import Path

c = get_config()  # noqa: F821
secrets = Path(os.environ.get("CREDENTIALS_DIRECTORY", "/run/secrets"))

c.Repo2DockerService.base_url = "/services/repo2docker/"
c.Repo2DockerService.authorizer = "jupyterhub"
c.JupyterHubAuthorizer.service_name = "repo2docker"
c.JupyterHubAuthorizer.service_prefix = c.Repo2DockerService.base_url
c.JupyterHubAuthorizer.api_url = "http://hub:8081/hub/api"
c.JupyterHubAuthorizer.api_token = (secrets / "hub_token").read_text().strip()

c.Repo2DockerService.registry = "v2"
c.V2Registry.url = "http://registry:5000"
c.V2Registry.insecure = True  # nobody else is on the network between the two
c.V2Registry.image_host = "127.0.0.1:5000"  # what the engine calls it
c.V2Registry.username = "repo2docker"
c.V2Registry.password_file = str(secrets / "registry_password")

# Servers start from what the engine has: one machine builds and runs them.
c.DockerImageBuilder.local_copy_days = 0
