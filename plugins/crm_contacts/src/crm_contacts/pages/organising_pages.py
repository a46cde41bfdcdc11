"""Pages about many contacts: duplicates, tags, fields, lists, and what is done with a list."""

from crm_contacts.pages.custom_fields import delete_field, fields_page, rename_field
from crm_contacts.pages.duplicate_groups import group_list, merge_group
from crm_contacts.pages.duplicate_scans import scan_duplicates, stop_scan
from crm_contacts.pages.duplicates import decide_duplicate, duplicate_list
from crm_contacts.pages.groups import (
    delete_list,
    delete_segment,
    groups_page,
    rename_list,
    rename_segment,
    save_segment,
)
from crm_contacts.pages.many import choose_edit, edit_many, edit_page, stop_edit
from crm_contacts.pages.tags import delete_tag, merge_tag, new_tag, rename_tag, tags_page
from meishi.sdk.plugin import Page

_FORM = ("GET", "POST")

ORGANISING_PAGES = (
    Page(
        name="duplicates", rule="/duplicates", view=duplicate_list, title="Duplicates",
        permission="read",
    ),
    Page(
        name="scan", rule="/duplicates/scan", view=scan_duplicates, title="Compare all contacts",
        permission="write", methods=("POST",),
    ),
    Page(
        name="stop-scan", rule="/duplicates/scan/stop", view=stop_scan,
        title="Stop comparing all contacts", permission="write", methods=("POST",),
    ),
    Page(
        name="duplicate-groups", rule="/duplicates/groups", view=group_list,
        title="Groups of duplicates", permission="read",
    ),
    Page(
        name="merge-group", rule="/<uuid:contact_id>/merge-group", view=merge_group,
        title="Merge a group", permission="write", methods=_FORM,
    ),
    Page(
        name="decide", rule="/duplicates/<uuid:pair_id>/decide", view=decide_duplicate,
        title="Decide about a pair", permission="write", methods=("POST",),
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
        name="rename-segment", rule="/segments/<uuid:segment_id>", view=rename_segment,
        title="Rename a segment", permission="write", methods=("POST",),
    ),
    Page(
        name="delete-segment", rule="/segments/<uuid:segment_id>/delete", view=delete_segment,
        title="Delete a segment", permission="write", methods=("POST",),
    ),
    Page(
        name="bulk-edit", rule="/bulk-edit", view=edit_many, title="Edit many contacts",
        permission="write", methods=("POST",),
    ),
    Page(
        name="many", rule="/many", view=choose_edit, title="Many contacts at once",
        permission="write", methods=("POST",),
    ),
    Page(
        name="edit-state", rule="/edits/<uuid:operation_id>", view=edit_page,
        title="Edit of many contacts", permission="read",
    ),
    Page(
        name="stop-edit", rule="/edits/<uuid:operation_id>/stop", view=stop_edit,
        title="Stop an edit of many contacts", permission="write", methods=("POST",),
    ),
)  # fmt: skip
