"""Resource schemas of the QR generator."""

from __future__ import annotations

from marshmallow import fields, validate

from meishi.sdk.http import Filter, PageSchema, ResourceSchema, list_query_schema
from qr.consent import CURRENT_CONSENT
from qr.contract import (
    ALL_FIELDS,
    DEFAULT_LOOK,
    CardField,
    CodeKind,
    ErrorCorrection,
    ExchangeState,
)
from qr.looks import MAX_QUIET_ZONE, MAX_SCALE, MIN_SCALE

_TEXT = validate.Length(1, 200)
_COLOUR = validate.Regexp(r"#[0-9a-fA-F]{6}\Z", error="Must be a colour of the form #rrggbb.")
_SHOWN = {
    "description": "Which parts of the contact everybody sees; the name always.",
    "example": [field.value for field in ALL_FIELDS],
}
_LABEL = {"description": "What the printed batch is called.", "example": "Spring fair"}
_SLUG = "7v3k9q2m4x8t"


class CardDraftSchema(ResourceSchema):
    """What a card is made from."""

    contact_id = fields.UUID(required=True, metadata={"description": "Whose card it is."})
    shown = fields.List(
        fields.Enum(CardField, by_value=True),
        data_key="fields",
        load_default=list(ALL_FIELDS),
        metadata=_SHOWN,
    )


class CardPatchSchema(ResourceSchema):
    """What of a card can change (JSON Merge Patch, RFC 7396)."""

    title = fields.String(
        validate=_TEXT,
        metadata={"description": "For its owner's eyes.", "example": "Anna Lindqvist"},
    )
    shown = fields.List(fields.Enum(CardField, by_value=True), data_key="fields", metadata=_SHOWN)


class CardSchema(ResourceSchema):
    """A person's card."""

    id = fields.UUID(required=True)
    contact_id = fields.UUID(required=True)
    title = fields.String(required=True, metadata={"example": "Anna Lindqvist"})
    shown = fields.List(
        fields.Enum(CardField, by_value=True),
        data_key="fields",
        attribute="fields",
        required=True,
        metadata=_SHOWN,
    )
    slug = fields.String(required=True, metadata={"example": _SLUG})
    page_url = fields.String(
        required=True,
        metadata={
            "description": "Where everybody sees it.",
            "example": f"https://example.com/p/{_SLUG}",
        },
    )
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    updated_at = fields.AwareDateTime(required=True, format="iso")

    created_by = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The user who made it."}
    )


class CardPageSchema(PageSchema):
    """Cards in order of creation."""

    items = fields.List(fields.Nested(CardSchema), required=True)


CardQuerySchema = list_query_schema("CardQuerySchema", filters={"contact_id": Filter(fields.UUID)})


class CodeDraftSchema(ResourceSchema):
    """What a code is made from."""

    card_id = fields.UUID(required=True)
    kind = fields.Enum(CodeKind, by_value=True, load_default=CodeKind.VCARD)
    error_correction = fields.Enum(ErrorCorrection, by_value=True, load_default=ErrorCorrection.M)
    label = fields.String(load_default=None, allow_none=True, validate=_TEXT, metadata=_LABEL)


class CodePatchSchema(ResourceSchema):
    """What of a code can change (JSON Merge Patch, RFC 7396)."""

    card_id = fields.UUID(metadata={"description": "Where a dynamic code leads from now on."})
    label = fields.String(allow_none=True, validate=_TEXT, metadata=_LABEL)


class CodeSchema(ResourceSchema):
    """A code of a card; what it says never changes."""

    id = fields.UUID(required=True)
    card_id = fields.UUID(required=True)
    kind = fields.Enum(CodeKind, by_value=True, required=True)
    error_correction = fields.Enum(ErrorCorrection, by_value=True, required=True)
    content = fields.String(
        required=True,
        metadata={"example": "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Lindqvist\r\nEND:VCARD\r\n"},
    )
    label = fields.String(required=True, allow_none=True, metadata=_LABEL)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    updated_at = fields.AwareDateTime(required=True, format="iso")
    deleted_at = fields.AwareDateTime(
        required=True, allow_none=True, format="iso", metadata={"example": None}
    )


class CodePageSchema(PageSchema):
    """Codes in order of creation."""

    items = fields.List(fields.Nested(CodeSchema), required=True)


CodeQuerySchema = list_query_schema(
    "CodeQuerySchema",
    filters={"card_id": Filter(fields.UUID), "deleted": Filter(fields.Boolean)},
)


