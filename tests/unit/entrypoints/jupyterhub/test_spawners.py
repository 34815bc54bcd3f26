"""What DockerSpawner and KubeSpawner do with what a service offers, without an engine and without a cluster."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import jupyterhub.spawner
import kubespawner.spawner
import pytest
from dockerspawner import DockerSpawner, SwarmSpawner
from jupyterhub.spawner import SpawnException
from jupyterhub.utils import format_exception
from kubespawner import KubeSpawner
from tests.unit.entrypoints.jupyterhub.conftest import ACCESS, MakeUser, PlayedService
from tests.unit.entrypoints.jupyterhub.samples import GPU, SMALL, image
from tornado.web import HTTPError
from traitlets.config import Config

from repo2docker_service.domain.servers import Profile
from repo2docker_service.entrypoints.jupyterhub.kubespawner import profile_list
from repo2docker_service.entrypoints.jupyterhub.mixin import Repo2DockerSpawnerMixin
from repo2docker_service.entrypoints.jupyterhub.offers import NOT_OFFERED
from repo2docker_service.entrypoints.jupyterhub.spawner import Repo2DockerSpawner

pytestmark = pytest.mark.served
HUB = SimpleNamespace(base_url="/jhub/hub/", public_host="", url="", api_url="")
READER = (ACCESS, "images:read")


class Inputs(HTMLParser):
    """The names and values that a form would send, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.values: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in ("input", "option"):
            self.values.append(dict(attrs).get("value"))


