"""Contacts as files: those that a list's query means, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from crm_contacts.contract import ContactDocuments, CustomFields
from crm_contacts.file_formats import FORMATS, FileFormat, all_fields, pages
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.sdk.plugin import Exporter


def _written(form: FileFormat, wanted: ListQuery) -> Iterator[bytes]:
    read = partial(
        service(ContactDocuments).list, with_photos=form.cards, with_relations=form.cards
    )
    return form.write(pages(wanted, read), all_fields(service(CustomFields).list))


EXPORTERS = tuple(
    Exporter(
        name=f"contacts-{form.name}", title=form.title, resource="crm_contacts.Contact",
        media_type=form.media_type, suffix=form.suffix, write=partial(_written, form),
        permission="read",
    )
    for form in FORMATS
)  # fmt: skip
