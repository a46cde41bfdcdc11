"""What is asked for of contacts: which of a list, which is to match, and how one is written."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from crm_contacts.contract import (
    ConsentChannel,
    ConsentState,
    ContactKind,
    ContactMatch,
    VCardVersion,
    Visibility,
)
from crm_contacts.filter_keys import ADDRESS_KEYS
from meishi.sdk.contract import Operator
from meishi.sdk.http import Filter, ResourceSchema, list_query_schema

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class MomentField(fields.AwareDateTime):
    """A time with its offset, or a day, which stands for its beginning in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        is_day = isinstance(value, str) and _DAY.fullmatch(value)
        written = f"{value}T00:00:00+00:00" if is_day else value
        return super()._deserialize(written, attr, data, **kwargs)


_TEXT = (Operator.EQ, Operator.PREFIX, Operator.EMPTY)
_TIME = (Operator.LT, Operator.LTE, Operator.GT, Operator.GTE)
#: Of what is only asked whether it is there.
_PRESENT = ("nickname", "unit", "note", "address")
_THERE = fields.String(
    validate=validate.OneOf(["false"]), metadata={"description": "Those who have one."}
)
_DATE = fields.String(
    validate=validate.Regexp(r"^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?|--[0-9]{2}(-[0-9]{2})?)$"),
    metadata={
        "description": "A day, a month or a year; without the year, a day or a month of any.",
        "example": "--04-04",
    },
)
_MEMBERS = fields.String(
    validate=validate.Length(1, 4000),
    metadata={"description": "Ids or names, separated by commas."},
)
#: Contacts that are named by their ids, each of 36 characters and a comma: addresses have an end.
MOST_NAMED = 100
_IDS = fields.String(
    validate=validate.Length(1, MOST_NAMED * 37),
    metadata={
        "description": f"Ids, separated by commas; {MOST_NAMED} at most.",
        "example": "01939d2c-5f6e-7a1b-8c3d-4e5f60718293",
    },
)
_OWNER = fields.String(
    validate=validate.Length(1, 36),
    metadata={"description": "`me`, `none`, or the id of a member.", "example": "me"},
)
_SEGMENT = fields.String(
    validate=validate.Length(1, 200), metadata={"description": "The id of a segment, or its name."}
)

ContactQuerySchema = list_query_schema(
    "ContactQuerySchema",
    filters={
        "id": Filter(_IDS, (Operator.IN,)),
        "kind": Filter(fields.Enum(ContactKind, by_value=True)),
        "uid": Filter(fields.String, (Operator.EQ, Operator.EMPTY)),
        "name": Filter(fields.String, (Operator.EQ, Operator.PREFIX)),
        "given_name": Filter(fields.String, _TEXT),
        "family_name": Filter(fields.String, _TEXT),
        "organisation": Filter(fields.String, _TEXT),
        "title": Filter(fields.String, _TEXT),
        "role": Filter(fields.String, _TEXT),
        "past_organisation": Filter(fields.String, _TEXT),
        "past_title": Filter(fields.String, _TEXT),
        "email": Filter(fields.String, _TEXT),
        "phone": Filter(fields.String(metadata={"example": "+46701234507"}), _TEXT),
        "link": Filter(fields.String(metadata={"example": "example.com/anna"}), _TEXT),
        **{name: Filter(fields.String, _TEXT) for name in ADDRESS_KEYS},
        "birthday": Filter(_DATE, (Operator.EQ, Operator.PREFIX, *_TIME, Operator.EMPTY)),
        **{name: Filter(fields.Boolean, (Operator.EMPTY,)) for name in _PRESENT},
        "photo": Filter(_THERE, (Operator.EMPTY,)),
        "visibility": Filter(fields.Enum(Visibility, by_value=True)),
        "created_at": Filter(MomentField(format="iso"), _TIME),
        "updated_at": Filter(MomentField(format="iso"), _TIME),
        "tag": Filter(_MEMBERS, (Operator.IN, Operator.ALL, Operator.NONE)),
        "list": Filter(_MEMBERS, (Operator.IN, Operator.ALL, Operator.NONE)),
        "segment": Filter(_SEGMENT),
        "owner": Filter(_OWNER),
        **{
            f"consent_{channel}": Filter(fields.Enum(ConsentState, by_value=True))
            for channel in ConsentChannel
        },
        "deleted": Filter(fields.Boolean),
    },
    sorts=("name", "organisation", "created_at", "updated_at"),
    families={"custom": tuple(set(Operator) - {Operator.ALL, Operator.NONE})},
    searched=(
        "Words that must all be found in names, emails, phones, organisation, units, title, role,"
        " links, towns, former jobs or note: whole, in part or with typing errors. The best"
        " thousand matches, best first."
    ),
)


class ContactUpsertQuerySchema(ResourceSchema):
    """Whether a contact is changed that is there already."""

    match = fields.Enum(
        ContactMatch,
        by_value=True,
        load_default=None,
        metadata={
            "description": "Change the one contact that has the body's `uid`, or the first of its"
            " `emails` (the primary one, if there is one), with what the body names; create one"
            " only if there is none."
        },
    )


class ContactCardQuerySchema(ResourceSchema):
    """How a contact is written as a vCard."""

    version = fields.Enum(
        VCardVersion,
        by_value=True,
        load_default=VCardVersion.V3,
        metadata={"description": "RFC 2426 or RFC 6350."},
    )
