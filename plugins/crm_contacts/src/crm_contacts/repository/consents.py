"""Statements about what contacts have said to being reached: rows are added, and none is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_contacts.contract import Consent, ConsentChannel, ConsentOrigin, ConsentState
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_TABLE = "crm_contacts.consent"
_NAMES = (
    "contact_id", "reached_by", "number", "state", "given_at", "how", "origin", "other_id",
    "recorder_id", "recorded_at",
)  # fmt: skip
#: The same as the contract calls it.
_FIELDS = tuple({"number": "version", "reached_by": "channel"}.get(name, name) for name in _NAMES)
_COLUMNS = ", ".join(_NAMES)
_ADD = f"""
    INSERT INTO {_TABLE} (workspace_id, {_COLUMNS}, counts)
    VALUES (%(workspace)s, {", ".join(f"%({field})s" for field in _FIELDS)}, true)
"""
#: What lists are filtered by is found in an index of what counts.
_COUNT_NO_MORE = f"""
    UPDATE {_TABLE} SET counts = false
    WHERE contact_id = %(contact_id)s AND reached_by = %(channel)s AND counts
"""
_LATEST = f"""
    SELECT DISTINCT ON (contact_id, reached_by) {_COLUMNS} FROM {_TABLE}
    WHERE contact_id = ANY(%(ids)s::uuid[]) ORDER BY contact_id, reached_by, number DESC
"""
_PAGE = f"""
    SELECT {_COLUMNS} FROM {_TABLE}
    WHERE contact_id = %(contact)s AND reached_by = %(channel)s
        AND (%(after)s::integer IS NULL OR number < %(after)s)
    ORDER BY number DESC LIMIT %(limit)s
"""
_ALL = f"SELECT {_COLUMNS} FROM {_TABLE} WHERE contact_id = %(contact)s ORDER BY reached_by, number"
_COUNT = (
    f"SELECT count(*) FROM {_TABLE} WHERE contact_id = %(contact)s AND reached_by = %(channel)s"
)


def add(records: Sequence[Consent]) -> None:
    """Insert records, of which each has the version behind that of the one before."""
    for record in records:
        values = {field: getattr(record, field) for field in _FIELDS}
        for name in ("channel", "state", "origin"):
            values[name] = values[name].value
        execute(_COUNT_NO_MORE, values)
        execute(_ADD, values | {"workspace": current_workspace()})


def latest(contact_ids: Sequence[UUID]) -> dict[tuple[UUID, ConsentChannel], Consent]:
    """Return what counts of contacts, deleted ones too, as far as anything is recorded."""
    found = _read(_LATEST, {"ids": list(contact_ids)})
    return {(item.contact_id, item.channel): item for item in found}


def page(contact_id: UUID, channel: ConsentChannel, after: int | None, limit: int) -> list[Consent]:
    """Return records about a channel, newest first."""
    values = {
        "contact": contact_id, "channel": channel.value, "after": after, "limit": limit,
    }  # fmt: skip
    return _read(_PAGE, values)


def all_of(contact_id: UUID) -> list[Consent]:
    """Return every record about a contact, of each channel in their order."""
    return _read(_ALL, {"contact": contact_id})


def count(contact_id: UUID, channel: ConsentChannel) -> int:
    """Return how many records there are about a channel."""
    return int(execute(_COUNT, {"contact": contact_id, "channel": channel.value})[0][0])


def documents(contact_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Return every record about contacts, deleted ones too: the contact's id and JSON text."""
    members = ", ".join(f"'{field}', {name}" for field, name in zip(_FIELDS, _NAMES, strict=True))
    statement = (
        f"SELECT contact_id, json_build_object({members})::text FROM {_TABLE}"
        " WHERE contact_id = ANY(%(ids)s::uuid[]) ORDER BY contact_id, reached_by, number"
    )
    return [(found, text) for found, text in execute(statement, {"ids": list(contact_ids)})]


def _read(statement: str, values: dict[str, Any]) -> list[Consent]:
    return [_consent(row) for row in execute(statement, values)]


def _consent(row: tuple[Any, ...]) -> Consent:
    values = dict(zip(_FIELDS, row, strict=True))
    return Consent(
        **values
        | {
            "channel": ConsentChannel(values["channel"]),
            "state": ConsentState(values["state"]),
            "origin": ConsentOrigin(values["origin"]),
        }
    )
