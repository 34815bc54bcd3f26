"""What plugins may not add to a build, whichever way they say it."""

import pytest

from repo2docker_service.domain.orders.extending import check_config


@pytest.mark.parametrize("section", ["Repo2Docker", "Application", "SingletonConfigurable"])
@pytest.mark.parametrize("trait", ["subdir", "target_repo_dir", "extra_build_args"])
def test_what_the_service_promises_of_images_is_set_by_no_class_that_repo2docker_is_made_from(
    section: str, trait: str
) -> None:
    with pytest.raises(ValueError, match=rf"^{section}\.{trait} is for the service to set\.$"):
        check_config({section: {trait: "theirs"}})


def test_all_else_is_taken_as_it_is() -> None:
    config = {"Repo2Docker": {"appendix": "RUN true"}, "DockerEngine": {"string_output": False}}

    assert check_config(config) == config
