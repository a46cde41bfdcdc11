"""The audit as people read it: who did what, and who was denied it."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request

from meishi.audit.entry import Outcome
from meishi.audit.reading import EntryFilter, Place, list_entries
from meishi.core.identity.contract import Members
from meishi.sdk.context import service
from meishi.sdk.pages import render
from meishi.sdk.plugin import NavigationEntry, Page

_SHOWN = 50
_TEXTS = ("action", "plugin", "resource_type", "resource_id")
_LONGEST = 200


def audit_page() -> Response:
    """Show entries, the newest first; what is no value of a filter finds nothing to hold back."""
    texts = {name: _text(name) for name in _TEXTS}
    outcome, user_id = _text("outcome"), _id(_text("user_id"))
    wanted = EntryFilter(
        user_id=user_id,
        outcome=Outcome(outcome) if outcome in set(Outcome) else None,
        action=texts["action"] or None,
        plugin=texts["plugin"] or None,
        resource_type=texts["resource_type"] or None,
        resource_id=texts["resource_id"] or None,
    )
    page = list_entries(wanted, limit=_SHOWN, after=_place())
    people = {member.user_id: member.name for member in service(Members).all()}
    return render(
        "audit/list.html",
        entries=page.items,
        next_url=None if page.next_after is None else _further(page.next_after),
        people=people,
        chosen={**texts, "outcome": outcome, "user_id": str(user_id or "")},
        outcomes=[item.value for item in Outcome],
    )


PAGES = (Page(name="list", rule="", view=audit_page, title="Audit", permission="read"),)
NAVIGATION = (
    NavigationEntry(page="list", title="Audit", icon="history", section="Workspace", order=40),
)


def _text(name: str) -> str:
    return request.args.get(name, "").strip()[:_LONGEST]


def _id(written: str) -> UUID | None:
    try:
        return UUID(written) if written else None
    except ValueError:
        return None


def _place() -> Place | None:
    """Return where the page goes on; the first one for what is no place."""
    at, entry_id = request.args.get("at", ""), _id(_text("after"))
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return None if entry_id is None or found.tzinfo is None else (found, entry_id)


def _further(place: Place) -> str:
    kept = [pair for pair in request.args.items() if pair[0] not in {"at", "after"} and pair[1]]
    return f"/audit?{urlencode([*kept, ('at', place[0].isoformat()), ('after', str(place[1]))])}"
