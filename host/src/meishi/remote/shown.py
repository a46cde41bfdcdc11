"""What a service shows to visitors, told from whatever else may answer at its address."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import SplitResult, urljoin, urlsplit

from meishi.placement import Placement
from meishi.remote.line import Message, NoAnswer, Reply
from meishi.remote.wire import SHOWN, UNKNOWN_TOKEN

_READING = frozenset({"GET", "HEAD"})
#: Where the scheme of an address alone says the port.
_USUAL_PORTS = frozenset({None, 80, 443})


def shown_by(placement: Placement, asked: Message, reply: Reply) -> Reply:
    """Return an answer to a visit, as visitors may have it.

    What the service takes for its own address, which none of them reaches, is the deployment's.

    :raises NoAnswer: if no service has given it, if it is about our token, or leads back to itself
    """
    if reply.header(SHOWN.lower()) is None:
        # Pages of proxies, and of who has the address by now, are nothing for visitors.
        reason = f"{placement.url} answered {reply.status}, and is no service"
        raise NoAnswer(reason, happened=True, again=True)
    if reply.header(UNKNOWN_TOKEN.lower()) is not None:
        reason = f"{placement.url} answered {reply.status}: it does not accept our token"
        raise NoAnswer(reason, happened=False, again=False)
    found = reply.header("location")
    if found is None:
        return reply
    target = _location_here(placement, found)
    if asked.method in _READING and _is_same(target, asked.path):
        reason = f"{placement.url} leads from {asked.path} back to it"
        raise NoAnswer(reason, happened=True, again=False)
    headers = [(name, target if name == "location" else value) for name, value in reply.headers]
    return replace(reply, headers=headers)


def _location_here(placement: Placement, found: str) -> str:
    try:
        target, place = urlsplit(found), urlsplit(placement.url)
        if not target.netloc or not _is_at(target, place):
            return found
    except ValueError as error:
        reason = f"{placement.url} leads to what is no address"
        raise NoAnswer(reason, happened=True, again=False) from error
    # Two slashes in front would be another site again.
    path = f"/{target.path.lstrip('/')}"
    return SplitResult("", "", path, target.query, target.fragment).geturl()


def _is_at(target: SplitResult, place: SplitResult) -> bool:
    """Whether an address is at a place, whichever scheme it was reached by."""
    usual = {target.port, place.port} <= _USUAL_PORTS
    return target.hostname == place.hostname and (usual or target.port == place.port)


def _is_same(target: str, path: str) -> bool:
    return urljoin(path, target).partition("#")[0] == path
