"""Where a request goes: the parts of its URL, and the one address that it is pinned to."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

from meishi.outgoing.addresses import is_public
from meishi.outgoing.errors import AddressRefused, EndpointUnavailable

#: Returns the addresses of a host, as texts; raises `OSError`.
Resolver = Callable[[str, int], Sequence[str]]

LONGEST_URL = 2048
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?|[0-9a-f:.]+")
_PRINTABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The parts of a URL that may be called; `path` is what follows the authority."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port, always written in the same way."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """The host as the server is told, with the port unless it is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: str) -> str:
        """Return the URL with an IP address in the place of the host."""
        host = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def target_of(url: str) -> Target:
    """Return the parts of a URL.

    :raises AddressRefused: if it is none, or says who calls, or can be read in two ways
    """
    if len(url) > LONGEST_URL or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise AddressRefused(f"A URL has at most {LONGEST_URL} characters of printable ASCII.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise AddressRefused(f"The URL cannot be read: {error}.") from error
    if parts.scheme not in _PORTS:
        raise AddressRefused("Only http and https are called.")
    if "@" in parts.netloc:
        raise AddressRefused("A URL must not hold a user or password; send them in a header.")
    if not _HOST.fullmatch(host) or port == 0:
        raise AddressRefused("The URL names no host that can be called.")
    query = f"?{parts.query}" if parts.query else ""
    return Target(
        scheme=parts.scheme,
        host=host.rstrip("."),
        port=port or _PORTS[parts.scheme],
        path=(parts.path or "/") + query,
    )


def pinned_address(target: Target, resolve: Resolver, *, listed: bool) -> str:
    """Return the address that a target is called at, looked up once and checked.

    Every address of its host must be public, unless the operator has `listed` it: a name that
    leads inside and outside is an attempt to get inside. Ports of strangers are the web's.

    :raises AddressRefused: if the plugin must not call it
    :raises EndpointUnavailable: if the host is not known at the moment
    """
    if not listed and target.port not in _PORTS.values():
        raise AddressRefused(
            f"{target.netloc}: only ports 80 and 443 are called, unless the operator lists the "
            "host in `outgoing_hosts`."
        )
    found = _resolved(target, resolve)
    if not listed and not all(map(is_public, found)):
        raise AddressRefused(
            f"{target.host} leads to an address that is not public; if it shall be called, the "
            "operator lists the host in `outgoing_hosts`."
        )
    return found[0]


def is_listed(target: Target, hosts: Collection[str]) -> bool:
    """Whether the operator listed a target: its host with its port, or with any."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host in hosts or f"{host}:{target.port}" in hosts


def system_addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host as this machine looks them up."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def within(seconds: float, resolve: Resolver) -> Resolver:
    """Return a resolver that raises `TimeoutError` after so long: the system's own has no limit.

    Nothing breaks it off, so it goes on in a thread that nobody waits for.
    """

    def look_up(host: str, port: int) -> Sequence[str]:
        found: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

        def tell() -> None:
            try:
                found.put(resolve(host, port))
            except Exception as error:  # noqa: BLE001  # whoever waits raises it
                found.put(error)

        Thread(target=tell, daemon=True, name="meishi-look-up").start()
        try:
            answer = found.get(timeout=seconds)
        except Empty as error:
            raise TimeoutError(f"looking for it took longer than {seconds:g} s") from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    return look_up


def _resolved(target: Target, resolve: Resolver) -> list[str]:
    try:
        found = [str(ip_address(address)) for address in resolve(target.host, target.port)]
    except (OSError, UnicodeError) as error:
        raise EndpointUnavailable(f"{target.host} is not known: {error}") from error
    except ValueError as error:
        raise AddressRefused(f"{target.host} leads to no IP address.") from error
    if not found:
        raise EndpointUnavailable(f"{target.host} has no address.")
    return found
