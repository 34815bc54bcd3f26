"""The BuildKit that the chart brings: how it runs, who reaches it, and by which certificates it knows them."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import subprocess
import threading
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest
from tests.integration.chart.manifests import BUILDKIT, BUILDS, LEAST, NAMESPACE, Manifests, render
from tools.parts import certificates

from repo2docker_service.adapters.builders.containers.in_container.buildkit import Daemon

NAME: Final = "r2d-repo2docker-service-buildkit"
PORT: Final = 1234
NAMED: Final = {"enabled": True, "tls": {"serverSecret": "server", "clientSecret": "client"}}
ANNOTATION: Final = "container.apparmor.security.beta.kubernetes.io/buildkit"


def settings(manifests: Manifests) -> dict[str, Any]:
    """Give what the service is told of builds."""
    told: dict[str, Any] = json.loads(manifests.configuration("settings.json"))["KubernetesImageBuilder"]
    return told


def level(manifests: Manifests) -> str:
    """Give what pods of builds may ask for."""
    return str(manifests.the("Namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"])


def container(manifests: Manifests) -> dict[str, Any]:
    (found,) = manifests.buildkit["spec"]["containers"]
    return dict(found)


def arguments(manifests: Manifests) -> dict[str, list[str]]:
    """Give the arguments of the daemon, by their names."""
    found = dict[str, list[str]]()
    for each in container(manifests)["args"]:
        name, _, value = each.partition("=")
        found.setdefault(name, []).append(value)
    return found


def volume(manifests: Manifests, name: str) -> dict[str, Any]:
    (found,) = (each for each in manifests.buildkit["spec"]["volumes"] if each["name"] == name)
    return dict(found)


def mounted(manifests: Manifests, name: str) -> str:
    (found,) = (each["mountPath"] for each in container(manifests)["volumeMounts"] if each["name"] == name)
    return str(found)


def test_none_is_made_unless_it_is_asked_for(least: Manifests) -> None:
    assert [each["metadata"]["name"] for each in least.objects if "buildkit" in each["metadata"]["name"]] == []
    assert settings(least) == {"namespace": BUILDS}
    assert [rule for rule in least.the("NetworkPolicy", BUILDS)["spec"]["egress"] if "podSelector" in str(rule)] == []


def test_the_service_is_told_where_it_is_and_what_opens_it(own: Manifests) -> None:
    service, secret = own.the("Service", part=BUILDKIT), own.the("Secret", BUILDS, BUILDKIT)
    (port,) = service["spec"]["ports"]

    assert settings(own)["buildkit"] == f"{service['metadata']['name']}.{NAMESPACE}:{port['port']}"
    assert settings(own)["buildkit_tls_secret"] == secret["metadata"]["name"]


def test_its_address_leads_to_a_port_at_which_it_listens(own: Manifests) -> None:
    spec = own.the("Service", part=BUILDKIT)["spec"]
    (listening,) = container(own)["ports"]

    assert spec["selector"].items() <= own.buildkit["metadata"]["labels"].items()
    assert (spec["ports"][0]["targetPort"], listening["containerPort"]) == (listening["name"], PORT)
    assert f"tcp://:{PORT}" in arguments(own)["--addr"]


def test_nothing_of_the_service_takes_its_pod_for_one_of_the_service_s(most: Manifests) -> None:
    labels = most.buildkit["metadata"]["labels"].items()
    selectors = [most.the(kind)["spec"]["selector"]["matchLabels"] for kind in ("Deployment", "PodDisruptionBudget")]
    selectors += [most.the("Service")["spec"]["selector"]]
    selectors += [most.the("NetworkPolicy")["spec"]["podSelector"]["matchLabels"]]

    assert [each for each in selectors if each.items() <= labels] == []
    assert "hub.jupyter.org/network-access-hub" not in dict(labels)


def test_it_is_never_in_the_namespace_of_builds(own: Manifests, most: Manifests) -> None:
    parts = [each for made in (own, most) for each in made.objects if BUILDKIT in str(each["metadata"]["labels"])]

    elsewhere = [each["kind"] for each in parts if each["metadata"].get("namespace")]
    assert len(parts) > 10
    assert elsewhere == ["Secret"]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({}, "privileged"),
        ({"buildkit": {"enabled": True}}, "baseline"),
        ({"config": {"KubernetesImageBuilder": {"buildkit": "buildkitd.example.org:1234"}}}, "baseline"),
        ({"config": {"KubernetesImageBuilder": {"concurrency": 2}}}, "privileged"),
        ({"buildkit": {"enabled": True}, "config": {"KubernetesImageBuilder": {"buildkit": ""}}}, "privileged"),
        ({"buildkit": {"enabled": True}, "builds": {"podSecurity": "privileged"}}, "privileged"),
        ({"builds": {"podSecurity": "restricted"}}, "restricted"),
    ],
    ids=lambda given: given if isinstance(given, str) else json.dumps(given),
)
def test_builds_may_ask_for_no_more_than_they_need(values: dict[str, Any], wanted: str) -> None:
    assert level(render(LEAST, **values)) == wanted


def test_it_runs_as_a_user_like_any_other_with_no_right_in_the_cluster(own: Manifests) -> None:
    pod = own.buildkit["spec"]
    every = [*pod["initContainers"], *pod["containers"]]

    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == pod["securityContext"]["runAsGroup"] == 1000
    assert not pod["automountServiceAccountToken"]
    assert [each for each in every if {"privileged", "capabilities"} & set(each["securityContext"])] == [every[0]]
    assert every[0]["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert "hostPath" not in json.dumps(pod["volumes"])
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)


def test_no_build_may_have_more_than_the_daemon_has(own: Manifests) -> None:
    assert "--oci-worker-no-process-sandbox" in arguments(own)
    assert "entitlement" not in json.dumps(own.buildkit)
    assert "entitlement" not in own.configuration("buildkitd.toml")


@pytest.mark.parametrize("version", ["1.20.2", "1.29.0"])
def test_apparmor_lets_it_mount_by_an_annotation_of_an_older_kubernetes(version: str) -> None:
    made = render(version=version, buildkit={"enabled": True})

    assert made.buildkit["metadata"]["annotations"][ANNOTATION] == "unconfined"
    assert container(made)["securityContext"] == {"seccompProfile": {"type": "Unconfined"}}


@pytest.mark.parametrize("version", ["1.30.0", "1.37.0"])
def test_apparmor_lets_it_mount_by_a_field_of_a_newer_one(version: str) -> None:
    made = render(version=version, buildkit={"enabled": True})

    assert ANNOTATION not in made.buildkit["metadata"]["annotations"]
    assert container(made)["securityContext"] == {
        "seccompProfile": {"type": "Unconfined"},
        "appArmorProfile": {"type": "Unconfined"},
    }


def test_no_two_of_it_use_the_cache_at_once(own: Manifests) -> None:
    spec = own.the("Deployment", part=BUILDKIT)["spec"]

    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_the_cache_is_a_volume_that_stays_when_the_release_goes(own: Manifests, most: Manifests) -> None:
    claim, other = (each.the("PersistentVolumeClaim", part=BUILDKIT) for each in (own, most))

    assert volume(own, "storage")["persistentVolumeClaim"] == {"claimName": claim["metadata"]["name"]}
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert "storageClassName" not in claim["spec"]
    assert other["spec"]["storageClassName"] == "fast"
    assert other["spec"]["resources"]["requests"]["storage"] == "100Gi"


def test_without_a_size_the_cache_goes_with_the_pod() -> None:
    made = render(buildkit={"enabled": True, "storage": {"size": ""}})

    assert volume(made, "storage")["emptyDir"] == {}
    assert made.of("PersistentVolumeClaim") == []


def test_images_do_not_get_the_bit_by_which_a_volume_hands_its_group_on(own: Manifests, tmp_path: Path) -> None:
    (first,) = own.buildkit["spec"]["initContainers"]
    (root,) = arguments(own)["--root"]
    storage = tmp_path / "volume"
    storage.mkdir()
    storage.chmod(0o2777)  # as nodes have it for the pod's group

    for _ in range(2):
        command = [each.replace(mounted(own, "storage"), str(storage)) for each in first["command"]]
        subprocess.run(command, check=True, timeout=10)

    made = Path(root.replace(mounted(own, "storage"), str(storage)))
    assert made != storage
    assert made.stat().st_mode & 0o7777 == 0o700
    assert first["volumeMounts"] == [{"name": "storage", "mountPath": mounted(own, "storage")}]
    assert own.buildkit["spec"]["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"


def test_it_uses_no_more_than_its_storage_has(own: Manifests) -> None:
    worker = tomllib.loads(own.configuration("buildkitd.toml"))["worker"]["oci"]
    share = {name: int(value.removesuffix("%")) for name, value in worker.items() if str(value).endswith("%")}

    assert share["reservedSpace"] < share["maxUsedSpace"]
    assert share["maxUsedSpace"] + share["minFreeSpace"] <= 100
    assert arguments(own)["--config"] == [f"{mounted(own, 'config')}/buildkitd.toml"]
    assert volume(own, "config")["configMap"]["name"] == own.the("ConfigMap", part=BUILDKIT)["metadata"]["name"]


def test_it_is_started_anew_for_what_it_reads_at_its_start_and_for_nothing_else() -> None:
    before = render(buildkit=NAMED).buildkit

    assert render(buildkit=NAMED, replicas=5, config={"Repo2DockerService": {"log_as": "text"}}).buildkit == before
    assert render(buildkit={**NAMED, "config": "debug = true\n"}).buildkit != before


def test_whether_it_is_well_is_asked_where_no_certificate_is_needed(own: Manifests) -> None:
    (local,) = (each for each in arguments(own)["--addr"] if each.startswith("unix://"))
    probes = [container(own)[f"{name}Probe"] for name in ("startup", "liveness", "readiness")]

    assert [each["exec"]["command"] for each in probes] == [["buildctl", f"--addr={local}", "debug", "workers"]] * 3
    assert all(each["timeoutSeconds"] >= 10 for each in probes)


def test_what_is_said_of_it_comes_to_its_pod(most: Manifests) -> None:
    pod, daemon = most.buildkit["spec"], container(most)

    assert (daemon["image"], daemon["imagePullPolicy"]) == ("registry.example.org/buildkit:1", "Always")
    assert pod["imagePullSecrets"] == [{"name": "pull"}]
    assert pod["nodeSelector"] == {"pool": "builds"}
    assert pod["tolerations"] == [{"key": "builds", "operator": "Exists"}]
    assert pod["affinity"] == {"nodeAffinity": {}}
    assert daemon["resources"]["requests"]["cpu"] == 2
    assert daemon["env"] == [{"name": "HTTPS_PROXY", "value": "http://proxy.example.org:3128"}]
    assert mounted(most, "authorities") == "/etc/authorities"
    assert volume(most, "authorities")["configMap"] == {"name": "authorities"}
    assert "/etc/authorities/ca.crt" in most.configuration("buildkitd.toml")


def test_only_builds_come_to_it(own: Manifests) -> None:
    policy = own.the("NetworkPolicy", part=BUILDKIT)["spec"]

    assert policy["podSelector"]["matchLabels"].items() <= own.buildkit["metadata"]["labels"].items()
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert policy["ingress"] == [
        {
            "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": BUILDS}}}],
            "ports": [{"port": PORT, "protocol": "TCP"}],
        }
    ]


@pytest.mark.parametrize("which", ["own", "most"])
def test_builds_come_to_it_and_it_goes_where_they_go(which: str, request: pytest.FixtureRequest) -> None:
    made: Manifests = request.getfixturevalue(which)
    of_builds = made.the("NetworkPolicy", settings(made)["namespace"])["spec"]["egress"]
    (way,) = (rule for rule in of_builds if "podSelector" in rule["to"][0])

    (peer,) = way["to"]
    assert way["ports"] == [{"port": PORT, "protocol": "TCP"}]
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": NAMESPACE}
    assert peer["podSelector"]["matchLabels"].items() <= made.buildkit["metadata"]["labels"].items()
    assert made.the("NetworkPolicy", part=BUILDKIT)["spec"]["egress"] == [each for each in of_builds if each != way]


def test_without_policies_it_has_none() -> None:
    assert render(buildkit={"enabled": True}, networkPolicy={"enabled": False}).of("NetworkPolicy") == []


def test_secrets_of_the_administrator_s_own_are_taken_and_none_is_made() -> None:
    made = render(buildkit=NAMED, signingKeys={"secretName": "keys"})

    assert made.of("Secret") == []
    assert volume(made, "tls")["secret"]["secretName"] == "server"
    assert settings(made)["buildkit_tls_secret"] == "client"


def test_nobody_keeps_what_would_sign_further_certificates(own: Manifests) -> None:
    secrets = [own.the("Secret", place, BUILDKIT) for place in (None, BUILDS)]

    assert [set(each["data"]) for each in secrets] == [{"ca.crt", "tls.crt", "tls.key"}] * 2
    assert secrets[0]["data"]["ca.crt"] == secrets[1]["data"]["ca.crt"]
    assert secrets[0]["data"]["tls.key"] != secrets[1]["data"]["tls.key"]


def files(secret: Mapping[str, Any], folder: Path) -> Path:
    """Write down what a pod finds of a Secret."""
    folder.mkdir()
    for name, data in secret["data"].items():
        (folder / name).write_bytes(base64.b64decode(data))
    return folder


@contextmanager
def answering(folder: Path) -> Iterator[int]:
    """Answer those who show a certificate, as BuildKit does with these files, and give the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    context.load_verify_locations(folder / "ca.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client, suppress(OSError), context.wrap_socket(client, server_side=True) as known:
                    known.sendall(b"answer")

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.fixture
def daemon(own: Manifests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Answer at whatever address is asked for, and give the folder with what opens the answer."""
    told = arguments(own)
    secret = own.the("Secret", part=BUILDKIT)
    assert volume(own, "tls")["secret"]["secretName"] == secret["metadata"]["name"]
    places = [told[f"--tls{name}"] for name in ("cacert", "cert", "key")]
    assert places == [[f"{mounted(own, 'tls')}/{name}"] for name in ("ca.crt", "tls.crt", "tls.key")]
    connect, context = socket.create_connection, ssl.create_default_context

    def strict(**given: Any) -> ssl.SSLContext:
        made = context(**given)
        made.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python 3.13 and later by themselves
        return made

    monkeypatch.setattr(ssl, "create_default_context", strict)
    with answering(files(secret, tmp_path / "server")) as port:
        monkeypatch.setattr(socket, "create_connection", lambda _, timeout: connect(("127.0.0.1", port), timeout))
        yield files(own.the("Secret", BUILDS, BUILDKIT), tmp_path / "client")


def answer(address: str, folder: Path) -> bytes:
    with Daemon(address, str(folder)).connect() as connection:
        return connection.recv(6)


def test_builds_and_it_know_each_other(own: Manifests, daemon: Path) -> None:
    assert answer(settings(own)["buildkit"], daemon) == b"answer"
    assert answer(f"{NAME}.{NAMESPACE}.svc.cluster.local:{PORT}", daemon) == b"answer"


def test_nobody_else_is_answered(own: Manifests, daemon: Path, tmp_path: Path) -> None:
    stranger = certificates.authority(tmp_path, "stranger")

    (daemon / "tls.crt").write_text(stranger.file.read_text())
    (daemon / "tls.key").write_text(stranger.key.read_text())
    with pytest.raises((ssl.SSLError, ConnectionError)):
        answer(settings(own)["buildkit"], daemon)
    (daemon / "tls.crt").unlink()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        answer(settings(own)["buildkit"], daemon)


def test_builds_speak_to_nobody_who_has_another_name(daemon: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        answer(f"elsewhere.{NAMESPACE}:{PORT}", daemon)