class TestDockerSpawner:
    def spawner(self, service: PlayedService, user: Any, options: Any = None, **settings: object) -> Any:  # noqa: ANN401
        config = service.config()
        config.DockerSpawner = Config(settings)
        return Repo2DockerSpawner(user=user, hub=HUB, config=config, user_options=options or {})

    async def test_the_spawn_page_shows_what_the_user_may_start(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        service.images = [image(1, title="<b>Climate</b>"), image(2)]

        html = await self.spawner(service, make_user(*READER)).get_options_form()

        assert Inputs(html).values == [image(1).reference, image(2).reference, "", "small", "gpu"]
        assert "<b>" not in html

    async def test_what_is_chosen_starts_with_the_limits_of_its_profile(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        service.images = [image(1)]
        spawner = self.spawner(service, make_user(*READER))
        spawner.user_options = spawner.options_from_form({"image": [image(1).reference], "profile": ["small"]})

        assert spawner.user_options == {"image": image(1).reference, "profile": "small"}
        assert await spawner.check_allowed(spawner.user_options["image"]) == image(1).reference
        assert (spawner.cpu_limit, spawner.mem_limit) == (SMALL.cpu, SMALL.memory)

    async def test_a_name_starts_what_it_means(self, service: PlayedService, make_user: MakeUser) -> None:
        service.images = [image(1)]

        assert await self.spawner(service, make_user(*READER)).check_allowed(image(1).name) == image(1).reference

    async def test_limits_of_the_administrator_stay_where_a_profile_sets_none(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        service.images = [image(1)]
        spawner = self.spawner(service, make_user(*READER), {"profile": "gpu"}, cpu_limit=2.0, mem_limit="2G")

        await spawner.check_allowed(image(1).reference)

        assert (spawner.cpu_limit, spawner.mem_limit) == (2.0, 2 * 1024**3)

    async def test_the_profile_that_the_catalog_names_cannot_be_left_out(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        service.images = [image(1, profile="small")]

        for number, options in enumerate(({}, {"profile": ""}, {"profile": None}, {"profile": []})):
            spawner = self.spawner(service, make_user(*READER, name=f"user{number}"), options)
            await spawner.check_allowed(image(1).reference)

            assert (spawner.cpu_limit, spawner.mem_limit) == (SMALL.cpu, SMALL.memory)

    @pytest.mark.parametrize("options", [{}, {"profile": "small"}])
    @pytest.mark.parametrize("wanted", ["*", "docker.example/other:latest", ["*"], 1])
    async def test_what_is_not_offered_is_refused_whatever_dockerspawner_allows(
        self, service: PlayedService, make_user: MakeUser, wanted: object, options: dict[str, str]
    ) -> None:
        service.images = [image(1, title="Secret")]
        spawner = self.spawner(service, make_user(*READER), options, allowed_images="*")

        with pytest.raises(SpawnException) as caught:
            await spawner.check_allowed(wanted)

        assert caught.value.status_code == 400
        assert caught.value.jupyterhub_message == caught.value.message
        assert "Secret" not in str(caught.value)
        assert "localhost" not in str(caught.value)

    async def test_a_hub_before_6_is_told_in_its_own_words(
        self, service: PlayedService, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(jupyterhub.spawner, "SpawnException")

        with pytest.raises(HTTPError) as caught:
            await self.spawner(service, make_user(*READER)).check_allowed("*")

        assert type(caught.value) is HTTPError
        assert (caught.value.status_code, format_exception(caught.value)) == (400, (NOT_OFFERED, None))

    async def test_a_profile_without_an_image_limits_the_spawners_own(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        spawner = self.spawner(service, make_user(*READER), {"profile": "large"})

        with pytest.raises(SpawnException) as caught:
            await spawner.start()

        assert caught.value.reason == "profile"

    async def test_a_form_without_an_image_is_refused(self, service: PlayedService, make_user: MakeUser) -> None:
        spawner = self.spawner(service, make_user(*READER))

        with pytest.raises(SpawnException, match="Choose an environment"):
            spawner.options_from_form({})

    async def test_a_link_starts_nothing_and_what_it_names_is_chosen_once_on_the_page(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        service.images = [image(1), image(2)]
        spawner = self.spawner(service, make_user(*READER))

        with pytest.raises(SpawnException, match="A link by itself starts nothing") as caught:
            spawner.options_from_query({"image": [image(2).reference]})
        pages = [await spawner.get_options_form() for _ in range(2)]

        assert (caught.value.status_code, caught.value.reason) == (400, "link")
        chosen = [re.findall(r'value="([^"]+)" required checked', page) for page in pages]
        assert chosen == [[image(2).reference], []]

    async def test_a_service_that_is_away_lets_nothing_start(self, service: PlayedService, make_user: MakeUser) -> None:
        service.url = "http://127.0.0.1:9"
        spawner = self.spawner(service, make_user(*READER))

        with pytest.raises(SpawnException) as caught:
            await spawner.check_allowed(image(1).reference)

        assert (caught.value.status_code, caught.value.reason) == (503, "away")
        assert "cannot be read now" in await spawner.get_options_form()

    async def test_images_of_repo2docker_are_started_in_the_way_they_need(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        plain, own = self.spawner(service, make_user()), {"cmd": ["start"], "remove": False}
        configured = self.spawner(service, make_user(name="bob"), **own)

        assert (plain.cmd, plain.remove) == (["jupyterhub-singleuser"], True)
        assert (configured.cmd, configured.remove) == (["start"], False)

    @pytest.mark.parametrize("below", [DockerSpawner, SwarmSpawner])
    async def test_the_hub_is_told_that_options_are_cared_for(
        self,
        service: PlayedService,
        make_user: MakeUser,
        below: Any,  # noqa: ANN401
    ) -> None:
        spawner = type("Ours", (Repo2DockerSpawnerMixin, below), {})(user=make_user(), hub=HUB, config=service.config())

        await spawner._run_apply_user_options({"image": "a"})

        assert callable(spawner.options_form)


class TestKubeSpawner:
    @pytest.fixture(autouse=True)
    def without_cluster(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # All else of KubeSpawner is its own; nothing is asked of a cluster before a pod is made.
        monkeypatch.setattr(kubespawner.spawner, "load_config", lambda **_: None)

    def spawner(self, service: PlayedService, user: Any, options: Any = None) -> Any:  # noqa: ANN401
        config = service.config()
        config.KubeSpawner = Config({"image": "the/default:1", "profile_list": profile_list})
        return KubeSpawner(user=user, hub=HUB, config=config, user_options=options or {}, _mock=True)

    async def started(self, service: PlayedService, user: Any, options: Any) -> Any:  # noqa: ANN401
        spawner = self.spawner(service, user, options)
        spawner._spawn_pending = True
        await spawner.load_user_options()
        return spawner

    async def test_what_the_launcher_sends_starts_the_image_with_the_limits_of_the_profile(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        service.images = [image(1)]
        user = make_user(*READER)

        small = await self.started(service, user, {"profile": "repo2docker-small", "image": image(1).id})
        gpu = await self.started(service, user, {"profile": "repo2docker-gpu", "image": image(1).id, "path": "a.ipynb"})
        plain = await self.started(service, user, {"profile": "repo2docker", "image": image(1).id})

        assert {each.image for each in (small, gpu, plain)} == {image(1).reference}
        assert (small.cpu_limit, small.mem_limit, small.node_selector) == (SMALL.cpu, SMALL.memory, {})
        assert (gpu.cpu_limit, gpu.mem_limit, gpu.node_selector) == (None, None, {"gpu": "yes"})
        assert (plain.cpu_limit, plain.mem_limit, plain.node_selector) == (None, None, {})

    async def test_the_profile_that_the_catalog_names_cannot_be_left_out(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        service.images, user = [image(1, profile="small", default=True)], make_user(*READER)

        for options in ({"profile": "repo2docker", "image": image(1).id}, {"image": image(1).id}, {}):
            spawner = await self.started(service, user, options)

            assert (spawner.image, spawner.mem_limit) == (image(1).reference, SMALL.memory)

    @pytest.mark.parametrize(("method", "starts"), [("GET", False), ("POST", True)])
    async def test_a_link_starts_nothing(
        self, service: PlayedService, make_user: MakeUser, method: str, starts: bool
    ) -> None:
        service.images = [image(1)]
        spawner = self.spawner(service, make_user(*READER), {"profile": "repo2docker", "image": image(1).id})
        spawner._spawn_pending = True
        spawner.handler = SimpleNamespace(request=SimpleNamespace(method=method))
        spawner.orm_spawner = SimpleNamespace(user_options=spawner.user_options, server=None)

        with nullcontext() if starts else pytest.raises(SpawnException, match="A link by itself"):
            await spawner.load_user_options()

        assert spawner.image == (image(1).reference if starts else "the/default:1")
        assert spawner.orm_spawner.user_options == (spawner.user_options if starts else {})

    async def test_the_default_starts_where_no_image_is_named(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        service.images, user = [image(1), image(2, default=True)], make_user(*READER)

        small = await self.started(service, user, {"profile": "repo2docker-small"})

        assert (small.image, small.cpu_limit) == (image(2).reference, SMALL.cpu)
        assert (await self.started(service, user, {})).image == image(2).reference

    @pytest.mark.parametrize(
        "options",
        [
            {"profile": "repo2docker", "image": "f" * 24},
            {"profile": "repo2docker", "image": "evil/image:1"},
            {"profile": "repo2docker", "image": ["a"]},
            {"profile": "repo2docker-large", "image": f"{1:024x}"},
            {"profile": "repo2docker-large"},
            {"image": "evil/image:1"},
        ],
    )
    async def test_what_is_not_offered_is_refused_and_nothing_is_listed(
        self,
        service: PlayedService,
        make_user: MakeUser,
        options: Any,  # noqa: ANN401
    ) -> None:
        service.images = [image(1, title="Secret")]

        with pytest.raises(SpawnException) as caught:
            await self.started(service, make_user(*READER), options)

        assert caught.value.status_code == 400
        assert "Secret" not in str(caught.value)

    @pytest.mark.parametrize(
        "options",
        [
            {"profile": "repo2docker", "image--unlisted-choice": "evil/image:1"},
            {"profile": "repo2docker", "image": f"{1:024x}", "image--unlisted-choice": "evil/image:1"},
            {"profile": "other"},
            {"profile": ["repo2docker"]},
        ],
    )
    async def test_kubespawner_takes_no_free_text_and_no_profile_of_nobody(
        self,
        service: PlayedService,
        make_user: MakeUser,
        options: Any,  # noqa: ANN401
    ) -> None:
        service.images = [image(1)]

        with pytest.raises(ValueError, match=r"unlisted_choice|No such profile"):
            await self.started(service, make_user(*READER), options)

    async def test_nothing_starts_while_the_service_is_away(self, service: PlayedService, make_user: MakeUser) -> None:
        service.url, user = "http://127.0.0.1:9", make_user(*READER)

        for options in ({}, {"profile": "repo2docker"}, {"profile": "repo2docker", "image": image(1).id}):
            with pytest.raises(SpawnException) as caught:
                await self.started(service, user, options)

            assert caught.value.status_code == 503
        with pytest.raises(SpawnException, match="cannot be read now"):
            await self.spawner(service, user).get_options_form()

    async def test_profiles_of_others_start_while_the_service_is_away(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        service.url = "http://127.0.0.1:9"
        spawner = self.spawner(service, make_user(*READER), {"profile": "mine"})
        spawner._spawn_pending = True

        assert await profile_list(spawner) == []

    async def test_the_spawn_page_shows_what_the_user_may_start_as_text(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        hostile = "</select><script>alert(1)</script><img src=x>"
        service.images = [image(1, title=hostile, ref=hostile), image(2, launchable=False)]
        service.profiles = [Profile("p", hostile, hostile), SMALL, GPU]

        html = await self.spawner(service, make_user(*READER)).get_options_form()

        form = Inputs(html)
        assert form.tags.count("script") == 1  # KubeSpawner's own
        assert "img" not in form.tags
        slugs = ["repo2docker", "repo2docker-p", "repo2docker-small", "repo2docker-gpu"]
        assert form.values == [value for slug in slugs for value in (slug, image(1).id)]

    async def test_of_two_services_with_the_same_image_the_first_ones_is_shown(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        service.images = [image(1), image(2, default=True)]
        spawner = self.spawner(service, make_user(ACCESS, "access:services!service=second", "images:read"))
        [first] = service.config().Repo2DockerImages.services
        spawner.config.Repo2DockerImages.services = [first, {**first, "name": "second"}]

        for each in await profile_list(spawner):
            choices = each["profile_options"]["image"]["choices"]
            assert [(name, choice["default"]) for name, choice in choices.items()] == [
                (image(2).id, True),
                (image(1).id, False),
            ]

    async def test_an_empty_list_says_where_to_build_and_starts_nothing(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        user = make_user(*READER)

        html = await self.spawner(service, user).get_options_form()

        assert "no environment" in html
        assert 'href="/jhub/services/repo2docker/"' in html
        with pytest.raises(SpawnException, match="no environment"):
            await self.started(service, user, {"profile": "repo2docker"})

    async def test_an_image_whose_profile_is_gone_is_not_shown(
        self, service: PlayedService, make_user: MakeUser
    ) -> None:
        service.images, service.profiles = [image(1, profile="gone"), image(2)], []

        listed = await profile_list(self.spawner(service, make_user(*READER)))

        assert [list(each["profile_options"]["image"]["choices"]) for each in listed] == [[image(2).id]]
        assert json.dumps(listed)
