"""Merging: one contact takes what others say, and these are deleted; what that comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contract import (
    CHOICES,
    ChangeAction,
    ChangeSource,
    Contact,
    ContactDraft,
    ContactNotFound,
    ContactsMerged,
    FieldChoice,
    FieldConflict,
    FieldValue,
    InvalidContact,
)
from crm_contacts.importing import as_draft
from crm_contacts.matching import merge_drafts
from crm_contacts.normal_forms import date_form, text_form
from crm_contacts.repository import (
    duplicates,
    lists,
    merges,
    notes,
    reading,
    relationships_back,
    writing,
)
from crm_contacts.repository import relationships as repository
from crm_contacts.repository.access import check_writable
from crm_contacts.repository.merges import MergeRecord
from crm_contacts.repository.recording import Change, Origin, Recorder
from crm_contacts.repository.relationship_events import publish_unrelated
from crm_contacts.service import consents, photos, sharing
from crm_contacts.unmerging import text_of
from meishi.sdk.context import publish
from meishi.sdk.contract import VersionMismatch
from meishi.sdk.database import past_readers, savepoint

#: Octets that are kept of one request's merges, so that they can be taken back.
MAX_KEPT = 100 * 1024 * 1024

#: Writes what differs from a stored contact.
Writer = Callable[[Contact, ContactDraft, Origin], Contact]


@dataclass(frozen=True, slots=True)
class Step:
    """One contact that is merged, and what the one that stays says before and after."""

    source: Contact
    before: ContactDraft
    after: ContactDraft


def sources_of(stored: Contact, merged_ids: tuple[UUID, ...]) -> list[Contact]:
    """Return the contacts that are to be merged into one; raise if one is not there, or is it."""
    if not merged_ids or stored.id in merged_ids:
        raise InvalidContact("Name other contacts that are to be merged into this one.")
    found = {contact.id: contact for contact in reading.get_many(list(merged_ids))}
    for contact_id in merged_ids:
        if contact_id not in found:
            raise ContactNotFound(f"There is no contact {contact_id} in this workspace.")
    return [found[contact_id] for contact_id in dict.fromkeys(merged_ids)]


def steps_of(
    stored: Contact, sources: Sequence[Contact], choices: Sequence[FieldChoice]
) -> list[Step]:
    """Return what a contact comes to say, as it takes the others in their order."""
    chosen = _chosen(stored, sources, choices)
    steps: list[Step] = []
    draft = as_draft(stored)
    for source in sources:
        before, said = draft, as_draft(source)
        values = _values(said, [name for name, found in chosen.items() if found == source.id])
        if values:
            draft = merge_drafts(replace(draft, **values), draft)
        draft = merge_drafts(draft, said)
        draft = replace(draft, **{name: values[name] for name in ("kind",) if name in values})
        steps.append(Step(source, before, draft))
    if chosen.get("kind") == stored.id:
        last = steps[-1]
        steps[-1] = replace(last, after=replace(last.after, kind=stored.kind))
    return steps


def conflicts_of(
    stored: Contact, sources: Sequence[Contact], choices: Sequence[FieldChoice]
) -> tuple[FieldConflict, ...]:
    """Return the fields in which the contacts say different things, and whose word counts."""
    chosen = _chosen(stored, sources, choices)
    conflicts = []
    for name in CHOICES:
        form = date_form if name == "birthday" else text_form
        said = [(item.id, text_of(item, name)) for item in (stored, *sources)]
        values = [FieldValue(contact_id=found, value=text) for found, text in said if text]
        if len({form(value.value) for value in values}) > 1:
            first = chosen.get(name, values[0].contact_id)
            conflicts.append(FieldConflict(field=name, values=tuple(values), chosen_id=first))
    return tuple(conflicts)


def merge(stored: Contact, steps: Sequence[Step], write: Writer, new_id: Callable[[], UUID],
          at: datetime) -> Contact:  # fmt: skip
    """Store what the steps come to, and keep what has to be known to take them back."""
    _check_kept(steps)
    ids = [new_id() for _ in steps]
    origin = Origin(ChangeSource.MERGE, ids[-1])
    sources = [step.source.id for step in steps]
    check_writable([stored.id, *sources])
    # What hangs on them follows, also to contacts that who merges does not see.
    with savepoint(), past_readers():
        _close(stored, steps, ids, at)
        gone = [Change(found, ChangeAction.DELETED) for found in sources]
        Recorder(new_id).record(gone, at, origin)
        try:
            merged = write(stored, steps[-1].after, origin)
        except writing.VersionGone as error:
            raise VersionMismatch(
                f"The contact {stored.id} has just been changed; try again."
            ) from error
        narrower = sharing.follow_merge(stored.id, sources, at, new_id, origin)
    return (
        merged
        if narrower is None
        else replace(
            merged,
            version=narrower.version,
            owner_id=narrower.owner_id,
            visibility=narrower.visibility,
        )
    )


def _check_kept(steps: Sequence[Step]) -> None:
    """Raise `InvalidContact` for merges of which more would be kept than is good for anybody."""
    kept = 0
    for step in steps:
        kept += sum(len(msgspec.json.encode(draft)) for draft in (step.before, step.after))
        if kept > MAX_KEPT:
            raise InvalidContact("That is too much to be merged at once; merge fewer contacts.")


def _close(stored: Contact, steps: Sequence[Step], ids: Sequence[UUID], at: datetime) -> None:
    """Delete the others as merged into the contact, and publish that they were."""
    versions = {step.source.id: step.source.version for step in steps}
    merges.hold_all([stored.id, *versions])
    if not merges.close(versions, stored.id, at):
        raise VersionMismatch("One of the contacts has just been changed; try again.")
    if not merges.hold(stored.id):
        raise VersionMismatch(f"The contact {stored.id} has just been deleted; try again.")
    known = {
        found: (merges.led_to(found), merges.known_by(found), relationships_back.written(found))
        for found in versions
    }
    publish(ContactsMerged(contact_id=stored.id, merged_ids=merges.lead(versions, stored.id)))
    publish_unrelated(repository.move(list(versions), stored.id))
    for merge_id, step in zip(ids, steps, strict=True):
        led, keys, related = known[step.source.id]
        record = MergeRecord(
            id=merge_id,
            target_id=stored.id,
            before=step.before,
            after=step.after,
            led=led,
            fingerprints=keys,
            relationships=relationships_back.mark_dropped(related),
            notes=notes.move(step.source.id, stored.id),
            lists=lists.move(step.source.id, stored.id),
        )
        merges.record(record, step.source.id, at)
    consents.follow_merge(stored.id, list(versions), at)
    photos.follow_merge(stored.id, list(versions), at)
    duplicates.follow_merge(list(versions), stored.id, at)


def _chosen(
    stored: Contact, sources: Sequence[Contact], choices: Sequence[FieldChoice]
) -> Mapping[str, UUID]:
    """Return whose value each chosen field is to have; raise for a choice that is none."""
    there = {stored.id, *(source.id for source in sources)}
    for choice in choices:
        if choice.field not in CHOICES or choice.contact_id not in there:
            raise InvalidContact(f"Choose one of the contacts for one of: {', '.join(CHOICES)}.")
    if len({choice.field for choice in choices}) < len(choices):
        raise InvalidContact("Choose one contact for each field.")
    return {choice.field: choice.contact_id for choice in choices}


def _values(said: ContactDraft, names: Sequence[str]) -> dict[str, Any]:
    """Return what a contact says in chosen fields; units go with their organisation."""
    values = {name: getattr(said, name) for name in names}
    return values | ({"units": said.units} if "organisation" in values else {})
