"""Imports over HTTP: importers, files, and what became of what is in them."""

from __future__ import annotations

from marshmallow import fields, validate

from meishi.imports.records import ImportState
from meishi.sdk.http import CursorField, ResourceSchema, TruthField

_MAX_NAME = 255
_MAX_COLUMNS = 200
_MAX_TEXT = 200
_IMPORTER = "contacts-vcard"


class ImporterSchema(ResourceSchema):
    """A format that can be read."""

    name = fields.String(required=True, attribute="importer.name", metadata={"example": _IMPORTER})
    title = fields.String(required=True, attribute="importer.title", metadata={"example": "vCard"})
    plugin = fields.String(required=True, metadata={"example": "crm_contacts"})
    resource = fields.String(
        required=True,
        attribute="importer.resource",
        metadata={"description": "What is made of a file.", "example": "crm_contacts.Contact"},
    )
    media_types = fields.List(
        fields.String(),
        required=True,
        attribute="importer.media_types",
        metadata={"example": ["text/vcard"]},
    )
    suffixes = fields.List(
        fields.String(),
        required=True,
        attribute="importer.suffixes",
        metadata={"example": [".vcf"]},
    )
    max_bytes = fields.Integer(
        required=True, attribute="importer.max_bytes", metadata={"example": 16777216}
    )


class ImporterListSchema(ResourceSchema):
    """The formats that you may import."""

    items = fields.List(fields.Nested(ImporterSchema), required=True)


class FileUploadQuerySchema(ResourceSchema):
    """Query parameters of an upload."""

    importer = fields.String(
        load_default=None,
        validate=validate.Length(1, _MAX_NAME),
        metadata={
            "description": "Who is to read the file; without it, its type and name tell, or its"
            " preview.",
            "example": _IMPORTER,
        },
    )
    name = fields.String(
        load_default=None,
        validate=validate.Length(1, _MAX_NAME),
        metadata={"description": "The file's name.", "example": "people.vcf"},
    )


class FileImportCountsSchema(ResourceSchema):
    """How many resources were read so far, and what became of them."""

    items = fields.Integer(required=True, metadata={"example": 120})
    created = fields.Integer(required=True, metadata={"example": 100})
    updated = fields.Integer(required=True, metadata={"example": 4})
    unchanged = fields.Integer(required=True, metadata={"example": 11})
    rejected = fields.Integer(required=True, metadata={"example": 5})


class ImportFieldSchema(ResourceSchema):
    """What a column can become."""

    name = fields.String(required=True, metadata={"example": "email"})
    title = fields.String(required=True, metadata={"example": "E-mail"})


class ImportPreviewSchema(ResourceSchema):
    """What an importer sees in a file: its columns, and the first values of each."""

    columns = fields.List(fields.String(), required=True, metadata={"example": ["Name", "Mail"]})
    rows = fields.List(
        fields.List(fields.String()),
        required=True,
        metadata={"example": [["Anna Lindqvist", "anna@example.com"]]},
    )
    fields_ = fields.List(
        fields.Nested(ImportFieldSchema), required=True, attribute="fields", data_key="fields"
    )
    mapping = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={
            "description": "The proposal: column to name of a field.",
            "example": {"Mail": "email"},
        },
    )
    total = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "How many are in the file, if that is known.", "example": 120},
    )
    problems = fields.List(
        fields.String(), required=True, metadata={"example": ["The column Shoe is not read."]}
    )


class FileImportSchema(ResourceSchema):
    """A file on its way in, and how far its import has come."""

    id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True, metadata={"example": "people.vcf"})
    media_type = fields.String(required=True, metadata={"example": "text/vcard"})
    plugin = fields.String(required=True, allow_none=True, metadata={"example": "crm_contacts"})
    importer = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Null until a preview has found out who reads the file.",
            "example": _IMPORTER,
        },
    )
    state = fields.Enum(
        ImportState,
        by_value=True,
        required=True,
        metadata={
            "description": "`tried` is at the end of a dry run.",
            "example": ImportState.UPLOADED.value,
        },
    )
    size = fields.Integer(
        required=True, metadata={"description": "Octets of the file.", "example": 48213}
    )
    progress = fields.Float(required=True, metadata={"description": "From 0 to 1."})
    preview = fields.Nested(
        ImportPreviewSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Null before `preview`, and when the import is complete."},
    )
    mapping = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={
            "description": "What was chosen for the last run.",
            "example": {"Mail": "email"},
        },
    )
    dry_run = fields.Boolean(required=True, metadata={"example": False})
    counts = fields.Nested(FileImportCountsSchema, required=True)
    operation_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The last operation that was to do something with the file."},
    )
    created_at = fields.AwareDateTime(required=True, format="iso")
    completed_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"example": "2026-01-31T09:30:04Z"},
    )


class FileImportPageSchema(ResourceSchema):
    """Imports, newest first."""

    items = fields.List(fields.Nested(FileImportSchema), required=True)
    next_after = CursorField(
        required=True, allow_none=True, metadata={"description": "Null on the last page."}
    )


class FileImportRunSchema(ResourceSchema):
    """How a file is to be taken in."""

    mapping = fields.Dict(
        keys=fields.String(validate=validate.Length(1, _MAX_TEXT)),
        values=fields.String(validate=validate.Length(1, _MAX_TEXT)),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=_MAX_COLUMNS),
        metadata={
            "description": "Column to name of a field; without it, that of the preview.",
            "example": {"Mail": "email"},
        },
    )
    dry_run = TruthField(
        load_default=False,
        metadata={"description": "Tell what it would come to, and store nothing."},
    )


class RejectedItemSchema(ResourceSchema):
    """A resource of a file that was not taken."""

    position = fields.Integer(
        required=True, metadata={"description": "Its place in the file, from 1.", "example": 7}
    )
    code = fields.String(required=True, metadata={"example": "no-name"})
    message = fields.String(required=True, metadata={"example": "There is no name."})


class RejectedItemQuerySchema(ResourceSchema):
    """Query parameters of the rejects of an import."""

    after = fields.Integer(
        load_default=None,
        validate=validate.Range(0, 2**31 - 1),
        metadata={"description": "`next_after` of the page before."},
    )
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, 200),
        metadata={"description": "How many items at most."},
    )


class RejectedItemPageSchema(ResourceSchema):
    """What was rejected, in the order of the file; of more than 1,000, the first ones."""

    items = fields.List(fields.Nested(RejectedItemSchema), required=True)
    next_after = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Null on the last page."}
    )


RESOURCES = (
    ImporterSchema,
    ImporterListSchema,
    FileImportSchema,
    FileImportPageSchema,
    FileImportCountsSchema,
    ImportFieldSchema,
    ImportPreviewSchema,
    RejectedItemSchema,
    RejectedItemPageSchema,
)
