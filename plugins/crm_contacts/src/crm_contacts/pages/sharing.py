"""Whose a contact is and who sees it, on its page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import Response, abort, request

from crm_contacts.contract import (
    Access,
    Contacts,
    InvalidSharing,
    Share,
    Sharing,
    Sharings,
    Visibility,
)
from meishi.core.identity.contract import Members
from meishi.sdk.context import service
from meishi.sdk.contract import DomainError
from meishi.sdk.pages import ToastKind, redirect, toast
from meishi.sdk.texts import gettext as _

#: Begins the names of the form's fields for who may do what.
_ACCESS = "access-"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownShare:
    """Somebody in the workspace, or who was, and what they may do with a private contact."""

    user_id: UUID
    name: str
    access: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSharing:
    """Whose a contact is as its page shows it; `people` are all it may be shared with."""

    owner_id: UUID | None
    owner: str
    private: bool
    shares: tuple[ShownShare, ...]
    people: tuple[ShownShare, ...]
    changeable: bool
    version: int


def member_names() -> dict[UUID, str]:
    """Return what the members of the workspace are called, by their names."""
    return {found.user_id: found.name or found.email for found in service(Members).all()}


def shown_sharing(contact_id: UUID) -> ShownSharing:
    """Return whose a contact is, and who sees it."""
    sharing = service(Sharings).get(contact_id)
    names = member_names()
    access = {share.user_id: share.access.value for share in sharing.shared_with}
    return ShownSharing(
        owner_id=sharing.owner_id,
        owner=_name(sharing.owner_id, names),
        private=sharing.visibility is Visibility.PRIVATE,
        shares=tuple(_shares(access, access, names)),
        people=tuple(_shares({**names, **dict.fromkeys(access)}, access, names)),
        changeable=service(Sharings).may_change(contact_id),
        version=sharing.version,
    )


def share_contact(contact_id: UUID) -> Response:
    """Decide whose a contact is and who sees it, and show it again, or what is left to see."""
    try:
        wanted = _wanted(service(Sharings).get(contact_id))
        service(Sharings).put(
            contact_id,
            owner_id=wanted.owner_id,
            visibility=wanted.visibility,
            shared_with=wanted.shared_with,
            versions=(wanted.version,),
        )
    except InvalidSharing as error:
        toast(_said(error), ToastKind.DANGER)
    else:
        toast(_("Changes saved"))
        if not service(Contacts).find((contact_id,)):
            return redirect("/contacts")
    return redirect(f"/contacts/{contact_id}")


def _wanted(sharing: Sharing) -> Sharing:
    """Return what the form says."""
    private = request.form.get("visibility") == Visibility.PRIVATE.value
    named = list(_named()) if private else []
    owner = _id("owner_id")
    return Sharing(
        contact_id=sharing.contact_id,
        version=_version(),
        owner_id=owner,
        visibility=Visibility.PRIVATE if private else Visibility.WORKSPACE,
        shared_with=tuple(
            Share(user_id=user, access=access) for user, access in named if user != owner
        ),
    )


def _named() -> Iterable[tuple[UUID, Access]]:
    """Yield those with whom it is to be shared, and what they may do."""
    for name, value in request.form.items():
        if name.startswith(_ACCESS) and value:
            try:
                yield UUID(name.removeprefix(_ACCESS)), Access(value)
            except ValueError:
                abort(HTTPStatus.BAD_REQUEST, "access: choose one of those that are offered.")


def _shares(
    users: Iterable[UUID], access: Mapping[UUID, str], names: Mapping[UUID, str]
) -> Iterable[ShownShare]:
    for user in users:
        yield ShownShare(user_id=user, name=_name(user, names), access=access.get(user, ""))


def _name(user: UUID | None, names: Mapping[UUID, str]) -> str:
    if user is None:
        return ""
    return names.get(user) or _("Somebody who has left")


def _said(error: DomainError) -> str:
    return " ".join(item.message for item in error.errors) or error.detail


def _id(name: str) -> UUID | None:
    try:
        return UUID(request.form[name]) if request.form.get(name) else None
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST, f"{name}: choose one of those that are offered.")


def _version() -> int:
    written = request.form.get("version", "")
    if not written.isdecimal() or len(written) > len(str(2**31)):
        abort(HTTPStatus.BAD_REQUEST, "version: send the form as it is.")
    return int(written)
