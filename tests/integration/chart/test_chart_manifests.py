"""What the chart makes: whether Kubernetes takes it, and what it lets the service do."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Final

import pytest
from tests.integration.chart.manifests import BUILDS, LEAST, MOST, NAMESPACE, Manifests, render
from tools.parts import kubernetes_schemas

from repo2docker_service.adapters.addresses import METADATA

OF_OPERATORS: Final = {"ServiceMonitor"}
VERSIONS: Final = ("1.25", "1.29", "1.33", "1.37")
"""Of Kubernetes: the oldest and the newest whose description there is, and some between."""


def texts(part: object) -> Iterator[str]:
    if isinstance(part, Mapping):
        yield from (text for each in part.values() for text in texts(each))
    elif isinstance(part, Sequence) and not isinstance(part, str):
        yield from (text for each in part for text in texts(each))
    elif isinstance(part, str):
        yield part


def reaches(policy: Mapping[str, Any], address: str, port: int) -> bool:
    """Whether a pod under this policy may open a connection to an address that is no pod's."""
    wanted = ipaddress.ip_address(address)
    for rule in policy["spec"]["egress"]:
        blocks = [peer["ipBlock"] for peer in rule["to"] if "ipBlock" in peer]
        open_to = any(
            wanted in ipaddress.ip_network(block["cidr"])
            and not any(wanted in ipaddress.ip_network(closed) for closed in block.get("except", ()))
            for block in blocks
        )
        if open_to and port in {each["port"] for each in rule.get("ports", [{"port": port}])}:
            return True
    return False


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_of_kubernetes_takes_every_object(version: str) -> None:
    own = {**LEAST, "buildkit": {"enabled": True, "storage": {"size": ""}}}
    made = [each for values in (MOST, LEAST, own) for each in render(values, version=f"{version}.0").objects]

    checked = [each for each in made if each["kind"] not in OF_OPERATORS]
    assert len(checked) > 50
    assert [text for each in checked for text in kubernetes_schemas.complaints(version, each)] == []


def test_the_oldest_and_the_newest_description_are_among_them() -> None:
    known = kubernetes_schemas.versions()

    assert (known[0], known[-1]) == (VERSIONS[0], VERSIONS[-1])


def test_an_older_kubernetes_gets_its_own_kind_of_disruption_budget() -> None:
    assert render(version="1.20.2").the("PodDisruptionBudget")["apiVersion"] == "policy/v1beta1"
    assert render().the("PodDisruptionBudget")["apiVersion"] == "policy/v1"


def test_one_replica_may_be_taken_away_with_its_node() -> None:
    assert render(replicas=1).of("PodDisruptionBudget") == []


def test_the_service_may_do_what_it_does_in_the_namespace_of_builds_and_nothing_else(least: Manifests) -> None:
    rights = {
        resource: set(rule["verbs"]) for rule in least.the("Role", BUILDS)["rules"] for resource in rule["resources"]
    }

    assert rights == {
        "jobs": {"create", "get", "list", "watch", "patch", "delete"},
        "pods": {"get", "list", "watch", "patch"},
        "pods/log": {"get"},
        "secrets": {"create", "get", "patch", "delete"},
    }
    assert [each["kind"] for each in least.objects if each["kind"].startswith("Cluster")] == []
    assert len(least.of("Role")) == len(least.of("RoleBinding")) == 1


