"""What :func:`configure` adds to the configuration of a Hub.

The Hub starts the service when the address is one of its own machine. It does not when there is a token for a service
that somebody else starts: in the Hub's environment, as the variable that :func:`token_variable` names, or as
``api_token`` in an entry of ``c.JupyterHub.services`` with the service's name. What such an entry says goes before what
is said here.

All of this runs in the Hub's own process, so it imports the standard library only.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sys
import warnings
from collections.abc import Iterable, Mapping, MutableMapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

PREFIX: Final = "custom:repo2docker:"
SCOPES: Final[Mapping[str, Mapping[str, Any]]] = {
    f"{PREFIX}builds:read": {"description": "See builds of environments and their logs"},
    f"{PREFIX}builds:cancel": {
        "description": "Cancel builds of environments, and remove ended ones from the list",
        "subscopes": [f"{PREFIX}builds:read"],
    },
    f"{PREFIX}builds:create": {
        "description": "Build environments from git repositories",
        "subscopes": [f"{PREFIX}builds:cancel", f"{PREFIX}builds:read"],
    },
    f"{PREFIX}images:read": {"description": "See the environments that were built"},
    f"{PREFIX}images:read-for-user": {"description": "See which environments a user may start"},
    f"{PREFIX}images:delete": {
        "description": "Delete environments that were built",
        "subscopes": [f"{PREFIX}images:read"],
    },
    f"{PREFIX}metrics:read": {"description": "Read figures of how the build service is used"},
    f"{PREFIX}admin": {
        "description": "See, cancel and delete everything, and build on behalf of others",
        "subscopes": [
            f"{PREFIX}builds:create",
            f"{PREFIX}images:read",
            f"{PREFIX}images:read-for-user",
            f"{PREFIX}images:delete",
            f"{PREFIX}metrics:read",
        ],
    },
}
_ROLES: Final[Mapping[str, tuple[str, Iterable[str]]]] = {
    "viewer": ("See environments", ["images:read"]),
    "builder": (
        "Build environments, and delete one's own",
        ["builds:create!user", "images:read", "images:delete!user"],
    ),
    "admin": ("Manage the environments of everybody", ["admin"]),
}
_URL: Final = "http://127.0.0.1:10101"
"""As it is for :func:`configure` unless it is said; written there again, as the documentation shows what is there."""
HubSettings = MutableMapping[str, Any]


def configure(  # noqa: PLR0913  # each is a setting of its own
    c: Mapping[str, HubSettings],
    *,
    name: str = "repo2docker",
    url: str = "http://127.0.0.1:10101",
    config_file: str | Path | None = None,
    viewer_groups: Iterable[str] = (),
    builder_groups: Iterable[str] = (),
    admin_groups: Iterable[str] = (),
    admin_users: Iterable[str] = (),
    everyone_views: bool = False,
    launch: bool = True,
    define_only: bool = False,
) -> None:
    """Add the service, its scopes and its roles to the configuration of a Hub; again for each further name.

    Args:
        c: the object that every configuration file of a Hub has.
        name: the service's name at the Hub, and the part of its address after ``/services/``.
        url: where the service listens.
        config_file: the service's own configuration file, if the Hub starts it.
        viewer_groups: groups whose members see what was built.
        builder_groups: groups whose members also build, and delete what they built.
        admin_groups: groups whose members may do everything. Being an administrator of the Hub is not enough.
        admin_users: people who may do everything.
        everyone_views: whether every user of the Hub sees what was built.
        launch: whether people start servers from this service, and the Hub's spawners may ask it for images.
        define_only: whether to define the roles and give them to nobody, as ``Authenticator.manage_roles`` demands.

    Raises:
        TypeError: a text stands where a list of names belongs.
        ValueError: the service cannot work like this; the text says what to change.
    """
    hub = c["JupyterHub"]
    groups = {"viewer": viewer_groups, "builder": builder_groups, "admin": admin_groups}
    members = {role: {"groups": _names(names), "users": []} for role, names in groups.items()}
    members["admin"]["users"] = _names(admin_users)
    somebody = any(each["groups"] or each["users"] for each in members.values())
    if define_only and somebody:
        raise ValueError("With define_only the authenticator gives out the roles: name no groups and no users.")
    if not (define_only or everyone_views or somebody):
        warnings.warn(_nobody(name), stacklevel=2)
    _add_roles(hub, name, {} if define_only else members)
    service = _add_service(hub, _entry(name, url, launch=launch), config_file)
    if launch:
        _let_service_ask(hub, name)
        _let_spawners_ask(c, name, _asked_at(service, url))
    _add_scopes(hub)
    if everyone_views:
        _add_to_every_user(hub, [_access(name), f"{PREFIX}images:read"])


def role_name(service: str, role: str) -> str:
    """Give the name of a role such as ``viewer``, ``builder`` or ``admin``: ``service-role`` where the Hub takes that.

    Roles take fewer letters than services, so another name is written in those and told from its like by a short hash.
    """
    plain = re.sub(r"[^a-z0-9._~-]", "-", service.lower())[:200]
    plain = plain if plain[:1].isalpha() else f"r2d-{plain}"
    if plain != service:
        plain += "-" + hashlib.sha256(service.encode()).hexdigest()[:6]
    return f"{plain}-{role}"


def spawner_name(service: str) -> str:
    """Give the name by which the spawners of the Hub ask a service what a user may start."""
    return f"{service}-spawner"


def token_variable(service: str) -> str:
    """Give the name of the Hub's variable for the token of a service that the Hub does not start."""
    return re.sub(r"[^A-Z0-9]", "_", service.upper()) + "_API_TOKEN"


