"""What an address book is written in, and whose export it is."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crm_contacts.contract import EmptyAddressBook, ImportFormat
from crm_contacts.json_cards import is_json, json_format
from crm_contacts.json_splitting import split_json
from crm_contacts.sources import JSON_FORMATS, OpenAt, utf8_from
from crm_contacts.tables import (
    Headerless,
    Table,
    TableReading,
    UnknownTable,
    begins_with_values,
    is_table,
    open_table,
)
from crm_contacts.vcard import VCardError, split_cards
from crm_contacts.vcard.charsets import utf8_chunks

#: The shape of cards from iCloud; those of all others have none.
ICLOUD = "icloud"

#: Octets of the beginning by which a format is told.
_HEAD_BYTES = 64 * 1024

#: How the first card of a file says that iCloud wrote it.
_ICLOUD = re.compile(rb"^PRODID[^:\r\n]*:-//Apple Inc\.//iCloud\b", re.IGNORECASE | re.MULTILINE)

#: Of which nobody has said how to read it.
_AS_IT_IS = TableReading()


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file turned out to be; the header of a table with all that stands before it.

    `headerless_columns` are those of a table whose first row is a contact already.
    """

    format: ImportFormat
    shape: str | None = None
    unmapped_columns: tuple[str, ...] = ()
    header: bytes = b""
    charset: str | None = None
    delimiter: str | None = None
    headerless_columns: int | None = None


def recognise(
    open_at: OpenAt,
    file_format: ImportFormat | None,
    *,
    max_row_bytes: int,
    reading: TableReading = _AS_IT_IS,
    has_header: bool | None = None,
) -> Recognised:
    """Tell what a file is; raise `EmptyAddressBook` if nothing in it can be recognised.

    What is said to be a table needs no more than two columns with names: its shape is `unknown`.
    It has no header if its first row holds values; `has_header` says so, or that it has one.
    """
    told = file_format or _format_of(open_at(0).read(_HEAD_BYTES))
    if told is ImportFormat.VCARD:
        try:
            first = next(split_cards(open_at(0), max_card_bytes=max_row_bytes), None)
        except VCardError as error:
            raise EmptyAddressBook(error.reason) from error
        if first is None:
            raise EmptyAddressBook("The address book is empty.")
        # Whatever is UTF-16 is told by its octets, and comes as UTF-8.
        wide = (reading.charset or "").startswith("utf-")
        shape = ICLOUD if _ICLOUD.search(first.content) else None
        return Recognised(told, shape, charset=None if wide else reading.charset)
    if told in JSON_FORMATS:
        return Recognised(_json_format(open_at, max_row_bytes))
    anything, reason = file_format is ImportFormat.CSV, ""
    for tried in _readings(open_at, reading, has_header, anything=anything):
        try:
            return _recognised(open_table(open_at(0), max_row_bytes=max_row_bytes, reading=tried))
        except UnknownTable as error:
            reason = reason or str(error)
    raise EmptyAddressBook(reason)


def _readings(
    open_at: OpenAt, reading: TableReading, has_header: bool | None, *, anything: bool
) -> Iterator[TableReading]:
    """Yield how a table can be read, what is most likely first."""
    headerless = replace(reading, headerless=Headerless())
    if has_header is False:
        yield headerless
        return
    yield reading
    if anything and has_header is None and begins_with_values(open_at(0), reading):
        yield headerless
    elif anything or has_header:
        yield replace(reading, known=False)


def _recognised(table: Table) -> Recognised:
    return Recognised(
        ImportFormat.CSV,
        table.shape.value,
        tuple(table.unmapped_columns()),
        table.header,
        table.charset,
        table.delimiter,
        None if table.has_header else len(table.columns),
    )


def _format_of(head: bytes) -> ImportFormat:
    text = next(utf8_chunks(io.BytesIO(head)), b"").upper()
    if is_json(text):
        return ImportFormat.JSCONTACT
    table = b"BEGIN:VCARD" not in text and is_table(head)
    return ImportFormat.CSV if table else ImportFormat.VCARD


def _json_format(open_at: OpenAt, max_card_bytes: int) -> ImportFormat:
    """Tell by its first card what a file of JSON is."""
    found = split_json(utf8_from(open_at, 0), max_card_bytes=max_card_bytes)
    first = next((item for item in found if is_json(item.content)), None)
    if first is None:
        raise EmptyAddressBook("There is no card in the address book.")
    return json_format(first.content)
