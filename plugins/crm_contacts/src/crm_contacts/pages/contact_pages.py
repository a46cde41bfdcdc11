"""The list of contacts, and the pages of one of them."""

from crm_contacts.pages.consents import record_consent
from crm_contacts.pages.contact import (
    contact_file,
    contact_page,
    delete_contact,
    purge_contact,
    restore_contact,
)
from crm_contacts.pages.custom_fields import change_values
from crm_contacts.pages.duplicates import choose_merged, merge_contacts, unmerge_contact
from crm_contacts.pages.editing import edit_contact, new_contact
from crm_contacts.pages.groups import list_contact, unlist_contact
from crm_contacts.pages.history import history_page, revert_change
from crm_contacts.pages.listing import contact_list
from crm_contacts.pages.notes import delete_note, edit_note, note_contact
from crm_contacts.pages.photos import contact_photo, contact_thumbnail, delete_photo, put_photo
from crm_contacts.pages.positions import delete_position, position_form
from crm_contacts.pages.relationships import relate_contact, unrelate_contact
from crm_contacts.pages.sharing import share_contact
from crm_contacts.pages.tags import tag_contact, untag_contact
from crm_contacts.pages.timeline import timeline_page
from meishi.sdk.plugin import Page

_FORM = ("GET", "POST")

CONTACT_PAGES = (
    Page(name="list", rule="", view=contact_list, title="Contacts", permission="read"),
    Page(
        name="new", rule="/new", view=new_contact, title="New contact",
        permission="write", methods=_FORM,
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
        name="purge", rule="/<uuid:contact_id>/purge", view=purge_contact,
        title="Delete a contact for good", permission="write", methods=("POST",),
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
        name="position", rule="/<uuid:contact_id>/positions", view=position_form,
        title="Job history", permission="write", methods=_FORM,
    ),
    Page(
        name="delete-position", rule="/<uuid:contact_id>/positions/delete", view=delete_position,
        title="Remove a job", permission="write", methods=("POST",),
    ),
    Page(
        name="choose-merged", rule="/<uuid:contact_id>/merge-with", view=choose_merged,
        title="Merge with another contact", permission="write",
    ),
    Page(
        name="merge", rule="/<uuid:contact_id>/merge", view=merge_contacts,
        title="Merge contacts", permission="write", methods=_FORM,
    ),
    Page(
        name="unmerge", rule="/<uuid:contact_id>/merged/<uuid:source_id>/unmerge",
        view=unmerge_contact, title="Take a merge back", permission="write", methods=("POST",),
    ),
    Page(
        name="tag", rule="/<uuid:contact_id>/tags", view=tag_contact, title="Add a tag",
        permission="write", methods=("POST",),
    ),
    Page(
        name="untag", rule="/<uuid:contact_id>/tags/delete", view=untag_contact,
        title="Remove a tag", permission="write", methods=("POST",),
    ),
    Page(
        name="custom", rule="/<uuid:contact_id>/custom", view=change_values,
        title="Change custom fields", permission="write", methods=("POST",),
    ),
    Page(
        name="list-contact", rule="/<uuid:contact_id>/lists", view=list_contact,
        title="Add to a list", permission="write", methods=("POST",),
    ),
    Page(
        name="unlist-contact", rule="/<uuid:contact_id>/lists/delete", view=unlist_contact,
        title="Remove from a list", permission="write", methods=("POST",),
    ),
    Page(
        name="note", rule="/<uuid:contact_id>/notes", view=note_contact, title="Add a note",
        permission="write", methods=("POST",),
    ),
    Page(
        name="edit-note", rule="/<uuid:contact_id>/notes/<uuid:note_id>", view=edit_note,
        title="Change a note", permission="write", methods=("POST",),
    ),
    Page(
        name="delete-note", rule="/<uuid:contact_id>/notes/<uuid:note_id>/delete",
        view=delete_note, title="Delete a note", permission="write", methods=("POST",),
    ),
    Page(
        name="history", rule="/<uuid:contact_id>/history", view=history_page,
        title="History of a contact", permission="read",
    ),
    Page(
        name="timeline", rule="/<uuid:contact_id>/timeline", view=timeline_page,
        title="Timeline of a contact", permission="read",
    ),
    Page(
        name="revert", rule="/<uuid:contact_id>/history/<uuid:change_id>/revert",
        view=revert_change, title="Put fields back", permission="write", methods=("POST",),
    ),
    Page(
        name="consent", rule="/<uuid:contact_id>/consents", view=record_consent,
        title="Record a consent", permission="write", methods=("POST",),
    ),
    Page(
        name="photo", rule="/<uuid:contact_id>/photo.jpg", view=contact_photo, title="Photo",
        permission="read",
    ),
    Page(
        name="thumbnail", rule="/<uuid:contact_id>/thumbnail.jpg", view=contact_thumbnail,
        title="Photo", permission="read",
    ),
    Page(
        name="put-photo", rule="/<uuid:contact_id>/photo", view=put_photo, title="Change the photo",
        permission="write", methods=("POST",),
    ),
    Page(
        name="delete-photo", rule="/<uuid:contact_id>/photo/delete", view=delete_photo,
        title="Remove the photo", permission="write", methods=("POST",),
    ),
    Page(
        name="share", rule="/<uuid:contact_id>/sharing", view=share_contact,
        title="Share a contact", permission="write", methods=("POST",),
    ),
    Page(
        name="file", rule="/<uuid:contact_id>/contact.vcf", view=contact_file,
        title="Contact card", permission="read",
    ),
)  # fmt: skip
