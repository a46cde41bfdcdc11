"""The formats of files of contacts: what each is called, and how it is written page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol
from uuid import UUID

from crm_contacts import csv_google, csv_outlook, csv_writing
from crm_contacts.card_forms import JCARD, JSCONTACT, VCARD_3, VCARD_4, CardForm
from crm_contacts.contact_documents import contact_from_document
from crm_contacts.contract import MAX_PAGE, Contact, CustomField, CustomFieldPage
from meishi.sdk.contract import DocumentPage, ListQuery

#: Documents of contacts, as a page of the list shows them.
Documents = Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """A format of files of contacts.

    `write` is given documents page by page, and the custom fields of the workspace. It yields the
    file in pieces: of each page what it says of that, before it asks for the next one.
    `cards` says that the documents are to have photos and relationships as cards tell them.
    `suffix` (`.csv`) ends the name of the file.
    """

    name: str
    title: str
    media_type: str
    suffix: str
    write: Callable[[Iterable[Documents], Sequence[CustomField]], Iterator[bytes]]
    cards: bool = False


def pages(wanted: ListQuery, read: Callable[[ListQuery], DocumentPage]) -> Iterator[Documents]:
    """Yield all that a list's query means, by pages as large as `read` gives them."""
    following = replace(wanted, limit=MAX_PAGE)
    while True:
        page = read(following)
        yield page.items
        if page.position is None:
            return
        following = replace(following, after=page.position)


def all_fields(read: Callable[..., CustomFieldPage]) -> tuple[CustomField, ...]:
    """Return all custom fields in order of creation, by pages as `CustomFields.list` gives them."""
    found: list[CustomField] = []
    after: UUID | None = None
    while True:
        page = read(after=after, limit=MAX_PAGE)
        found += page.items
        after = page.next_after
        if after is None:
            return tuple(found)


class _Shape(Protocol):
    """What writes tables with the columns of some program."""

    def header(self) -> bytes:
        """Return the first line."""

    def rows(self, contacts: Iterable[Contact]) -> bytes:
        """Return a line for each contact."""


def _cards(form: CardForm, found: Iterable[Documents], _: Sequence[CustomField]) -> Iterator[bytes]:
    """Yield the cards of contacts, one after another or, if they are JSON, as a list."""
    before = form.opening
    for items in found:
        for item in items:
            yield before + form.write(contact_from_document(item))
            before = form.between
    yield form.closing if before is form.between else form.opening + form.closing


def _own_table(found: Iterable[Documents], fields: Sequence[CustomField]) -> Iterator[bytes]:
    """Yield contacts as a table of our own, with a column for each custom field."""
    yield csv_writing.header(fields)
    for items in found:
        yield csv_writing.rows([contact_from_document(item) for item in items], fields)


def _table(shape: _Shape, found: Iterable[Documents], _: Sequence[CustomField]) -> Iterator[bytes]:
    """Yield contacts as a table (RFC 4180)."""
    yield shape.header()
    for items in found:
        yield shape.rows([contact_from_document(item) for item in items])


def _lines(found: Iterable[Documents], _: Sequence[CustomField]) -> Iterator[bytes]:
    """Yield the documents of contacts as the web API shows them, a line for each."""
    for items in found:
        yield b"".join(item + b"\n" for item in items)


def _card_format(name: str, title: str, form: CardForm) -> FileFormat:
    return FileFormat(
        name=name, title=title, media_type=form.media_type, suffix=form.suffix,
        write=partial(_cards, form), cards=True,
    )  # fmt: skip


def _table_format(name: str, title: str, shape: _Shape) -> FileFormat:
    return FileFormat(
        name=name, title=title, media_type="text/csv", suffix=".csv", write=partial(_table, shape)
    )


FORMATS = (
    _card_format("vcard", "vCard 4.0", VCARD_4),
    _card_format("vcard3", "vCard 3.0", VCARD_3),
    _card_format("jcard", "jCard", JCARD),
    _card_format("jscontact", "JSContact", JSCONTACT),
    FileFormat(
        name="csv", title="Table (CSV)", media_type="text/csv", suffix=".csv", write=_own_table
    ),
    _table_format("google", "Table for Google Contacts (CSV)", csv_google),
    _table_format("outlook", "Table for Outlook (CSV)", csv_outlook),
    FileFormat(
        name="ndjson", title="JSON, a line for each contact", media_type="application/x-ndjson",
        suffix=".ndjson", write=_lines,
    ),
)  # fmt: skip
