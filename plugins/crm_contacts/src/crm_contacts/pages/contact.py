"""The page of one contact, and what can be done with it as a whole."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import Response, send_file

from crm_contacts.career import current_position
from crm_contacts.contact_documents import contact_from_document
from crm_contacts.contract import (
    ContactDocuments,
    ContactLists,
    ContactNotFound,
    Contacts,
    Merges,
    Photos,
    Purges,
    Tags,
)
from crm_contacts.file_names import file_name
from crm_contacts.pages.card_properties import shown_properties
from crm_contacts.pages.consents import shown_consents
from crm_contacts.pages.custom_fields import shown_fields
from crm_contacts.pages.duplicates import likenesses
from crm_contacts.pages.groups import all_lists
from crm_contacts.pages.notes import shown_notes
from crm_contacts.pages.photos import photo_digests
from crm_contacts.pages.relationships import related_contacts
from crm_contacts.pages.sharing import shown_sharing
from crm_contacts.pages.tags import all_tags
from crm_contacts.pages.timeline import latest_entries
from crm_contacts.pages.words import CHANNELS, CONSENT_STATES
from meishi.sdk.context import service
from meishi.sdk.pages import redirect, render, toast
from meishi.sdk.texts import gettext as _

_CARD = "text/vcard"
#: Where deleted contacts are shown.
DELETED = "/contacts?filter[deleted][eq]=true"


def contact_page(contact_id: UUID) -> Response:
    """Show a contact, and the panels that others have for it; one that was merged leads on."""
    try:
        contact = service(Contacts).get(contact_id)
    except ContactNotFound:
        found = service(Merges).merged_into(contact_id)
        if found is None:
            raise
        return redirect(f"/contacts/{found}")
    alike = likenesses(contact_id)
    return render(
        "crm_contacts/contact.html",
        title=contact.name.full,
        contact=contact,
        current_job=current_position(contact),
        related=related_contacts(contact_id),
        likenesses=alike,
        photos=photo_digests(item.contact_id for item in alike),
        merged=service(Merges).of_contact(contact_id),
        tags=service(Tags).on((contact_id,)),
        known_tags=all_tags(),
        custom=shown_fields(contact),
        lists=service(ContactLists).of(contact_id),
        all_lists=all_lists(),
        notes=shown_notes(contact_id),
        timeline=latest_entries(contact_id),
        photo=next(iter(service(Photos).of((contact_id,))), None),
        consents=shown_consents(contact_id),
        sharing=shown_sharing(contact_id),
        properties=shown_properties(contact.raw),
        consent_channels=CHANNELS,
        consent_states=CONSENT_STATES,
    )


def delete_contact(contact_id: UUID) -> Response:
    """Delete a contact; among the deleted ones it can be brought back."""
    service(Contacts).delete(contact_id)
    toast(_("Contact deleted"))
    return redirect("/contacts")


def restore_contact(contact_id: UUID) -> Response:
    """Bring a deleted contact back."""
    contact = service(Contacts).restore(contact_id)
    toast(_("%(name)s is back", name=contact.name.full))
    return redirect(f"/contacts/{contact_id}")


def purge_contact(contact_id: UUID) -> Response:
    """Delete a contact for good that is deleted already; the other deleted ones are shown."""
    service(Purges).purge(contact_id)
    toast(_("Contact deleted for good"))
    return redirect(DELETED)


def contact_file(contact_id: UUID) -> Response:
    """Send a contact as a file with one vCard."""
    document = service(ContactDocuments).get(contact_id, with_photo=True, with_relations=True)
    found = contact_from_document(document.body)
    card = BytesIO(service(Contacts).write_card(found))
    name = file_name(found.name.full)
    return send_file(card, _CARD, as_attachment=True, download_name=name, etag=False)
