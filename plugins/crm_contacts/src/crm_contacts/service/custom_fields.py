"""The rules of custom fields, and of their values on contacts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from uuid import UUID

from crm_contacts.contract import (
    MAX_PAGE,
    ChangeAction,
    ContactDraft,
    CustomField,
    CustomFieldInUse,
    CustomFieldNotFound,
    CustomFieldPage,
    CustomFieldTaken,
    CustomFieldType,
    CustomValue,
    InvalidContact,
    InvalidCustomField,
)
from crm_contacts.custom_definitions import definition_errors
from crm_contacts.custom_values import MAX_FIELDS, UnfitValue, checked, converted
from crm_contacts.field_values import CUSTOM, custom_differences
from crm_contacts.repository import custom_fields
from crm_contacts.repository.locking import hold_off_erasing
from crm_contacts.repository.recording import Change, Recorder
from crm_contacts.service.segments import segments_asking
from meishi.sdk.contract import FieldError, VersionMismatch, check_version
from meishi.sdk.database import past_readers
from meishi.sdk.plugin import PluginContext

_CHUNK = 1_000


class CustomFieldService:
    """Implements `CustomFields`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._recorder = Recorder(context.new_id)

    def create(
        self,
        key: str,
        *,
        title: str,
        type: CustomFieldType,  # noqa: A002 (the contract's name)
        choices: tuple[str, ...] = (),
    ) -> CustomField:
        """Make a field."""
        new = CustomField(
            id=self._new_id(),
            key=key,
            title=title.strip(),
            type=type,
            choices=tuple(choice.strip() for choice in choices),
            version=1,
            created_at=self._clock(),
        )
        _check(new)
        if custom_fields.count() >= MAX_FIELDS:
            raise InvalidCustomField(f"A workspace has {MAX_FIELDS} custom fields at most.")
        if not custom_fields.add(new):
            raise CustomFieldTaken(f"There is a custom field with the key {key!r} already.")
        return new

    def get(self, field_id: UUID) -> CustomField:
        """Return one field."""
        found = custom_fields.get(field_id)
        if found is None:
            raise CustomFieldNotFound(f"There is no custom field {field_id} in this workspace.")
        return found

    def list(
        self, *, after: UUID | None = None, limit: int = 50, with_total: bool = False
    ) -> CustomFieldPage:
        """Return fields in order of creation."""
        size = max(1, min(limit, MAX_PAGE))
        items = custom_fields.page(after, size + 1)
        return CustomFieldPage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
            total=custom_fields.count() if with_total else None,
        )

    def count_values(self, field_id: UUID) -> int:
        """Return how many contacts have a value in a field."""
        return custom_fields.count_values(self.get(field_id).id)

    @past_readers()
    def update(
        self,
        field_id: UUID,
        *,
        title: str | None = None,
        type: CustomFieldType | None = None,  # noqa: A002 (the contract's name)
        choices: tuple[str, ...] | None = None,
        versions: tuple[int, ...] | None = None,
    ) -> CustomField:
        """Change a field, and its values with its type."""
        stored = self.get(field_id)
        check_version(stored.version, versions)
        kept = stored.choices if type in {None, stored.type} else ()
        wanted = replace(
            stored,
            title=stored.title if title is None else title.strip(),
            type=type or stored.type,
            choices=kept if choices is None else tuple(choice.strip() for choice in choices),
        )
        if wanted == stored:
            return stored
        _check(wanted)
        if (wanted.type, wanted.choices) != (stored.type, stored.choices):
            _check_unasked(stored)
            hold_off_erasing()
            now = self._clock()
            changed = set(custom_fields.touch(field_id, now))
            for rows in _pages(field_id):
                new = list(_converted(wanted, rows))
                custom_fields.put(new)
                pairs = zip(rows, new, strict=True)
                self._recorder.record(
                    [
                        _change(stored, key, old, value)
                        for (key, old), (_, _, value) in pairs
                        if key in changed
                    ],
                    now,
                )
        if not custom_fields.change(wanted, stored.version):
            raise VersionMismatch(f"The field {field_id} has just been changed; read it again.")
        if wanted.type is not stored.type:
            for rows in _pages(field_id):
                custom_fields.index([contact_id for contact_id, _ in rows])
        return replace(wanted, version=stored.version + 1)

    @past_readers()
    def delete(self, field_id: UUID, *, versions: tuple[int, ...] | None = None) -> int:
        """Delete a field with its values."""
        stored = self.get(field_id)
        check_version(stored.version, versions)
        _check_unasked(stored)
        hold_off_erasing()
        now = self._clock()
        changed = set(custom_fields.touch(field_id, now))
        count = custom_fields.count_values(field_id)
        had: list[UUID] = []
        for rows in _pages(field_id):
            gone = [_change(stored, key, value, None) for key, value in rows if key in changed]
            self._recorder.record(gone, now)
            had += [contact_id for contact_id, _ in rows]
        custom_fields.delete(field_id)
        for start in range(0, len(had), _CHUNK):
            custom_fields.index(had[start : start + _CHUNK])
        return count


