"""What the values of the chart say. Secrets are read from files, so that none stands in the ConfigMap."""

import json
import os
from pathlib import Path

c = get_config()  # noqa: F821
secrets = Path(os.environ.get("CREDENTIALS_DIRECTORY", "/run/secrets/repo2docker-service"))

for section, settings in json.loads(Path(__file__).with_name("settings.json").read_text()).items():
    for name, value in settings.items():
        c[section][name] = value

c.Repo2DockerService.secret = (secrets / "signing-keys").read_text().split()
c.JupyterHubAuthorizer.api_token = (secrets / "hub-token").read_text().strip()
