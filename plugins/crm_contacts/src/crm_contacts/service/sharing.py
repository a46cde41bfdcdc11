"""The rules of whose contacts are, and who sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec

from crm_contacts.contract import (
    MAX_HIDDEN,
    ChangeAction,
    ChangeSource,
    ContactNotFound,
    InvalidSharing,
    Share,
    Sharing,
    SharingRefused,
    Visibility,
)
from crm_contacts.repository import history, sharing
from crm_contacts.repository.access import check_writable, decides, hidden, oversees
from crm_contacts.repository.merged import still_merged
from crm_contacts.repository.recording import BY_HAND, Change, Origin, Recorder
from crm_contacts.sharing_rules import (
    Kept,
    kept_of,
    narrowed,
    sharing_differences,
    sharing_of,
    with_plain_values,
)
from meishi.core.identity.contract import Members
from meishi.sdk.context import current_actor, service
from meishi.sdk.contract import FieldError, check_version
from meishi.sdk.plugin import PluginContext

#: With how many people a contact is shared at most.
MAX_SHARES = 100


class SharingService:
    """Implements `Sharings`."""

    def __init__(self, context: PluginContext, recorder: Recorder | None = None) -> None:
        self._clock = context.clock
        self._recorder = recorder or Recorder(context.new_id)

    def get(self, contact_id: UUID) -> Sharing:
        """Return whose a contact is, and who sees it."""
        return sharing_of(_seen(contact_id))

    def may_change(self, contact_id: UUID) -> bool:
        """Whether who acts may decide that."""
        return decides(_seen(contact_id))

    def hidden(self, contact_ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
        """Return those of some contacts that are kept from who acts."""
        if len(contact_ids) > MAX_HIDDEN:
            raise ValueError(f"ask about at most {MAX_HIDDEN} contacts at once")
        return tuple(hidden(contact_ids))

    def put(
        self,
        contact_id: UUID,
        *,
        owner_id: UUID | None,
        visibility: Visibility,
        shared_with: tuple[Share, ...] = (),
        versions: tuple[int, ...] | None = None,
    ) -> Sharing:
        """Decide whose a contact is and who sees it."""
        before = held(contact_id)
        check_version(before.version, versions)
        wanted = Sharing(
            contact_id=contact_id, version=before.version, owner_id=owner_id,
            visibility=visibility, shared_with=shared_with,
        )  # fmt: skip
        return self.write(before, wanted, BY_HAND)

    def write(self, before: Kept, wanted: Sharing, origin: Origin) -> Sharing:
        """Write what was decided about a contact that is held."""
        _check(before, wanted)
        after = kept_of(wanted)
        if after.said == before.said:
            return sharing_of(before)
        now = self._clock()
        sharing.change(after, now)
        _record(self._recorder, [(before, after)], now, origin)
        return replace(sharing_of(after), version=before.version + 1)

    def put_back(self, contact_id: UUID, values: dict[str, object], origin: Origin) -> Sharing:
        """Put fields of histories back to what they said."""
        before = held(contact_id)
        return self.write(before, with_plain_values(sharing_of(before), values), origin)


def hand_over(
    contact_ids: Sequence[UUID],
    to: UUID,
    at: datetime,
    new_id: Callable[[], UUID],
    origin: Origin,
) -> list[UUID]:
    """Make contacts a member's, as far as who acts decides about them; return which."""
    done = sharing.hand_over(contact_ids, to, at, me=current_actor().user_id, everything=oversees())
    _record(Recorder(new_id), done, at, origin)
    return [after.contact_id for _, after in done]


def previewed(target_id: UUID, source_ids: Sequence[UUID]) -> Sharing:
    """Return whose a contact would be, and who would see it, once it has taken in others."""
    return sharing_of(narrowed(_seen(target_id), sharing.of_any(source_ids)))


