"""The search over HTTP: what is asked, and what was found."""

from __future__ import annotations

from marshmallow import fields, validate

from meishi.sdk.http import ResourceSchema
from meishi.search.finding import Omission

MAX_TEXT = 200
MAX_HITS = 50
DEFAULT_HITS = 20


class SearchQuerySchema(ResourceSchema):
    """What somebody looks for."""

    q = fields.String(
        required=True,
        validate=validate.Length(1, MAX_TEXT),
        metadata={"description": "What is searched: words, or beginnings of them."},
    )
    limit = fields.Integer(
        load_default=DEFAULT_HITS,
        validate=validate.Range(1, MAX_HITS),
        metadata={"description": "How many hits at most."},
    )


class SearchHitSchema(ResourceSchema):
    """Something that was found."""

    plugin = fields.String(required=True, metadata={"example": "crm_contacts"})
    kind = fields.String(
        required=True,
        metadata={"description": "What it is: a name of the plugin's.", "example": "contacts"},
    )
    id = fields.UUID(required=True, attribute="hit.id")
    title = fields.String(
        required=True, attribute="hit.title", metadata={"example": "Anna Lindqvist"}
    )
    subtitle = fields.String(
        required=True, attribute="hit.subtitle", metadata={"example": "Lindqvist Arkitekter"}
    )
    path = fields.String(
        required=True,
        attribute="hit.path",
        metadata={
            "description": "The page that shows it, in the console of this deployment.",
            "example": "/contacts/01939d2c-5f6e-7a1b-8c3d-4e5f60718293",
        },
    )


class SearchOmissionSchema(ResourceSchema):
    """What could not be searched."""

    plugin = fields.String(required=True, metadata={"example": "qr"})
    kind = fields.String(required=True, metadata={"example": "cards"})
    reason = fields.Enum(
        Omission, by_value=True, required=True, metadata={"example": Omission.SLOW.value}
    )


class SearchResultSchema(ResourceSchema):
    """What was found: the best hit of each kind, then the second of each, and so on."""

    items = fields.List(fields.Nested(SearchHitSchema), required=True)
    incomplete = fields.List(
        fields.Nested(SearchOmissionSchema),
        required=True,
        metadata={"description": "Kinds that took too long, or failed: they may have hits, too."},
    )


RESOURCES = (SearchHitSchema, SearchOmissionSchema, SearchResultSchema)
