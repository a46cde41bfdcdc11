"""The page where one begins, and what analytics has on it."""

from __future__ import annotations

import re

from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Counts

PAGE = "/overview"


def panel(signed_in: Browser) -> str:
    """Return what analytics shows there, which the page asks for by itself."""
    (address,) = re.findall(r'hx-get="(/overview\?_panel=[^"]+)"', signed_in.get(PAGE).text)
    return signed_in.get(address).text


def test_one_begins_with_the_numbers(signed_in: Browser) -> None:
    """The first page has a place for them, and leads to all others."""
    assert signed_in.get("/").location == PAGE
    page = signed_in.get(PAGE).text
    assert "The last 30 days" in page
    assert 'href="/contacts"' in page


def test_the_first_step_that_was_taken_is_drawn(
    signed_in: Browser, counts: Counts, workspace: WorkspaceUnderTest
) -> None:
    """Beside how often each step was; what is older than the picture is in neither."""
    counts.visit(workspace.id, times=5)
    counts.happened(days_ago=40)
    counts.visit(workspace.id, times=3)
    counts.happened(days_ago=2)
    counts.visit(workspace.id, "saves")
    counts.deliver()
    shown = panel(signed_in)
    assert "Views by day" in shown
    assert shown.count('height="0.0"') == 29
    assert re.findall(r"<dd[^>]*>(\d+)</dd>", shown)[:3] == ["0", "3", "1"]
    assert 'href="/analytics?metric=views"' in shown
    assert not re.search(r"<[^>]*\s(style|on\w+)=", shown)


def test_where_nothing_happened_it_says_what_to_do(signed_in: Browser) -> None:
    """There is no picture of nothing."""
    shown = panel(signed_in)
    assert "Print a code" in shown
    assert "<svg viewBox" not in shown