def _nobody(service: str) -> str:
    return f"Nobody has a role for the service {service}: name groups or users, or set everyone_views."


def _add_scopes(hub: HubSettings) -> None:
    hub["custom_scopes"] = {**_given(hub, "custom_scopes", {}), **{scope: {**text} for scope, text in SCOPES.items()}}


def _add_roles(hub: HubSettings, service: str, members: Mapping[str, Mapping[str, list[str]]]) -> None:
    roles = list(_given(hub, "load_roles", []))
    known = {role.get("name") for role in roles}
    for role, (description, scopes) in _ROLES.items():
        name = role_name(service, role)
        if name in known:
            raise ValueError(f"There is a role {name} already: call configure once for each name of a service.")
        granted = [_access(service), *(PREFIX + scope for scope in scopes)]
        text = f"{description} ({service})"
        roles.append({"name": name, "description": text, "scopes": granted, **members.get(role, {})})
    hub["load_roles"] = roles


def _add_service(hub: HubSettings, ours: dict[str, Any], config_file: str | Path | None) -> dict[str, Any]:
    entry = _merge_service(hub, ours)
    if not entry.get("api_token") and "command" not in entry:
        entry["command"] = [*_command(entry, config_file), *_cookie_options(hub)]
    return entry


def _merge_service(hub: HubSettings, ours: dict[str, Any]) -> dict[str, Any]:
    services = _given(hub, "services", [])
    given: dict[str, Any] = next((service for service in services if service.get("name") == ours["name"]), {})
    entry = {**ours, **given}
    hub["services"] = [*(service for service in services if service is not given), entry]
    return entry


def _let_service_ask(hub: HubSettings, service: str) -> None:
    """Let the service see what the Hub starts servers with: by that it knows that people may start some."""
    role = {
        "name": role_name(service, "service"),
        "description": f"See what starts servers ({service})",
        "scopes": ["read:hub"],
        "services": [service],
    }
    hub["load_roles"] = [*_given(hub, "load_roles", []), role]


