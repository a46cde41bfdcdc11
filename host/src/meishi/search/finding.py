"""Asking every plugin: one after the other, each apart from the next and within its time."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice, zip_longest

from sqlalchemy.exc import DBAPIError

from meishi.context import current_scope
from meishi.database.statement_limits import limited_statements
from meishi.declarations import SearchHit, SearchProvider, SearchQuery
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.raised import raised
from meishi.logs import logger
from meishi.sdk.contract import DomainError
from meishi.search.environment import environment

#: Seconds that all providers of a search have together.
TOTAL_SECONDS = 3.0

#: What PostgreSQL says of a statement that took too long.
_CANCELLED = "57014"

#: Browsers drop tabs and line ends from a link: `/<tab>/elsewhere` would lead to another site.
_PAGE = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f]*")


class Omission(StrEnum):
    """Why what a provider has is left out of an answer."""

    SLOW = "slow"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """A hit, and whose it is: `kind` is the provider's name, `heading` how people read it."""

    plugin: str
    kind: str
    heading: str
    hit: SearchHit


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A provider that could not be asked, or did not answer in time."""

    plugin: str
    kind: str
    heading: str
    reason: Omission


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found: the best of each provider, then the second of each, and so on."""

    items: tuple[Find, ...]
    incomplete: tuple[LeftOut, ...]


class BlankSearch(DomainError):
    """There is nothing but white space in what is searched."""

    code = "blank-search"
    title = "Nothing to search for"
    status = 422


class TooSlow(Exception):
    """A provider took longer than it may."""


class NoHits(Exception):
    """A provider returned something else than hits."""


def find(text: str, limit: int) -> Findings:
    """Return what the plugins find for a text, of what the caller may see.

    :raises BlankSearch: if the text has nothing but white space
    """
    if not text.strip():
        raise BlankSearch("Say what is searched: a word, or its beginning.")
    found: list[Sequence[Find]] = []
    left_out: list[LeftOut] = []
    ends = time.monotonic() + TOTAL_SECONDS
    for owner, provider in _providers():
        try:
            seconds = min(provider.limit_seconds, ends - time.monotonic())
            hits = ask(owner, provider, SearchQuery(text=text, limit=limit), seconds)
        except Exception as error:  # noqa: BLE001 (a plugin's fault, whatever it is)
            left_out.append(_left_out(owner, provider, error))
        else:
            found.append([_find(owner, provider, hit) for hit in hits])
    turns = chain.from_iterable(zip_longest(*found))
    items = tuple(islice((item for item in turns if item is not None), limit))
    return Findings(items=items, incomplete=tuple(left_out))


def _providers() -> Iterator[tuple[Contribution, SearchProvider]]:
    scope = current_scope()
    for contribution in environment().enabled(scope.workspace_id):
        for provider in contribution.search_providers:
            if f"{contribution.manifest.prefix}.{provider.permission}" in scope.actor.permissions:
                yield contribution, provider


def ask(
    owner: Contribution, provider: SearchProvider, wanted: SearchQuery, seconds: float
) -> Sequence[SearchHit]:
    """Return what a provider finds; a statement that takes too long is broken off.

    Nothing breaks off what else it does: then it is left out when it has come back.

    :raises TooSlow: if it took longer than it may
    :raises NoHits: if it returned something else
    """
    if seconds <= 0:
        raise TooSlow
    work, begun = current_scope().work, time.monotonic()
    with limited_statements(work, seconds), work.savepoint(), work.entered(owner.plugin):
        hits = _checked(provider.search(wanted), wanted.limit)
    if time.monotonic() - begun > seconds:
        raise TooSlow
    return hits


def _checked(found: object, limit: int) -> Sequence[SearchHit]:
    if isinstance(found, str) or not isinstance(found, Sequence):
        raise NoHits(f"a list of SearchHit was expected, not {type(found).__qualname__}")
    for item in found[:limit]:
        if not isinstance(item, SearchHit):
            raise NoHits(f"a list of SearchHit was expected, with {type(item).__qualname__} in it")
        if not _PAGE.fullmatch(item.path):
            raise NoHits(f"`path` must be that of a page, beginning with one slash: {item.path!r}")
    return found[:limit]


def _find(owner: Contribution, provider: SearchProvider, hit: SearchHit) -> Find:
    return Find(plugin=owner.plugin, kind=provider.name, heading=provider.title, hit=hit)


def _left_out(owner: Contribution, provider: SearchProvider, error: Exception) -> LeftOut:
    reason = Omission.SLOW if _is_slow(error) else Omission.FAILED
    logger("error").error(
        "search_failed",
        provider=f"{owner.plugin}.{provider.name}",
        reason=reason.value,
        error=raised(error),
    )
    return LeftOut(plugin=owner.plugin, kind=provider.name, heading=provider.title, reason=reason)


def _is_slow(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return getattr(error.orig, "sqlstate", None) == _CANCELLED
    return isinstance(error, TooSlow)
