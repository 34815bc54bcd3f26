"""What an authorizer must know to ask a hub, and where it learns it."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.unit.adapters.hub.played_hub import ACCESS
from traitlets import TraitError
from traitlets.config import Config

from repo2docker_service.adapters.authorizers.jupyterhub.authorizer import JupyterHubAuthorizer

Make = Callable[..., JupyterHubAuthorizer]

MANAGED = {
    "JUPYTERHUB_SERVICE_NAME": "r2d",
    "JUPYTERHUB_SERVICE_PREFIX": "/jhub/services/r2d/",
    "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:18100",
    "JUPYTERHUB_API_URL": "http://127.0.0.1:8081/jhub/hub/api",
    "JUPYTERHUB_API_TOKEN": "secret of r2d",
    "JUPYTERHUB_CLIENT_ID": "service-r2d",
    "JUPYTERHUB_OAUTH_CALLBACK_URL": "/jhub/services/r2d/oauth_callback",
    "JUPYTERHUB_BASE_URL": "/jhub/",
    "JUPYTERHUB_HOST": "",
    "JUPYTERHUB_OAUTH_ACCESS_SCOPES": f'["access:services", "{ACCESS}"]',
    "JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES": "[]",
}


def test_a_service_that_a_hub_starts_needs_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in MANAGED.items():
        monkeypatch.setenv(name, value)

    authorizer = JupyterHubAuthorizer()

    assert authorizer.api_url == "http://127.0.0.1:8081/jhub/hub/api"
    assert authorizer.api_token == "secret of r2d"
    assert authorizer.access_scopes == ["access:services", ACCESS]
    assert authorizer.logout_url == "/jhub/hub/logout"
    assert authorizer.home_url == "/jhub/hub/home"
    assert "redirect_uri=%2Fjhub%2Fservices%2Fr2d%2Foauth_callback&" in authorizer.authorize_url("s", "c")


def test_with_a_domain_for_each_service_browsers_go_to_the_domain_of_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    callback = "http://r2d--service.hub.example/services/r2d/oauth_callback"
    own = {"JUPYTERHUB_HOST": "http://hub.example", "JUPYTERHUB_OAUTH_CALLBACK_URL": callback}
    for name, value in (MANAGED | own).items():
        monkeypatch.setenv(name, value)

    authorizer = JupyterHubAuthorizer()

    assert authorizer.authorize_url("s", "c").startswith("http://hub.example/jhub/hub/api/oauth2/authorize?")
    assert dict(parse_qsl(urlsplit(authorizer.authorize_url("s", "c")).query))["redirect_uri"] == callback


def test_the_configuration_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in MANAGED.items():
        monkeypatch.setenv(name, value)
    config = Config({"JupyterHubAuthorizer": {"api_url": "http://other:8081/hub/api/", "access_scopes": ["mine"]}})

    authorizer = JupyterHubAuthorizer(config=config)

    assert (authorizer.api_url, authorizer.access_scopes) == ("http://other:8081/hub/api/", ["mine"])


def test_the_old_name_of_the_token_is_not_read(monkeypatch: pytest.MonkeyPatch, make: Make) -> None:
    monkeypatch.setenv("JPY_API_TOKEN", "old")

    with pytest.raises(TraitError, match="api_token"):
        make(api_token="")


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("api_url", "JUPYTERHUB_API_URL"),
        ("api_token", "JUPYTERHUB_API_TOKEN"),
        ("client_id", "JUPYTERHUB_CLIENT_ID"),
    ],
)
def test_what_is_missing_is_told_by_both_its_names(make: Make, name: str, variable: str) -> None:
    with pytest.raises(TraitError) as caught:
        make(**{name: ""})

    assert f"c.JupyterHubAuthorizer.{name}" in str(caught.value)
    assert variable in str(caught.value)
    assert "secret of r2d" not in str(caught.value)


def test_a_service_that_browsers_cannot_come_back_to_is_refused(make: Make) -> None:
    with pytest.raises(TraitError, match=r"JUPYTERHUB_OAUTH_CALLBACK_URL.* or .*JUPYTERHUB_SERVICE_PREFIX"):
        make(service_prefix="")

    assert make(service_prefix="", oauth_callback_url="https://r2d.example.org/back").oauth_callback_url


def test_names_are_concluded_from_each_other(make: Make) -> None:
    assert make(client_id="", service_name="a").client_id == "service-a"
    assert make(client_id="service-b").access_scopes == ["access:services!service=b"]
    assert make(client_id="service-id", service_name="c").access_scopes == ["access:services!service=c"]
    with pytest.raises(TraitError, match="access_scopes"):
        make(client_id="something")


@pytest.mark.parametrize("scopes", ["", "[]", " "])
def test_no_scopes_to_come_in_let_nobody_in_who_has_none(
    monkeypatch: pytest.MonkeyPatch, make: Make, scopes: str
) -> None:
    monkeypatch.setenv("JUPYTERHUB_OAUTH_ACCESS_SCOPES", scopes)

    assert make().access_scopes == [ACCESS]


def test_a_hub_before_3_calls_the_scopes_otherwise(monkeypatch: pytest.MonkeyPatch, make: Make) -> None:
    monkeypatch.setenv("JUPYTERHUB_OAUTH_SCOPES", '["access:services"]')

    assert make().access_scopes == ["access:services"]


@pytest.mark.parametrize("scopes", ["access:services", "{}", "[1]", '[""]', "[" * 100_000])
def test_scopes_that_cannot_be_read_are_refused(monkeypatch: pytest.MonkeyPatch, make: Make, scopes: str) -> None:
    monkeypatch.setenv("JUPYTERHUB_OAUTH_ACCESS_SCOPES", scopes)

    with pytest.raises(TraitError, match="JUPYTERHUB_OAUTH_ACCESS_SCOPES"):
        make()


@pytest.mark.parametrize("name", ["api_url", "hub_host"])
@pytest.mark.parametrize(
    "url",
    ["hub", "//hub", "ftp://hub", "http://", "http://h:x", "http+unix://%2Fa", "http://a:secret@h", "http://h/?a"],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(make: Make, name: str, url: str) -> None:
    with pytest.raises(TraitError, match=name) as caught:
        make(**{name: url})

    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize("name", ["ca_bundle", "ssl_certfile"])
def test_a_file_of_certificates_that_cannot_be_used_is_told_at_start(tmp_path: Path, name: str) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    for path in (tmp_path / "no.pem", tmp_path / "missing.pem"):
        with pytest.raises(TraitError, match=name):
            JupyterHubAuthorizer(
                api_url="https://hub.example.org/hub/api",
                api_token="secret of r2d",
                client_id="service-r2d",
                service_prefix="/services/r2d/",
                **{name: str(path)},
            )


def test_the_token_is_marked_as_secret(authorizer: JupyterHubAuthorizer) -> None:
    assert authorizer.trait_metadata("api_token", "secret") is True
    assert "secret of r2d" not in repr(authorizer)
