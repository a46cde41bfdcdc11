"""The rules of tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from crm_contacts.contract import (
    MAX_PAGE,
    ContactDraft,
    InvalidTag,
    Tag,
    TagColour,
    TagNameTaken,
    TagNotFound,
    TagPage,
)
from crm_contacts.repository import attached_words, tagged, tags
from crm_contacts.repository.locking import hold_off_erasing
from crm_contacts.repository.names import NameTaken
from crm_contacts.service.retagging import retagged
from crm_contacts.service.segments import replace_tags
from crm_contacts.tag_names import is_tag_name, tag_error, tag_key
from crm_contacts.words import TAG
from meishi.sdk.contract import FieldError, VersionMismatch, check_version
from meishi.sdk.database import past_readers
from meishi.sdk.plugin import PluginContext

#: Tags that a workspace can be given one by one; what imports bring comes on top.
MAX_WORKSPACE_TAGS = 2_000
_MAX_MERGED = 100


class TagService:
    """Implements `Tags`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id

    def create(self, name: str, *, colour: TagColour = TagColour.GRAY) -> Tag:
        """Make a tag."""
        new = Tag(
            id=self._new_id(), name=_name(name), colour=colour, version=1, created_at=self._clock()
        )
        if tags.count() >= MAX_WORKSPACE_TAGS:
            raise InvalidTag(f"A workspace has {MAX_WORKSPACE_TAGS} tags at most; merge some.")
        if not tags.add(new):
            raise _taken(name)
        return new

    def get(self, tag_id: UUID) -> Tag:
        """Return one tag."""
        return _get_all([tag_id])[0]

    def list(
        self, *, after: UUID | None = None, limit: int = 50, with_total: bool = False
    ) -> TagPage:
        """Return tags in order of creation."""
        size = max(1, min(limit, MAX_PAGE))
        items = tags.page(after, size + 1)
        return TagPage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
            total=tags.count() if with_total else None,
        )

    def on(self, contact_ids: tuple[UUID, ...]) -> tuple[Tag, ...]:
        """Return the tags that one of these contacts has, by name."""
        return tuple(tags.on(contact_ids))

    def update(
        self,
        tag_id: UUID,
        *,
        name: str | None = None,
        colour: TagColour | None = None,
        versions: tuple[int, ...] | None = None,
    ) -> Tag:
        """Change name or colour of a tag; contacts show the name, and change with it."""
        stored = self.get(tag_id)
        check_version(stored.version, versions)
        wanted = replace(
            stored,
            name=stored.name if name is None else _name(name),
            colour=colour or stored.colour,
        )
        if wanted == stored:
            return stored
        other = tags.known([wanted.name]).get(tag_key(wanted.name))
        if other is not None and other.id != tag_id:
            raise _taken(wanted.name)
        with self._touched([tag_id] if wanted.name != stored.name else []):
            try:
                written = tags.change(wanted, stored.version)
            except NameTaken as error:
                raise _taken(wanted.name) from error
            if not written:
                raise VersionMismatch(f"The tag {tag_id} has just been changed; read it again.")
        return replace(wanted, version=stored.version + 1)

    def merge(self, tag_id: UUID, merged_ids: tuple[UUID, ...]) -> Tag:
        """Put a tag on all contacts that have one of some others, and delete these."""
        if not merged_ids or tag_id in merged_ids or len(merged_ids) > _MAX_MERGED:
            raise InvalidTag(f"Name 1 to {_MAX_MERGED} other tags to merge into this one.")
        target, *_ = _get_all([tag_id, *merged_ids])
        with self._touched(merged_ids):
            tagged.move(merged_ids, tag_id)
            tags.delete(merged_ids)
        replace_tags(merged_ids, tag_id)
        return target

    def delete(self, tag_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Delete a tag, and take it off all contacts."""
        check_version(self.get(tag_id).version, versions)
        with self._touched([tag_id]):
            tags.delete([tag_id])

    @contextmanager
    def _touched(self, tag_ids: Sequence[UUID]) -> Iterator[None]:
        """Let what the block does to tags be a change of every contact that has one of them."""
        hold_off_erasing()
        now = self._clock()
        # Also of those whom the one who organises tags does not see.
        with past_readers():
            contact_ids, deleted = tagged.touch(tag_ids, now) if tag_ids else ([], [])
            with retagged(contact_ids, now, self._new_id) as changed:
                yield
                changed.extend(contact_ids)
            attached_words.put(TAG, tagged.names(deleted))


def with_stored_names(draft: ContactDraft) -> ContactDraft:
    """Return a draft with its tags called as those that there are, whatever their case."""
    if not draft.tags:
        return draft
    known = tags.known(draft.tags)
    names = [known[key].name if (key := tag_key(name)) in known else name for name in draft.tags]
    return replace(draft, tags=tuple(names))


def _get_all(tag_ids: Iterable[UUID]) -> list[Tag]:
    """Return tags in the order in which they are named; raise if one is not there."""
    wanted = list(tag_ids)
    found = {tag.id: tag for tag in tags.get_many(wanted)}
    for tag_id in wanted:
        if tag_id not in found:
            raise TagNotFound(f"There is no tag {tag_id} in this workspace.")
    return [found[tag_id] for tag_id in wanted]


def _name(name: str) -> str:
    if not is_tag_name(name):
        error: FieldError = tag_error("/name", name)
        raise InvalidTag("A tag cannot be called that.", errors=[error])
    return " ".join(name.split())


def _taken(name: str) -> TagNameTaken:
    return TagNameTaken(f"There is a tag called {name!r} already.")
