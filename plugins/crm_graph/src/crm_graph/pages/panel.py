"""The connections of a contact, on its page."""

from __future__ import annotations

from uuid import UUID

from crm_graph.contract import Graph, NodeNotFound, OwnContactMissing, Path
from meishi.sdk.context import service
from meishi.sdk.pages import render

_TIES = 5
_RECOMMENDED = 3


def connections(contact_id: UUID) -> str | None:
    """Return the strongest ties, who can introduce, and whom to know; None for who is not there."""
    try:
        ties = service(Graph).strongest(contact_id, most=_TIES)
        recommended = service(Graph).recommendations(contact_id, most=_RECOMMENDED)
    except NodeNotFound:
        return None
    shown = render(
        "crm_graph/panel.html",
        contact_id=contact_id,
        ties=[service(Graph).tie(tie.source.id, tie.target.id) for tie in ties],
        recommended=recommended,
        introduction=_introduction(contact_id),
    )
    return shown.get_data(as_text=True)


def _introduction(contact_id: UUID) -> Path | str:
    """Return the best way from the reader's own contact, or why there is none."""
    try:
        own = service(Graph).own_contact()
        if own == contact_id:
            return "own"
        found = service(Graph).paths(source_id=own, target_id=contact_id, alternatives=1)
    except OwnContactMissing:
        return "unknown"
    except NodeNotFound:
        return "gone"
    return found[0] if found else "none"
