"""API tokens over HTTP: those of oneself, and, for who looks after the workspace, everybody's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from meishi.core.identity.contract import (
    InvalidAccount,
    InvalidScopes,
    IssuedToken,
    NotAMember,
    NotForThisRole,
    Token,
    TokenNotFound,
    Tokens,
)
from meishi.core.identity.routes.blueprint import blueprint
from meishi.core.identity.schemas import (
    IssuedTokenSchema,
    TokenDraftSchema,
    TokenListSchema,
)
from meishi.sdk.context import current_actor, service
from meishi.sdk.contract import Role
from meishi.sdk.pages import now

_MANAGE = "identity.tokens.manage"


@blueprint.route("/tokens")
class TokenList(MethodView):
    """Tokens that have not been ended."""

    @blueprint.requires("tokens.own")
    @blueprint.response(200, TokenListSchema)
    def get(self) -> dict[str, Sequence[Token]]:
        """List tokens, the oldest first: your own, or, with `tokens.manage`, everybody's."""
        return {"items": _shown()}

    @blueprint.requires("tokens.own")
    @blueprint.arguments(TokenDraftSchema)
    @blueprint.response(201, IssuedTokenSchema)
    @blueprint.problems(InvalidAccount, InvalidScopes, NotAMember, NotForThisRole)
    def post(self, document: dict[str, Any]) -> Response:
        """Make a token, which may do no more than yours; its secret is shown this once."""
        response = Response(
            IssuedTokenSchema().dumps(_issued(document)), 201, content_type="application/json"
        )
        response.headers["Cache-Control"] = "no-store"
        return response


@blueprint.route("/tokens/<uuid:token_id>")
class TokenItem(MethodView):
    """One token."""

    @blueprint.requires("tokens.own")
    @blueprint.unconditional("A token is ended whatever has become of it meanwhile.")
    @blueprint.response(204)
    @blueprint.problem(TokenNotFound)
    def delete(self, token_id: UUID) -> Response:
        """End a token: your own, or, with `tokens.manage`, any."""
        if all(token.id != token_id for token in _shown()):
            raise TokenNotFound("There is no such token.")
        service(Tokens).revoke(token_id)
        return Response(status=204)


def _issued(document: dict[str, Any]) -> IssuedToken:
    scopes = None if document["scopes"] is None else frozenset(document["scopes"])
    expires_at = now() + timedelta(days=document["days"])
    name, role = document["name"], document["role"]
    if role is None:
        me = current_actor().user_id
        assert me is not None
        return service(Tokens).issue(user_id=me, name=name, scopes=scopes, expires_at=expires_at)
    if not _manages():
        raise NotForThisRole("Only who has identity.tokens.manage makes tokens of the workspace.")
    return service(Tokens).issue_service(
        name=name, role=Role(role), scopes=scopes, expires_at=expires_at
    )


def _manages() -> bool:
    return _MANAGE in current_actor().permissions


def _shown() -> list[Token]:
    me = current_actor().user_id
    return [
        token
        for token in service(Tokens).all()
        if token.revoked_at is None and (token.user_id == me or _manages())
    ]
