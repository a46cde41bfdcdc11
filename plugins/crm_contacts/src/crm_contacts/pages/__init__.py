"""Pages of the contact service."""

from crm_contacts.pages.contact import (
    contact_file,
    contact_page,
    delete_contact,
    restore_contact,
)
from crm_contacts.pages.editing import edit_contact, new_contact
from crm_contacts.pages.importing import import_page, imports_page
from crm_contacts.pages.listing import contact_list
from crm_contacts.pages.relationships import relate_contact, unrelate_contact
from meishi.sdk.plugin import NavigationEntry, Page

_FORM = ("GET", "POST")

PAGES = (
    Page(name="list", rule="", view=contact_list, title="Contacts", permission="read"),
    Page(
        name="new", rule="/new", view=new_contact, title="New contact",
        permission="write", methods=_FORM,
    ),
    Page(
        name="imports", rule="/import", view=imports_page, title="Import contacts",
        permission="write", methods=_FORM,
    ),
    Page(
        name="import", rule="/import/<uuid:import_id>", view=import_page, title="Import",
        permission="read",
    ),
    Page(
        name="contact", rule="/<uuid:contact_id>", view=contact_page, title="Contact",
        permission="read",
    ),
    Page(
        name="edit", rule="/<uuid:contact_id>/edit", view=edit_contact, title="Edit contact",
        permission="write", methods=_FORM,
    ),
    Page(
        name="delete", rule="/<uuid:contact_id>/delete", view=delete_contact,
        title="Delete contact", permission="write", methods=("POST",),
    ),
    Page(
        name="restore", rule="/<uuid:contact_id>/restore", view=restore_contact,
        title="Restore contact", permission="write", methods=("POST",),
    ),
    Page(
        name="relate", rule="/<uuid:contact_id>/relate", view=relate_contact,
        title="Add a relationship", permission="write", methods=_FORM,
    ),
    Page(
        name="unrelate", rule="/<uuid:contact_id>/relationships/<uuid:relationship_id>/delete",
        view=unrelate_contact, title="Remove a relationship", permission="write",
        methods=("POST",),
    ),
    Page(
        name="file", rule="/<uuid:contact_id>/contact.vcf", view=contact_file,
        title="Contact card", permission="read",
    ),
)  # fmt: skip

NAVIGATION = (NavigationEntry(page="list", title="Contacts", icon="address-book", order=10),)

__all__ = ["NAVIGATION", "PAGES"]
