"""What one call in ``jupyterhub_config.py`` adds to the configuration of a Hub."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from traitlets.config import Config

from repo2docker_service.domain.policy import Action
from repo2docker_service.entrypoints.jupyterhub import PREFIX, SCOPES, configure, role_name, token_variable

SCOPE_NAME = re.compile(r"custom:[a-z0-9][a-z0-9*:_-]*[a-z0-9*_]")
ROLE_NAME = re.compile(r"[a-z][a-z0-9\-_~.]{1,253}[a-z0-9]")


@pytest.fixture
def c(monkeypatch: pytest.MonkeyPatch) -> Config:
    """Give the configuration of a Hub of today that says nothing yet, in an environment that says nothing either."""
    for name in ("repo2docker", "second", "repo2docker-spawner", "second-spawner"):
        monkeypatch.delenv(token_variable(name), raising=False)
    monkeypatch.setitem(sys.modules, "jupyterhub", hub(6, 1))
    return Config()


def hub(*version: int) -> ModuleType:
    module = ModuleType("jupyterhub")
    vars(module)["version_info"] = version
    return module


def service(c: Config, name: str = "repo2docker") -> dict[str, Any]:
    [found] = [each for each in c.JupyterHub.services if each["name"] == name]
    entry: dict[str, Any] = found
    return entry


def role(c: Config, name: str) -> dict[str, Any]:
    [found] = [each for each in c.JupyterHub.load_roles if each["name"] == name]
    spec: dict[str, Any] = found
    return spec


def test_there_is_a_scope_for_every_action_and_no_other() -> None:
    assert set(SCOPES) == {PREFIX + action for action in Action}


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_is_one_that_the_hub_takes(scope: str) -> None:
    assert SCOPE_NAME.fullmatch(scope)
    assert SCOPES[scope]["description"]
    assert set(SCOPES[scope].get("subscopes", ())) <= set(SCOPES) - {scope}


def test_the_three_roles_hold_what_people_need_and_no_more(c: Config) -> None:
    configure(c, everyone_views=True)

    access = "access:services!service=repo2docker"
    assert role(c, "repo2docker-viewer")["scopes"] == [access, f"{PREFIX}images:read"]
    own = [f"{PREFIX}builds:create!user", f"{PREFIX}images:read", f"{PREFIX}images:delete!user"]
    assert role(c, "repo2docker-builder")["scopes"] == [access, *own]
    assert role(c, "repo2docker-admin")["scopes"] == [access, f"{PREFIX}admin"]
    assert set(c.JupyterHub.custom_scopes) == set(SCOPES)


def test_roles_go_to_the_groups_and_users_that_are_named(c: Config) -> None:
    configure(c, viewer_groups=["class"], builder_groups=("staff",), admin_groups={"root"}, admin_users=["carol"])

    names = ("viewer", "builder", "admin")
    roles = [role(c, f"repo2docker-{name}") for name in names]
    assert [each["groups"] for each in roles] == [["class"], ["staff"], ["root"]]
    assert [each["users"] for each in roles] == [[], [], ["carol"]]


def test_the_hub_starts_a_service_on_its_own_machine(c: Config, tmp_path: Path) -> None:
    configure(c, builder_groups=["staff"], config_file=tmp_path / "r2d.py")

    program, config = service(c)["command"]
    assert Path(program).name == "repo2docker-service"
    assert config == f"--config={tmp_path}/r2d.py"
    assert service(c)["url"] == "http://127.0.0.1:10101"
    assert service(c)["oauth_no_confirm"] is True
    assert "api_token" not in service(c)


def test_the_hub_starts_the_command_of_its_own_environment(
    c: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "repo2docker-service").touch()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    configure(c, builder_groups=["staff"])

    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    configure(c, name="second", builder_groups=["staff"])

    assert service(c)["command"] == [str(tmp_path / "repo2docker-service")]
    assert service(c, "second")["command"] == ["repo2docker-service"]


def test_cookies_of_the_service_are_for_one_host_alone_where_those_of_the_hub_are(c: Config) -> None:
    c.JupyterHub.cookie_host_prefix_enabled = True
    configure(c, builder_groups=["staff"])

    assert service(c)["command"][1:] == ["--Repo2DockerService.host_cookies=True"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:10101", "http://service.example:80"])
def test_a_token_in_the_environment_is_for_a_service_that_the_hub_does_not_start(
    c: Config, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPO2DOCKER_API_TOKEN", "a secret\n")

    configure(c, url=url, builder_groups=["staff"])

    assert service(c)["api_token"] == "a secret"
    assert service(c)["url"] == url
    assert "command" not in service(c)


@pytest.mark.parametrize("url", ["http://service.example:80", "http://192.0.2.7:10101", "http://[2001:db8::1]:1"])
def test_a_service_elsewhere_needs_a_token(c: Config, url: str) -> None:
    with pytest.raises(ValueError, match="REPO2DOCKER_API_TOKEN"):
        configure(c, url=url, builder_groups=["staff"])


@pytest.mark.parametrize("url", ["http://localhost:1", "http://[::1]:1", "http://127.9.9.9:1"])
def test_an_address_of_the_same_machine_is_known_in_every_spelling(c: Config, url: str) -> None:
    configure(c, url=url, builder_groups=["staff"])

    assert "command" in service(c)


def test_what_the_configuration_says_of_the_service_goes_first(c: Config) -> None:
    other = {"name": "other", "command": ["true"]}
    c.JupyterHub.services = [{"name": "repo2docker", "api_token": "theirs", "oauth_no_confirm": False}, other]

    configure(c, url="http://service.example:80", builder_groups=["staff"])

    assert service(c)["api_token"] == "theirs"
    assert service(c)["oauth_no_confirm"] is False
    assert service(c)["url"] == "http://service.example:80"
    assert "command" not in service(c)
    assert service(c, "other") == other


def test_what_the_hub_had_before_is_kept_and_not_changed_in_place(c: Config) -> None:
    scopes = {"custom:other:read": {"description": "Something else"}}
    roles = [{"name": "other", "scopes": ["self"]}]
    c.JupyterHub.custom_scopes = scopes
    c.JupyterHub.load_roles = roles

    configure(c, builder_groups=["staff"])

    assert c.JupyterHub.custom_scopes["custom:other:read"] == scopes["custom:other:read"]
    assert role(c, "other") == roles[0]
    assert (len(scopes), len(roles)) == (1, 1)


def test_what_was_appended_to_unset_lists_is_kept(c: Config) -> None:
    c.JupyterHub.services.append({"name": "other"})
    c.JupyterHub.load_roles.append({"name": "other"})
    c.JupyterHub.custom_scopes.update({"custom:other:read": {"description": "Something else"}})
    c.JupyterHub.extra_user_scopes.add("read:hub")

    configure(c, everyone_views=True)

    assert service(c, "other")
    assert role(c, "other")
    assert "custom:other:read" in c.JupyterHub.custom_scopes
    assert "read:hub" in c.JupyterHub.extra_user_scopes


def test_lists_can_be_appended_to_afterwards(c: Config) -> None:
    configure(c, builder_groups=["staff"])

    c.JupyterHub.services.append({"name": "other"})
    c.JupyterHub.load_roles.append({"name": "other"})

    assert service(c)
    assert service(c, "other")


def test_a_trait_that_was_only_looked_at_counts_as_unset(c: Config) -> None:
    assert c.JupyterHub.services is not None
    assert c.JupyterHub.load_roles is not None

    configure(c, builder_groups=["staff"])

    assert [each["name"] for each in c.JupyterHub.services] == ["repo2docker", "repo2docker-spawner"]
    assert len(c.JupyterHub.load_roles) == 5


def test_two_services_stand_beside_each_other(c: Config) -> None:
    configure(c, builder_groups=["staff"], everyone_views=True)
    configure(c, name="second", url="http://127.0.0.1:10102", builder_groups=["class"], everyone_views=True)

    urls = ["http://127.0.0.1:10101", "http://127.0.0.1:10102"]
    assert [service(c, name)["url"] for name in ("repo2docker", "second")] == urls
    assert role(c, "repo2docker-builder")["groups"] == ["staff"]
    assert role(c, "second-builder")["groups"] == ["class"]
    assert "access:services!service=second" in role(c, "second-builder")["scopes"]
    accesses = {"access:services!service=repo2docker", "access:services!service=second"}
    assert c.JupyterHub.extra_user_scopes == {*accesses, f"{PREFIX}images:read"}


def test_a_second_call_with_the_same_name_is_refused(c: Config) -> None:
    configure(c, builder_groups=["staff"])

    with pytest.raises(ValueError, match="repo2docker-viewer"):
        configure(c, builder_groups=["class"])


def test_everyone_views_by_a_scope_of_every_user(c: Config) -> None:
    configure(c, everyone_views=True)

    assert c.JupyterHub.extra_user_scopes == {"access:services!service=repo2docker", f"{PREFIX}images:read"}
    assert not any(each.get("users") or each.get("groups") for each in c.JupyterHub.load_roles)


def test_a_hub_before_6_gets_a_role_of_every_user_instead(c: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupyterhub", hub(5, 4, 6))

    configure(c, everyone_views=True)
    configure(c, name="second", everyone_views=True)

    viewing = [f"access:services!service={name}" for name in ("repo2docker", "second")]
    assert set(role(c, "user")["scopes"]) == {"self", f"{PREFIX}images:read", *viewing}
    assert "extra_user_scopes" not in c.JupyterHub


def test_a_role_of_every_user_that_is_there_is_widened(c: Config) -> None:
    c.JupyterHub.load_roles = [{"name": "user", "description": "Ours", "scopes": ["self", "read:hub"]}]

    configure(c, everyone_views=True)

    assert role(c, "user")["description"] == "Ours"
    assert role(c, "user")["scopes"][:2] == ["self", "read:hub"]
    assert f"{PREFIX}images:read" in role(c, "user")["scopes"]
    assert "extra_user_scopes" not in c.JupyterHub


def test_people_start_servers_through_the_service_unless_launch_is_off(c: Config) -> None:
    configure(c, builder_groups=["staff"])
    configure(c, name="second", builder_groups=["staff"], launch=False)

    servers = {"start:servers!user", "read:servers!user", "delete:servers!user"}
    assert set(service(c)["oauth_client_allowed_scopes"]) == {*SCOPES, *servers}
    assert set(service(c, "second")["oauth_client_allowed_scopes"]) == set(SCOPES)


def test_the_service_may_ask_what_starts_servers_unless_launch_is_off(c: Config) -> None:
    configure(c, builder_groups=["staff"])
    configure(c, name="second", builder_groups=["staff"], launch=False)

    assert role(c, "repo2docker-service")["services"] == ["repo2docker"]
    assert role(c, "repo2docker-service")["scopes"] == ["read:hub"]
    assert "second-service" not in [each["name"] for each in c.JupyterHub.load_roles]


def test_spawners_may_ask_what_each_user_may_start_and_nothing_else(c: Config) -> None:
    configure(c, builder_groups=["staff"])

    entry, told = service(c, "repo2docker-spawner"), c.Repo2DockerImages.services
    assert entry.keys() == {"name", "api_token"}
    assert len(entry["api_token"]) == 64
    assert told == [{"name": "repo2docker", "url": "http://127.0.0.1:10101", "api_token": entry["api_token"]}]
    access = "access:services!service=repo2docker"
    assert role(c, "repo2docker-spawner")["services"] == ["repo2docker-spawner"]
    assert role(c, "repo2docker-spawner")["scopes"] == [access, f"{PREFIX}images:read-for-user"]


def test_spawners_ask_each_service_with_a_token_for_it(c: Config) -> None:
    configure(c, builder_groups=["staff"])
    configure(c, name="second", url="http://127.0.0.1:10102", builder_groups=["class"])
    configure(c, name="third", url="http://127.0.0.1:10103", builder_groups=["class"], launch=False)

    first, second = c.Repo2DockerImages.services
    assert (first["name"], second["name"]) == ("repo2docker", "second")
    assert first["api_token"] != second["api_token"]
    assert not [each for each in c.JupyterHub.services if each["name"] == "third-spawner"]


def test_the_token_of_spawners_may_be_given(c: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPO2DOCKER_SPAWNER_API_TOKEN", "a secret\n")
    c.JupyterHub.services.append({"name": "second-spawner", "api_token": "another"})

    configure(c, builder_groups=["staff"])
    configure(c, name="second", builder_groups=["class"])

    assert [each["api_token"] for each in c.Repo2DockerImages.services] == ["a secret", "another"]


def test_spawners_reach_a_service_outside_of_the_proxy_where_it_is(c: Config) -> None:
    page = "https://builds.example:8443/environments/"
    for name in ("repo2docker", "second"):
        back = {"oauth_redirect_uri": f"{page}oauth_callback"}
        c.JupyterHub.services.append({"name": name, "url": "", "api_token": "x", **back})

    configure(c, builder_groups=["staff"])
    configure(c, name="second", url="http://192.0.2.7:80", builder_groups=["staff"])

    first, second = c.Repo2DockerImages.services
    assert (first["url"], first["prefix"], first["page"]) == ("https://builds.example:8443", "/environments/", page)
    assert (second["url"], second["prefix"], second["page"]) == ("http://192.0.2.7:80", "/environments/", page)


def test_a_hub_before_6_has_one_scope_for_all_of_a_server(c: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupyterhub", hub(5, 4, 6))

    configure(c, builder_groups=["staff"])

    allowed = set(service(c)["oauth_client_allowed_scopes"])
    assert allowed - set(SCOPES) == {"servers!user", "read:servers!user", "delete:servers!user"}


def test_roles_can_be_defined_for_an_authenticator_that_gives_them_out(c: Config) -> None:
    configure(c, define_only=True)

    assert [{"users", "groups"} & each.keys() for each in c.JupyterHub.load_roles] == [set()] * 5


def test_defined_only_and_given_to_somebody_contradict_each_other(c: Config) -> None:
    with pytest.raises(ValueError, match="define_only"):
        configure(c, define_only=True, admin_users=["carol"])


def test_a_service_that_nobody_may_use_is_warned_of(c: Config) -> None:
    with pytest.warns(UserWarning, match="Nobody has a role for the service repo2docker") as warned:
        configure(c)

    assert [Path(each.filename).name for each in warned] == [Path(__file__).name]


@pytest.mark.parametrize("setting", ["viewer_groups", "builder_groups", "admin_groups", "admin_users"])
def test_a_name_without_a_list_around_it_is_refused(c: Config, setting: str) -> None:
    with pytest.raises(TypeError, match=r"\['staff'\]"):
        configure(c, **{setting: "staff"})  # type: ignore[arg-type]  # the mistake is what is tested


@pytest.mark.parametrize("name", ["repo2docker", "r", "R2D", "2nd", "my builds", "-", "é", "n" * 300, "a_b~c.d"])
def test_the_names_of_roles_are_valid_for_any_name_of_a_service(name: str) -> None:
    names = {role_name(name, each) for each in ("viewer", "builder", "admin")}

    assert len(names) == 3
    assert all(ROLE_NAME.fullmatch(each) for each in names)


def test_the_name_of_a_role_can_be_recognised() -> None:
    assert role_name("repo2docker", "viewer") == "repo2docker-viewer"
    assert role_name("R2D two", "viewer").startswith("r2d-two-")


def test_the_roles_of_services_with_similar_names_differ() -> None:
    similar = ["r2d", "R2D", "r2D", "r2d ", "r2d-"]

    assert len({role_name(name, "viewer") for name in similar}) == len(similar)


def test_the_variable_of_a_token_is_named_after_the_service() -> None:
    assert token_variable("repo2docker") == "REPO2DOCKER_API_TOKEN"
    assert token_variable("r2d-teaching.v2") == "R2D_TEACHING_V2_API_TOKEN"


def test_nothing_heavy_is_imported_into_the_hub() -> None:
    heavy = ("fastapi", "starlette", "httpx", "pydantic", "traitlets", "aiodocker", "aiohttp", "jupyterhub", "uvicorn")
    program = (
        "import sys; import repo2docker_service.entrypoints.jupyterhub;"
        f"print(sorted(set({heavy}) & set(sys.modules)), len(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("[] ")
