"""Photos of contacts."""

from __future__ import annotations

from marshmallow import fields

from crm_contacts.contract import PhotoSize
from meishi.sdk.http import ResourceSchema


class PhotoSchema(ResourceSchema):
    """What is known of the photo of a contact."""

    contact_id = fields.UUID(required=True)
    media_type = fields.String(required=True, metadata={"example": "image/jpeg"})
    width = fields.Integer(required=True, metadata={"example": 512})
    height = fields.Integer(required=True, metadata={"example": 384})
    size = fields.Integer(required=True, metadata={"description": "Octets.", "example": 31_204})
    digest = fields.String(
        required=True,
        metadata={
            "description": "Stands for the photo: another one has another digest.",
            "example": "0123456789abcdef0123456789abcdef",
        },
    )
    changed_at = fields.AwareDateTime(required=True, format="iso")
    other_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The contact from which a merge took it.", "example": None},
    )
    import_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={
            "description": "The import with whose card it came; null if somebody brought it.",
            "example": None,
        },
    )


class PhotoQuerySchema(ResourceSchema):
    """How large a photo is wanted."""

    size = fields.Enum(
        PhotoSize,
        by_value=True,
        load_default=PhotoSize.FULL,
        metadata={"description": "As it is kept, or as lists show it (96 pixels at most)."},
    )
