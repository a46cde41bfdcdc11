"""Whose request it is, where nobody says so: the address that it comes from."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: Bits of an IPv6 address that belong to the line of one customer; the rest they choose freely.
_LINE = 64


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