def test_the_rights_are_those_of_the_account_under_which_the_service_runs(most: Manifests) -> None:
    account = most.the("ServiceAccount")["metadata"]["name"]
    (subject,) = most.the("RoleBinding", "elsewhere")["subjects"]

    assert subject == {"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}
    assert most.pod["spec"]["serviceAccountName"] == account
    assert most.the("RoleBinding", "elsewhere")["roleRef"]["name"] == most.the("Role", "elsewhere")["metadata"]["name"]


def test_the_service_itself_needs_nothing_that_the_strictest_standard_forbids(least: Manifests) -> None:
    of_pod, of_container = least.pod["spec"]["securityContext"], least.container["securityContext"]

    assert of_pod["runAsNonRoot"]
    assert of_pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert of_container == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    kinds = {next(kind for kind in each if kind != "name") for each in least.pod["spec"]["volumes"]}
    assert kinds == {"configMap", "projected", "emptyDir"}


@pytest.mark.parametrize(
    "address",
    ["10.96.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "fe80::1"],
)
def test_builds_reach_no_private_network(least: Manifests, address: str) -> None:
    assert not reaches(least.the("NetworkPolicy", BUILDS), address, 443)


@pytest.mark.parametrize("namespace", [None, BUILDS], ids=["service", "builds"])
@pytest.mark.parametrize("network", METADATA, ids=str)
def test_neither_builds_nor_the_service_reach_what_gives_out_the_credentials_of_a_cloud(
    least: Manifests, namespace: str | None, network: IPv4Network | IPv6Network
) -> None:
    policy = least.the("NetworkPolicy", namespace)

    for address in (network[0], network[-1]):
        assert not reaches(policy, str(address), 80)


def test_builds_reach_the_world_and_what_they_are_let_to(least: Manifests, most: Manifests) -> None:
    assert reaches(least.the("NetworkPolicy", BUILDS), "198.51.100.7", 443)
    assert reaches(least.the("NetworkPolicy", BUILDS), "2001:db8::7", 443)
    assert reaches(most.the("NetworkPolicy", "elsewhere"), "10.1.2.3", 443)
    assert not reaches(most.the("NetworkPolicy", "elsewhere"), "10.1.2.3", 22)
    assert reaches(most.the("NetworkPolicy", "elsewhere"), "169.254.20.10", 53)
    assert not reaches(most.the("NetworkPolicy", "elsewhere"), "169.254.20.10", 80)


def test_nobody_comes_to_a_build_and_every_pod_of_the_namespace_is_meant(least: Manifests) -> None:
    policy = least.the("NetworkPolicy", BUILDS)["spec"]

    assert policy["ingress"] == []
    assert policy["podSelector"] == {}
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}


def test_the_service_reaches_the_api_server_and_the_hub(least: Manifests) -> None:
    policy = least.the("NetworkPolicy")

    assert reaches(policy, "10.96.0.1", 443)
    assert reaches(policy, "198.51.100.7", 6443)
    assert {"namespaceSelector": {}} in policy["spec"]["egress"][0]["to"]


def test_only_the_hub_and_its_proxy_come_to_the_service(least: Manifests) -> None:
    (rule,) = least.the("NetworkPolicy")["spec"]["ingress"]

    assert rule["ports"] == [{"port": "http"}]
    assert [peer["podSelector"]["matchLabels"]["component"] for peer in rule["from"]] == ["hub", "proxy"]


def test_every_selector_finds_the_service_s_pods(most: Manifests) -> None:
    labels = most.pod["metadata"]["labels"].items()
    kinds = ("Deployment", "PodDisruptionBudget", "ServiceMonitor")

    found = [most.the(kind)["spec"]["selector"]["matchLabels"] for kind in kinds]
    found += [most.the("Service")["spec"]["selector"], most.the("NetworkPolicy")["spec"]["podSelector"]["matchLabels"]]
    assert [each for each in found if not each.items() <= labels] == []
    assert most.pod["metadata"]["labels"]["hub.jupyter.org/network-access-hub"] == "true"


def test_health_and_figures_are_asked_for_below_the_path_at_which_the_service_is(most: Manifests) -> None:
    path = "/jhub/services/builder/"
    probes = {name: most.container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}

    assert probes == dict.fromkeys(("startup", "liveness"), f"{path}health/live") | {"readiness": f"{path}health/ready"}
    assert most.the("ServiceMonitor")["spec"]["endpoints"][0]["path"] == f"{path}metrics"
    assert most.the("Ingress")["spec"]["rules"][0]["http"]["paths"][0]["path"] == path


def test_secrets_are_named_and_never_written_down(most: Manifests) -> None:
    sources = [
        source["secret"]
        for volume in most.pod["spec"]["volumes"]
        if volume["name"] == "secrets"
        for source in volume["projected"]["sources"]
    ]

    assert {each["name"]: each["items"][0]["key"] for each in sources} == {
        "keys": "signing-keys",
        "hub-token": "token",
        "registry": ".dockerconfigjson",
    }
    assert most.of("Secret") == []


def test_the_hub_s_own_secret_is_where_zero_to_jupyterhub_keeps_the_token(least: Manifests) -> None:
    names = [text for text in texts(least.pod) if text.startswith("hub.services.")]

    assert names == ["hub.services.repo2docker.apiToken"]


def test_keys_are_made_and_stay_when_the_release_goes(least: Manifests) -> None:
    secret = least.the("Secret")

    assert len(base64.b64decode(secret["data"]["signing-keys"])) == 64
    assert secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert least.the("Namespace")["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_processes_are_replaced_for_a_new_configuration_and_for_nothing_else(least: Manifests) -> None:
    named = {**LEAST, "signingKeys": {"secretName": "keys"}}
    before = render(named, catalog=[{"repo": "https://example.org/a"}]).pod

    assert render(named, catalog=[{"repo": "https://example.org/b"}], replicas=5).pod == before
    changed = render(
        named, catalog=[{"repo": "https://example.org/a"}], config={"Repo2DockerService": {"log_as": "text"}}
    )
    assert changed.pod != before
