"""The overview: panels of other modules, and where one can go from here."""

from __future__ import annotations

from flask import Response

from meishi.sdk.pages import render
from meishi.sdk.plugin import NavigationEntry, Page


def overview() -> Response:
    """Show what modules have put there."""
    return render("meishi_overview/overview.html")


PAGES = (Page(name="page", rule="", view=overview, title="Overview", permission="read"),)

NAVIGATION = (NavigationEntry(page="page", title="Overview", icon="home", order=0),)
