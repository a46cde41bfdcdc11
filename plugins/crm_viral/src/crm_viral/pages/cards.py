"""Where "Make your own card" leads from a card: the link of who has made that."""

from __future__ import annotations

from uuid import UUID

from crm_viral.codes import LINK_PATH
from crm_viral.contract import Participation
from meishi.sdk.context import service

#: How touches name the way from a card.
_CHANNEL = "card"


def link_of_maker(card_id: UUID) -> str | None:
    """Return the path of the link of a card's maker, None if they take part in nothing."""
    from qr.contract import CardNotFound, Cards

    try:
        maker = service(Cards).get_card(card_id).created_by
    except CardNotFound:
        return None
    found = service(Participation).links_of((maker,)) if maker else ()
    return f"{LINK_PATH}{found[0].code}?c={_CHANNEL}" if found else None
