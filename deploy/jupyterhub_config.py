"""The Hub of compose.yaml."""

import os
from pathlib import Path

from repo2docker_service.entrypoints.jupyterhub import configure
from repo2docker_service.entrypoints.jupyterhub.spawner import Repo2DockerSpawner

c = get_config()  # noqa: F821
secrets = Path(os.environ.get("CREDENTIALS_DIRECTORY", "/run/secrets"))

# For a trial: everybody who knows the password is who they say they are. Choose another authenticator.
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = (secrets / "login_password").read_text().strip()
c.Authenticator.allow_all = True

c.JupyterHub.db_url = "sqlite:////data/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/data/jupyterhub_cookie_secret"
c.JupyterHub.hub_ip = "0.0.0.0"
c.JupyterHub.hub_connect_ip = "hub"
c.JupyterHub.allow_named_servers = True

c.JupyterHub.spawner_class = Repo2DockerSpawner
c.Spawner.start_timeout = 120
c.DockerSpawner.network_name = "jupyterhub"
c.DockerSpawner.pull_policy = "never"

c.JupyterHub.services = [{"name": "repo2docker", "api_token": (secrets / "hub_token").read_text().strip()}]
c.JupyterHub.load_groups = {"teachers": {"users": ["ada"]}}
configure(c, url="http://service:10101", builder_groups=["teachers"], everyone_views=True)
