"""Relationships of an import to contacts that came in behind their cards, and taken back ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from crm_contacts.card_relations import related_of, without
from crm_contacts.contract import ChangeSource, Contact
from crm_contacts.importing import as_draft
from crm_contacts.importing.relations import WAITING, Reference, ids_by_name, store
from crm_contacts.relationship_origins import is_imported
from crm_contacts.repository import bulk, card_relations, import_rows, merges, reading
from crm_contacts.repository.access import read_only
from crm_contacts.repository.recording import Origin, Recorder, update
from crm_contacts.repository.relationship_events import publish_unrelated

_PAGE = 500


def relate_waiting(import_id: UUID, at: datetime, new_id: Callable[[], UUID]) -> None:
    """Relate contacts at the end of their import to those that were not there before."""
    after = -1
    while rows := import_rows.with_reason(import_id, WAITING, after, _PAGE):
        after = rows[-1][0]
        done = _relate({contact_id for _, contact_id in rows}, import_id, at, new_id)
        import_rows.take_reason(
            import_id, WAITING, [index for index, contact_id in rows if contact_id in done]
        )


def take_back(import_id: UUID) -> None:
    """Take away all relationships that an import has made."""
    after = -1
    while rows := import_rows.page(import_id, (), after, _PAGE):
        after = rows[-1].index
        contact_ids = {row.contact_id for row in rows if row.contact_id is not None}
        found = card_relations.since(import_id, sorted(contact_ids))
        made = [item.id for item in found if is_imported(item, import_id)]
        publish_unrelated(card_relations.delete_many(made))


def _relate(
    contact_ids: set[UUID], import_id: UUID, at: datetime, new_id: Callable[[], UUID]
) -> set[UUID]:
    """Relate contacts to whoever is there by now; return those that wait for nobody any more."""
    _, waited = _referring(contact_ids - read_only(list(contact_ids)))
    if not waited:
        return set()
    # All at once and in order, as all who change many; what was read before may be history.
    merges.hold_all(sorted({end for item in waited for end in item.ends}))
    stored, references = _referring({item.source_id for item in waited})
    said: dict[UUID, set[str]] = {}
    for item in references:
        said.setdefault(item.source_id, set()).add(item.related.uid)
    changed = {
        key: (stored[key], without(as_draft(stored[key]), taken)) for key, taken in said.items()
    }
    if changed:
        bulk.store({}, changed, at)
        changes = [update(key, as_draft(before), after) for key, (before, after) in changed.items()]
        Recorder(new_id).record(changes, at, Origin(ChangeSource.IMPORT, import_id))
        store(references, at, new_id, import_id)
    return {key for key, (_, after) in changed.items() if next(related_of(after), None) is None}


def _referring(contact_ids: set[UUID]) -> tuple[dict[UUID, Contact], list[Reference]]:
    """Return contacts, and whom of those that are there by now they say to be related to."""
    stored = {found.id: found for found in reading.get_many(sorted(contact_ids))}
    said = [(key, item) for key, found in stored.items() for item in related_of(as_draft(found))]
    ids = ids_by_name({item.uid for _, item in said})
    return stored, [
        Reference(key, ids[item.uid], item) for key, item in said if ids.get(item.uid, key) != key
    ]