def follow_merge(
    target_id: UUID, source_ids: Sequence[UUID], at: datetime, new_id: Callable[[], UUID],
    origin: Origin,
) -> Sharing | None:  # fmt: skip
    """Let a contact that takes in others be seen by those alone who saw all of them.

    Returns what holds from now on, None if that is as before. Raises `SharingRefused` if that
    takes it from others, and is not for who acts to decide.
    """
    before = held(target_id)
    after = narrowed(before, sharing.of_any(source_ids))
    if after.said == before.said:
        return None
    if not decides(before):
        raise _refused(target_id)
    sharing.change(after, at)
    _record(Recorder(new_id), [(before, after)], at, origin)
    return replace(sharing_of(after), version=before.version + 1)


def take_back(target_id: UUID, merge_id: UUID, at: datetime, new_id: Callable[[], UUID]) -> None:
    """Show a contact again to those who saw it before a merge, unless somebody decided since.

    The merge is undone already; what others that are still merged keep from people stays so.
    """
    found = history.sharing_of_origin(target_id, merge_id)
    before = sharing.hold(target_id)
    if before is None:
        return  # it was deleted since, and stays as it is
    now = sharing_of(before)
    if not found or any(
        with_plain_values(now, {item.field: msgspec.json.decode(item.after)}) != now
        for item in found
    ):
        return
    values = {item.field: msgspec.json.decode(item.before) for item in found}
    others = sharing.of_any([other for other, _ in still_merged(target_id)])
    after = narrowed(kept_of(with_plain_values(now, values)), others)
    if after.said != before.said:
        sharing.change(after, at)
        origin = Origin(ChangeSource.UNMERGE, merge_id)
        _record(Recorder(new_id), [(before, after)], at, origin)


def _record(
    recorder: Recorder, done: Sequence[tuple[Kept, Kept]], at: datetime, origin: Origin
) -> None:
    changes = []
    for before, after in done:
        found = tuple(sharing_differences(before, after))
        names = tuple(item.field for item in found)
        changes.append(Change(after.contact_id, ChangeAction.UPDATED, found, names))
    recorder.record(changes, at, origin)


def _check(before: Kept, wanted: Sharing) -> None:
    """Raise unless this is for who acts to decide, and can be."""
    if not decides(before):
        check_writable([before.contact_id])
        raise _refused(before.contact_id)
    errors = []
    named = [share.user_id for share in wanted.shared_with]
    known = {*(before.readers or ()), before.owner_id, None}
    if not {wanted.owner_id, *named} <= known:
        known |= {member.user_id for member in service(Members).all()}
    if wanted.owner_id not in known:
        errors.append(FieldError("/owner_id", "no-member", "They are no member here."))
    errors += [
        FieldError(f"/shared_with/{place}", "no-member", "They are no member here.")
        for place, user in enumerate(named)
        if user not in known
    ]
    if len(named) > MAX_SHARES or len(set(named)) < len(named):
        message = f"Name up to {MAX_SHARES} people, each once."
        errors.append(FieldError("/shared_with", "invalid", message))
    if named and wanted.visibility is Visibility.WORKSPACE:
        message = "Everybody sees it already."
        errors.append(FieldError("/shared_with", "invalid", message))
    if wanted.visibility is Visibility.PRIVATE and wanted.owner_id is None and not named:
        errors.append(FieldError("/owner_id", "nobody", "Nobody would see it."))
    if errors:
        raise InvalidSharing("The contact cannot be shared like that.", errors=errors)


def _seen(contact_id: UUID) -> Kept:
    found = sharing.get(contact_id)
    if found is None:
        raise _not_found(contact_id)
    return found


def held(contact_id: UUID) -> Kept:
    """Return whose a contact is that who acts sees; nobody changes it until the commit."""
    _seen(contact_id)
    held = sharing.hold(contact_id)
    if held is None:
        raise _not_found(contact_id)
    return held


def _refused(contact_id: UUID) -> SharingRefused:
    return SharingRefused(
        f"Who sees the contact {contact_id} is decided by its owner, and by who oversees contacts."
    )


def _not_found(contact_id: UUID) -> ContactNotFound:
    return ContactNotFound(f"There is no contact {contact_id} in this workspace.")
