"""What the cluster is asked to make."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.adapters.kubernetes.told import LIMITS, OURS, SERVER, card_of, recipe

from repo2docker_service.adapters.builders.containers.cards import Card
from repo2docker_service.adapters.builders.kubernetes.jobs import BUILDER, PUSH_SECRET
from repo2docker_service.adapters.builders.kubernetes.records import job_name, number_of


def pod_spec(card: Card, **pods: Any) -> dict[str, Any]:
    spec: dict[str, Any] = recipe(**pods).job(card, SERVER)["spec"]["template"]["spec"]
    return spec


def mounts(spec: dict[str, Any], kind: str) -> dict[str, str]:
    """Give what a container mounts of secrets and the like, by folder."""
    secrets = {each["name"]: each["secret"]["secretName"] for each in spec["volumes"] if "secret" in each}
    found = spec[kind][0]["volumeMounts"]
    return {each["mountPath"]: secrets[each["name"]] for each in found if each["name"] in secrets}


def test_a_job_waits_in_every_version_of_the_server() -> None:
    for version in ((1, 20), (1, 26), (1, 36)):
        spec = recipe().job(card_of(), version)["spec"]

        assert spec["parallelism"] == 0
        assert "suspend" not in spec, "old servers drop it without a word, and run the Job"
        assert spec["backoffLimit"] == 0
        assert "activeDeadlineSeconds" not in spec, "the cluster would remove the pod, and its log"


@pytest.mark.parametrize(("version", "known"), [((1, 20), False), ((1, 25), False), ((1, 26), True)])
def test_that_a_lost_pod_ends_its_job_is_asked_for_where_the_server_knows_of_it(
    version: tuple[int, int], known: bool
) -> None:
    assert ("podFailurePolicy" in recipe().job(card_of(), version)["spec"]) is known


def test_the_pod_is_ended_with_its_log_when_all_deadlines_have_passed() -> None:
    spec = recipe(pull_patience=300).job(card_of(), SERVER)["spec"]["template"]["spec"]

    assert spec["activeDeadlineSeconds"] > LIMITS.timeout + LIMITS.push_timeout + 300
    assert spec["restartPolicy"] == "Never"


def test_the_pod_knows_nothing_of_the_cluster() -> None:
    spec = pod_spec(card_of())

    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["shareProcessNamespace"] is True


def test_only_the_container_that_pushes_has_what_opens_the_registry() -> None:
    card = card_of(sealed=True)
    spec = pod_spec(card)

    assert mounts(spec, "initContainers") == {"/run/given": f"{card.name}-builder", "/run/secret": f"{card.name}-git"}
    assert mounts(spec, "containers") == {"/run/given": f"{card.name}-pusher", "/run/secret": f"{card.name}-push"}


def test_without_a_push_or_credentials_there_are_no_secrets() -> None:
    card = card_of(push=False)
    spec = pod_spec(card)

    assert set(mounts(spec, "initContainers")) == set(mounts(spec, "containers")) == {"/run/given"}


def test_secrets_are_readable_by_root_only() -> None:
    modes = {
        each["secret"]["secretName"].rpartition("-")[2]: each["secret"]["defaultMode"]
        for each in pod_spec(card_of(sealed=True))["volumes"]
        if "secret" in each
    }

    assert modes == {"builder": 0o444, "pusher": 0o444, "git": 0o400, "push": 0o400}


def test_the_containers_have_no_more_power_than_they_need() -> None:
    spec = pod_spec(card_of())
    builder, pusher = (spec[kind][0]["securityContext"] for kind in ("initContainers", "containers"))

    assert builder["capabilities"] == {"drop": ["ALL"], "add": ["SETUID", "SETGID", "KILL"]}
    assert pusher["capabilities"] == {"drop": ["ALL"]}
    assert not builder["allowPrivilegeEscalation"]
    assert not pusher["allowPrivilegeEscalation"]


def test_only_the_builder_gets_the_environment() -> None:
    spec = pod_spec(card_of())

    own_id = {"name": "R2D_POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}}
    assert spec["initContainers"][0]["env"] == [{"name": "HTTPS_PROXY", "value": "http://proxy"}, own_id]
    assert spec["containers"][0]["env"] == []


def test_what_an_administrator_says_of_pods_is_in_them() -> None:
    toleration = {"key": "builds", "operator": "Exists"}
    spec = pod_spec(
        card_of(),
        node_selector={"pool": "builds"},
        tolerations=[toleration],
        priority_class="low",
        runtime_class="gvisor",
        image_pull_secrets=["pull"],
        cpu_limit="2",
        storage_limit="20Gi",
        memory_request="1Gi",
        more={"hostNetwork": True},
    )

    assert (spec["nodeSelector"], spec["tolerations"]) == ({"pool": "builds"}, [toleration])
    assert (spec["priorityClassName"], spec["runtimeClassName"]) == ("low", "gvisor")
    assert (spec["imagePullSecrets"], spec["hostNetwork"]) == ([{"name": "pull"}], True)
    limits = {"memory": str(2**30), "cpu": "2", "ephemeral-storage": "20Gi"}
    assert spec["initContainers"][0]["resources"] == {"limits": limits, "requests": {"memory": "1Gi"}}


def test_unset_classes_are_left_to_the_cluster() -> None:
    assert not {"priorityClassName", "runtimeClassName"} & pod_spec(card_of()).keys()


def test_a_pod_goes_on_without_what_opened_its_repository_and_begins_with_all_else() -> None:
    volumes = [each["secret"] for each in pod_spec(card_of(sealed=True))["volumes"] if "secret" in each]

    assert [each["secretName"].rpartition("-")[2] for each in volumes if each["optional"]] == ["git"]


def test_a_secret_goes_with_its_job() -> None:
    card = card_of()
    secret = recipe().secret(card, "uid", PUSH_SECRET, {"config.json": b"{}"})

    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": card.name, "uid": "uid"}
    assert secret["metadata"]["ownerReferences"] == [owner]
    assert secret["metadata"]["name"] == f"{card.name}-push"
    assert base64.b64decode(secret["data"]["config.json"]) == b"{}"


def test_the_pusher_leaves_nothing_on_the_node_that_is_in_a_registry() -> None:
    pushed, kept = (json.loads(recipe().pusher_files(card_of(push=push))["plan.json"]) for push in (True, False))

    assert pushed["dropped"] == [pushed["temporary"], pushed["final"]]
    assert kept["dropped"] == [kept["temporary"]]


def test_the_builder_gets_authorities_where_there_are_some(tmp_path: Path) -> None:
    file = tmp_path / "authorities.pem"
    file.write_text("an authority")
    with_them = replace(recipe(), limits=replace(LIMITS, ca_bundle=str(file)))

    assert with_them.builder_files(card_of())["authorities.pem"] == b"an authority"
    assert sorted(recipe().builder_files(card_of())) == ["launcher.pyz", "plan.json", "repo2docker_config.py"]


def test_names_and_labels_are_such_as_the_cluster_takes() -> None:
    card = card_of()
    job = recipe().job(card, SERVER)

    assert number_of(job_name(OURS, card.plan.image, 12)) == 12
    assert len(f"{card.name}-{BUILDER}") <= 63
    assert all(len(value) <= 63 and value.replace("-", "").isalnum() for value in job["metadata"]["labels"].values())
    assert "https" not in json.dumps(job["metadata"]["labels"])


def test_where_buildkit_builds_nothing_of_the_node_is_in_the_pod() -> None:
    described = replace(
        recipe(buildkit_tls="opens"), limits=replace(LIMITS, buildkit="buildkitd:1234", buildkit_tls=True)
    )
    card = card_of()
    spec = described.job(card, SERVER)["spec"]["template"]["spec"]
    volumes = {each["name"]: each for each in spec["volumes"]}

    assert not [each for each in spec["volumes"] if "hostPath" in each]
    assert volumes["image"]["emptyDir"] == {}
    assert volumes["tls"]["secret"] == {"secretName": "opens", "defaultMode": 0o400}
    for kind in ("initContainers", "containers"):
        mounted = {each["name"]: each["mountPath"] for each in spec[kind][0]["volumeMounts"]}
        assert (mounted["image"], mounted["tls"]) == ("/run/image", "/run/tls")
        assert "engine" not in mounted
    (writes,) = [each["readOnly"] for each in spec["initContainers"][0]["volumeMounts"] if each["name"] == "image"]
    (reads,) = [each["readOnly"] for each in spec["containers"][0]["volumeMounts"] if each["name"] == "image"]
    assert (writes, reads) == (False, True)
    build, push = (
        json.loads(files["plan.json"]) for files in (described.builder_files(card), described.pusher_files(card))
    )
    assert build["buildkit"] == push["buildkit"] == {"address": "buildkitd:1234", "tls": True}
    assert build["buildx"] == ["--output=type=oci,tar=false,dest=/run/image"]


def test_buildkit_without_tls_needs_no_secret() -> None:
    described = replace(recipe(), limits=replace(LIMITS, buildkit="buildkitd:1234"))
    spec = described.job(card_of(), SERVER)["spec"]["template"]["spec"]

    assert "tls" not in [each["name"] for each in spec["volumes"]]
    assert "tls" not in [each["name"] for each in spec["initContainers"][0]["volumeMounts"]]
