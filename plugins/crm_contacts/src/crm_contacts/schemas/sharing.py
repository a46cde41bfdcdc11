"""Whose contacts are, and who sees them."""

from __future__ import annotations

from marshmallow import fields, validate

from crm_contacts.contract import Access, Visibility
from meishi.sdk.http import ResourceSchema


class ShareSchema(ResourceSchema):
    """Somebody who sees a private contact besides its owner."""

    user_id = fields.UUID(required=True)
    access = fields.Enum(
        Access,
        by_value=True,
        load_default=Access.READ,
        metadata={"description": "Whether they may change it, too."},
    )


class SharingDraftSchema(ResourceSchema):
    """Whose a contact is to be, and who is to see it."""

    owner_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "A member of the workspace; null for nobody."},
    )
    visibility = fields.Enum(
        Visibility,
        by_value=True,
        required=True,
        metadata={
            "description": "`workspace` for everybody; `private` for the owner and those it is"
            " shared with."
        },
    )
    shared_with = fields.List(
        fields.Nested(ShareSchema), load_default=list, validate=validate.Length(0, 100)
    )


class SharingSchema(SharingDraftSchema):
    """Whose a contact is, and who sees it."""

    contact_id = fields.UUID(required=True)
    version = fields.Integer(
        required=True, metadata={"description": "That of the contact.", "example": 2}
    )
