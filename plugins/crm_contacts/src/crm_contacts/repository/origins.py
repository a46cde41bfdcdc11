"""What came of an import, an edit of many or a merge, and what has become of that since.

To take an import back, ask `changed_by(Origin(ChangeSource.IMPORT, import_id), after, limit)` page
by page, until a page is shorter than its limit; `after` is the last contact of the page before.
Each `Touched` is one contact with

- `created`: whether it came into being then,
- `fields`: by field, what it said before (`before`) and what it was left with (`after`), as JSON
  texts; several chunks that changed one contact are one change,
- `others`: what others did to it after it was first changed so, oldest first,
- `since`: the fields that others changed after that. Even if somebody has brought the value back,
  they have decided about it,
- `actions`: what others did to it after that, `deleted` among them if it was deleted or merged,
- `undone`: whether an undo of this very origin (`Origin(ChangeSource.UNDO, import_id)`) has been
  recorded about it; such a change counts neither as one of the origin nor as one of others.

`field_values.with_values(draft, {field: value})` makes a draft with such values, decoded from
their JSON; `ContactService.put(stored, draft, Origin(ChangeSource.UNDO, import_id))` stores and
records it, and raises `writing.VersionGone` if the contact is not as it was read any more. What
stands there `erased` cannot be put back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from crm_contacts.contract import ChangeAction, ChangeRecord, ChangeSource, FieldChange
from crm_contacts.repository.history import READ, Origin, read, since
from meishi.sdk.database import execute

_CONTACTS = """
    SELECT DISTINCT h.contact_id FROM crm_contacts.contact_change h
    WHERE h.origin_id = %(id)s AND h.source = %(source)s AND h.contact_id > %(after)s
    ORDER BY h.contact_id LIMIT %(limit)s
"""
_BY_ORIGIN = f"""
    {READ} WHERE h.origin_id = %(id)s AND h.source = %(source)s
        AND h.contact_id = ANY(%(contacts)s::uuid[])
    ORDER BY h.contact_id, h.version
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A contact that changed by an origin, and what others have done to it since."""

    contact_id: UUID
    created: bool
    row: int | None
    fields: dict[str, FieldChange]
    others: tuple[ChangeRecord, ...]
    undone: bool

    @property
    def since(self) -> frozenset[str]:
        """The fields that others changed."""
        return frozenset(item.field for record in self.others for item in record.fields)

    @property
    def actions(self) -> frozenset[ChangeAction]:
        """What others did."""
        return frozenset(record.action for record in self.others)


def changed_by(origin: Origin, after: UUID | None, limit: int) -> list[Touched]:
    """Return the next contacts that an origin created or changed, by their ids."""
    values = {"id": origin.id, "source": origin.source.value}
    asked = values | {"after": after or UUID(int=0), "limit": limit}
    contacts = [found for (found,) in execute(_CONTACTS, asked)]
    own = _by_contact(read(execute(_BY_ORIGIN, values | {"contacts": contacts})))
    later = _by_contact(since((key, found[0].version) for key, found in own.items()))
    return [_touched(own[key], later[key], origin) for key in contacts]


def _touched(own: Sequence[ChangeRecord], later: Sequence[ChangeRecord], origin: Origin) -> Touched:
    fields: dict[str, FieldChange] = {}
    for item in (item for record in own for item in record.fields):
        first = fields.get(item.field)
        fields[item.field] = replace(
            item,
            before=first.before if first else item.before,
            erased=item.erased or (first is not None and first.erased),
        )
    ours = {origin.source, ChangeSource.UNDO}
    return Touched(
        contact_id=own[0].contact_id,
        created=own[0].action is ChangeAction.CREATED,
        row=own[0].source_row,
        fields=fields,
        others=tuple(
            item for item in later if item.source not in ours or item.source_id != origin.id
        ),
        undone=any(
            item.source is ChangeSource.UNDO and item.source_id == origin.id for item in later
        ),
    )


def _by_contact(records: Iterable[ChangeRecord]) -> dict[UUID, list[ChangeRecord]]:
    found: dict[UUID, list[ChangeRecord]] = defaultdict(list)
    for record in records:
        found[record.contact_id].append(record)
    return found
