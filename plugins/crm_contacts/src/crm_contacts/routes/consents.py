"""What contacts have said to being reached, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from crm_contacts.contract import (
    Consent,
    ConsentChannel,
    ConsentPage,
    Consents,
    ContactNotFound,
    ContactReadOnly,
    InvalidConsent,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.consents import (
    ConsentDraftSchema,
    ConsentPageSchema,
    ConsentQuerySchema,
    ConsentSchema,
    ContactConsentsSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.sdk.http import wanted_versions

#: There are no others.
_CHANNEL = f"/<uuid:subject_id>/consents/<any({','.join(ConsentChannel)}):channel>"


@blueprint.route("/<uuid:subject_id>/consents")
class ContactConsents(MethodView):
    """What a contact has said to all channels."""

    @blueprint.requires("read")
    @blueprint.response(200, ContactConsentsSchema)
    @blueprint.problem(ContactNotFound)
    def get(self, subject_id: UUID) -> dict[str, Any]:
        """Tell what counts, one for each channel; `unknown` where nothing is recorded."""
        return {"items": service(Consents).of(subject_id)}


@blueprint.route(_CHANNEL)
class ContactConsent(MethodView):
    """What a contact has said to one channel."""

    @blueprint.requires("read")
    @blueprint.document(ConsentSchema)
    @blueprint.problem(ContactNotFound)
    def get(self, subject_id: UUID, channel: str) -> Consent:
        """Return what counts: of `email`, `phone`, `sms` or `post`."""
        wanted = ConsentChannel(channel)
        found = service(Consents).of(subject_id)
        return next(item for item in found if item.channel is wanted)

    @blueprint.requires("write")
    @blueprint.arguments(ConsentDraftSchema)
    @blueprint.document(ConsentSchema)
    @blueprint.preconditions()
    @blueprint.problems(ContactNotFound, InvalidConsent)
    @blueprint.problem(ContactReadOnly)
    def put(self, document: dict[str, Any], subject_id: UUID, channel: str) -> Consent:
        """Record what a contact has said; what was recorded before stays in the history."""
        return service(Consents).record(
            subject_id,
            ConsentChannel(channel),
            document["state"],
            given_at=document["given_at"],
            how=document["how"],
            versions=wanted_versions(),
        )


@blueprint.route(f"{_CHANNEL}/history")
class ContactConsentHistory(MethodView):
    """What a contact has ever said to one channel."""

    @blueprint.requires("read")
    @blueprint.arguments(ConsentQuerySchema, location="query")
    @blueprint.page(ConsentPageSchema)
    @blueprint.problem(ContactNotFound)
    def get(self, wanted: ListQuery, subject_id: UUID, channel: str) -> ConsentPage:
        """List all records, newest first."""
        return service(Consents).history(
            subject_id,
            ConsentChannel(channel),
            after=None if wanted.after is None else int(wanted.after[0]),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )
