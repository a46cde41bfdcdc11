"""Changes feeds: what a request asks for, and the answer with what is there and what is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
from flask import Response, current_app, request
from marshmallow import RAISE, Schema, fields, post_load, validate

from meishi.context import current_scope
from meishi.http.sync_tokens import expired, purpose_of, read_token, write_token
from meishi.sdk.contract import ChangePage, ChangeQuery, Tombstone

MAX_LIMIT = 200

#: How long a token is good for, and so how long what is gone has to leave a trace.
TOKEN_LIFE = timedelta(days=30)

_EXAMPLE = "k5S8NzcxMzA1OTI1NDgxMTYwMTI2NS8wMDAwMDAwMc5rCkqKzQMVkMDAvOtve5kKlqgn234dQrpHAA"


class ChangesQuerySchema(Schema):
    """Query parameters of a changes feed; loading it gives a `ChangeQuery`."""

    class Meta:
        """Unknown parameters are errors, never silently dropped."""

        unknown = RAISE

    since = fields.String(
        metadata={
            "description": "`next` of the answer before; without it the feed begins with all.",
        }
    )
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, MAX_LIMIT),
        metadata={"description": "How many items at most."},
    )

    @post_load
    def _as_query(self, values: dict[str, Any], **_: Any) -> ChangeQuery:
        if "since" not in values:
            return ChangeQuery(limit=values["limit"])
        scope = current_scope()
        purpose = purpose_of(scope.workspace_id, request.path)
        wanted = read_token(values["since"], scope.host.signer, purpose)
        _refuse_old(wanted)
        return replace(wanted, limit=values["limit"])


class TombstoneSchema(Schema):
    """A resource that is gone."""

    class Meta:
        """Nothing else is said of it."""

        unknown = RAISE

    id = fields.UUID(required=True)
    deleted = fields.Boolean(required=True, validate=validate.OneOf([True]))
    deleted_at = fields.AwareDateTime(required=True, format="iso")


def feed_description(schema: type[Schema]) -> dict[str, Any]:
    """Return the JSON schema of a feed's answer, for resources of a schema."""
    token = {"type": "string", "description": "The next `since`.", "example": _EXAMPLE}
    more = {"type": "boolean", "description": "Whether there is more at once.", "example": False}
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"anyOf": [schema, TombstoneSchema]}},
            "next": token,
            "more": more,
        },
        "required": ["items", "next", "more"],
    }


def feed_response(page: ChangePage, wanted: ChangeQuery) -> Response:
    """Answer with a part of a feed: first what is gone, as it may have made room."""
    following = ChangeQuery(since=page.until)
    if page.position is not None:
        following = replace(wanted, until=page.until, after=page.position)
    scope = current_scope()
    token = write_token(following, scope.host.signer, purpose_of(scope.workspace_id, request.path))
    body = b'{"items":[%b],"next":%b,"more":%b}' % (
        b",".join((*map(_tombstone, page.deleted), *page.items)),
        msgspec.json.encode(token),
        b"false" if page.position is None else b"true",
    )
    return Response(body, content_type="application/json")


def _refuse_old(wanted: ChangeQuery) -> None:
    """Raise if what has gone since a round began, or since the last one, may be forgotten."""
    oldest = min(mark.at for mark in (wanted.since, wanted.until) if mark is not None)
    if oldest < (current_app.extensions["meishi"].clock() - TOKEN_LIFE).timestamp():
        raise expired(f"The token is older than {TOKEN_LIFE.days} days.")


def _tombstone(gone: Tombstone) -> bytes:
    deleted_at = gone.deleted_at.isoformat()
    return msgspec.json.encode({"id": gone.id, "deleted": True, "deleted_at": deleted_at})
