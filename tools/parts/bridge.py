"""Network bridges for engines that live beside another one."""

from __future__ import annotations

import ipaddress
import json
import subprocess
from collections.abc import Iterator

from .errors import PartMissing
from .packages import program

# A part of the private 10.0.0.0/8 that neither Docker's own pools nor the usual clusters use.
POOL = ipaddress.IPv4Network("10.213.0.0/16")


def add(name: str) -> None:
    """Create the bridge with an address in a network that nobody here uses; does nothing when it exists."""
    if _ip("link", "show", name) is not None:
        return
    address = f"{next(_free_networks())[1]}/24"
    steps = f"link add {name} type bridge", f"addr add {address} dev {name}", f"link set {name} up"
    for words in (step.split() for step in steps):
        if _ip(*words) is None:
            raise PartMissing(f"A second engine needs the right to do this: ip {' '.join(words)}.")


def remove(name: str) -> None:
    """Remove the bridge, if it is there."""
    _ip("link", "delete", name)


def _free_networks() -> Iterator[ipaddress.IPv4Network]:
    links = json.loads(_ip("-4", "-json", "addr") or "[]")
    addresses = [item for link in links for item in link.get("addr_info", [])]
    used = [ipaddress.IPv4Interface(f"{item['local']}/{item['prefixlen']}").network for item in addresses]
    for network in POOL.subnets(new_prefix=24):
        if not any(network.overlaps(other) for other in used):
            yield network


def _ip(*words: str) -> str | None:
    command = [program("ip") or "ip", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None
