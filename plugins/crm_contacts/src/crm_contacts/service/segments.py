"""The rules of segments: filters that are checked when they are saved, and asked when used."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from uuid import UUID

from crm_contacts.contract import (
    MAX_PAGE,
    InvalidContactQuery,
    InvalidSegment,
    Segment,
    SegmentNameTaken,
    SegmentNotFound,
    SegmentPage,
)
from crm_contacts.repository import segments
from crm_contacts.repository.names import NameTaken
from crm_contacts.service.memberships import NAMED, with_ids
from crm_contacts.service.queries import listing_of
from crm_contacts.service.regions import region_for
from crm_contacts.tag_names import is_tag_name, tag_error
from meishi.sdk.contract import Condition, ListQuery, VersionMismatch, check_version
from meishi.sdk.plugin import PluginContext

MAX_SEGMENTS = 500
_MAX_CONDITIONS = 50
#: What a segment does not ask: others, as that might go round in circles, and what is deleted.
_LEFT_OUT = frozenset({"id", "segment", "deleted"})


class SegmentService:
    """Implements `Segments`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id

    def create(self, name: str, conditions: tuple[Condition, ...]) -> Segment:
        """Save a filter under a name."""
        new = Segment(
            id=self._new_id(),
            name=_name(name),
            conditions=_checked(conditions),
            version=1,
            created_at=self._clock(),
        )
        if segments.count() >= MAX_SEGMENTS:
            raise InvalidSegment(f"A workspace has {MAX_SEGMENTS} segments at most.")
        if not segments.add(new):
            raise _taken(name)
        return new

    def get(self, segment_id: UUID) -> Segment:
        """Return one segment."""
        found = segments.get(segment_id)
        if found is None:
            raise SegmentNotFound(f"There is no segment {segment_id} in this workspace.")
        return found

    def list(
        self, *, after: UUID | None = None, limit: int = 50, with_total: bool = False
    ) -> SegmentPage:
        """Return segments in order of creation."""
        size = max(1, min(limit, MAX_PAGE))
        items = segments.page(after, size + 1)
        return SegmentPage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
            total=segments.count() if with_total else None,
        )

    def update(
        self,
        segment_id: UUID,
        *,
        name: str | None = None,
        conditions: tuple[Condition, ...] | None = None,
        versions: tuple[int, ...] | None = None,
    ) -> Segment:
        """Change a segment."""
        stored = self.get(segment_id)
        check_version(stored.version, versions)
        wanted = replace(
            stored,
            name=stored.name if name is None else _name(name),
            conditions=stored.conditions if conditions is None else _checked(conditions),
        )
        if wanted == stored:
            return stored
        other = segments.named(wanted.name)
        if other is not None and other.id != segment_id:
            raise _taken(wanted.name)
        try:
            written = segments.change(wanted, stored.version)
        except NameTaken as error:
            raise _taken(wanted.name) from error
        if not written:
            raise VersionMismatch(f"The segment {segment_id} has just been changed; read it again.")
        return replace(wanted, version=stored.version + 1)

    def delete(self, segment_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Delete a segment; its contacts stay."""
        check_version(self.get(segment_id).version, versions)
        segments.delete(segment_id)


def segments_asking(field: str) -> list[str]:
    """Return the names of the segments that ask for a field."""
    return [found.name for found in _all() if any(item.field == field for item in found.conditions)]


def replace_tags(gone: Collection[UUID], target: UUID) -> None:
    """Let segments that ask for tags which are merged ask for the one that stays."""
    for found in _all():
        conditions = tuple(_with_target(item, gone, target) for item in found.conditions)
        if conditions != found.conditions:
            segments.change(replace(found, conditions=conditions), found.version)


def _with_target(item: Condition, gone: Collection[UUID], target: UUID) -> Condition:
    if item.field != "tag":
        return item
    old = {str(tag_id) for tag_id in gone}
    named = [str(target) if text in old else text for text in item.value.split(",")]
    return replace(item, value=",".join(dict.fromkeys(named)))


def _all() -> Iterator[Segment]:
    return iter(segments.page(None, MAX_SEGMENTS))


def _checked(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Return conditions with the ids of what they name; raise unless a list understands them."""
    if not 1 <= len(conditions) <= _MAX_CONDITIONS:
        raise InvalidSegment(f"A segment has 1 to {_MAX_CONDITIONS} filters.")
    for item in conditions:
        if item.field in _LEFT_OUT:
            raise InvalidSegment(f"A segment has no filter {item.field!r}.")
    numbers = [item.value for item in conditions if item.field == "phone"]
    try:
        listing_of(ListQuery(conditions=conditions), region_for(numbers))
        return tuple(with_ids(item) if item.field in NAMED else item for item in conditions)
    except InvalidContactQuery as error:
        raise InvalidSegment(error.detail) from error


def _name(name: str) -> str:
    if not is_tag_name(name):
        raise InvalidSegment("A segment cannot be called that.", errors=[tag_error("/name", name)])
    return " ".join(name.split())


def _taken(name: str) -> SegmentNameTaken:
    return SegmentNameTaken(f"There is a segment called {name!r} already.")
