"""Signing in, up and out."""

from __future__ import annotations

from contextlib import suppress

from flask import Response, request

from meishi.core.identity.contract import (
    Accounts,
    EmailNotVerified,
    InvalidAccount,
    SessionNotFound,
    Sessions,
    SignInRefused,
    SignUpClosed,
    TooManyAttempts,
    WeakPassword,
)
from meishi.core.identity.pages.answers import field, form, my_id, signed_in
from meishi.core.identity.referrals import is_referral
from meishi.sdk.context import current_actor, current_settings, service
from meishi.sdk.mails import mail_folder
from meishi.sdk.pages import (
    HOME,
    SIGN_IN,
    browser,
    forget_referral,
    forget_session,
    kept_referral,
    own_path,
    redirect,
    render,
)
from meishi.sdk.texts import gettext as _


def sign_in_page() -> Response:
    """Sign in, and go on to where one was led from."""
    onwards = own_path(request.args.get("next"))
    if request.method == "GET":
        if current_actor().user_id is not None:
            return redirect(onwards)
        return _sign_in(None)
    here = browser()
    try:
        opened = service(Sessions).sign_in(
            email=field("email"),
            password=field("password"),
            user_agent=here.user_agent,
            address=here.address,
        )
    except EmailNotVerified:
        service(Accounts).request_verification(field("email"))
        return _look_into_mailbox(_("Confirm your address first"))
    except (SignInRefused, TooManyAttempts) as error:
        return _sign_in(error)
    return signed_in(opened, onwards)


def sign_up_page() -> Response:
    """Open an account; the answer is the same for addresses that have one."""
    if request.method == "GET":
        return _sign_up(None)
    try:
        service(Accounts).sign_up(
            email=field("email"),
            name=field("name"),
            password=field("password"),
            referral=field("referral") or field("ref"),
        )
    except (InvalidAccount, SignUpClosed, WeakPassword) as error:
        return _sign_up(error)
    response = _look_into_mailbox(_("Look into your mailbox"))
    # Who opens the next account in this browser may have come by themselves.
    forget_referral(response)
    return response


def sign_out() -> Response:
    """End the session of this browser."""
    session_id = current_actor().session_id
    if session_id is not None:
        with suppress(SessionNotFound):  # another browser has ended it a moment ago
            service(Sessions).revoke(user_id=my_id(), session_id=session_id)
    response = redirect(SIGN_IN)
    forget_session(response)
    return response


def _sign_in(fault: SignInRefused | TooManyAttempts | None) -> Response:
    return form(
        "sign_in.html", fault, title=_("Sign in"), open=current_settings()["sign_up"] == "open"
    )


def _sign_up(fault: InvalidAccount | SignUpClosed | WeakPassword | None) -> Response:
    return form(
        "sign_up.html",
        fault,
        title=_("Open an account"),
        open=current_settings()["sign_up"] == "open",
        ref=field("ref") if request.method == "POST" else _led_by(),
    )


def _led_by() -> str:
    """Return what led the browser here: as the address says, else as it was kept."""
    for text in (request.args.get("ref"), kept_referral()):
        if text and is_referral(text):
            return text
    return ""


def _look_into_mailbox(title: str) -> Response:
    return render("identity/mailbox.html", title=title, folder=mail_folder(), home=HOME)