class RenderQuerySchema(ResourceSchema):
    """How a code is drawn."""

    scale = fields.Integer(
        load_default=DEFAULT_LOOK.scale,
        validate=validate.Range(MIN_SCALE, MAX_SCALE),
        metadata={"description": "Pixels per module."},
    )
    dark = fields.String(
        load_default=DEFAULT_LOOK.dark,
        validate=_COLOUR,
        metadata={"description": "Colour of the modules."},
    )
    light = fields.String(
        load_default=DEFAULT_LOOK.light,
        validate=_COLOUR,
        metadata={"description": "Colour of the ground."},
    )
    quiet_zone = fields.Integer(
        load_default=DEFAULT_LOOK.quiet_zone,
        validate=validate.Range(0, MAX_QUIET_ZONE),
        metadata={"description": "Modules of free space around the symbol."},
    )


class LookSchema(RenderQuerySchema):
    """How a code is drawn, as part of a report."""


class SizeCheckSchema(ResourceSchema):
    """Whether a code of one size was read."""

    pixels = fields.Integer(required=True, metadata={"example": 360})
    decodes = fields.Boolean(required=True)


class ScanReportSchema(ResourceSchema):
    """How well a code can be scanned."""

    scannable = fields.Boolean(required=True)
    decodes = fields.Boolean(required=True)
    contrast = fields.Float(
        required=True, metadata={"description": "Dark on light, 1 to 21.", "example": 21}
    )
    quiet_zone = fields.Integer(required=True, metadata={"example": DEFAULT_LOOK.quiet_zone})
    version = fields.Integer(
        required=True, metadata={"description": "Of the symbol, 1 to 40.", "example": 5}
    )
    error_correction = fields.Enum(ErrorCorrection, by_value=True, required=True)
    modules = fields.Integer(required=True, metadata={"example": 37})
    sizes = fields.List(fields.Nested(SizeCheckSchema), required=True)
    suggestions = fields.List(fields.String(), required=True, metadata={"example": []})
    suggested = fields.Nested(LookSchema, required=True)


class ExchangeDetailsSchema(ResourceSchema):
    """What a visitor has left of themselves."""

    name = fields.String(required=True, metadata={"example": "Bo Nilsson"})
    email = fields.String(required=True, allow_none=True, metadata={"example": "bo@example.org"})
    phone = fields.String(required=True, allow_none=True, metadata={"example": "+46 8 123 456 78"})
    organisation = fields.String(
        required=True, allow_none=True, metadata={"example": "Nilsson & Co"}
    )
    title = fields.String(required=True, allow_none=True, metadata={"example": "Baker"})
    note = fields.String(required=True, allow_none=True, metadata={"example": "Met at the fair."})


class ExchangeConsentSchema(ResourceSchema):
    """What a visitor has agreed to, in the words that they read."""

    version = fields.String(required=True, metadata={"example": CURRENT_CONSENT.version})
    text = fields.String(required=True, metadata={"example": CURRENT_CONSENT.text})
    purpose = fields.String(required=True, metadata={"example": CURRENT_CONSENT.purpose})
    given_at = fields.AwareDateTime(required=True, format="iso")


class ExchangeSchema(ResourceSchema):
    """A card that a visitor has left at a card."""

    id = fields.UUID(required=True)
    card_id = fields.UUID(required=True)
    state = fields.Enum(ExchangeState, by_value=True, required=True)
    details = fields.Nested(
        ExchangeDetailsSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Null once they are a contact, and of erased people."},
    )
    consent = fields.Nested(ExchangeConsentSchema, required=True)
    visitor_contact_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The contact that came of it."}
    )
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    settled_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"description": "When it became a contact, or was refused."},
    )


class ExchangePageSchema(PageSchema):
    """Exchanges, newest first."""

    items = fields.List(fields.Nested(ExchangeSchema), required=True)


ExchangeQuerySchema = list_query_schema(
    "ExchangeQuerySchema",
    filters={
        "card_id": Filter(fields.UUID),
        "state": Filter(fields.Enum(ExchangeState, by_value=True)),
        "visitor_contact_id": Filter(fields.UUID),
    },
)


RESOURCES = (
    CardDraftSchema,
    CardPatchSchema,
    CardSchema,
    CardPageSchema,
    CodeDraftSchema,
    CodePatchSchema,
    CodeSchema,
    CodePageSchema,
    LookSchema,
    SizeCheckSchema,
    ScanReportSchema,
    ExchangeDetailsSchema,
    ExchangeConsentSchema,
    ExchangeSchema,
    ExchangePageSchema,
)
