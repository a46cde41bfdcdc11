"""Photos in the cards of imports become photos of contacts: a few at a time, behind the import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from crm_contacts.card_photos import picture_in, source_of
from crm_contacts.contract import PhotoChanged, PhotoIntake
from crm_contacts.photo_making import MadePhoto, NoPhoto, make_photo
from crm_contacts.repository import import_undos, merges, photo_intakes, photos
from crm_contacts.service.import_chunks import check_not_undone, is_under_way, known_import
from meishi.sdk.context import publish
from meishi.sdk.jobs import JobOptions, request
from meishi.sdk.plugin import PluginContext

#: The job that takes photos, and how many and for how long it does in a step, but for the last.
JOB = "take_photos"
_STEP = 20
_PATIENCE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Looked:
    """A photo that was looked at: what it becomes, or why it does not."""

    contact_id: UUID
    source: str
    photo: MadePhoto | None = None
    is_unfit: bool = False


class PhotoIntakeService:
    """Implements `PhotoIntakes`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._max_bytes: int = context.settings["max_photo_bytes"]
        self._max_all: int = context.settings["max_import_photo_bytes"]

    def start(self, import_id: UUID) -> UUID:
        """Have a worker take the photos of an import, unless one is at it."""
        check_not_undone(known_import(import_id, lock=True))
        current = photo_intakes.get(import_id).operation_id
        if current is not None and is_under_way(current):
            return current
        return _requested(import_id)

    def step(self, import_id: UUID) -> PhotoIntake:
        """Make photos while nobody waits, then hold the import and give them to its contacts."""
        known_import(import_id)
        looked = list(self._looked(import_id))
        known_import(import_id, lock=True)
        if import_undos.get(import_id) is not None:
            photo_intakes.leave_all(import_id)
        else:
            self._bring_in(import_id, looked)
        return self.get(import_id)

    def get(self, import_id: UUID) -> PhotoIntake:
        """Return what became of the photos of an import."""
        known_import(import_id)
        return photo_intakes.get(import_id)

    def _looked(self, import_id: UUID) -> Iterator[_Looked]:
        """Yield the next photos that wait, with what is made of them."""
        end = self._clock() + _PATIENCE
        for contact_id, source in photo_intakes.waiting(import_id, _STEP).items():
            yield _looked_at(contact_id, source, self._max_bytes)
            if self._clock() >= end:
                break

    def _bring_in(self, import_id: UUID, looked: Sequence[_Looked]) -> None:
        room = self._max_all - photo_intakes.octets(import_id)
        waiting = photo_intakes.sources(import_id, [item.contact_id for item in looked])
        counts: Counter[str] = Counter()
        left: list[UUID] = []
        size, is_full = 0, False
        for item in looked:
            if waiting.get(item.contact_id) != item.source:
                continue  # somebody else took it, or the import has brought another one meanwhile
            if item.photo is None:
                counts["unfit"] += item.is_unfit
                left.append(item.contact_id)
                continue
            is_full = size + item.photo.size > room
            if is_full:
                break
            given = self._give(import_id, item, item.photo)
            if given is None:
                left.append(item.contact_id)
            else:
                counts["taken"] += 1
                size += given
        photo_intakes.leave(import_id, left)
        if is_full:
            counts["beyond"] = photo_intakes.leave_all(import_id)
        photo_intakes.count(import_id, counts, size)

    def _give(self, import_id: UUID, item: _Looked, photo: MadePhoto) -> int | None:
        """Give a contact its photo, and return its octets; None if it keeps another, or what it is.

        That of a later import, whose job may come first, stays: the undo of that brings this one.
        """
        if not merges.hold(item.contact_id) or _is_by_hand(item.contact_id):
            return None
        if not photo_intakes.take(import_id, item.contact_id):
            return None
        shown = [found.import_id for found in photos.of([item.contact_id])]
        if any(found is not None and found > import_id for found in shown):
            return 0
        origin = photos.CardOrigin(import_id, item.source)
        photos.put(item.contact_id, photo, self._clock(), origin)
        publish(PhotoChanged(contact_id=item.contact_id))
        return photo.size


def follow_import(import_id: UUID) -> None:
    """Have a worker take the photos that wait at the end of an import, if there are any."""
    if photo_intakes.get(import_id).waiting:
        _requested(import_id)


def take_back(import_id: UUID, contact_ids: Sequence[UUID]) -> None:
    """Take away the photos that an import brought to contacts, as far as nobody replaced them.

    Those of earlier imports which they had replaced are to come again.
    """
    changed = photos.delete_of_import(contact_ids, import_id)
    publish(*(PhotoChanged(contact_id=found) for found in changed))
    for earlier in photo_intakes.wait_again(changed, import_id):
        _requested(earlier)


def _looked_at(contact_id: UUID, source: str, most: int) -> _Looked:
    values = photo_intakes.in_card(contact_id)
    value = next((found for found in values if source_of(found) == source), None)
    if value is None or _is_by_hand(contact_id):
        return _Looked(contact_id, source)
    file = picture_in(value)
    if file is None or len(file) > most:
        return _Looked(contact_id, source, is_unfit=True)
    try:
        return _Looked(contact_id, source, make_photo(file))
    except NoPhoto:
        return _Looked(contact_id, source, is_unfit=True)


def _is_by_hand(contact_id: UUID) -> bool:
    """Whether a contact has a photo that somebody brought."""
    return any(photo.import_id is None for photo in photos.of([contact_id]))


def _requested(import_id: UUID) -> UUID:
    subject = f"/api/v1/contacts/imports/{import_id}/photos"
    operation_id = request(JOB, JobOptions(subject=subject), import_id=import_id)
    photo_intakes.set_operation(import_id, operation_id)
    return operation_id
