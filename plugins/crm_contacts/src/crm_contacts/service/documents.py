"""Contacts as the web API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from crm_contacts.contract import MAX_PAGE, ContactNotFound
from crm_contacts.repository import listing, reading
from crm_contacts.repository.criteria import Listing
from crm_contacts.service.memberships import expanded
from crm_contacts.service.photos import with_theirs
from crm_contacts.service.queries import absent_orders, in_order, listing_of, position_of
from crm_contacts.service.regions import region_for
from crm_contacts.service.relationships import told_of
from meishi.sdk.contract import ChangePage, ChangeQuery, Document, DocumentPage, ListQuery
from meishi.sdk.plugin import PluginContext


class ContactDocumentService:
    """Implements `ContactDocuments`."""

    def __init__(self, _: PluginContext) -> None:
        """Whatever holds here is asked for where it is needed."""

    def get(
        self, contact_id: UUID, *, with_photo: bool = False, with_relations: bool = False
    ) -> Document:
        """Return the document of one contact."""
        found = reading.document(contact_id)
        if found is None:
            raise ContactNotFound(f"There is no contact {contact_id} in this workspace.")
        (body,) = _completed([found.body], photos=with_photo, relations=with_relations)
        return replace(found, body=body)

    def list(
        self, wanted: ListQuery, *, with_photos: bool = False, with_relations: bool = False
    ) -> DocumentPage:
        """Return documents of contacts: filtered, searched and sorted."""
        wanted = in_order(replace(wanted, conditions=expanded(wanted.conditions)))
        numbers = [item.value for item in wanted.conditions if item.field == "phone"]
        texts = [] if wanted.text is None else [wanted.text]
        asked = listing_of(wanted, region_for([*numbers, *texts]))
        size = max(1, min(wanted.limit, MAX_PAGE))
        rows = _rows(asked, size + 1)
        shown = rows[:size]
        bodies = reading.documents([row[0] for row in shown])
        # Who was purged in between is not there any more.
        items = [bodies[row[0]] for row in shown if row[0] in bodies]
        return DocumentPage(
            items=tuple(_completed(items, photos=with_photos, relations=with_relations)),
            position=position_of(shown[-1][1:]) if len(rows) > len(shown) else None,
            total=listing.count(replace(asked, by_field=None)) if wanted.with_total else None,
        )

    def changes(self, wanted: ChangeQuery) -> ChangePage:
        """Return what has changed since a mark."""
        return reading.changes(wanted)


def _completed(items: Sequence[bytes], *, photos: bool, relations: bool) -> Sequence[bytes]:
    """Return documents with what cards tell besides."""
    found = with_theirs(items) if photos else items
    return told_of(found) if relations else found


def _rows(asked: Listing, limit: int) -> list[tuple[Any, ...]]:
    """Return the rows of a page; by a custom field, contacts without a value come last."""
    if asked.by_field is None:
        return listing.page(asked, limit)
    rows: list[tuple[Any, ...]] = []
    rest = asked
    if not asked.by_field.absent:
        rows = listing.page(asked, limit)
        absent = replace(asked.by_field, absent=True)
        rest = replace(asked, by_field=absent, orders=absent_orders(asked.orders), after=None)
    if len(rows) < limit:
        further = listing.page(rest, limit - len(rows))
        rows += [(row[0], "", *row[1:]) for row in further]
    return rows
