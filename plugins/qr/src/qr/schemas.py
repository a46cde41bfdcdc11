"""Resource schemas of the QR generator."""

from __future__ import annotations

from marshmallow import fields, validate

from meishi.sdk.http import CursorField, ResourceSchema
from qr.contract import CodeKind, ErrorCorrection
from qr.drawing import MAX_SCALE, MIN_SCALE


class CardDraftSchema(ResourceSchema):
    """What a card is made from."""

    contact_id = fields.UUID(required=True, metadata={"description": "Whose card it is."})


class CardSchema(ResourceSchema):
    """A person's card."""

    id = fields.UUID(required=True)
    contact_id = fields.UUID(required=True)
    title = fields.String(required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")


class CardPageSchema(ResourceSchema):
    """Cards in order of creation."""

    items = fields.List(fields.Nested(CardSchema), required=True)
    next_after = CursorField(
        required=True, allow_none=True, metadata={"description": "Null on the last page."}
    )


class CodeDraftSchema(ResourceSchema):
    """What a code is made from."""

    card_id = fields.UUID(required=True)
    kind = fields.Enum(CodeKind, by_value=True, load_default=CodeKind.VCARD)
    error_correction = fields.Enum(ErrorCorrection, by_value=True, load_default=ErrorCorrection.M)


class CodeSchema(ResourceSchema):
    """A code of a card; a static one carries its content itself."""

    id = fields.UUID(required=True)
    card_id = fields.UUID(required=True)
    kind = fields.Enum(CodeKind, by_value=True, required=True)
    error_correction = fields.Enum(ErrorCorrection, by_value=True, required=True)
    content = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")


class RenderQuerySchema(ResourceSchema):
    """How a code is drawn."""

    scale = fields.Integer(
        load_default=8,
        validate=validate.Range(MIN_SCALE, MAX_SCALE),
        metadata={"description": "Pixels per module."},
    )


RESOURCES = (CardDraftSchema, CardSchema, CardPageSchema, CodeDraftSchema, CodeSchema)
