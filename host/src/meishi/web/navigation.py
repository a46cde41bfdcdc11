"""The main navigation: entries of all plugins that are on, for those who may open them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from meishi.context import Scope
from meishi.declarations import NavigationEntry, Page
from meishi.lifecycle.contribution import Contribution
from meishi.web.texts import text_of

if TYPE_CHECKING:
    from meishi.host import Host


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the navigation; `current` where the reader is on it, or below."""

    title: str
    url: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Entries that stand together, under a title or none."""

    title: str
    entries: tuple[Entry, ...]


def page_root(contribution: Contribution) -> str:
    """Return the path under which a plugin's pages are."""
    return f"/{contribution.manifest.api_prefix}"


def permission_of(contribution: Contribution, page: Page) -> str | None:
    """Return the full name of what a page needs; None for one that only wants a sign-in."""
    if page.permission is None:
        return None
    return f"{contribution.manifest.prefix}.{page.permission}"


def navigation(host: Host, scope: Scope, path: str) -> tuple[Section, ...]:
    """Return what a reader may go to, in order; `path` is where they are."""
    found = sorted(_entries(host, scope), key=lambda item: (item[0].section, *_rank(item[0])))
    best = max((url for _, url, _ in found if _is_below(path, url)), key=len, default=None)
    return tuple(
        _section(title, list(group), best)
        for title, group in groupby(found, key=lambda item: item[0].section)
    )


def _section(
    title: str, group: Sequence[tuple[NavigationEntry, str, str]], best: str | None
) -> Section:
    return Section(
        title=text_of(group[0][2], title),
        entries=tuple(
            Entry(title=text_of(owner, entry.title), url=url, icon=entry.icon, current=url == best)
            for entry, url, owner in group
        ),
    )


def _rank(entry: NavigationEntry) -> tuple[int, str]:
    return entry.order, entry.title


def _entries(host: Host, scope: Scope) -> Iterator[tuple[NavigationEntry, str, str]]:
    for contribution in host.enabled(scope.workspace_id):
        pages = {page.name: page for page in contribution.pages}
        for entry in contribution.navigation:
            page = pages[entry.page]
            needed = permission_of(contribution, page)
            if needed is None or needed in scope.actor.permissions:
                yield entry, f"{page_root(contribution)}{page.rule}", contribution.plugin


def _is_below(path: str, url: str) -> bool:
    return path == url or path.startswith(f"{url}/")
