"""Files of cards as the host's imports take them in: chunk by chunk, and looked into before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from crm_contacts.contract import (
    CardOutcome,
    CardStatus,
    ContactDraft,
    Contacts,
    EmptyAddressBook,
    SourceCard,
)
from crm_contacts.json_cards import is_json
from crm_contacts.sources import CHUNK_ROWS, Chunk, Position, card_chunk, json_chunk
from crm_contacts.vcard import VCardError
from meishi.sdk.context import current_settings, service
from meishi.sdk.plugin import ImportChunk, Importer, ImportPreview, ImportTask, RejectedItem
from meishi.sdk.texts import noted

#: Reads the next cards of a file.
_Read = Callable[..., Chunk]

_SHOWN = 10
_COLUMNS = (noted("Name"), noted("E-mail"), noted("Phone"), noted("Organisation"))


def detect(head: bytes) -> bool:
    """Whether a file begins like one of vCards."""
    return b"BEGIN:VCARD" in head.replace(b"\0", b"").upper()


def preview(file: BinaryIO, *, read: _Read = card_chunk) -> ImportPreview:
    """Return the first contacts of a file."""
    chunk = _chunk(read, file, Position(), rows=_SHOWN)
    return ImportPreview(
        columns=_COLUMNS,
        rows=tuple(_row(item.draft) for item in chunk.sources if item.draft is not None),
        total=len(chunk.sources) if chunk.following is None else None,
        problems=tuple(
            f"{item.index + 1}: {item.fault}" for item in chunk.sources if item.fault is not None
        ),
    )


def run(file: BinaryIO, task: ImportTask, *, read: _Read = card_chunk) -> ImportChunk:
    """Store the next contacts of a file; those that are there already are completed.

    Emits what `Contacts.import_cards` does.
    """
    chunk = _chunk(read, file, Position(task.offset, int(task.state or 1), task.items))
    cards = tuple(
        SourceCard(index=item.index, line=item.line, content=item.content, fault=item.fault)
        for item in chunk.sources
    )
    outcomes = service(Contacts).import_cards(cards)
    statuses = Counter(outcome.status for outcome in outcomes)
    following = chunk.following
    return ImportChunk(
        following=None if following is None else following.offset,
        state="" if following is None else str(following.line),
        created=statuses[CardStatus.CREATED],
        updated=statuses[CardStatus.UPDATED],
        unchanged=statuses[CardStatus.UNCHANGED],
        rejected=tuple(map(_rejected, (o for o in outcomes if o.status is CardStatus.REJECTED))),
    )


IMPORTERS = (
    Importer(
        name="contacts-vcard",
        title="Contacts (vCard)",
        resource="crm_contacts.Contact",
        media_types=("text/vcard", "text/x-vcard", "text/directory"),
        suffixes=(".vcf", ".vcard"),
        preview=preview,
        run=run,
        permission="write",
        detect=detect,
    ),
    Importer(
        name="contacts-json",
        title="Contacts (jCard, JSContact)",
        resource="crm_contacts.Contact",
        media_types=(
            "application/vcard+json",
            "application/jscontact+json",
            "application/json",
            "application/x-ndjson",
        ),
        suffixes=(".json", ".jcard", ".jscontact", ".ndjson"),
        preview=partial(preview, read=json_chunk),
        run=partial(run, read=json_chunk),
        permission="write",
        detect=is_json,
    ),
)


def _chunk(read: _Read, file: BinaryIO, start: Position, *, rows: int = CHUNK_ROWS) -> Chunk:
    """Return the next cards of a file; raise `EmptyAddressBook` if there is none in it."""

    def open_at(offset: int) -> BinaryIO:
        file.seek(offset)
        return file

    most: int = current_settings()["max_card_bytes"]
    try:
        return read(open_at, start, max_card_bytes=most, rows=rows)
    except VCardError as error:
        raise EmptyAddressBook(error.reason) from error


def _rejected(outcome: CardOutcome) -> RejectedItem:
    return RejectedItem(
        position=outcome.index + 1, code="card-rejected", message=outcome.reason or ""
    )


def _row(draft: ContactDraft) -> tuple[str, ...]:
    return (
        draft.name.full or "",
        next((item.address for item in draft.emails), ""),
        next((item.number for item in draft.phones), ""),
        draft.organisation or "",
    )
