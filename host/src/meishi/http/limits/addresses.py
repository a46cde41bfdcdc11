"""Whose request it is, where nobody says so: the address that it comes from."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: Bits of an IPv6 address that belong to the line of one customer; the rest they choose freely.
_LINE = 64

#: Bits of an address that many have in common, by the version of the protocol.
_AREA = {4: 24, 6: 48}


def client_address(environ: WSGIEnvironment, trusted_proxies: int) -> str:
    """Return the address of who sent a request, of IPv6 the network of the line.

    Each proxy appends to `X-Forwarded-For` whom it has talked to. So behind a number of proxies of
    our own, the client is the one that the first of these has added; what stands before that is
    what the client claims.
    """
    address = str(environ.get("REMOTE_ADDR", ""))
    if trusted_proxies:
        chain = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        if len(chain) >= trusted_proxies and _network(chain[-trusted_proxies]):
            address = chain[-trusted_proxies]
    return _network(address) or "unknown"


def client_area(environ: WSGIEnvironment, trusted_proxies: int) -> str | None:
    """Return the network around a client's address: where it is, but not who; None if unknown."""
    chain = environ.get("HTTP_X_FORWARDED_FOR", "") if trusted_proxies else ""
    return _area(environ.get("REMOTE_ADDR", ""), chain, trusted_proxies)


@lru_cache(maxsize=1024)
def _area(address: str, chain: str, trusted_proxies: int) -> str | None:
    environ = {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": chain}
    try:
        found = ip_network(client_address(environ, trusted_proxies))
    except ValueError:
        return None
    return str(ip_network(f"{found.network_address}/{_AREA[found.version]}", strict=False))


def _network(text: str) -> str:
    """Return the address in a text, an IPv6 network in its place, "" if there is none."""
    try:
        found = ip_address(text.strip().strip("[]"))
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Network((found, _LINE), strict=False))
    return str(found)
