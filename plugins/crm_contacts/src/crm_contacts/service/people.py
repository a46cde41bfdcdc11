"""People who ask for what is known of them, or to be forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

from crm_contacts.contract import ContactErased, PhotoChanged
from crm_contacts.normal_forms import MAX_KEY
from crm_contacts.repository import (
    consents,
    dry_runs,
    history_erasing,
    lists,
    notes,
    people,
    photos,
    relationships,
    timeline,
)
from crm_contacts.repository.locking import lock_erasing, lock_imports
from crm_contacts.repository.relationship_events import publish_unrelated
from meishi.sdk.context import has_workspace, publish
from meishi.sdk.plugin import DataSubject, ErasureReport, PersonalRecord, RetainedRecords

_ERASED = "The person was erased from here."
_RUNNING = "An import is reading this file. Its end removes it; ask again then."

#: What hangs on contacts, by the kind of its records.
_OF_CONTACTS: tuple[tuple[str, Callable[[Sequence[UUID]], Iterable[tuple[UUID, str]]]], ...] = (
    ("relationship", relationships.documents),
    ("merge", people.merge_records),
    ("note", notes.documents),
    ("change", history_erasing.documents),
    ("timeline_entry", timeline.documents),
    ("consent", consents.documents),
    ("photo", photos.documents),
    ("list_member", lists.documents),
)


def identify(subject: DataSubject) -> Iterable[UUID]:
    """Return the contacts with one of a person's addresses or numbers."""
    return people.contact_ids(_keys(subject.emails), _keys(subject.phones))


def export(subject: DataSubject) -> Iterator[PersonalRecord]:
    """Yield a person's contacts, what they are to others, and kept rows of imports about them."""
    if not has_workspace():
        return
    for contact_id, body in people.documents(subject.contact_ids):
        yield PersonalRecord(kind="contact", id=contact_id, body=body)
    for kind, documents in _OF_CONTACTS:
        for record_id, text in documents(subject.contact_ids):
            yield PersonalRecord(kind=kind, id=record_id, body=text.encode())
    for import_id, text in people.import_rows(_mentions(subject)):
        yield PersonalRecord(kind="import_row", id=import_id, body=text.encode())


def erase(subject: DataSubject) -> ErasureReport:
    """Leave nothing of a person; emits `contact.erased.v1` for each contact.

    What they were to others is gone, too, and what merges took of their photo:
    `contact.unrelated.v1`, `photo.changed.v1`.

    An import that is at work is waited for: it may be about to store them.
    """
    if not has_workspace():
        return ErasureReport()
    lock_imports()
    lock_erasing()
    people.begin_erasing()
    # Who came in since the request was made is erased with them.
    found = {*subject.contact_ids, *identify(subject)}
    mentions = _mentions(subject, found)
    erased = people.erase_contacts(list(found))
    publish(*(ContactErased(contact_id=contact_id) for contact_id in erased))
    publish(*(PhotoChanged(contact_id=other) for other in photos.delete_taken(list(found))))
    publish_unrelated(relationships.erase(list(found)))
    notes.erase(list(found))
    history_erasing.erase(list(found), mentions.texts)
    timeline.erase(list(found))
    people.erase_bulk_edits(mentions)
    people.remove_segments(mentions)
    people.remove_kept_mappings(mentions)
    dry_runs.remove_all()
    uploads = people.remove_uploads(mentions)
    rows = people.erase_import_rows(mentions, _ERASED)
    running = people.count_running(mentions)
    kept = (RetainedRecords(kind="import", count=running, reason=_RUNNING),) if running else ()
    return ErasureReport(erased=len(erased) + uploads, anonymised=rows, retained=kept)


def _mentions(subject: DataSubject, found: Iterable[UUID] | None = None) -> people.Mentions:
    ids = list(subject.contact_ids if found is None else found)
    texts = {*subject.emails, *subject.phones, *people.written_forms(ids)}
    return people.Mentions(ids, sorted(texts - {""}))


def _keys(values: Iterable[str]) -> list[str]:
    """Return addresses or numbers as far as they are stored for look-ups."""
    return [value[:MAX_KEY] for value in values]
