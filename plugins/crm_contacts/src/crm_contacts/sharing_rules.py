"""What is decided about whose a contact is: as people say it, as it is stored, and in merges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contract import Access, Share, Sharing, Visibility
from crm_contacts.field_values import Difference

#: The fields of histories and events that tell of it, in their order.
FIELDS = ("owner_id", "visibility", "shared_with")


@dataclass(frozen=True, slots=True)
class Kept:
    """Whose a contact is, who sees it, and who may write it; None stands for everybody."""

    contact_id: UUID
    version: int
    owner_id: UUID | None
    readers: tuple[UUID, ...] | None
    writers: tuple[UUID, ...] | None

    @property
    def said(self) -> tuple[object, ...]:
        """What of it is decided."""
        return self.owner_id, self.readers, self.writers


def sharing_of(kept: Kept) -> Sharing:
    """Return what is stored as people say it."""
    readers, writers = kept.readers or (), kept.writers or ()
    return Sharing(
        contact_id=kept.contact_id,
        version=kept.version,
        owner_id=kept.owner_id,
        visibility=Visibility.WORKSPACE if kept.readers is None else Visibility.PRIVATE,
        shared_with=tuple(
            Share(user_id=user, access=Access.WRITE if user in writers else Access.READ)
            for user in sorted(readers)
            if user != kept.owner_id
        ),
    )


def kept_of(sharing: Sharing) -> Kept:
    """Return what people say as it is stored."""
    if sharing.visibility is Visibility.WORKSPACE:
        return Kept(sharing.contact_id, sharing.version, sharing.owner_id, None, None)
    own = set() if sharing.owner_id is None else {sharing.owner_id}
    readers = own | {share.user_id for share in sharing.shared_with}
    writers = own | {item.user_id for item in sharing.shared_with if item.access is Access.WRITE}
    return Kept(
        sharing.contact_id, sharing.version, sharing.owner_id,
        tuple(sorted(readers)), tuple(sorted(writers)),
    )  # fmt: skip


def plain_values(sharing: Sharing) -> Mapping[str, Any]:
    """Return the fields as plain values of JSON."""
    values = {name: getattr(sharing, name) for name in FIELDS}
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(values))
    return found


def with_plain_values(sharing: Sharing, values: Mapping[str, Any]) -> Sharing:
    """Return a sharing with other plain values in some fields."""
    typed: dict[str, Any] = {"owner_id": UUID | None, "visibility": Visibility}
    typed["shared_with"] = tuple[Share, ...]
    return replace(
        sharing, **{name: msgspec.convert(value, typed[name]) for name, value in values.items()}
    )


def sharing_differences(before: Kept, after: Kept) -> Iterator[Difference]:
    """Yield what differs between what was decided and what is."""
    old, new = plain_values(sharing_of(before)), plain_values(sharing_of(after))
    for name in FIELDS:
        if old[name] != new[name]:
            yield Difference(name, old[name], new[name])


def narrowed(target: Kept, others: Iterable[Kept]) -> Kept:
    """Return what a contact keeps as it takes in others: who sees all of them sees it.

    One that everybody saw becomes the private one's owner's. The owner sees it in any case.
    """
    private = [item for item in (target, *others) if item.readers is not None]
    if not private:
        return target
    owner = private[0].owner_id
    readers = _shared([item.readers or () for item in private], owner)
    writers = _shared([item.writers or () for item in private], owner)
    return replace(target, owner_id=owner, readers=readers, writers=writers)


def _shared(users: Sequence[Sequence[UUID]], owner: UUID | None) -> tuple[UUID, ...]:
    """Return who is among all, and the owner."""
    common = reduce(set.intersection, (set(found) for found in users))
    return tuple(sorted(common | ({owner} if owner else set())))
