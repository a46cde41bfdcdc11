"""Histories of contacts, and putting fields back to what they were."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts import sharing_rules
from crm_contacts.contract import (
    MAX_PAGE,
    ChangedSince,
    ChangeNotFound,
    ChangeRecord,
    ChangeSource,
    Contact,
    ContactDraft,
    ContactNotFound,
    FieldChange,
    HistoryPage,
    InvalidRevert,
    Sharing,
)
from crm_contacts.field_values import plain_value, says_same, with_values
from crm_contacts.importing import as_draft
from crm_contacts.repository import history, merges
from crm_contacts.repository.access import check_writable
from crm_contacts.repository.recording import Origin
from crm_contacts.repository.writing import VersionGone
from crm_contacts.service.contacts import ContactService
from crm_contacts.service.sharing import SharingService
from meishi.sdk.contract import FieldError, VersionMismatch, check_version
from meishi.sdk.plugin import PluginContext

#: How often a revert is tried again that others overtake.
_ATTEMPTS = 5


class HistoryService:
    """Implements `History`."""

    def __init__(self, context: PluginContext) -> None:
        self._contacts = ContactService(context)
        self._sharings = SharingService(context)

    def list(
        self,
        contact_id: UUID,
        *,
        after: UUID | None = None,
        limit: int = 50,
        field: str | None = None,
        with_total: bool = False,
    ) -> HistoryPage:
        """Return the changes of a contact, newest first."""
        state = merges.state_of(contact_id)
        if state is None or state.erased:
            raise _no_contact(contact_id)
        if state.deleted and merges.merged_into(contact_id) is None:
            raise _no_contact(contact_id)
        size = max(1, min(limit, MAX_PAGE))
        items = history.page(contact_id, after, size + 1, field)
        return HistoryPage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
            total=history.count(contact_id, field) if with_total else None,
        )

    def get(self, contact_id: UUID, change_id: UUID) -> ChangeRecord:
        """Return one change of a contact."""
        record = history.get(contact_id, change_id)
        if record is None:
            raise ChangeNotFound(f"The contact {contact_id} has no change {change_id}.")
        return record

    def revert(
        self,
        contact_id: UUID,
        change_id: UUID,
        *,
        fields: tuple[str, ...] = (),
        versions: tuple[int, ...] | None = None,
    ) -> Contact:
        """Put the fields of a change back to what they were before it."""
        for _ in range(_ATTEMPTS):
            stored = self._contacts.get(contact_id)
            wanted = _wanted(self.get(contact_id, change_id), fields)
            check_version(stored.version, versions)
            if not fields:
                _check_unchanged(stored, self._sharings.get(contact_id), wanted)
            try:
                return self._put_back(stored, wanted, change_id)
            except VersionGone:
                check_writable([contact_id])
                continue  # what was read is history: read again, and compare again
        raise VersionMismatch(f"Others change the contact {contact_id} all the time; try again.")

    def _put_back(self, stored: Contact, wanted: Iterable[FieldChange], change_id: UUID) -> Contact:
        values = {item.field: msgspec.json.decode(item.before) for item in wanted}
        origin = Origin(ChangeSource.REVERT, change_id)
        kept = {name: values.pop(name) for name in sharing_rules.FIELDS if name in values}
        if kept:
            self._sharings.put_back(stored.id, kept, origin)
            stored = self._contacts.get(stored.id)
        return self._contacts.put(stored, with_values(as_draft(stored), values), origin)


def _wanted(record: ChangeRecord, fields: tuple[str, ...]) -> list[FieldChange]:
    """Return what of a change is to be put back; raise `InvalidRevert` if that cannot be."""
    there = {item.field: item for item in record.fields}
    errors = [
        FieldError("/fields", "unknown", f"The change did nothing to {name}.")
        for name in fields
        if name not in there
    ]
    erased = [name for name in fields if name in there and there[name].erased]
    errors += [
        FieldError("/fields", "erased", f"Of {name}, nothing is known any more.") for name in erased
    ]
    wanted = [item for name, item in there.items() if not fields or name in fields]
    wanted = [item for item in wanted if not item.erased]
    if errors or not wanted:
        raise InvalidRevert("There is nothing in this change to put back.", errors=errors)
    return wanted


def _check_unchanged(stored: Contact, sharing: Sharing, wanted: Iterable[FieldChange]) -> None:
    """Raise `ChangedSince` for fields that are neither as the change left them nor as before."""
    draft: ContactDraft = as_draft(stored)
    errors = []
    kept = sharing_rules.plain_values(sharing)
    for item in wanted:
        now = kept[item.field] if item.field in kept else plain_value(draft, item.field)
        if not any(says_same(item.field, now, value) for value in _values(item)):
            message = f"{item.field} was changed again since."
            errors.append(FieldError(f"/{item.field}", "changed-since", message))
    if errors:
        raise ChangedSince(
            "Some fields were changed again since; name in `fields` what is to be put back"
            " nevertheless.",
            errors=errors,
        )


def _values(item: FieldChange) -> list[Any]:
    return [msgspec.json.decode(item.before), msgspec.json.decode(item.after)]


def _no_contact(contact_id: UUID) -> ContactNotFound:
    return ContactNotFound(f"There is no contact {contact_id} in this workspace.")
