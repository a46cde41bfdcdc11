"""Undos of imports: contact by contact, what the import did is taken back, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contract import (
    MAX_PAGE,
    ChangeRecord,
    ChangeSource,
    Contact,
    ContactUidTaken,
    ImportState,
    ImportUndo,
    ImportUndoNotFound,
    ImportUndoRefused,
    InvalidContact,
    KeptContact,
    KeptPage,
    KeptReason,
    PersonSuppressed,
)
from crm_contacts.contract.history import ChangeAction
from crm_contacts.field_values import plain_value, says_same, with_values
from crm_contacts.importing import as_draft
from crm_contacts.repository import import_undos, reading
from crm_contacts.repository.import_undos import Progress, StoredUndo
from crm_contacts.repository.locking import hold_off_erasing, lock_imports
from crm_contacts.repository.origins import Touched, changed_by
from crm_contacts.repository.recording import Change, Origin, Recorder
from crm_contacts.service import import_relations
from crm_contacts.service.contacts import ContactService
from crm_contacts.service.import_chunks import is_under_way, known_import
from crm_contacts.service.photo_intakes import take_back
from meishi.sdk.database import past_readers, savepoint
from meishi.sdk.jobs import JobOptions, request
from meishi.sdk.plugin import PluginContext

#: The job that undoes imports, and contacts of a step.
JOB = "undo_import"
_STEP = 200

_REFUSALS = (ContactUidTaken, InvalidContact, PersonSuppressed, msgspec.ValidationError)


@dataclass(slots=True)
class _Tally:
    """What becomes of the contacts of a step."""

    delete: list[UUID] = field(default_factory=list)
    reverted: int = 0
    gone: int = 0
    kept: list[KeptContact] = field(default_factory=list)

    def keep(self, found: Touched, fields: tuple[str, ...], reason: KeptReason) -> None:
        """Let a contact stay, or fields of it."""
        self.kept.append(
            KeptContact(
                contact_id=found.contact_id,
                name=None,
                created=found.created,
                fields=fields,
                reason=reason,
            )
        )


class ImportUndoService:
    """Implements `ImportUndos`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._contacts = ContactService(context)
        self._recorder = Recorder(context.new_id)

    def start(self, import_id: UUID) -> UUID:
        """Have a worker undo an import, or go on with that."""
        self.begin(import_id)
        operation_id = _known(import_id).shown.operation_id
        if operation_id is not None and is_under_way(operation_id):
            return operation_id
        subject = f"/api/v1/contacts/imports/{import_id}/undo"
        operation_id = request(JOB, JobOptions(subject=subject), import_id=import_id)
        import_undos.set_operation(import_id, operation_id)
        return operation_id

    def begin(self, import_id: UUID) -> None:
        """Note that an import is to be undone."""
        stored = known_import(import_id, lock=True).shown
        if stored.operation_id is not None and is_under_way(stored.operation_id):
            raise ImportUndoRefused("The import is running: cancel it first.")
        if stored.state is ImportState.UPLOADED:
            raise ImportUndoRefused("Nothing of this import has come in.")
        if import_undos.get(import_id) is None:
            with past_readers():
                total = import_undos.count_contacts(import_id)
            if not total and stored.counts.created + stored.counts.updated:
                raise ImportUndoRefused(
                    "Nobody knows what was there before: it came in before histories of contacts"
                    " were kept, or all of its contacts are erased."
                )
            import_undos.add(import_id, total)

    def step(self, import_id: UUID) -> ImportUndo:
        """Go on with an undo; meanwhile no import is at work, and nobody is erased."""
        lock_imports()
        hold_off_erasing()
        known_import(import_id, lock=True)
        found = _known(import_id)
        if found.shown.completed_at is not None:
            return found.shown
        if found.position is None:
            import_relations.take_back(import_id)
        origin = Origin(ChangeSource.IMPORT, import_id)
        # Of what is kept from who undoes it is told that it stays.
        with past_readers():
            first = [item.contact_id for item in changed_by(origin, found.position, _STEP)]
        merged = import_undos.hold(first)
        with past_readers():
            # Whoever changed one of them meanwhile has done so by now.
            touched = changed_by(origin, found.position, _STEP)
            private = import_undos.there([item for item in first if item not in merged])
        tally = self._undo(import_id, touched, merged, private)
        progress = Progress(
            position=touched[-1].contact_id if touched else found.position,
            done=len(touched),
            deleted=len(tally.delete),
            reverted=tally.reverted,
            gone=tally.gone,
            kept=tally.kept,
        )
        ended = len(touched) < _STEP
        import_undos.advance(import_id, progress, self._clock() if ended else None)
        return _known(import_id).shown

    def get(self, import_id: UUID) -> ImportUndo:
        """Return the undo of an import."""
        known_import(import_id)
        return _known(import_id).shown

    def kept(self, import_id: UUID, *, after: UUID | None = None, limit: int = 50) -> KeptPage:
        """Return what stayed."""
        self.get(import_id)
        size = max(1, min(limit, MAX_PAGE))
        items = import_undos.kept(import_id, after, size + 1)
        return KeptPage(
            items=tuple(items[:size]),
            next_after=items[size - 1].contact_id if len(items) > size else None,
        )

    def _undo(
        self,
        import_id: UUID,
        touched: list[Touched],
        merged: dict[UUID, UUID | None],
        private: set[UUID],
    ) -> _Tally:
        ids = [item.contact_id for item in touched]
        stored = {found.id: found for found in reading.get_many(ids)}
        with past_readers():
            added = import_undos.added_to(ids)
            elsewhere = import_undos.imported_elsewhere(ids, import_id)
        others = _changes_of_others(touched)
        tally = _Tally()
        back: list[UUID] = []
        for item in touched:
            contact = stored.get(item.contact_id)
            if item.contact_id in private:
                fields = () if item.created else tuple(item.fields)
                tally.keep(item, fields, KeptReason.PRIVATE)
                continue
            if contact is None:
                if merged.get(item.contact_id) is not None and not item.undone:
                    tally.keep(item, tuple(item.fields), KeptReason.MERGED)
                else:
                    tally.gone += 1
                continue
            changes = others[item.contact_id]
            since = {found.field for record in changes for found in record.fields}
            if not item.created:
                self._put_back(contact, item, since, import_id, tally)
                back.append(contact.id)
            elif changes or added.get(item.contact_id):
                names = (*sorted(since), *added.get(item.contact_id, ()))
                tally.keep(item, names, KeptReason.CHANGED)
            elif item.contact_id in elsewhere:
                tally.keep(item, (), KeptReason.IMPORTED)
            else:
                tally.delete.append(item.contact_id)
        self._delete(tally.delete, import_id)
        take_back(import_id, back)
        return tally

    def _delete(self, contact_ids: list[UUID], import_id: UUID) -> None:
        now = self._clock()
        gone = import_undos.delete_contacts(contact_ids, now)
        changes = [Change(found, ChangeAction.DELETED) for found in gone]
        self._recorder.record(changes, now, Origin(ChangeSource.UNDO, import_id))

    def _put_back(
        self, contact: Contact, item: Touched, since: set[str], import_id: UUID, tally: _Tally
    ) -> None:
        """Give a contact back what it had, but in the fields that others have changed since."""
        draft = as_draft(contact)
        values: dict[str, Any] = {}
        kept: list[str] = []
        erased = False
        for name, change in item.fields.items():
            before = msgspec.json.decode(change.before)
            if change.erased:
                erased = True
                kept.append(name)
            elif name in since:
                kept.append(name)
            elif not says_same(name, plain_value(draft, name), before):
                values[name] = before
        if kept:
            tally.keep(item, tuple(kept), KeptReason.CANNOT if erased else KeptReason.CHANGED)
        if not values:
            return
        try:
            with savepoint():
                wanted = with_values(draft, values)
                self._contacts.put(contact, wanted, Origin(ChangeSource.UNDO, import_id))
        except _REFUSALS:
            tally.kept = [found for found in tally.kept if found.contact_id != contact.id]
            tally.keep(item, (*kept, *values), KeptReason.CANNOT)
        else:
            tally.reverted += 1


def _changes_of_others(touched: list[Touched]) -> dict[UUID, list[ChangeRecord]]:
    """Return what was done to contacts since, without imports that are undone."""
    imports = {ChangeSource.IMPORT, ChangeSource.UNDO}
    records = [record for item in touched for record in item.others]
    named = {
        record.source_id
        for record in records
        if record.source in imports and record.source_id is not None
    }
    undone = import_undos.undone(named)
    found: dict[UUID, list[ChangeRecord]] = defaultdict(list)
    for record in records:
        if record.source not in imports or record.source_id not in undone:
            found[record.contact_id].append(record)
    return found


def _known(import_id: UUID) -> StoredUndo:
    found = import_undos.get(import_id)
    if found is None:
        raise ImportUndoNotFound("Nobody has asked for this import to be undone.")
    return found
