"""Cards for the search box that is on every page."""

from __future__ import annotations

from collections.abc import Sequence

from meishi.sdk.plugin import SearchHit, SearchQuery
from qr.addresses import CARD_PATH
from qr.repository import cards
from qr.service.showing import hidden


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
        for place, found in enumerate(_shown(cards.titled(wanted.text.strip(), wanted.limit)))
    ]


def _shown(found: Sequence[cards.TitledCard]) -> list[cards.TitledCard]:
    """Return cards but those of hidden contacts: to be found would tell what they are called."""
    kept = hidden(card.contact_id for card in found)
    return [card for card in found if card.contact_id not in kept]
