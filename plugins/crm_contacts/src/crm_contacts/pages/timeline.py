"""What happened with a contact, as its page and a page of its own show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flask import Response

from crm_contacts.contract import (
    CHANGE_KINDS,
    ChangeAction,
    ChangeSource,
    ContactNotFound,
    Contacts,
    Merges,
    TimelineEntry,
    Timelines,
)
from crm_contacts.pages.authors import author_name
from crm_contacts.pages.words import ACTIONS, EVIDENCE, SHARING, SOURCES
from crm_contacts.schemas.timeline import TimelineQuerySchema
from meishi.sdk.context import service
from meishi.sdk.contract import DocumentPage
from meishi.sdk.pages import next_page_url, page_query, redirect, render
from meishi.sdk.texts import gettext as _

_PAGE = "50"
_LATEST = 10


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry in words: what happened, with what, and who did it; empty if that is not known."""

    entry: TimelineEntry
    title: str
    details: str
    actor: str


def latest_entries(contact_id: UUID) -> list[ShownEntry]:
    """Return what happened with a contact lately."""
    return _shown(service(Timelines).list(contact_id, limit=_LATEST).items)


def timeline_page(contact_id: UUID) -> Response:
    """Show what happened with a contact, newest first."""
    try:
        contact = service(Contacts).get(contact_id)
    except ContactNotFound:
        found = service(Merges).merged_into(contact_id)
        if found is None:
            raise
        return redirect(f"/contacts/{found}/timeline")
    wanted = page_query(TimelineQuerySchema, limit=_PAGE)
    page = service(Timelines).list(
        contact_id,
        after=None if wanted.after is None else UUID(wanted.after[0]),
        limit=wanted.limit,
    )
    position = None if page.next_after is None else (str(page.next_after),)
    return render(
        "crm_contacts/timeline.html",
        title=_("Timeline of %(name)s", name=contact.name.full),
        contact=contact,
        timeline=_shown(page.items),
        next_url=next_page_url(DocumentPage(items=(), position=position), wanted),
    )


def _shown(entries: Iterable[TimelineEntry]) -> list[ShownEntry]:
    items = list(entries)
    names = {user_id: author_name(user_id) for user_id in {item.actor_id for item in items}}
    return [ShownEntry(item, *_words(item), names[item.actor_id]) for item in items]


def _words(entry: TimelineEntry) -> tuple[str, str]:
    """Return what happened, and the fields or other words that say more of it."""
    if entry.kind in CHANGE_KINDS:
        found = [_(SOURCES[ChangeSource(value)]) for name, value in entry.details[:1] if name]
        fields = [_title(value) for name, value in entry.details if name == "field"]
        title = " ".join([_(ACTIONS[ChangeAction(entry.kind)]), *found])
        return title, ", ".join(dict.fromkeys(fields))
    if not entry.title:
        return _("Note added"), ""
    return _(entry.title), ", ".join(value for _name, value in entry.details)


def _title(field: str) -> str:
    known = {**EVIDENCE, **SHARING, "units": EVIDENCE["organisation"]}
    return _(known[field.partition(".")[0]])
