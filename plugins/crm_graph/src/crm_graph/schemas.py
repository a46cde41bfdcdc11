"""How the graph looks in the web API."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from meishi.sdk.http import ResourceSchema

_ID = "0192f0c1-7a80-7000-8000-000000000001"
_OTHER = "0192f0c1-7a80-7000-8000-000000000002"
_STRENGTH = {"description": "From 0 to 1.", "example": 0.64}
_PLACES = "Places in `ids`, from 0 on."


def _array(
    kind: type[fields.Field[Any]], example: list[Any], said: str = "", *, null: bool = False
) -> fields.List[Any]:
    """Return one of the parallel arrays of a document."""
    metadata: dict[str, Any] = {"example": example}
    if said:
        metadata["description"] = said
    return fields.List(kind(allow_none=null), required=True, metadata=metadata)


class GraphPersonSchema(ResourceSchema):
    """A contact as a node of the graph."""

    id = fields.UUID(required=True, metadata={"example": _ID})
    name = fields.String(required=True, metadata={"example": "Anna Lindqvist"})
    organisation = fields.String(
        required=True, allow_none=True, metadata={"example": "Lindqvist Arkitekter"}
    )


class _Described(ResourceSchema):
    """People, by parallel arrays."""

    version = fields.Integer(
        required=True, metadata={"description": "Of the graph; it grows with each change."}
    )
    ids = _array(fields.UUID, [_ID, _OTHER])
    names = _array(fields.String, ["Anna Lindqvist", "Bo Ek"])
    organisations = _array(fields.String, ["Lindqvist Arkitekter", None], null=True)
    degrees = _array(fields.Integer, [1, 1], "With how many people each is tied.")
    communities = _array(
        fields.Integer, [3, None], "Ids of communities, null where none is known yet.", null=True
    )


class _Tied(ResourceSchema):
    """Ties, by parallel arrays."""

    sources = _array(fields.Integer, [0], _PLACES)
    targets = _array(fields.Integer, [1], _PLACES)
    strengths = _array(fields.Float, [0.64], "From 0 to 1, strongest first.")


class NodesSchema(_Described):
    """All people of the graph."""


class TiesSchema(_Tied):
    """Ties, strongest first."""

    version = fields.Integer(required=True)
    ids = _array(fields.UUID, [_ID, _OTHER])


class EgoSchema(_Described, _Tied):
    """Who is around somebody, nearest first."""

    hops = _array(fields.Integer, [0, 1], "How many ties away each is.")


class LayoutSchema(_Described, _Tied):
    """The picture: the people who have ties, where they stand, and their ties."""

    x = _array(fields.Float, [-0.25, 1.0], "From -1 to 1; who is new may stand a little outside.")
    y = _array(fields.Float, [0.5, 0.0])
    drawn_version = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Of which version places and communities are.", "example": 1},
    )
    unconnected = fields.Integer(
        required=True, metadata={"description": "People without any tie.", "example": 0}
    )
    nodes_left_out = fields.Integer(required=True, metadata={"example": 0})
    ties_left_out = fields.Integer(required=True, metadata={"example": 0})


class TiePartsSchema(ResourceSchema):
    """What contributed how much; the sum is the strength."""

    interaction = fields.Float(
        required=True, metadata={"description": "At most 0.6.", "example": 0.24}
    )
    reciprocity = fields.Float(
        required=True, metadata={"description": "At most 0.2.", "example": 0.2}
    )
    overlap = fields.Float(required=True, metadata={"description": "At most 0.2.", "example": 0.2})


class TieReasonSchema(ResourceSchema):
    """What one source knows of a tie."""

    source = fields.String(
        required=True,
        metadata={
            "description": "`organisation`, `relationship`, `exchange`, or `<plugin>.<name>`.",
            "example": "relationship",
        },
    )
    count = fields.Integer(required=True, metadata={"example": 1})
    weight = fields.Float(required=True, metadata={"description": "Today.", "example": 1.0})
    last_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"description": "Null where it has no time, and does not fade.", "example": None},
    )


class TieSchema(ResourceSchema):
    """How strongly two people are connected, and why."""

    source = fields.Nested(GraphPersonSchema, required=True)
    target = fields.Nested(GraphPersonSchema, required=True)
    strength = fields.Float(required=True, metadata=_STRENGTH)
    parts = fields.Nested(TiePartsSchema, required=True)
    common = fields.Integer(
        required=True, metadata={"description": "How many others both know.", "example": 2}
    )
    reasons = fields.List(fields.Nested(TieReasonSchema), required=True)


class PathSchema(ResourceSchema):
    """A way of introductions, from one end to the other."""

    people = fields.List(fields.Nested(GraphPersonSchema), required=True)
    strengths = fields.List(fields.Float(), required=True, metadata={"example": [0.64]})
    strength = fields.Float(
        required=True, metadata={"description": "The product of all.", "example": 0.64}
    )


class PathListSchema(ResourceSchema):
    """Ways of introductions, best first; none where nobody can introduce over four ties."""

    items = fields.List(fields.Nested(PathSchema), required=True)


class RecommendationSchema(ResourceSchema):
    """Somebody to know, and who connects to them."""

    person = fields.Nested(GraphPersonSchema, required=True)
    score = fields.Float(required=True, metadata={"example": 0.5})
    through = fields.List(
        fields.Nested(GraphPersonSchema),
        required=True,
        metadata={"description": "At most five, those who contribute most first."},
    )


class RecommendationListSchema(ResourceSchema):
    """Whom to know, best first."""

    items = fields.List(fields.Nested(RecommendationSchema), required=True)


class CommunitySchema(ResourceSchema):
    """People with more ties among each other than to others."""

    id = fields.Integer(
        required=True, metadata={"description": "Stays as people come and go.", "example": 3}
    )
    name = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The organisations that most belong to; null without any.",
            "example": "Lindqvist Arkitekter",
        },
    )
    size = fields.Integer(required=True, metadata={"example": 12})


class CommunityListSchema(ResourceSchema):
    """Communities, largest first."""

    version = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Of the graph when they were found; null before.", "example": 1},
    )
    current_version = fields.Integer(required=True, metadata={"example": 1})
    modularity = fields.Float(required=True, allow_none=True, metadata={"example": 0.71})
    computed_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    items = fields.List(fields.Nested(CommunitySchema), required=True)


class TiesQuerySchema(ResourceSchema):
    """Which ties are asked for."""

    contact_id = fields.UUID(metadata={"description": "Only those of this contact."})
    min_strength = fields.Float(
        load_default=0.0, validate=validate.Range(0, 1), metadata={"example": 0.2}
    )


class EgoQuerySchema(ResourceSchema):
    """How far it goes."""

    hops = fields.Integer(load_default=1, validate=validate.Range(1, 3))


class PathQuerySchema(ResourceSchema):
    """From whom to whom."""

    source_id = fields.UUID(
        data_key="from",
        metadata={"description": "A contact; by default the one that you marked as your own."},
    )
    target_id = fields.UUID(data_key="to", metadata={"description": "A contact."})
    organisation = fields.String(
        validate=validate.Length(1, 200),
        metadata={"description": "Instead of a contact: anybody there."},
    )
    alternatives = fields.Integer(load_default=3, validate=validate.Range(1, 10))


class RecommendationQuerySchema(ResourceSchema):
    """How many are asked for."""

    most = fields.Integer(load_default=10, validate=validate.Range(1, 100))


RESOURCES = (
    GraphPersonSchema,
    NodesSchema,
    TiesSchema,
    EgoSchema,
    LayoutSchema,
    TiePartsSchema,
    TieReasonSchema,
    TieSchema,
    PathSchema,
    PathListSchema,
    RecommendationSchema,
    RecommendationListSchema,
    CommunitySchema,
    CommunityListSchema,
)
