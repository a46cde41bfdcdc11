"""Pages of the contact service."""

from crm_contacts.pages.consents import record_consent
from crm_contacts.pages.contact import (
    contact_file,
    contact_page,
    delete_contact,
    purge_contact,
    restore_contact,
)
from crm_contacts.pages.custom_fields import (
    change_values,
    delete_field,
    fields_page,
    rename_field,
)
from crm_contacts.pages.duplicates import (
    choose_merged,
    decide_duplicate,
    duplicate_list,
    merge_contacts,
    scan_duplicates,
    unmerge_contact,
)
from crm_contacts.pages.editing import edit_contact, new_contact
from crm_contacts.pages.groups import (
    delete_list,
    delete_segment,
    groups_page,
    list_contact,
    rename_list,
    save_segment,
    unlist_contact,
)
from crm_contacts.pages.history import history_page, revert_change
from crm_contacts.pages.import_ends import cancel_import, forget_import
from crm_contacts.pages.import_mapping import forget_mapping, map_import, read_import
from crm_contacts.pages.import_photos import take_photos
from crm_contacts.pages.import_undo import undo_import
from crm_contacts.pages.importing import import_page, imports_page
from crm_contacts.pages.listing import contact_list
from crm_contacts.pages.notes import delete_note, edit_note, note_contact
from crm_contacts.pages.photos import contact_photo, contact_thumbnail, delete_photo, put_photo
from crm_contacts.pages.positions import delete_position, position_form
from crm_contacts.pages.relationships import relate_contact, unrelate_contact
from crm_contacts.pages.sharing import hand_over, share_contact
from crm_contacts.pages.tags import (
    delete_tag,
    edit_many,
    merge_tag,
    new_tag,
    rename_tag,
    tag_contact,
    tags_page,
    untag_contact,
)
from crm_contacts.pages.timeline import timeline_page
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
        name="map-import", rule="/import/<uuid:import_id>/mapping", view=map_import,
        title="Map the columns of an import", permission="write", methods=("POST",),
    ),
    Page(
        name="forget-mapping", rule="/import/<uuid:import_id>/forget-mapping", view=forget_mapping,
        title="Forget how columns were mapped", permission="write", methods=("POST",),
    ),
    Page(
        name="undo-import", rule="/import/<uuid:import_id>/undo", view=undo_import,
        title="Undo an import", permission="write", methods=("POST",),
    ),
    Page(
        name="cancel-import", rule="/import/<uuid:import_id>/cancel", view=cancel_import,
        title="Stop an import", permission="write", methods=("POST",),
    ),
    Page(
        name="forget-import", rule="/import/<uuid:import_id>/forget", view=forget_import,
        title="Forget an import", permission="write", methods=("POST",),
    ),
    Page(
        name="take-photos", rule="/import/<uuid:import_id>/photos", view=take_photos,
        title="Take the photos of an import", permission="write", methods=("POST",),
    ),
    Page(
        name="read-import", rule="/import/<uuid:import_id>/dialect", view=read_import,
        title="Read the file of an import otherwise", permission="write", methods=("POST",),
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
        name="duplicates", rule="/duplicates", view=duplicate_list, title="Duplicates",
        permission="read",
    ),
    Page(
        name="scan", rule="/duplicates/scan", view=scan_duplicates, title="Compare all contacts",
        permission="write", methods=("POST",),
    ),
    Page(
        name="decide", rule="/duplicates/<uuid:pair_id>/decide", view=decide_duplicate,
        title="Decide about a pair", permission="write", methods=("POST",),
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
    Page(name="tags", rule="/tags", view=tags_page, title="Tags", permission="read"),
    Page(
        name="new-tag", rule="/tags/new", view=new_tag, title="New tag", permission="write",
        methods=("POST",),
    ),
    Page(
        name="rename-tag", rule="/tags/<uuid:tag_id>", view=rename_tag, title="Change a tag",
        permission="organise", methods=("POST",),
    ),
    Page(
        name="merge-tag", rule="/tags/<uuid:tag_id>/merge", view=merge_tag, title="Merge a tag",
        permission="organise", methods=("POST",),
    ),
    Page(
        name="delete-tag", rule="/tags/<uuid:tag_id>/delete", view=delete_tag,
        title="Delete a tag", permission="organise", methods=("POST",),
    ),
    Page(
        name="custom", rule="/<uuid:contact_id>/custom", view=change_values,
        title="Change custom fields", permission="write", methods=("POST",),
    ),
    Page(
        name="custom-fields", rule="/custom-fields", view=fields_page, title="Custom fields",
        permission="organise", methods=_FORM,
    ),
    Page(
        name="rename-field", rule="/custom-fields/<uuid:field_id>", view=rename_field,
        title="Change a custom field", permission="organise", methods=("POST",),
    ),
    Page(
        name="delete-field", rule="/custom-fields/<uuid:field_id>/delete", view=delete_field,
        title="Delete a custom field", permission="organise", methods=("POST",),
    ),
    Page(
        name="groups", rule="/groups", view=groups_page, title="Lists and segments",
        permission="write", methods=_FORM,
    ),
    Page(
        name="rename-list", rule="/groups/<uuid:list_id>", view=rename_list,
        title="Rename a list", permission="write", methods=("POST",),
    ),
    Page(
        name="delete-list", rule="/groups/<uuid:list_id>/delete", view=delete_list,
        title="Delete a list", permission="write", methods=("POST",),
    ),
    Page(
        name="save-segment", rule="/segments", view=save_segment, title="Save a segment",
        permission="write", methods=("POST",),
    ),
    Page(
        name="delete-segment", rule="/segments/<uuid:segment_id>/delete", view=delete_segment,
        title="Delete a segment", permission="write", methods=("POST",),
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
        name="bulk-edit", rule="/bulk-edit", view=edit_many, title="Edit many contacts",
        permission="write", methods=("POST",),
    ),
    Page(
        name="share", rule="/<uuid:contact_id>/sharing", view=share_contact,
        title="Share a contact", permission="write", methods=("POST",),
    ),
    Page(
        name="hand-over", rule="/hand-over", view=hand_over, title="Hand contacts over",
        permission="write", methods=("POST",),
    ),
    Page(
        name="file", rule="/<uuid:contact_id>/contact.vcf", view=contact_file,
        title="Contact card", permission="read",
    ),
)  # fmt: skip

NAVIGATION = (NavigationEntry(page="list", title="Contacts", icon="address-book", order=10),)

__all__ = ["NAVIGATION", "PAGES"]
