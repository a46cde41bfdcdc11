"""What is wrong with a plugin's pages, taken together: names, permissions, and who leads where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from inspect import iscoroutinefunction, unwrap
from typing import Protocol

from meishi.declarations import NavigationEntry, Page, Panel
from meishi.lifecycle.manifest import Manifest


class PagesOfPlugin(Protocol):
    """What one plugin supplies to the console."""

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""
        ...

    @property
    def pages(self) -> Sequence[Page]:
        """Its pages."""
        ...

    @property
    def navigation(self) -> Sequence[NavigationEntry]:
        """What leads to them."""
        ...

    @property
    def panels(self) -> Sequence[Panel]:
        """Its cards on others' pages."""
        ...

    def permission_names(self) -> Sequence[str]:
        """Return the full names of its permissions."""
        ...


def page_faults(contribution: PagesOfPlugin) -> Iterator[str]:
    """Yield one sentence for each thing about pages, navigation and panels that cannot be."""
    pages = contribution.pages
    yield from _repeated("the page", (page.name for page in pages))
    yield from _repeated("the page's rule", (page.rule for page in pages))
    yield from _repeated("the panel", (panel.name for panel in contribution.panels))
    yield from _permission_faults(contribution)
    for page in pages:
        if iscoroutinefunction(unwrap(page.view)):
            yield f"the view of the page {page.name!r} is asynchronous"
    yield from _navigation_faults(contribution)


def _repeated(kind: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{kind} {name!r} is declared twice"


def _permission_faults(contribution: PagesOfPlugin) -> Iterator[str]:
    declared = contribution.permission_names()
    asked = [
        *(("page", page.name, page.permission) for page in contribution.pages),
        *(("panel", panel.name, panel.permission) for panel in contribution.panels),
    ]
    for kind, name, permission in asked:
        full = f"{contribution.manifest.prefix}.{permission}"
        if permission is not None and full not in declared:
            yield f"the {kind} {name!r} needs the permission {full}, which is not declared"


def _navigation_faults(contribution: PagesOfPlugin) -> Iterator[str]:
    pages = {page.name: page for page in contribution.pages}
    for entry in contribution.navigation:
        page = pages.get(entry.page)
        if page is None:
            yield f"the navigation leads to the page {entry.page!r}, which is not declared"
        elif "<" in page.rule or "GET" not in page.methods:
            yield f"the navigation cannot lead to the page {entry.page!r}, which needs more to open"
