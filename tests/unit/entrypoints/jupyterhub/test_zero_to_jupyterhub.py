"""The values that the documentation advises for Zero to JupyterHub, as its chart takes them."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from traitlets.config import Config

PAGE = Path(__file__).parents[4] / "docs" / "how-to" / "answer-binderhub-clients.md"


def test_the_values_for_the_chart_configure_what_the_python_beside_them_does() -> None:
    text = PAGE.read_text()
    [python] = re.findall(r"```python\n(from jupyterhub_fancy_profiles.*?)```", text, re.DOTALL)
    [values] = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", text, re.DOTALL))
    written, charted = Config(), Config()
    # This is what the chart's own configuration makes of its values, before it runs what is added.
    entries = values["hub"]["services"].items()
    charted.JupyterHub.services = [{"name": name, **entry, "api_token": "of-the-chart"} for name, entry in entries]
    charted.JupyterHub.load_roles = []
    charted.KubeSpawner.profile_list = values["singleuser"]["profileList"]

    exec(python, {"c": written})
    exec(values["hub"]["extraConfig"]["binder"], {"c": charted})

    for trait in ("profile_list", "additional_profile_form_template_paths"):
        assert charted.KubeSpawner[trait] == written.KubeSpawner[trait]
    assert [each["name"] for each in charted.JupyterHub.load_roles] == [
        each["name"] for each in written.JupyterHub.load_roles
    ]
    [service] = [each for each in charted.JupyterHub.services if each["name"] == "binder"]
    assert service["api_token"] == "of-the-chart"
    assert "command" not in service  # it runs elsewhere
