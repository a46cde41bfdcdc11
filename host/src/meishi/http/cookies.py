"""The cookies of pages: read by nobody but us, and sent along from our own pages only."""

from __future__ import annotations

from datetime import datetime

from flask import Response, current_app, request

from meishi.remote.wire import REFERRAL, KeptReferral, referral_header
from meishi.visitor import current_visitor

#: Holds the secret of who is signed in.
SESSION_COOKIE = "meishi_session"
#: Holds what a form is bound to before anybody is signed in.
FORM_COOKIE = "meishi_form"
#: Holds what the next page has to say.
TOAST_COOKIE = "meishi_toasts"
#: Holds what led a browser here, until somebody opens an account in it.
REFERRAL_COOKIE = "meishi_referral"

#: A browser takes a cookie of such a name from nobody else, sister domains included.
_HOST_PREFIX = "__Host-"


def cookie(name: str) -> str | None:
    """Return what the browser sent under a name of ours; None for nothing."""
    return request.cookies.get(_full_name(name)) or None


def set_cookie(
    response: Response,
    name: str,
    value: str,
    *,
    expires: datetime | None = None,
    seconds: int | None = None,
) -> None:
    """Have the browser keep a value: until a time, for so long, or until it is closed."""
    response.set_cookie(
        _full_name(name),
        value,
        expires=expires,
        max_age=seconds,
        path="/",
        httponly=True,
        secure=_is_secure(),
        samesite="Lax",
    )


def forget_cookie(response: Response, name: str) -> None:
    """Have the browser forget a value."""
    response.delete_cookie(
        _full_name(name), path="/", httponly=True, secure=_is_secure(), samesite="Lax"
    )


def keep_session(response: Response, secret: str, expires_at: datetime) -> None:
    """Sign the browser in; whatever it had before is replaced."""
    set_cookie(response, SESSION_COOKIE, secret, expires=expires_at)
    forget_cookie(response, FORM_COOKIE)


def forget_session(response: Response) -> None:
    """Sign the browser out; what it has kept of our pages goes too."""
    forget_cookie(response, SESSION_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache"'


def keep_referral(response: Response, referral: str, *, seconds: int) -> None:
    """Have the browser remember for a while what led it here; whoever came last is kept."""
    if current_visitor() is not None:
        kept = KeptReferral(referral=referral, seconds=seconds)
        response.headers[REFERRAL] = referral_header(kept)
    else:
        set_cookie(response, REFERRAL_COOKIE, referral, seconds=seconds)


def kept_referral() -> str | None:
    """Return what led the browser here, as it was kept; None for nothing."""
    visitor = current_visitor()
    return cookie(REFERRAL_COOKIE) if visitor is None else visitor.referral


def forget_referral(response: Response) -> None:
    """Have the browser forget what led it here."""
    if current_visitor() is not None:
        response.headers[REFERRAL] = referral_header(KeptReferral(referral=None))
    else:
        forget_cookie(response, REFERRAL_COOKIE)


def _full_name(name: str) -> str:
    return f"{_HOST_PREFIX}{name}" if _is_secure() else name


def _is_secure() -> bool:
    url: str = current_app.extensions["meishi"].settings.reachable_url
    return url.startswith("https:")
