"""Exports over HTTP: the formats that there are."""

from __future__ import annotations

from marshmallow import fields

from meishi.sdk.http import ResourceSchema


class ExportFormatSchema(ResourceSchema):
    """A format into which a resource can be written."""

    name = fields.String(
        required=True, attribute="exporter.name", metadata={"example": "contacts-vcard"}
    )
    title = fields.String(required=True, attribute="exporter.title", metadata={"example": "vCard"})
    plugin = fields.String(required=True, metadata={"example": "crm_contacts"})
    resource = fields.String(
        required=True,
        attribute="exporter.resource",
        metadata={"description": "What is written.", "example": "crm_contacts.Contact"},
    )
    media_type = fields.String(
        required=True, attribute="exporter.media_type", metadata={"example": "text/vcard"}
    )
    suffix = fields.String(required=True, attribute="exporter.suffix", metadata={"example": ".vcf"})


class ExportFormatListSchema(ResourceSchema):
    """The formats that you may use."""

    items = fields.List(fields.Nested(ExportFormatSchema), required=True)


RESOURCES = (ExportFormatSchema, ExportFormatListSchema)