def _let_spawners_ask(c: Mapping[str, HubSettings], service: str, place: Mapping[str, str]) -> None:
    """Give the spawners of the Hub a token of their own, and tell them where the service is."""
    hub, images, name = c["JupyterHub"], c["Repo2DockerImages"], spawner_name(service)
    # Only this process has to know it, so a new one for each start of the Hub does.
    token = os.environ.get(token_variable(name), "").strip() or secrets.token_hex(32)
    entry = _merge_service(hub, {"name": name, "api_token": token})
    role = {
        "name": role_name(service, "spawner"),
        "description": f"See which environments a user may start ({service})",
        "scopes": [_access(service), f"{PREFIX}images:read-for-user"],
        "services": [name],
    }
    hub["load_roles"] = [*_given(hub, "load_roles", []), role]
    asked = {"name": service, **place, "api_token": entry["api_token"]}
    images["services"] = [*_given(images, "services", []), asked]


def _asked_at(entry: Mapping[str, Any], url: str) -> dict[str, str]:
    """Say where a service answers; one without a url is at an address of its own, to which people come back."""
    page = entry.get("oauth_redirect_uri", "").removesuffix("oauth_callback")
    parts = urlsplit(page)
    if entry["url"] or not parts.netloc:
        return {"url": entry["url"] or url}
    outside = f"{parts.scheme}://{parts.netloc}" if url == _URL else url
    return {"url": outside, "prefix": parts.path, "page": page}


def _entry(name: str, url: str, *, launch: bool) -> dict[str, Any]:
    token = os.environ.get(token_variable(name), "").strip()
    return {
        "name": name,
        "url": url,
        # Who runs the Hub has put the service there, so people need not be asked whether they trust it.
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": [*SCOPES, *(_launch_scopes() if launch else [])],
        **({"api_token": token} if token else {}),
    }


def _command(entry: Mapping[str, Any], config_file: str | Path | None) -> list[str]:
    if not _is_local(entry["url"]):
        variable = token_variable(entry["name"])
        raise ValueError(f"The Hub cannot start a service at {entry['url']}: start it there, and set {variable}.")
    beside_the_hub = Path(sys.executable).with_name("repo2docker-service")
    program = str(beside_the_hub) if beside_the_hub.is_file() else beside_the_hub.name
    return [program, *([f"--config={Path(config_file).absolute()}"] if config_file else [])]


def _cookie_options(hub: HubSettings) -> list[str]:
    # The Hub tells this to the servers of people, but not to services.
    of_host = _given(hub, "cookie_host_prefix_enabled", empty=False)
    return ["--Repo2DockerService.host_cookies=True"] if of_host is True else []


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _launch_scopes() -> list[str]:
    start = "servers" if _hub_is_older_than_6() else "start:servers"
    return [f"{scope}!user" for scope in (start, "read:servers", "delete:servers")]


def _add_to_every_user(hub: HubSettings, scopes: list[str]) -> None:
    roles = _given(hub, "load_roles", [])
    user: dict[str, Any] = next((role for role in roles if role.get("name") == "user"), {})
    if "scopes" not in user and not _hub_is_older_than_6():
        hub["extra_user_scopes"] = {*_given(hub, "extra_user_scopes", set()), *scopes}
        return
    # A Hub with a role of that name in its configuration goes by it alone.
    widened = {"name": "user", **user, "scopes": [*user.get("scopes", ["self"]), *scopes]}
    hub["load_roles"] = [*(role for role in roles if role is not user), widened]


def _hub_is_older_than_6() -> bool:
    # The Hub that reads its configuration is loaded already; it is not loaded for this.
    return getattr(sys.modules.get("jupyterhub"), "version_info", (6,)) < (6,)


def _given(hub: HubSettings, trait: str, empty: Any) -> Any:  # noqa: ANN401  # of the type of what is empty
    """Give what the configuration says so far, without making it say anything."""
    value = hub.get(trait, empty)
    # Until it is set, the Hub keeps an object that only collects what is appended or updated.
    return value.get_value(empty) if hasattr(value, "get_value") else value


def _access(service: str) -> str:
    return f"access:services!service={service}"


def _names(names: Iterable[str]) -> list[str]:
    if isinstance(names, str):
        raise TypeError(f"Write a list of names, [{names!r}], where the text {names!r} is.")
    return list(names)
