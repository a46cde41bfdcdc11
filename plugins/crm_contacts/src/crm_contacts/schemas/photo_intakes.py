"""Photos in the cards of imports."""

from __future__ import annotations

from marshmallow import fields

from meishi.sdk.http import ResourceSchema


class PhotoIntakeSchema(ResourceSchema):
    """What became of the photos in the cards of an import; all but the taken ones stay in `raw`."""

    found = fields.Integer(
        required=True, metadata={"description": "Pictures that stand in cards.", "example": 84}
    )
    waiting = fields.Integer(
        required=True, metadata={"description": "Nobody has looked at them yet.", "example": 0}
    )
    taken = fields.Integer(
        required=True, metadata={"description": "Became photos of contacts.", "example": 80}
    )
    kept = fields.Integer(
        required=True,
        metadata={
            "description": "Of contacts that have a photo which somebody brought, or which are"
            " gone, or not theirs to write who imported them.",
            "example": 3,
        },
    )
    unfit = fields.Integer(
        required=True,
        metadata={"description": "No pictures, or refused as uploads are.", "example": 1},
    )
    beyond = fields.Integer(
        required=True,
        metadata={"description": "Beyond `max_import_photo_bytes`.", "example": 0},
    )
    operation_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The operation that does the work, or did it last."},
    )
