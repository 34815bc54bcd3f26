"""What repo2docker is configured with inside of a container, as far as that needs no repo2docker."""

import pytest
from traitlets.config import Config

from repo2docker_service.adapters.builders.containers.in_container.hooks import add


@pytest.mark.parametrize(
    ("before", "added", "after"),
    [
        ("", {}, {"appendix": ""}),
        ("", {"Repo2Docker": {"appendix": "RUN theirs"}}, {"appendix": "RUN theirs"}),
        ("RUN ours", {"Repo2Docker": {"appendix": "RUN theirs"}}, {"appendix": "RUN ours\nRUN theirs"}),
        ("RUN ours", {"Repo2Docker": {"base_image": "debian"}}, {"appendix": "RUN ours", "base_image": "debian"}),
    ],
)
def test_what_plugins_add_follows_what_an_administrator_set(
    before: str, added: dict[str, dict[str, str]], after: dict[str, str]
) -> None:
    config = Config({"Repo2Docker": {"appendix": before}})

    add(config, added)

    assert config["Repo2Docker"] == after


def test_configuration_of_other_classes_is_taken_over_as_it_is() -> None:
    config = Config()

    add(config, {"DockerEngine": {"string_output": False}})

    assert config["DockerEngine"]["string_output"] is False
