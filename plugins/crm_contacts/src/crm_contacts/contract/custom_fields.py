"""Custom fields: what a workspace notes of contacts besides what all have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import (
    CustomFieldInUse,
    CustomFieldNotFound,
    CustomFieldTaken,
    InvalidCustomField,
)
from meishi.sdk.contract import VersionMismatch, command, query


class CustomFieldType(StrEnum):
    """What the values of a field are."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    URL = "url"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomField:
    """A field: its `key` stands in contacts and filters, its title on pages.

    `choices` are the values that a field of the type `choice` can have, in their order.
    """

    id: UUID
    key: str
    title: str
    type: CustomFieldType
    choices: tuple[str, ...]
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomFieldPage:
    """Fields in order of creation; `next_after` is None on the last page."""

    items: tuple[CustomField, ...]
    next_after: UUID | None
    total: int | None = None


class CustomFields(Protocol):
    """The custom fields of the current workspace.

    Values stand in the contacts (`Contact.custom`). What changes on contacts here emits
    `contact.updated.v1` for each of them.
    """

    @command(errors=(InvalidCustomField, CustomFieldTaken))
    def create(
        self,
        key: str,
        *,
        title: str,
        type: CustomFieldType,  # noqa: A002 (so it is called in the API)
        choices: tuple[str, ...] = (),
    ) -> CustomField:
        """Make a field.

        :raises InvalidCustomField: if key, title or choices break a rule, or there are too many
        :raises CustomFieldTaken: if there is a field with that key
        """
        ...

    @query(errors=(CustomFieldNotFound,))
    def get(self, field_id: UUID) -> CustomField:
        """Return one field."""
        ...

    @query()
    def list(
        self, *, after: UUID | None = None, limit: int = 50, with_total: bool = False
    ) -> CustomFieldPage:
        """Return fields in order of creation, from behind the field `after`."""
        ...

    @query(errors=(CustomFieldNotFound,))
    def count_values(self, field_id: UUID) -> int:
        """Return how many contacts have a value in a field, deleted ones too."""
        ...

    @command(errors=(CustomFieldInUse, CustomFieldNotFound, InvalidCustomField, VersionMismatch))
    def update(
        self,
        field_id: UUID,
        *,
        title: str | None = None,
        type: CustomFieldType | None = None,  # noqa: A002 (as above)
        choices: tuple[str, ...] | None = None,
        versions: tuple[int, ...] | None = None,
    ) -> CustomField:
        """Change a field that has one of the `versions`; None stays as it is.

        All values become those of another type, in one transaction, or none does.

        :raises CustomFieldInUse: if a value cannot be one of the new type or choices
        """
        ...

    @command(errors=(CustomFieldInUse, CustomFieldNotFound, VersionMismatch))
    def delete(self, field_id: UUID, *, versions: tuple[int, ...] | None = None) -> int:
        """Delete a field that has one of the `versions`; return how many values went with it."""
        ...
