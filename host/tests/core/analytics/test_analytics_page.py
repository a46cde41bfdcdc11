"""The page of analytics: pictures that need no script, and the same numbers as tables."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree as ET

from meishi.core.analytics.charts import chart_of
from meishi.core.analytics.contract import Point
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import CARDS, Counts, day

PAGE = "/analytics"


def test_an_empty_page_says_that_nothing_happened(signed_in: Browser) -> None:
    """Where nobody came yet, the page leads on."""
    page = signed_in.get(PAGE)
    assert page.status_code == 200
    assert "Nothing yet" in page.text
    assert 'role="img"' not in page.text


def test_a_picture_and_a_table_show_the_same(
    signed_in: Browser, counts: Counts, workspace: WorkspaceUnderTest
) -> None:
    """The picture has a name and a description, and nothing in it that the policy forbids."""
    counts.visit(workspace.id, times=3)
    counts.happened(days_ago=5)
    counts.visit(workspace.id, "saves")
    counts.deliver()
    page = signed_in.get(f"{PAGE}?metric=views&days=7&group=device_class").text
    (picture,) = re.findall(r"<svg viewBox.*?</svg>", page, re.DOTALL)
    drawn = ET.fromstring(picture)
    assert drawn.get("role") == "img"
    named = {item.get("id"): item.text for item in drawn if item.get("id")}
    assert named["chart-title"] == "Views by day"
    assert set((drawn.get("aria-labelledby") or "").split()) == set(named)
    bars = [item for item in drawn if item.tag == "rect"]
    heights = [float(bar.get("height") or 0) for bar in bars]
    assert [height > 0 for height in heights] == [False, True, False, False, False, False, False]
    rows = dict(re.findall(r'<tr><th scope="row">([\d-]{10})</th><td>(\d+)</td></tr>', page))
    assert [rows[day(ago)] for ago in range(6, -1, -1)] == ["0", "3", "0", "0", "0", "0", "0"]
    assert '<tr><th scope="row">mobile</th><td>3</td></tr>' in page
    assert not re.search(r"<[^>]*\s(style|on\w+)=", page)


def test_what_the_address_says_wrongly_is_as_if_it_were_not_there(signed_in: Browser) -> None:
    """A page of numbers shows some, whatever somebody has changed in its address."""
    for query in ("days=x", "days=9999999999", "metric=zebra", "group=colour"):
        assert signed_in.get(f"{PAGE}?{query}").status_code == 200


def test_a_value_from_outside_is_text(
    signed_in: Browser, counts: Counts, workspace: WorkspaceUnderTest
) -> None:
    """Ids and words of visitors are shown as they are, and are no markup."""
    counts.visit(workspace.id, card=CARDS[2])
    counts.deliver()
    page = signed_in.get(f"{PAGE}?metric=views&group=card_id").text
    assert f'<th scope="row">{CARDS[2]}</th>' in page


def test_bars_fit_their_picture() -> None:
    """The highest one is no higher than the picture, whatever the numbers are."""
    for highest in (0, 1, 7, 10, 999, 10**12):
        points = [Point(day=item, count=count) for item, count in _days(highest)]
        chart = chart_of(points)
        assert chart.top >= max(highest, 1)
        assert all(0 <= bar.y <= chart.bottom for bar in chart.bars)
        assert all(bar.y + bar.height <= chart.bottom + 0.1 for bar in chart.bars)
        assert chart.bars[-1].x + chart.bars[-1].width <= chart.width
    assert chart_of([]).bars == ()


def _days(highest: int) -> list[tuple[date, int]]:
    return [(date(2026, 1, number), highest // number) for number in range(1, 31)]