def with_checked_values(draft: ContactDraft) -> ContactDraft:
    """Return a draft with its custom values as they are stored; raise `InvalidContact`."""
    if not draft.custom:
        return draft
    known = custom_fields.by_key([key for key, _ in draft.custom])
    errors: list[FieldError] = []
    values: dict[str, CustomValue] = {}
    for key, value in draft.custom:
        pointer = f"/custom/{key}"
        if key not in known:
            errors.append(FieldError(pointer, "unknown", "There is no custom field of this key."))
            continue
        try:
            values[key] = checked(known[key], value)
        except UnfitValue as error:
            errors.append(FieldError(pointer, "invalid", str(error)))
    if errors:
        raise InvalidContact("Some custom values cannot be stored.", errors=errors)
    return replace(draft, custom=tuple(sorted(values.items())))


def write_values(contact_id: UUID, draft: ContactDraft) -> ContactDraft:
    """Let a contact have the custom values of a draft, as its fields take them now; return them.

    Fields stay as they are from here to the commit. One that is gone since has no values; one
    that takes others since refuses.
    """
    held = custom_fields.by_key([key for key, _ in draft.custom], hold=True)
    there = replace(draft, custom=tuple(item for item in draft.custom if item[0] in held))
    stored = with_checked_values(there)
    values = dict(stored.custom)
    custom_fields.replace(contact_id, {held[key].id: value for key, value in values.items()})
    return stored


def _check_unasked(field: CustomField) -> None:
    """Raise `CustomFieldInUse` if a segment asks for a field."""
    names = segments_asking(f"{CUSTOM}{field.key}")
    if names:
        raise CustomFieldInUse(f"Segments ask for this field: {', '.join(names)}.")


def _pages(field_id: UUID) -> Iterator[list[tuple[UUID, CustomValue]]]:
    """Yield all values of a field with their contacts, page by page."""
    after: UUID | None = None
    while True:
        rows = custom_fields.values(field_id, after, _CHUNK)
        yield rows
        if len(rows) < _CHUNK:
            return
        after = rows[-1][0]


def _change(
    field: CustomField, contact_id: UUID, before: CustomValue, after: CustomValue | None
) -> Change:
    return Change(
        contact_id,
        ChangeAction.UPDATED,
        differences=tuple(custom_differences({field.key: before}, {field.key: after})),
        names=("custom",),
    )


def _converted(
    wanted: CustomField, rows: Iterable[tuple[UUID, CustomValue]]
) -> Iterator[tuple[UUID, UUID, CustomValue]]:
    for contact_id, value in rows:
        try:
            yield contact_id, wanted.id, converted(wanted, value)
        except UnfitValue as error:
            raise CustomFieldInUse(
                f"The value of the contact {contact_id} would be lost. Needed: {error}"
            ) from error


def _check(field: CustomField) -> None:
    errors = list(definition_errors(field))
    if errors:
        raise InvalidCustomField("There can be no such custom field.", errors=errors)
