"""Contacts."""

from __future__ import annotations

from marshmallow import fields, validate

from crm_contacts.contract import (
    ContactKind,
    Visibility,
)
from crm_contacts.schemas.contact_fields import CustomValuesField, ParametersField
from meishi.sdk.http import PageSchema, ResourceSchema, TruthField

_DOMAIN = "lindqvist-arkitekter.example"


def _optional(example: str | None) -> fields.String:
    return fields.String(load_default=None, allow_none=True, metadata={"example": example})


class ContactNameSchema(ResourceSchema):
    """A name as displayed, and its parts."""

    full = fields.String(required=True, metadata={"example": "Anna Lindqvist"})
    given = _optional("Anna")
    family = _optional("Lindqvist")
    additional = _optional(None)
    prefix = _optional(None)
    suffix = _optional(None)


class _QualifiedSchema(ResourceSchema):
    """What all values have that a contact has several of."""

    types = fields.List(fields.String(), load_default=list, metadata={"example": ["work"]})
    label = _optional(None)
    primary = TruthField(load_default=False)
    verified = TruthField(
        metadata={
            "description": "Whether somebody has made sure that it is the contact's. Left out, it"
            " stays so of an equal value; another one is not.",
            "example": True,
        }
    )
    parameters = ParametersField()


class ContactEmailSchema(_QualifiedSchema):
    """An email address."""

    address = fields.String(
        required=True, validate=validate.Length(1), metadata={"example": f"Anna@{_DOMAIN}"}
    )
    normalised = fields.String(dump_only=True, metadata={"example": f"anna@{_DOMAIN}"})


class ContactPhoneSchema(_QualifiedSchema):
    """A telephone number; `normalised` is E.164 where the number is valid."""

    number = fields.String(
        required=True, validate=validate.Length(1), metadata={"example": "+46 70 123 45 67"}
    )
    normalised = fields.String(dump_only=True, metadata={"example": "+46701234567"})


class ContactLinkSchema(_QualifiedSchema):
    """A web address."""

    url = fields.String(
        required=True, validate=validate.Length(1), metadata={"example": f"https://{_DOMAIN}/"}
    )
    normalised = fields.String(dump_only=True, metadata={"example": _DOMAIN})


class ContactAddressSchema(_QualifiedSchema):
    """A postal address; `normalised` are its parts in normal forms, in their order in a vCard."""

    po_box = _optional(None)
    extended = _optional(None)
    street = _optional("Storgatan 1")
    locality = _optional("Uppsala")
    region = _optional(None)
    postal_code = _optional("753 31")
    country = _optional("Sweden")
    normalised = fields.String(
        dump_only=True, metadata={"example": ";;storgatan 1;uppsala;;75331;SE"}
    )


_DATE = {
    "description": "A year, a month or a day: `2019`, `2019-03` or `2019-03-01`.",
    "example": "2019-03",
}


class ContactPositionSchema(ResourceSchema):
    """A job that somebody has or had; one that is not `current` is over."""

    organisation = _optional("Lindqvist Arkitekter")
    units = fields.List(fields.String(), load_default=list, metadata={"example": []})
    title = _optional("Architect")
    role = _optional(None)
    start_date = fields.String(load_default=None, allow_none=True, metadata=_DATE)
    end_date = fields.String(
        load_default=None, allow_none=True, metadata={**_DATE, "example": None}
    )
    current = TruthField(load_default=False)
    note = _optional(None)


class ContactRawSchema(ResourceSchema):
    """A property of the source card that no field stands for."""

    name = fields.String(
        required=True, validate=validate.Length(1), metadata={"example": "X-SKYPE"}
    )
    value = fields.String(required=True, metadata={"example": "anna.lindqvist"})
    group = _optional(None)
    parameters = ParametersField()


class ContactDraftSchema(ResourceSchema):
    """A person or organisation to be stored."""

    kind = fields.Enum(ContactKind, by_value=True, load_default=ContactKind.INDIVIDUAL)
    uid = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1),
        metadata={"example": "urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1"},
    )
    name = fields.Nested(ContactNameSchema, required=True)
    nicknames = fields.List(fields.String(), load_default=list, metadata={"example": []})
    organisation = _optional("Lindqvist Arkitekter")
    units = fields.List(fields.String(), load_default=list, metadata={"example": []})
    title = _optional("Architect")
    role = _optional(None)
    birthday = fields.String(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "As written: `1990-04-04`, `--0404`, or text.",
            "example": "1990-04-04",
        },
    )
    note = _optional(None)
    emails = fields.List(fields.Nested(ContactEmailSchema), load_default=list)
    phones = fields.List(fields.Nested(ContactPhoneSchema), load_default=list)
    addresses = fields.List(fields.Nested(ContactAddressSchema), load_default=list)
    links = fields.List(fields.Nested(ContactLinkSchema), load_default=list)
    positions = fields.List(
        fields.Nested(ContactPositionSchema),
        load_default=list,
        metadata={
            "description": "The job history, also of the current job as far as more is known."
        },
    )
    tags = fields.List(
        fields.String(),
        load_default=list,
        metadata={
            "description": "Names; one that is new becomes a tag, and case makes no difference.",
            "example": ["Customer"],
        },
    )
    custom = CustomValuesField(load_default=dict)
    raw = fields.List(fields.Nested(ContactRawSchema), load_default=list)


class ContactSchema(ContactDraftSchema):
    """A stored person or organisation."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True, format="iso")
    updated_at = fields.AwareDateTime(required=True, format="iso")
    deleted_at = fields.AwareDateTime(
        required=True, allow_none=True, format="iso", metadata={"example": None}
    )
    owner_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The member whose it is; null where it is nobody's."},
    )
    visibility = fields.Enum(
        Visibility,
        by_value=True,
        required=True,
        metadata={"description": "Who sees it; `/sharing` tells whom it is shared with."},
    )


class ContactNamePatchSchema(ResourceSchema):
    """What to change about a name: absent members stay, null takes a part away."""

    full = fields.String()
    given = fields.String(allow_none=True)
    family = fields.String(allow_none=True)
    additional = fields.String(allow_none=True)
    prefix = fields.String(allow_none=True)
    suffix = fields.String(allow_none=True)


class ContactPatchSchema(ResourceSchema):
    """What to change about a contact (JSON Merge Patch, RFC 7396).

    Absent members stay, lists are replaced as a whole, null empties a list or a text.
    """

    kind = fields.Enum(ContactKind, by_value=True)
    uid = fields.String(allow_none=True, validate=validate.Length(1))
    name = fields.Nested(ContactNamePatchSchema)
    nicknames = fields.List(fields.String(), allow_none=True)
    organisation = fields.String(allow_none=True)
    units = fields.List(fields.String(), allow_none=True)
    title = fields.String(allow_none=True)
    role = fields.String(allow_none=True)
    birthday = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    emails = fields.List(fields.Nested(ContactEmailSchema), allow_none=True)
    phones = fields.List(fields.Nested(ContactPhoneSchema), allow_none=True)
    addresses = fields.List(fields.Nested(ContactAddressSchema), allow_none=True)
    links = fields.List(fields.Nested(ContactLinkSchema), allow_none=True)
    positions = fields.List(fields.Nested(ContactPositionSchema), allow_none=True)
    tags = fields.List(fields.String(), allow_none=True)
    custom = CustomValuesField(allow_none=True)
    raw = fields.List(fields.Nested(ContactRawSchema), allow_none=True)


class ContactPageSchema(PageSchema):
    """A part of a list of contacts."""

    items = fields.List(fields.Nested(ContactSchema), required=True)
