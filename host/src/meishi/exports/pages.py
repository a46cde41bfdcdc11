"""Exports as people make them: the formats of a resource, and what goes into the file."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, request

from meishi.exports.formats import offered_formats
from meishi.sdk.pages import render
from meishi.sdk.plugin import Page
from meishi.web.texts import text_of

#: What the address of this page says besides the query of the list that one comes from.
_RESOURCE = "resource"
#: What a list's address says of its pages.
_OF_PAGES = frozenset({"after", "limit", "total"})


def exports_page() -> Response:
    """Show the formats of a resource, or of all, each as a link to its file."""
    resource = request.args.get(_RESOURCE, "")
    chosen = [
        pair
        for pair in request.args.items(multi=True)
        if pair[0] not in {_RESOURCE, *_OF_PAGES} and pair[1]
    ]
    query = f"?{urlencode(chosen)}" if resource and chosen else ""
    formats = [
        {
            "title": text_of(item.plugin, item.exporter.title),
            "suffix": item.exporter.suffix,
            "resource": item.exporter.resource,
            "url": f"/api/v1/exports/{item.exporter.name}{query}",
        }
        for item in offered_formats()
        if resource in {"", item.exporter.resource}
    ]
    return render("meishi_exports/page.html", formats=formats, limited=bool(query))


PAGES = (Page(name="page", rule="", view=exports_page, title="Export", permission="use"),)
