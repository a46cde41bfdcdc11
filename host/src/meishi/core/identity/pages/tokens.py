"""API tokens: those of oneself, and, for who looks after the workspace, everybody's."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from uuid import UUID

from flask import Response, request

from meishi.core.identity.contract import (
    InvalidAccount,
    InvalidScopes,
    IssuedToken,
    NotForThisRole,
    Token,
    TokenNotFound,
    Tokens,
)
from meishi.core.identity.pages.answers import field, form, my_id
from meishi.sdk.context import current_actor, service
from meishi.sdk.contract import DomainError, Role
from meishi.sdk.pages import ToastKind, now, redirect, render, toast
from meishi.sdk.permissions import DeclaredPermission, declared_permissions
from meishi.sdk.texts import gettext as _

_TOKENS = "/identity/tokens"
_MANAGE = "identity.tokens.manage"
#: Days for which a token may be good; none is good for ever.
_DAYS = (7, 30, 90, 365)
_USUAL = 90


def tokens_page() -> Response:
    """List tokens."""
    return render("identity/tokens.html", tokens=_shown(), manages=_manages(), now=now())


def new_token_page() -> Response:
    """Make a token, and show its secret this once."""
    if request.method == "GET":
        return _form(None)
    try:
        issued = _issued()
    except (InvalidAccount, InvalidScopes, NotForThisRole) as error:
        return _form(error)
    return render("identity/token.html", title=_("Your new API token"), secret=issued.secret)


def revoke_token(token_id: UUID) -> Response:
    """End a token: one's own, or, for who looks after the workspace, any."""
    if all(token.id != token_id for token in _shown()):
        raise TokenNotFound(_("There is no such token."))
    service(Tokens).revoke(token_id)
    toast(_("The token has ended."), ToastKind.SUCCESS)
    return redirect(_TOKENS)


def _issued() -> IssuedToken:
    name, days = field("name"), field("days")
    if days not in {str(item) for item in _DAYS}:
        raise InvalidAccount(_("Choose how long the token is good."))
    expires_at = now() + timedelta(days=int(days))
    chosen = frozenset(request.form.getlist("scopes"))
    scopes = chosen if field("all") != "yes" else None
    if scopes == frozenset():
        raise InvalidScopes(_("Choose what the token may do."))
    if field("owner") != "workspace":
        return service(Tokens).issue(
            user_id=my_id(), name=name, scopes=scopes, expires_at=expires_at
        )
    role = field("role")
    if not _manages() or role not in set(Role):
        raise NotForThisRole(_("You may make no token of the workspace."))
    return service(Tokens).issue_service(
        name=name, role=Role(role), scopes=scopes, expires_at=expires_at
    )


def _form(fault: DomainError | None) -> Response:
    mine = current_actor().permissions
    allowed = [item for item in declared_permissions() if item.name in mine]
    groups = [(plugin, list(items)) for plugin, items in groupby(allowed, key=_plugin_of)]
    return form(
        "new_token.html",
        fault,
        groups=groups,
        days=_DAYS,
        usual=_USUAL,
        manages=_manages(),
        roles=list(Role),
        chosen=set(request.form.getlist("scopes")),
    )


def _plugin_of(permission: DeclaredPermission) -> str:
    return permission.plugin


def _manages() -> bool:
    return _MANAGE in current_actor().permissions


def _shown() -> list[Token]:
    """Return the tokens that one sees: those that have ended long ago are not shown."""
    return [
        token
        for token in service(Tokens).all()
        if (token.user_id == my_id() or _manages()) and token.revoked_at is None
    ]
