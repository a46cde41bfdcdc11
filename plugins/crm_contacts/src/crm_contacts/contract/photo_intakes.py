"""Photos that stand in the cards of an import: how they become photos of the contacts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import ImportNotFound
from crm_contacts.contract.import_errors import ImportUndone
from meishi.sdk.contract import command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoIntake:
    """What became of the photos in the cards of an import, one for each contact and change of it.

    Of those that were `found`, `taken` are photos of contacts now, or were. `kept` were not looked
    at, or not given: somebody has brought or removed a photo since, the contact is not there any
    more, or is not theirs to write who imported it; or the import is undone. `unfit` are no
    pictures, or refused as uploads are. `beyond` would have been more octets than the settings
    allow. All but those that were taken stay in `raw`, where they were. `operation_id` is that of
    the last operation that was to do the work, if there was one.
    """

    import_id: UUID
    found: int = 0
    taken: int = 0
    kept: int = 0
    unfit: int = 0
    beyond: int = 0
    operation_id: UUID | None = None

    @property
    def waiting(self) -> int:
        """How many nobody has looked at yet."""
        return self.found - self.taken - self.kept - self.unfit - self.beyond


class PhotoIntakes(Protocol):
    """Photos in the cards of imports of the current workspace.

    An import that has come to its end has them taken by itself. Only what is in the card becomes a
    photo: nothing is asked for at an address. A contact has one photo, and one that somebody
    brought stays; one of an import gives way to that of a later import, and comes back when that
    is undone.
    """

    @command(errors=(ImportNotFound, ImportUndone))
    def start(self, import_id: UUID) -> UUID:
        """Have a worker take the photos that wait, and return the operation.

        While one is under way, that is the one. An import that was stopped has those taken that
        came in with it.
        """
        ...

    @command(errors=(ImportNotFound,))
    def step(self, import_id: UUID) -> PhotoIntake:
        """Take some of the photos that wait, all of them or none; emits `photo.changed.v1`.

        A photo is made as `Photos.put` makes it. One that cannot be is counted, and no error.
        """
        ...

    @query(errors=(ImportNotFound,))
    def get(self, import_id: UUID) -> PhotoIntake:
        """Return what became of the photos of an import; one without photos has found none."""
        ...
