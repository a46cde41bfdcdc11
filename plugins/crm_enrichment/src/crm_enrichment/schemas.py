"""How proposals, runs and what was taken over look in the web API."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate

from crm_enrichment.contract import MAX_RUN, MAX_TEXT, Field, Method, Part, ProposalState
from meishi.sdk.http import Filter, PageSchema, ResourceSchema, list_query_schema

_PROVIDER = {"description": "Plugin and name.", "example": "crm_enrichment.email"}
_SOURCE = {"description": "What it was read from.", "example": "email:lindqvist.example"}
_CONFIDENCE = {"description": "From 0 to 1, computed from evidence.", "example": 0.95}
_VALUE = {"example": "Lindqvist Arkitekter"}


def _time(description: str | None = None, *, required: bool = True) -> fields.AwareDateTime:
    metadata = {} if description is None else {"description": description, "example": None}
    return fields.AwareDateTime(
        required=required, allow_none=description is not None, format="iso", metadata=metadata
    )


class ProposalSchema(ResourceSchema):
    """A value for a field of a contact, with who found it, how, where and in which words."""

    id = fields.UUID(required=True)
    contact_id = fields.UUID(required=True)
    field = fields.Enum(Field, by_value=True, required=True)
    value = fields.String(required=True, metadata=_VALUE)
    state = fields.Enum(ProposalState, by_value=True, required=True)
    provider = fields.String(required=True, metadata=_PROVIDER)
    method = fields.Enum(Method, by_value=True, required=True)
    source = fields.String(required=True, metadata=_SOURCE)
    quote = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The words that say it.", "example": "anna@lindqvist.example"},
    )
    confidence = fields.Float(required=True, metadata=_CONFIDENCE)
    replaced = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What stood there before it was applied.", "example": None},
    )
    run_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The run that found it; null after an event.", "example": None},
    )
    observed_at = _time("When it was so, as far as the provider knows.")
    retrieved_at = _time()
    expires_at = _time("From when on it is too old to be applied.")
    decided_at = _time("When it got into this state.")
    decided_by = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "Who decided; null if nobody was asked.", "example": None},
    )
    version = fields.Integer(required=True)


class ProposalPageSchema(PageSchema):
    """Proposals, newest first."""

    items = fields.List(fields.Nested(ProposalSchema), required=True)


ProposalQuerySchema = list_query_schema(
    "ProposalQuerySchema",
    filters={
        "contact_id": Filter(fields.UUID),
        "state": Filter(fields.Enum(ProposalState, by_value=True)),
        "provider": Filter(fields.String(metadata=_PROVIDER)),
        "field": Filter(fields.Enum(Field, by_value=True)),
    },
)


class RunDraftSchema(ResourceSchema):
    """Which contacts are asked about."""

    contact_ids = fields.List(
        fields.UUID(),
        required=True,
        validate=validate.Length(1, MAX_RUN),
        metadata={"description": f"At most {MAX_RUN}."},
    )


class RunSchema(ResourceSchema):
    """The report of a run."""

    id = fields.UUID(required=True)
    contacts = fields.Integer(required=True, metadata={"example": 20})
    missing = fields.Integer(
        required=True, metadata={"description": "Contacts that are not there.", "example": 0}
    )
    proposed = fields.Integer(required=True, metadata={"example": 31})
    applied = fields.Integer(
        required=True, metadata={"description": "Taken over without asking.", "example": 0}
    )
    failed = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Providers that gave nothing as they failed.", "example": []},
    )
    started_at = _time()
    completed_at = _time()
    requested_by = fields.UUID(required=True, allow_none=True)


class KnownSchema(ResourceSchema):
    """A value that was taken over."""

    field = fields.Enum(Field, by_value=True, required=True)
    value = fields.String(required=True, metadata=_VALUE)
    proposal_id = fields.UUID(required=True)
    provider = fields.String(required=True, metadata=_PROVIDER)
    source = fields.String(required=True, metadata=_SOURCE)
    confidence = fields.Float(required=True, metadata=_CONFIDENCE)
    verified = fields.Boolean(
        required=True, metadata={"description": "Whether somebody has accepted it."}
    )
    applied_at = _time()


#: Written out, as an example inside of lists of contacts lies too deep to be made.
_KNOWN = [
    {
        "field": "country",
        "value": "SE",
        "proposal_id": "01939d2c-5f6e-7a1b-8c3d-4e5f60718293",
        "provider": "crm_enrichment.phone",
        "source": "phone:+46701234567",
        "confidence": 0.95,
        "verified": True,
        "applied_at": "2026-01-31T09:30:00Z",
    }
]


def _attribute(example: str) -> fields.String:
    return fields.String(required=True, allow_none=True, metadata={"example": example})


class ContactEnrichmentSchema(ResourceSchema):
    """What is known of a contact beyond its fields, and which fields were filled from where."""

    country = _attribute("SE")
    time_zone = _attribute("Europe/Stockholm")
    phone_type = _attribute("mobile")
    email_type = _attribute("business")
    seniority = _attribute("head")
    department = _attribute("sales")
    applied = fields.List(
        fields.Nested(KnownSchema),
        required=True,
        metadata={
            "description": "All that was taken over, also into fields of the contact.",
            "example": _KNOWN,
        },
    )


def _has_size(text: str) -> None:
    if not text.strip() or len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT:
        raise ValidationError(f"Not a text of 1 to {MAX_TEXT} octets.")


class ExtractionDraftSchema(ResourceSchema):
    """A text to be read, and the contact it is about."""

    text = fields.String(
        required=True,
        validate=_has_size,
        metadata={
            "description": f"At most {MAX_TEXT} octets.",
            "example": "Anna Lindqvist\nHead of Product\nanna@lindqvist.example",
        },
    )
    contact_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "What is read waits there as proposals.", "example": None},
    )


class ExtractSchema(ResourceSchema):
    """A value, and the passage of the text that says it."""

    part = fields.Enum(Part, by_value=True, required=True)
    value = fields.String(required=True, metadata={"example": "Head of Product"})
    quote = fields.String(required=True, metadata={"example": "Head of Product"})
    start = fields.Integer(
        required=True, metadata={"description": "In characters of the text.", "example": 15}
    )
    end = fields.Integer(required=True, metadata={"example": 30})
    confidence = fields.Float(required=True, metadata=_CONFIDENCE)
    method = fields.Enum(Method, by_value=True, required=True)


class ExtractionSchema(ResourceSchema):
    """What was read of a text."""

    id = fields.UUID(required=True)
    contact_id = fields.UUID(required=True, allow_none=True, metadata={"example": None})
    extracts = fields.List(fields.Nested(ExtractSchema), required=True)
    read_by_model = fields.Boolean(
        required=True, metadata={"description": "Whether the language model has read it, too."}
    )
    created_at = _time()
    expires_at = _time()


RESOURCES = (
    ExtractionDraftSchema,
    ExtractSchema,
    ExtractionSchema,
    ProposalSchema,
    ProposalPageSchema,
    RunDraftSchema,
    RunSchema,
    KnownSchema,
    ContactEnrichmentSchema,
)
