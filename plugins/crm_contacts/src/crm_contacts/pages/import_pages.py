"""The pages of imports."""

from crm_contacts.pages.import_ends import cancel_import, forget_import
from crm_contacts.pages.import_mapping import forget_mapping, map_import, read_import
from crm_contacts.pages.import_photos import take_photos
from crm_contacts.pages.import_undo import undo_import
from crm_contacts.pages.importing import import_page, imports_page
from meishi.sdk.plugin import Page

_FORM = ("GET", "POST")

IMPORT_PAGES = (
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
)  # fmt: skip
