"""Contacts as files: those that a list's query means, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from crm_contacts import csv_writing
from crm_contacts.card_writing import write_card
from crm_contacts.contract import MAX_PAGE, Contact, ContactDocuments, VCardVersion
from crm_contacts.rows import contact_from_document
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.sdk.plugin import Exporter

_RESOURCE = "crm_contacts.Contact"


def vcards(wanted: ListQuery) -> Iterator[bytes]:
    """Yield the vCards (RFC 6350) of contacts, one after another."""
    for contacts in _pages(wanted):
        yield b"".join(write_card(contact, VCardVersion.V4) for contact in contacts)


def table(wanted: ListQuery) -> Iterator[bytes]:
    """Yield contacts as a table (RFC 4180)."""
    yield csv_writing.header()
    yield from map(csv_writing.rows, _pages(wanted))


def documents(wanted: ListQuery) -> Iterator[bytes]:
    """Yield the documents of contacts as the web API shows them, a line for each."""
    for items in _documents(wanted):
        yield b"".join(item + b"\n" for item in items)


EXPORTERS = (
    Exporter(
        name="contacts-vcard", title="vCard 4.0", resource=_RESOURCE, media_type="text/vcard",
        suffix=".vcf", write=vcards, permission="read",
    ),
    Exporter(
        name="contacts-csv", title="Table (CSV)", resource=_RESOURCE, media_type="text/csv",
        suffix=".csv", write=table, permission="read",
    ),
    Exporter(
        name="contacts-ndjson", title="JSON, a line for each contact", resource=_RESOURCE,
        media_type="application/x-ndjson", suffix=".ndjson", write=documents, permission="read",
    ),
)  # fmt: skip


def _pages(wanted: ListQuery) -> Iterator[Iterable[Contact]]:
    for items in _documents(wanted):
        yield [contact_from_document(item) for item in items]


def _documents(wanted: ListQuery) -> Iterator[tuple[bytes, ...]]:
    following = replace(wanted, limit=MAX_PAGE)
    while True:
        page = service(ContactDocuments).list(following)
        yield page.items
        if page.position is None:
            return
        following = replace(following, after=page.position)
