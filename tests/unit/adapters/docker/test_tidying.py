"""Temporary names are told from those of others, whichever registry they are of."""

import pytest

from repo2docker_service.adapters.builders.docker import tidying


@pytest.mark.parametrize(
    ("prefix", "name", "ours"),
    [
        ("r2d", "localhost/r2d/example", True),
        ("r2d", "127.0.0.1:5000/r2d/example", True),
        ("r2d", "registry.example.org/r2d", True),
        ("ada/r2d", "ada/r2d", True),  # docker.io is left away by the engine
        ("ada/r2d", "ghcr.io/ada/r2d", True),
        ("r2d", "localhost/r2d2/example", False),
        ("r2d", "localhost/mine/r2d/example", False),
        ("r2d", "example", False),
    ],
)
def test_a_name_is_of_our_repositories_or_not(prefix: str, name: str, ours: bool) -> None:
    assert tidying._is_below(prefix, name) is ours
