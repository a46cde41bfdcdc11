"""What a list's query says of tags, lists and segments, which it names by id or by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from crm_contacts.contract import InvalidContactQuery
from crm_contacts.repository import lists, segments, tags
from crm_contacts.repository.criteria import Membership
from crm_contacts.tag_names import tag_key
from meishi.sdk.contract import Condition, Operator

_MAX_NAMED = 50
SEGMENT = "segment"
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Where members stand, and how the names of what has some are looked up."""

    table: str
    column: str
    known: Callable[[Iterable[str]], Mapping[str, UUID]]


def _tags(names: Iterable[str]) -> Mapping[str, UUID]:
    return {key: tag.id for key, tag in tags.known(names).items()}


def _lists(names: Iterable[str]) -> Mapping[str, UUID]:
    return {tag_key(found.name): found.id for name in names if (found := lists.named(name))}


NAMED = {
    "tag": _Kind("contact_tag", "tag_id", _tags),
    "list": _Kind("list_member", "list_id", _lists),
}


def memberships(item: Condition, written: str) -> Iterator[Membership]:
    """Yield what must hold for `tag` or `list`: one of those that are named, all, or none.

    What is no id is a name. Nobody has a tag that there is not.
    """
    kind = NAMED[item.field]
    found = tuple(named or _NOBODY for named in _ids(item.field, written))
    match item.operator:
        case Operator.IN:
            yield Membership(kind.table, kind.column, found)
        case Operator.ALL:
            for member_id in found:
                yield Membership(kind.table, kind.column, (member_id,))
        case Operator.NONE:
            yield Membership(kind.table, kind.column, found, absent=True)
        case _:
            raise InvalidContactQuery(f"{item.field!r} is not compared by {item.operator.value!r}.")


def with_ids(item: Condition) -> Condition:
    """Return a condition that names by ids alone; raise `InvalidContactQuery` for other names."""
    found = list(_ids(item.field, item.value))
    if None in found:
        raise InvalidContactQuery(f"{item.field!r} names what there is not: {item.value}")
    return replace(item, value=",".join(map(str, found)))


def expanded(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Return conditions with those of segments in the place of `segment`."""
    return tuple(found for item in conditions for found in _expanded(item))


def _expanded(item: Condition) -> tuple[Condition, ...]:
    if item.field != SEGMENT:
        return (item,)
    if item.operator is not Operator.EQ:
        raise InvalidContactQuery(f"{item.field!r} is not compared by {item.operator.value!r}.")
    segment_id = _as_id(item.value)
    found = segments.get(segment_id) if segment_id else segments.named(item.value)
    if found is None:
        raise InvalidContactQuery(f"There is no segment {item.value!r}.")
    return found.conditions


def _ids(field: str, written: str) -> Iterator[UUID | None]:
    """Yield the ids of what is named; None for a name that there is not."""
    named = [text.strip() for text in written.split(",")]
    if len(named) > _MAX_NAMED or not all(named):
        raise InvalidContactQuery(f"Name 1 to {_MAX_NAMED} of {field!r}, separated by commas.")
    read = [_as_id(text) for text in named]
    names = [text for text, found in zip(named, read, strict=True) if found is None]
    known = NAMED[field].known(names) if names else {}
    for text, found in zip(named, read, strict=True):
        yield found or known.get(tag_key(text))


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
