"""The rules of lists of contacts."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from crm_contacts.contract import (
    MAX_PAGE,
    ContactList,
    ContactListPage,
    InvalidList,
    ListNameTaken,
    ListNotFound,
)
from crm_contacts.repository import lists
from crm_contacts.repository.locking import hold_off_erasing
from crm_contacts.repository.names import NameTaken
from crm_contacts.tag_names import is_tag_name, tag_error
from meishi.sdk.contract import VersionMismatch, check_version
from meishi.sdk.plugin import PluginContext

#: Lists of a workspace, and contacts that are put on one at once.
MAX_LISTS = 1_000
MAX_ADDED = 500


class ContactListService:
    """Implements `ContactLists`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id

    def create(self, name: str) -> ContactList:
        """Make a list that nobody is on."""
        new = ContactList(id=self._new_id(), name=_name(name), version=1, created_at=self._clock())
        if lists.count() >= MAX_LISTS:
            raise InvalidList(f"A workspace has {MAX_LISTS} lists at most.")
        if not lists.add(new):
            raise _taken(name)
        return new

    def get(self, list_id: UUID) -> ContactList:
        """Return one list."""
        found = lists.get(list_id)
        if found is None:
            raise _not_found(list_id)
        return found

    def list(
        self, *, after: UUID | None = None, limit: int = 50, with_total: bool = False
    ) -> ContactListPage:
        """Return lists in order of creation."""
        size = max(1, min(limit, MAX_PAGE))
        items = lists.page(after, size + 1)
        return ContactListPage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
            total=lists.count() if with_total else None,
        )

    def of(self, contact_id: UUID) -> tuple[ContactList, ...]:
        """Return the lists that a contact is on, by name."""
        return tuple(lists.of(contact_id))

    def rename(
        self, list_id: UUID, name: str, *, versions: tuple[int, ...] | None = None
    ) -> ContactList:
        """Give another name to a list."""
        stored = self.get(list_id)
        check_version(stored.version, versions)
        wanted = replace(stored, name=_name(name))
        if wanted == stored:
            return stored
        other = lists.named(name)
        if other is not None and other.id != list_id:
            raise _taken(name)
        try:
            written = lists.rename(list_id, stored.version, wanted.name)
        except NameTaken as error:
            raise _taken(name) from error
        if not written:
            raise VersionMismatch(f"The list {list_id} has just been changed; read it again.")
        return replace(wanted, version=stored.version + 1)

    def delete(self, list_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Delete a list; its contacts stay."""
        check_version(self.get(list_id).version, versions)
        lists.delete(list_id)

    def add(self, list_id: UUID, contact_ids: tuple[UUID, ...]) -> int:
        """Put contacts on a list."""
        if not 1 <= len(contact_ids) <= MAX_ADDED:
            raise InvalidList(f"Name 1 to {MAX_ADDED} contacts.")
        hold_off_erasing()
        if not lists.hold(list_id):
            raise _not_found(list_id)
        return lists.put(list_id, contact_ids, self._clock())

    def remove(self, list_id: UUID, contact_ids: tuple[UUID, ...]) -> int:
        """Take contacts off a list."""
        return lists.take(self.get(list_id).id, contact_ids)


def _name(name: str) -> str:
    if not is_tag_name(name):
        raise InvalidList("A list cannot be called that.", errors=[tag_error("/name", name)])
    return " ".join(name.split())


def _taken(name: str) -> ListNameTaken:
    return ListNameTaken(f"There is a list called {name!r} already.")


def _not_found(list_id: UUID) -> ListNotFound:
    return ListNotFound(f"There is no list {list_id} in this workspace.")
