"""The settings of the whole service."""

import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from traitlets import TraitError
from traitlets.config.loader import ConfigFileNotFound

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.config import Repo2DockerService

PROMISED = {
    "ip": "127.0.0.1",
    "port": 10101,
    "base_url": "/",
    "image_builder": "docker",
    "registry": "docker-daemon",
    "authorizer": "token",
    "allowed_plugins": [],
    "config_file": "repo2docker_service_config.py",
    "secret": [],
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("REPO2DOCKER_SERVICE_TOKEN", raising=False)
    for name in os.environ:
        if name.startswith("JUPYTERHUB_"):
            monkeypatch.delenv(name)


def load(*argv: str) -> Repo2DockerService:
    return Repo2DockerService().load(list(argv))


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines))
    return path


class TestReading:
    def test_nothing_needs_to_be_configured(self) -> None:
        settings = load()

        assert {name: getattr(settings, name) for name in PROMISED} == PROMISED

    def test_the_file_in_the_working_folder_is_read(self, tmp_path: Path) -> None:
        write(tmp_path / "repo2docker_service_config.py", "c.Repo2DockerService.port = 1234")

        assert load().port == 1234

    def test_the_command_line_goes_before_the_file(self, tmp_path: Path) -> None:
        write(
            tmp_path / "repo2docker_service_config.py",
            "c.Repo2DockerService.port = 1234",
            "c.Repo2DockerService.ip = '0.0.0.0'",
        )

        settings = load("--port=4321")

        assert (settings.port, settings.ip) == (4321, "0.0.0.0")  # read, not listened on

    @pytest.mark.parametrize("name", ["other.py", "other.config.py", "folder/other.py"])
    @pytest.mark.parametrize("option", ["--config={}", "-f={}", "--Repo2DockerService.config_file={}"])
    def test_another_file_is_read_when_it_is_named(self, tmp_path: Path, name: str, option: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        write(path, "c.Repo2DockerService.port = 1234")

        assert load(option.format(name)).port == 1234
        assert load(option.format(path)).port == 1234

    def test_a_file_that_was_named_and_is_missing_is_told_by_its_whole_path(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigFileNotFound, match=re.escape(str(tmp_path / "missing.py"))):
            load("--config=missing.py")

    def test_a_file_that_would_not_be_read_is_refused(self, tmp_path: Path) -> None:
        write(tmp_path / "other.txt", "c.Repo2DockerService.port = 1234")

        with pytest.raises(ConfigFileNotFound, match=r"end with \.py"):
            load("--config=other.txt")

    def test_a_broken_file_is_not_passed_over(self, tmp_path: Path) -> None:
        write(tmp_path / "repo2docker_service_config.py", "raise RuntimeError('broken file')")

        with pytest.raises(RuntimeError, match="broken file"):
            load()

    def test_settings_of_adapters_reach_them(self, tmp_path: Path) -> None:
        write(tmp_path / "repo2docker_service_config.py", "c.InMemoryImageBuilder.lines = 7")
        settings = load("--InMemoryImageBuilder.pace=0.5")

        builder = InMemoryImageBuilder(parent=settings, installation=settings.installation())

        assert (builder.lines, builder.pace) == (7, 0.5)

    def test_plugins_are_allowed_by_the_file(self, tmp_path: Path) -> None:
        write(tmp_path / "repo2docker_service_config.py", "c.Repo2DockerService.allowed_plugins = ['mine']")

        assert load().allowed_plugins == ["mine"]


class TestStartedByHub:
    def test_a_hub_says_where_to_listen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", "http://127.0.0.2:18100")

        settings = load()

        assert (settings.ip, settings.port) == ("127.0.0.2", 18100)

    def test_the_configuration_goes_before_the_hub(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", "http://127.0.0.2:18100")
        monkeypatch.setenv("JUPYTERHUB_API_URL", "http://127.0.0.1:8081/hub/api")
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "a token")

        settings = load("--ip=127.0.0.3", "--port=0", "--Repo2DockerService.authorizer=memory")

        assert (settings.ip, settings.port, settings.authorizer) == ("127.0.0.3", 0, "memory")

    @pytest.mark.parametrize(
        ("url", "ip", "port"),
        [
            ("http://[::1]:18100/", "::1", 18100),
            ("http://service.local:18100", "service.local", 18100),
            ("https://127.0.0.1:18100", "127.0.0.1", 18100),
            ("", "127.0.0.1", 10101),
            ("http://10.1.2.3", "127.0.0.1", 10101),
            ("http://10.1.2.3:99999", "127.0.0.1", 10101),
            ("http://10.1.2.3:http", "127.0.0.1", 10101),
            ("http://[::1", "127.0.0.1", 10101),
            ("10.1.2.3:18100", "127.0.0.1", 10101),
        ],
    )
    def test_an_address_that_is_none_is_passed_over(
        self, monkeypatch: pytest.MonkeyPatch, url: str, ip: str, port: int
    ) -> None:
        monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", url)

        settings = load()

        assert (settings.ip, settings.port) == (ip, port)

    @pytest.mark.parametrize(
        ("url", "token", "authorizer"),
        [
            ("http://127.0.0.1:8081/hub/api", "a token", "jupyterhub"),
            ("http://127.0.0.1:8081/hub/api", "", "token"),
            ("", "a token", "token"),
            (" ", "a token", "token"),
            ("", "", "token"),
        ],
    )
    def test_a_hub_that_can_be_asked_is_asked_who_people_are(
        self, monkeypatch: pytest.MonkeyPatch, url: str, token: str, authorizer: str
    ) -> None:
        monkeypatch.setenv("JUPYTERHUB_API_URL", url)
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)

        assert load().authorizer == authorizer

    @pytest.mark.parametrize(("said", "host_cookies"), [("1", True), ("0", False), ("", False)])
    def test_cookies_are_for_one_host_alone_where_those_of_the_hub_are(
        self, monkeypatch: pytest.MonkeyPatch, said: str, *, host_cookies: bool
    ) -> None:
        monkeypatch.setenv("JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED", said)

        assert load().host_cookies is host_cookies

    @pytest.mark.parametrize(
        ("options", "secure"),
        [('{"Secure": true}', True), ('{"secure": false}', False), ('{"SameSite": "None"}', False), ("[]", False)],
    )
    def test_cookies_are_secure_where_those_of_the_hub_are(
        self, monkeypatch: pytest.MonkeyPatch, options: str, *, secure: bool
    ) -> None:
        monkeypatch.setenv("JUPYTERHUB_COOKIE_OPTIONS", options)

        assert load().secure_cookies is secure

    @pytest.mark.parametrize(("url", "secure"), [("https://hub.example/", True), ("http://hub.example/", False)])
    def test_cookies_are_secure_where_the_hub_says_that_browsers_use_https(
        self, monkeypatch: pytest.MonkeyPatch, url: str, *, secure: bool
    ) -> None:
        monkeypatch.setenv("JUPYTERHUB_PUBLIC_URL", url)

        assert load().secure_cookies is secure

    def test_options_of_cookies_that_cannot_be_read_are_passed_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JUPYTERHUB_COOKIE_OPTIONS", "{")

        assert load().secure_cookies is False

    @pytest.mark.parametrize("user", ["", "ada"])
    def test_in_a_terminal_of_a_users_server_nothing_is_meant_for_us(
        self, monkeypatch: pytest.MonkeyPatch, user: str
    ) -> None:
        monkeypatch.setenv("JUPYTERHUB_USER", user)
        monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
        monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", "http://127.0.0.2:18100")
        monkeypatch.setenv("JUPYTERHUB_API_URL", "http://127.0.0.1:8081/hub/api")
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "a token")

        settings = load()

        found = (settings.ip, settings.port, settings.base_url, settings.authorizer)
        told = ("127.0.0.2", 18100, "/user/ada/", "jupyterhub")
        assert found == (told if not user else ("127.0.0.1", 10101, "/", "token"))


