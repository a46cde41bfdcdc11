"""Cards for the search box that is on every page."""

from __future__ import annotations

from collections.abc import Sequence

from meishi.sdk.plugin import SearchHit, SearchQuery
from qr.addresses import CARD_PATH
from qr.repository import cards


def find_cards(wanted: SearchQuery) -> Sequence[SearchHit]:
    """Return the cards whose title has the text, those that begin with it first."""
    return [
        SearchHit(
            id=found.id,
            title=found.title,
            subtitle=f"{CARD_PATH}{found.slug}",
            path=f"/qr/{found.id}",
            score=1 / (1 + place),
        )
        for place, found in enumerate(cards.titled(wanted.text.strip(), wanted.limit))
    ]
