"""The page of one contact, and what can be done with it as a whole."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import Response, send_file

from crm_contacts.contract import Contacts
from crm_contacts.file_names import file_name
from crm_contacts.pages.relationships import related_contacts
from meishi.sdk.context import service
from meishi.sdk.pages import redirect, render, toast
from meishi.sdk.texts import gettext as _

_CARD = "text/vcard"


def contact_page(contact_id: UUID) -> Response:
    """Show a contact, and the panels that other plugins have for it."""
    contact = service(Contacts).get(contact_id)
    return render(
        "crm_contacts/contact.html",
        title=contact.name.full,
        contact=contact,
        related=related_contacts(contact_id),
    )


def delete_contact(contact_id: UUID) -> Response:
    """Delete a contact; its page says how to bring it back."""
    service(Contacts).delete(contact_id)
    toast(_("Contact deleted"))
    return redirect("/contacts")


def restore_contact(contact_id: UUID) -> Response:
    """Bring a deleted contact back."""
    contact = service(Contacts).restore(contact_id)
    toast(_("%(name)s is back", name=contact.name.full))
    return redirect(f"/contacts/{contact_id}")


def contact_file(contact_id: UUID) -> Response:
    """Send a contact as a file with one vCard."""
    found = service(Contacts).get(contact_id)
    card = BytesIO(service(Contacts).write_card(found))
    name = file_name(found.name.full)
    return send_file(card, _CARD, as_attachment=True, download_name=name, etag=False)
