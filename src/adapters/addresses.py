"""Which addresses of the network may be contacted."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, Union

# As older Pythons write it, too: builders take this module with them.
IPAddress = Union[IPv4Address, IPv6Address]  # noqa: UP007

_UNICAST: Final = ip_network("2000::/3")
# Written as IPv4 addresses at the end: mapped ones, and those that a network without IPv4 translates (RFC 6052).
_CARRIERS: Final = (ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96"))
_COMPATIBLE: Final = ip_network("::/96")
METADATA: Final = tuple(
    ip_network(text)
    for text in (
        "169.254.169.0/24",  # most clouds
        "169.254.170.0/24",  # Amazon's containers
        "169.254.42.42/32",  # Scaleway
        "168.63.129.16/32",  # Azure
        "100.100.100.200/32",  # Alibaba
        "192.0.0.192/32",  # Oracle
        "fd00:ec2::/32",  # Amazon
        "fd20:ce::254/128",  # Google
        "fd00:42::42/128",  # Scaleway
    )
)
"""Where clouds answer with credentials to whoever asks. The chart's network policies have the same."""
_METADATA_NAMES: Final = frozenset(
    {"metadata", "metadata.google.internal", "instance-data", "instance-data.ec2.internal"}
)


class PrivateAddress(Exception):
    """The address belongs to a private network, and those are not allowed."""


class MetadataAddress(Exception):
    """The address is one where a cloud gives out credentials."""


def check_address_policy(address: IPAddress, *, private_allowed: bool) -> None:
    """Refuse an address that must not be contacted.

    Raises:
        MetadataAddress: it is never allowed.
        PrivateAddress: it is not public.
    """
    if is_metadata(address):
        raise MetadataAddress
    if not private_allowed and not is_public(address):
        raise PrivateAddress


def check_name_policy(host: str, *, private_allowed: bool) -> None:
    """Refuse a host that must not be contacted as far as its name tells, for when a proxy looks it up.

    Raises:
        MetadataAddress: it is never allowed.
        PrivateAddress: it is not public.
    """
    name = host.lower().rstrip(".")
    if name in _METADATA_NAMES:
        raise MetadataAddress
    if not private_allowed and (name == "localhost" or name.endswith(".localhost")):
        raise PrivateAddress
    if address := literal(host):
        check_address_policy(address, private_allowed=private_allowed)


def is_metadata(address: IPAddress) -> bool:
    """Whether a cloud may give out credentials there, also when the address is wrapped in another."""
    return any(each in network for each in (address, _inner(address)) if each for network in METADATA)


def is_public(address: IPAddress) -> bool:
    """Whether the address belongs to the public internet, as must the one that it may wrap."""
    inner = _inner(address)
    if inner is None:
        return _is_public(address)
    return any(address in carrier for carrier in _CARRIERS) and _is_public(inner)


def literal(host: str) -> IPAddress | None:
    """Give the address that a host is written as, in any of the forms that libraries accept; None for a name."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        pass
    try:
        # 127.1, 0x7f.0.0.1 and 2130706433 are addresses too.
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _is_public(address: IPAddress) -> bool:
    if address.version == 6 and address not in _UNICAST:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inner(address: IPAddress) -> IPv4Address | None:
    """Give the IPv4 address that an IPv6 address stands for, if any."""
    if isinstance(address, IPv4Address):
        return None
    if any(address in carrier for carrier in (*_CARRIERS, _COMPATIBLE)):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour or (address.teredo[1] if address.teredo else None)