class TestValues:
    @pytest.mark.parametrize(
        ("given", "normal"), [("", "/"), ("/", "/"), ("//", "/"), ("a", "/a/"), ("/a/b", "/a/b/"), ("a/b/", "/a/b/")]
    )
    def test_the_base_url_begins_and_ends_with_a_slash(
        self, given: str, normal: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert load(f"--base-url={given}").base_url == normal

        monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", given)
        assert load().base_url == normal

    @pytest.mark.parametrize("instance", ["", "A", "a-b", "a b", "ä", "a" * 33, "a/b"])
    def test_an_instance_that_could_not_be_part_of_names_is_refused(self, instance: str) -> None:
        with pytest.raises(TraitError, match="letters and digits"):
            Repo2DockerService(instance=instance)

    @pytest.mark.parametrize("instance", ["a", "default", "hub2", "a" * 32])
    def test_an_instance_of_letters_and_digits_is_taken(self, instance: str) -> None:
        assert Repo2DockerService(instance=instance).installation().instance == instance

    @pytest.mark.parametrize("prefix", ["R2D", "r2d/", "/r2d", "a b", "-a", "a:b", "", "a" * 25])
    def test_a_prefix_that_no_image_can_have_is_refused(self, prefix: str) -> None:
        with pytest.raises(TraitError, match="image_prefix"):
            Repo2DockerService(image_prefix=prefix)

    @pytest.mark.parametrize(
        "forges",
        [
            {"github": "https://h.example"},
            {"git": "https://h.example"},
            {"gh": "h.example"},
            {"gh": "https://"},
            {"gh": "ssh://h.example"},
            {"gh": "https://u@h.example"},
            {"gl": "https://h.example/?x"},
        ],
    )
    def test_a_forge_of_binderhubs_clients_that_is_none_is_refused(self, forges: dict[str, str]) -> None:
        with pytest.raises(TraitError, match="binder_forges"):
            Repo2DockerService(binder_forges=forges)

    def test_a_forge_of_binderhubs_clients_may_end_with_a_slash(self) -> None:
        named = {"gh": "https://h.example/", "gl": "http://h.example:8080/git", "gist": "https://h.example"}

        assert Repo2DockerService(binder_forges=named).binder_forges == {**named, "gh": "https://h.example"}

    @pytest.mark.parametrize("prefix", ["r2d", "team/r2d", "a.b_c-d", "a" * 24])
    def test_a_prefix_of_an_image_name_is_taken(self, prefix: str) -> None:
        assert Repo2DockerService(image_prefix=prefix).installation().image_prefix == prefix

    @pytest.mark.parametrize("port", ["-1", "65536", "http"])
    def test_a_port_that_is_none_is_refused(self, port: str) -> None:
        with pytest.raises((TraitError, SystemExit)):
            load(f"--port={port}")


class TestSecrets:
    def test_a_key_is_made_once_for_its_owner_only_and_used_again(self, tmp_path: Path) -> None:
        first, second = (load().installation().signer for _ in range(2))

        path = tmp_path / "data" / "repo2docker-service" / "secret"
        assert first.sign("a", "b") == second.sign("a", "b")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert re.fullmatch(r"[0-9a-f]{64}", path.read_text())
        assert [left.name for left in path.parent.iterdir()] == ["secret"]

    def test_many_starts_at_once_agree_on_the_key(self) -> None:
        settings = load()

        with ThreadPoolExecutor(16) as pool:
            signers = list(pool.map(lambda _: settings.installation().signer, range(64)))

        assert len({signer.sign("a", "b") for signer in signers}) == 1

    def test_keys_of_the_configuration_need_no_file(self, tmp_path: Path) -> None:
        write(
            tmp_path / "repo2docker_service_config.py", "c.Repo2DockerService.secret = ['the new key, 16+', 'x' * 16]"
        )

        signer = load().installation().signer

        assert list(signer.keys) == [b"the new key, 16+", b"x" * 16]
        assert not (tmp_path / "data").exists()

    def test_a_short_key_is_refused_without_printing_it(self) -> None:
        settings = Repo2DockerService(secret=["tell nobody"])

        with pytest.raises(ValueError, match="16 bytes") as caught:
            settings.installation()

        assert "tell nobody" not in str(caught.value)

    def test_keys_are_printed_nowhere(self) -> None:
        settings = Repo2DockerService(secret=["tell nobody, ever"])

        assert settings.trait_metadata("secret", "secret") is True
        assert "tell nobody" not in repr(settings) + repr(settings.installation())


class TestGenerating:
    def test_a_generated_file_names_every_setting_and_changes_nothing(self, tmp_path: Path) -> None:
        settings = load()
        text = settings.generate_config_file([Repo2DockerService, *settings.catalogue.classes()])
        write(tmp_path / "repo2docker_service_config.py", text)

        for name in Repo2DockerService.class_own_traits(config=True):
            assert f"# c.Repo2DockerService.{name} = " in text
        assert "# c.TokenAuthorizer.token = " in text
        assert "# c.InMemoryImageBuilder.lines = 20" in text
        assert {name: getattr(load(), name) for name in PROMISED} == PROMISED

    def test_a_generated_file_holds_no_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REPO2DOCKER_SERVICE_TOKEN", "tell nobody")
        settings = load("--Repo2DockerService.secret=tell nobody, ever")

        assert "tell nobody" not in settings.generate_config_file([Repo2DockerService, *settings.catalogue.classes()])

    def test_every_setting_is_explained(self) -> None:
        classes: list[type[Any]] = [Repo2DockerService, *load().catalogue.classes()]
        for cls in classes:
            for name, trait in cls.class_own_traits(config=True).items():
                assert trait.help.strip(), f"{cls.__name__}.{name}"


def test_importing_the_package_imports_no_web_framework() -> None:
    code = "import sys, repo2docker_service; sys.exit('fastapi' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
