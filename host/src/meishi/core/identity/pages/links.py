"""What links in mails lead to. Looking at one uses nothing: mail programs look at all of them."""

from __future__ import annotations

from flask import Response, request

from meishi.core.identity.contract import (
    Accounts,
    LinkInvalid,
    LinkPurpose,
    TooManyAttempts,
    WeakPassword,
    WrongPassword,
)
from meishi.core.identity.pages.answers import field, form, open_session, signed_in, token
from meishi.sdk.context import service
from meishi.sdk.mails import mail_folder
from meishi.sdk.pages import SIGN_IN, browser, redirect, render, toast
from meishi.sdk.texts import gettext as _


def verify_page() -> Response:
    """Confirm an address with the password that was chosen for it, which signs in."""
    title = _("Confirm your address")
    if request.method == "GET":
        if not service(Accounts).is_open(token(), LinkPurpose.VERIFY):
            return _gone(SIGN_IN, _("To the sign-in, where another link can be had"))
        return form("verify.html", title=title, token=token())
    try:
        user_id = service(Accounts).verify(
            token(), password=field("password"), address=browser().address
        )
    except LinkInvalid:
        return _gone(SIGN_IN, _("To the sign-in, where another link can be had"))
    except (TooManyAttempts, WrongPassword) as error:
        return form("verify.html", error, title=title, token=token())
    toast(_("Your address is confirmed. Welcome!"))
    return signed_in(open_session(user_id))


def reset_page() -> Response:
    """Ask for a link to choose a new password with, or choose it."""
    if not token():
        return _request_reset()
    title = _("Choose a new password")
    if request.method == "GET":
        if not service(Accounts).is_open(token(), LinkPurpose.RESET):
            return _gone("/reset", _("Ask for a new link"))
        return form("reset.html", title=title, token=token())
    try:
        user_id = service(Accounts).reset_password(token(), field("password"))
    except LinkInvalid:
        return _gone("/reset", _("Ask for a new link"))
    except WeakPassword as error:
        return form("reset.html", error, title=title, token=token())
    toast(_("The new password holds. All other sessions have ended."))
    return signed_in(open_session(user_id))


def change_email_page() -> Response:
    """Confirm a new address."""
    if request.method == "GET":
        if not service(Accounts).is_open(token(), LinkPurpose.CHANGE_EMAIL):
            return _gone("/identity/account/email", _("Ask for a new link"))
        return form("change_email.html", title=_("Confirm your new address"), token=token())
    try:
        service(Accounts).change_email(token())
    except LinkInvalid:
        return _gone("/identity/account/email", _("Ask for a new link"))
    toast(_("Your new address is confirmed; sign in with it from now on."))
    return redirect("/identity/account")


def _request_reset() -> Response:
    if request.method == "GET":
        return form("request_reset.html", title=_("Forgotten password"))
    service(Accounts).request_reset(field("email"))
    return render(
        "identity/mailbox.html",
        title=_("Look into your mailbox"),
        folder=mail_folder(),
        home=SIGN_IN,
    )


def _gone(onwards: str, there: str) -> Response:
    return render(
        "identity/gone.html", status=410, title=_("Link not valid"), onwards=onwards, there=there
    )
