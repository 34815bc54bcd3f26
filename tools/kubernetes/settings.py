"""What the components of a cluster read at their start: certificates, kubeconfigs, the kubelet's settings."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

from tools.parts.packages import require

SERVICE_IP = "10.96.0.1"
"""The address under which pods reach the API."""
_CERTIFICATES = Path(__file__).with_name("certificates.sh")


def write(folder: Path, node_ip: str, group: str) -> None:
    """Write everything into a folder, for a node with this address and control group."""
    require("openssl")
    folder.mkdir(parents=True)
    subprocess.run([str(_CERTIFICATES), str(folder), node_ip, SERVICE_IP], check=True, capture_output=True, timeout=60)
    for name in ("controller-manager", "scheduler", "kubelet", "admin"):
        _write(folder / f"{name}.conf", kubeconfig(folder, f"https://{node_ip}:6443", name))
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    _write(folder / "kubelet.json", _kubelet(folder, node_ip, group))


def kubeconfig(folder: Path, server: str, name: str) -> dict[str, Any]:
    """Give the kubeconfig for who holds a certificate, complete in itself."""
    cluster = {"server": server, "certificate-authority-data": _base64(folder / "ca.crt")}
    user = {
        "client-certificate-data": _base64(folder / f"{name}.crt"),
        "client-key-data": _base64(folder / f"{name}.key"),
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": name}}],
        "current-context": "here",
    }


def _base64(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def _write(file: Path, content: dict[str, Any]) -> None:
    # JSON is YAML, which all of them read.
    file.touch(mode=0o600)
    file.write_text(json.dumps(content, indent=1))


def _kubelet(folder: Path, node_ip: str, group: str) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": node_ip,
        "readOnlyPort": 0,
        "healthzBindAddress": "127.0.0.1",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(folder / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(folder / "kubelet-server.crt"),
        "tlsPrivateKeyFile": str(folder / "kubelet-server.key"),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{group}",
        "failSwapOn": False,
        # Else it deletes images, which nothing brings back, when the machine's disk is filling.
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "nodefs.inodesFree": "1%",
            "imagefs.available": "1%",
        },
        # By default ten seconds, for which a new node is not ready.
        "nodeStatusUpdateFrequency": "2s",
        "hairpinMode": "none",
        "resolvConf": str(folder / "resolv.conf"),
        "maxPods": 40,
    }
