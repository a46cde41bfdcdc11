"""Statements about what became of contacts: written once, and never changed but by erasing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contract import (
    ActorKind,
    ChangeAction,
    ChangeRecord,
    ChangeSource,
    FieldChange,
)
from crm_contacts.field_values import Difference
from meishi.sdk.context import current_actor, current_workspace
from meishi.sdk.database import execute

#: The version is that which the change has just made. It is looked up contact by contact: a join
#: that was planned while there were few would go on reading all of them once there are many.
_ADD = """
    INSERT INTO crm_contacts.contact_change (workspace_id, id, contact_id, version, at, action,
        source, origin_id, source_row, actor, actor_id, fields)
    SELECT %(workspace)s::uuid, n.id, n.contact_id, c.version, %(at)s, n.action,
        %(source)s, %(source_id)s::uuid, n.source_row, %(actor)s, %(actor_id)s::uuid, n.fields::json
    FROM unnest(%(ids)s::uuid[], %(contacts)s::uuid[], %(actions)s::text[], %(rows)s::integer[],
        %(fields)s::text[]) AS n (id, contact_id, action, source_row, fields)
    CROSS JOIN LATERAL (
        SELECT o.version FROM crm_contacts.contact o WHERE o.id = n.contact_id OFFSET 0
    ) c
"""
_COLUMNS = (
    "h.id, h.contact_id, h.version, h.at, h.action, h.source, h.origin_id, h.source_row,"
    " h.actor, h.actor_id, h.fields::text"
)
READ = f"SELECT {_COLUMNS} FROM crm_contacts.contact_change h"
_OF_FIELD = """
    h.contact_id = %(contact)s AND (%(field)s::text IS NULL OR EXISTS (
        SELECT FROM json_array_elements(h.fields) AS f
        WHERE f ->> 'field' = %(field)s OR starts_with(f ->> 'field', %(field)s || '.')))
"""
_PAGE = f"""
    {READ} WHERE {_OF_FIELD} AND (%(after)s::uuid IS NULL OR h.version < (
        SELECT a.version FROM crm_contacts.contact_change a
        WHERE a.id = %(after)s::uuid AND a.contact_id = %(contact)s))
    ORDER BY h.version DESC LIMIT %(limit)s
"""
_COUNT = f"SELECT count(*) FROM crm_contacts.contact_change h WHERE {_OF_FIELD}"
_SINCE = f"""
    {READ} JOIN unnest(%(contacts)s::uuid[], %(versions)s::integer[]) AS w (contact_id, version)
        ON h.contact_id = w.contact_id AND h.version > w.version
    ORDER BY h.contact_id, h.version
"""
_OF_ORIGIN = f"""
    {READ} WHERE h.contact_id = %(contact)s AND h.origin_id = %(origin)s AND h.source = 'merge'
    ORDER BY h.version DESC
"""
_SHARING = frozenset({"owner_id", "visibility", "shared_with"})
_NOTHING = "[]"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where changes come from: the source, and the import, merge, run or edit if there is one."""

    source: ChangeSource = ChangeSource.USER
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a contact, and from which row of an import.

    `names` are the fields that its event names, `differences` what an update did to them.
    """

    contact_id: UUID
    action: ChangeAction
    differences: tuple[Difference, ...] = ()
    names: tuple[str, ...] = ()
    row: int | None = None


def add(changes: Sequence[tuple[UUID, Change]], origin: Origin, at: datetime) -> None:
    """Record changes by ids, each of another contact, which are written already."""
    actor = current_actor()
    execute(
        _ADD,
        {
            "workspace": current_workspace(),
            "at": at,
            "source": origin.source.value,
            "source_id": origin.id,
            "actor": _kind_of(visitor=actor.visitor, user_id=actor.user_id).value,
            "actor_id": actor.user_id,
            "ids": [found for found, _ in changes],
            "contacts": [change.contact_id for _, change in changes],
            "actions": [change.action.value for _, change in changes],
            "rows": [change.row for _, change in changes],
            "fields": [_written(change.differences) for _, change in changes],
        },
    )


def sharing_of_origin(contact_id: UUID, origin_id: UUID) -> tuple[FieldChange, ...]:
    """Return what a merge did to who sees a contact."""
    values = {"contact": contact_id, "origin": origin_id}
    return tuple(
        item
        for record in read(execute(_OF_ORIGIN, values))
        for item in record.fields
        if item.field in _SHARING
    )


def page(
    contact_id: UUID, after: UUID | None, limit: int, field: str | None = None
) -> list[ChangeRecord]:
    """Return changes of a contact, or of one field of it, newest first."""
    values = {"contact": contact_id, "after": after, "limit": limit, "field": field}
    return read(execute(_PAGE, values))


def count(contact_id: UUID, field: str | None = None) -> int:
    """Return how many changes of a contact there are, or of one field of it."""
    return int(execute(_COUNT, {"contact": contact_id, "field": field})[0][0])


def get(contact_id: UUID, change_id: UUID) -> ChangeRecord | None:
    """Return one change of a contact."""
    statement = f"{READ} WHERE h.contact_id = %(contact)s AND h.id = %(id)s"
    found = read(execute(statement, {"contact": contact_id, "id": change_id}))
    return found[0] if found else None


def since(versions: Iterable[tuple[UUID, int]]) -> list[ChangeRecord]:
    """Return what changed about contacts after a version of each, by contact, oldest first."""
    wanted = list(versions)
    values = {
        "contacts": [contact_id for contact_id, _ in wanted],
        "versions": [version for _, version in wanted],
    }
    return read(execute(_SINCE, values)) if wanted else []


def read(rows: Iterable[tuple[Any, ...]]) -> list[ChangeRecord]:
    """Return what the rows of a statement that begins with `READ` tell."""
    return [
        ChangeRecord(
            id=found,
            contact_id=contact_id,
            version=version,
            at=at,
            action=ChangeAction(action),
            source=ChangeSource(source),
            source_id=source_id,
            source_row=source_row,
            actor=ActorKind(actor),
            actor_id=actor_id,
            fields=() if fields == _NOTHING else tuple(map(_field, msgspec.json.decode(fields))),
        )
        for found, contact_id, version, at, action, source, source_id, source_row, actor,
        actor_id, fields in rows
    ]  # fmt: skip


def _kind_of(*, visitor: bool, user_id: UUID | None) -> ActorKind:
    if user_id is not None:
        return ActorKind.USER
    return ActorKind.VISITOR if visitor else ActorKind.SYSTEM


def _written(found: Sequence[Difference]) -> str:
    return msgspec.json.encode(found).decode() if found else _NOTHING


def _field(item: dict[str, Any]) -> FieldChange:
    before, after = (msgspec.json.encode(item.get(name)).decode() for name in ("before", "after"))
    return FieldChange(
        field=item["field"], before=before, after=after, erased=item.get("erased", False)
    )
