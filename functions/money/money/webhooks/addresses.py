"""Where webhooks may go. People choose the addresses, so ours, our neighbours' and the cloud's own must be out of reach.

The address that was looked at is the one that is connected to: a name that is looked up twice can change in between.
"""

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

from common.settings import settings

_THREADS = 32
_MOST = 4
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's own services
        "192.0.0.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "2001::/23",  # Teredo and other ways to wrap addresses
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)


class NotPublic(Exception):
    """The name or address leads to where webhooks may not go."""


def is_public(address: str) -> bool:
    """Not by the standard library's word alone: it takes multicast and what wraps a private address for global."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(ip.packed[-4:])))
        if ip not in _UNICAST or ip.scope_id:
            return False
    unfit = ip.is_multicast or ip.is_reserved or any(ip in network for network in _SPECIAL)
    return ip.is_global and not unfit


def is_allowed(address: str) -> bool:
    """On a developer's machine the receiver is on the same one."""
    return is_public(address) or (settings().environment == "local" and ipaddress.ip_address(address).is_loopback)


def check_scheme(scheme: str) -> None:
    """Raises NotPublic for anything but https; http is for a developer's machine."""
    if scheme != "https" and not (scheme == "http" and settings().environment == "local"):
        raise NotPublic


def literal(host: str) -> str | None:
    """The address that a host is, in any of the ways of writing one that look-ups understand: 127.1, 0x7f000001, [::1]."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


@cache
def _threads() -> ThreadPoolExecutor:
    """A slow name server holds up webhooks, and nothing else that the loop's own threads are for."""
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="names")


async def look_up(host: str, port: int) -> list[str]:
    """Addresses to try one after the other. Raises OSError when there are none, NotPublic when any of them is not allowed."""
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_threads(), ask)
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
    if not all(is_allowed(address) for address in addresses):
        raise NotPublic
    return addresses[:_MOST]
