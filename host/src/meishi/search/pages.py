"""The search as people use it: the box on every page, and a page with all hits."""

from __future__ import annotations

from flask import Response, request

from meishi.sdk.pages import is_fragment, render
from meishi.sdk.plugin import Page
from meishi.search.finding import Find, Findings, LeftOut, find
from meishi.search.schemas import MAX_HITS, MAX_TEXT
from meishi.web.texts import text_of

#: Hits that the box shows as one types.
_IN_BOX = 8
_NOTHING = Findings(items=(), incomplete=())


def search_page() -> Response:
    """Show what is found; to htmx, what hangs below the box."""
    text = request.args.get("q", "").strip()[:MAX_TEXT]
    template, limit = ("box", _IN_BOX) if is_fragment() else ("page", MAX_HITS)
    found = find(text, limit) if text else _NOTHING
    return render(
        f"meishi_search/{template}.html",
        found=found,
        text=text,
        heading_of=_heading,
        headings=[_heading(item) for item in found.incomplete],
    )


def _heading(item: Find | LeftOut) -> str:
    """Return what its owner calls things of this kind, in the reader's language."""
    return text_of(item.plugin, item.heading)


PAGES = (Page(name="page", rule="", view=search_page, title="Search", permission="use"),)
