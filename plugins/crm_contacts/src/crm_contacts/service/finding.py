"""Contacts for the search box that is on every page."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from crm_contacts.contract import ContactDocuments
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.sdk.plugin import SearchHit, SearchQuery


class _Name(msgspec.Struct):
    full: str


class _Email(msgspec.Struct):
    address: str


class _Found(msgspec.Struct):
    """What is shown of a contact's document."""

    id: UUID
    name: _Name
    organisation: str | None
    title: str | None
    emails: list[_Email]

    def subtitle(self) -> str:
        """Return what tells namesakes apart."""
        work = [text for text in (self.title, self.organisation) if text]
        return ", ".join(work) or next((email.address for email in self.emails), "")


def find_contacts(wanted: SearchQuery) -> Sequence[SearchHit]:
    """Return the contacts that fit best, as their list finds them."""
    page = service(ContactDocuments).list(ListQuery(text=wanted.text, limit=wanted.limit))
    found = [msgspec.json.decode(item, type=_Found) for item in page.items]
    return [
        SearchHit(
            id=contact.id,
            title=contact.name.full,
            subtitle=contact.subtitle(),
            path=f"/contacts/{contact.id}",
            score=1 / (1 + place),
        )
        for place, contact in enumerate(found)
    ]
