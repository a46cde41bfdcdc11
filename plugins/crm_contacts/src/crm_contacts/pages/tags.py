"""Tags on the page of a contact, and on a page of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from itertools import islice
from uuid import UUID

from flask import Response, abort, request

from crm_contacts.contract import (
    MAX_PAGE,
    ContactChanges,
    Contacts,
    InvalidContact,
    InvalidTag,
    Tag,
    TagColour,
    TagNameTaken,
    Tags,
)
from crm_contacts.pages.words import COLOURS
from crm_contacts.tag_names import tag_key
from meishi.sdk.context import service
from meishi.sdk.contract import DomainError, VersionMismatch
from meishi.sdk.pages import ToastKind, redirect, render, toast
from meishi.sdk.texts import gettext as _

#: Tags to choose from; others are typed.
_SHOWN = 500
#: How often a contact is read again that others change meanwhile.
_ATTEMPTS = 20


def all_tags() -> list[Tag]:
    """Return the tags of the workspace by name, as many as one can choose from."""
    return sorted(islice(_pages(), _SHOWN), key=lambda tag: tag_key(tag.name))


def tag_contact(contact_id: UUID) -> Response:
    """Add a tag to a contact, and show the contact again."""
    name = request.form.get("name", "").strip()
    try:
        _retag(contact_id, lambda names: (*names, name))
    except InvalidContact as error:
        toast(" ".join(item.message for item in error.errors), ToastKind.DANGER)
    else:
        toast(_("Tag added"))
    return redirect(f"/contacts/{contact_id}")


def untag_contact(contact_id: UUID) -> Response:
    """Take a tag off a contact, and show the contact again."""
    gone = tag_key(request.form.get("name", ""))
    _retag(contact_id, lambda names: tuple(name for name in names if tag_key(name) != gone))
    toast(_("Tag removed"))
    return redirect(f"/contacts/{contact_id}")


def tags_page() -> Response:
    """Show all tags."""
    return _page()


def new_tag() -> Response:
    """Make a tag, and show all again."""
    name = request.form.get("name", "")
    try:
        service(Tags).create(name, colour=_colour())
    except (InvalidTag, TagNameTaken) as error:
        return _page(error)
    toast(_("%(name)s was added", name=name.strip()))
    return redirect("/contacts/tags")


def rename_tag(tag_id: UUID) -> Response:
    """Change name and colour of a tag."""
    try:
        service(Tags).update(tag_id, name=request.form.get("name", ""), colour=_colour())
    except (InvalidTag, TagNameTaken) as error:
        return _page(error)
    toast(_("Changes saved"))
    return redirect("/contacts/tags")


def merge_tag(tag_id: UUID) -> Response:
    """Merge a tag into the chosen one."""
    try:
        service(Tags).merge(_chosen("into"), (tag_id,))
    except InvalidTag as error:
        return _page(error)
    toast(_("Tags merged"))
    return redirect("/contacts/tags")


def delete_tag(tag_id: UUID) -> Response:
    """Delete a tag."""
    service(Tags).delete(tag_id)
    toast(_("Tag deleted"))
    return redirect("/contacts/tags")


def _pages() -> Iterator[Tag]:
    page = service(Tags).list(limit=MAX_PAGE)
    yield from page.items
    while page.next_after is not None:
        page = service(Tags).list(limit=MAX_PAGE, after=page.next_after)
        yield from page.items


def _retag(contact_id: UUID, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> None:
    """Change the tags that a contact has; what others change meanwhile stays."""
    for _attempt in range(_ATTEMPTS):
        contact = service(Contacts).get(contact_id)
        changes = ContactChanges(tags=change(contact.tags))
        try:
            service(Contacts).update(contact_id, changes, versions=(contact.version,))
        except VersionMismatch:
            continue
        return
    abort(HTTPStatus.CONFLICT, "Others change this contact all the time; try again.")


def _page(error: DomainError | None = None) -> Response:
    return render(
        "crm_contacts/tags.html",
        status=HTTPStatus.OK if error is None else HTTPStatus(error.status),
        tags=all_tags(),
        colours=COLOURS,
        said=_said(error),
    )


def _said(error: DomainError | None) -> str:
    match error:
        case None:
            return ""
        case TagNameTaken():
            return _("There is a tag with this name already.")
        case _:
            return " ".join(item.message for item in error.errors) or error.detail


def _colour() -> TagColour:
    written = request.form.get("colour", "")
    if written not in set(TagColour):
        abort(HTTPStatus.BAD_REQUEST, "colour: choose one of those that are offered.")
    return TagColour(written)


def _chosen(name: str) -> UUID:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST, f"{name}: choose one of those that are offered.")
