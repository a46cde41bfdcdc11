"""Forms that only our own pages can send (CSRF): a token that is bound to the browser's cookie."""

from __future__ import annotations

import hmac
import secrets

from flask import Response, current_app, g, request

from meishi.http.cookies import FORM_COOKIE, SESSION_COOKIE, cookie, set_cookie
from meishi.reader import current_reader
from meishi.refusals import Forbidden
from meishi.signing import Signer

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"

_PURPOSE = "page forms"
_NONCE_BYTES = 16
#: Where browsers say that a request was begun (Fetch Metadata): here, or by the person alone.
_OWN_SITES = frozenset({"same-origin", "none"})
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class ForgedForm(Forbidden):
    """A form was not sent from a page of ours in this browser, or from one that is too old."""

    code = "forged-form"
    title = "The form has expired"


def form_token() -> str:
    """Return what a form, or the header of a script's request, has to carry."""
    reader = current_reader()
    if reader is not None:
        return reader.form_token
    bound = cookie(SESSION_COOKIE) or cookie(FORM_COOKIE)
    if bound is None:
        bound = g.setdefault("meishi_form_nonce", secrets.token_urlsafe(_NONCE_BYTES))
    return _token(bound)


def refuse_forged_form() -> None:
    """Raise `ForgedForm` for a request that changes something and was not sent by our pages."""
    if request.method in _CHANGING:
        _refuse(request.headers.get(HEADER) or request.form.get(FIELD, ""))


def refuse_forged_request() -> None:
    """Do the same for requests of scripts, whose bodies are no forms."""
    if request.method in _CHANGING:
        _refuse(request.headers.get(HEADER, ""))


def refuse_foreign_form() -> None:
    """Raise `ForgedForm` for a form that a browser says was sent by a page of another site.

    For pages that strangers open without a cookie; they sign what they are bound to themselves.
    """
    if _is_foreign():
        raise ForgedForm("Open the page itself and send the form from there; nothing was changed.")


def _is_foreign() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    return site is not None and site not in _OWN_SITES


def _refuse(sent: str) -> None:
    bound = cookie(SESSION_COOKIE) or cookie(FORM_COOKIE)
    genuine = bound is not None and hmac.compare_digest(sent.encode(), _token(bound).encode())
    if not genuine or _is_foreign():
        raise ForgedForm("Go back, reload the page and send the form again; nothing was changed.")


def bind_form(response: Response) -> None:
    """Have the browser keep what a form that was shown to a stranger is bound to."""
    nonce = g.get("meishi_form_nonce")
    if nonce is not None:
        set_cookie(response, FORM_COOKIE, nonce)


def _token(bound: str) -> str:
    signer: Signer = current_app.extensions["meishi"].signer
    return signer.sign(f"{_PURPOSE} {bound}", b"")
