"""One's own account: name, address and password."""

from __future__ import annotations

from flask import Response, request

from meishi.core.identity.contract import (
    Accounts,
    InvalidAccount,
    TooManyAttempts,
    WeakPassword,
    WrongPassword,
)
from meishi.core.identity.pages.answers import field, form, my_id
from meishi.sdk.context import current_actor, service
from meishi.sdk.mails import mail_folder
from meishi.sdk.pages import browser, redirect, render, toast
from meishi.sdk.texts import LANGUAGES
from meishi.sdk.texts import gettext as _

_ACCOUNT = "/identity/account"


def account_page() -> Response:
    """Show the account, and change name and language."""
    account = service(Accounts).get(my_id())
    if request.method == "GET":
        return form("account.html", account=account, languages=LANGUAGES)
    locale = field("locale")
    try:
        service(Accounts).rename(
            user_id=my_id(), name=field("name"), locale=locale if locale in LANGUAGES else None
        )
    except InvalidAccount as error:
        return form("account.html", error, account=account, languages=LANGUAGES)
    toast(_("Saved."))
    return redirect(_ACCOUNT)


def password_page() -> Response:
    """Replace the password; all other sessions end."""
    if request.method == "GET":
        return form("password.html")
    try:
        service(Accounts).change_password(
            user_id=my_id(),
            session_id=current_actor().session_id,
            old=field("old"),
            new=field("password"),
            address=browser().address,
        )
    except (TooManyAttempts, WeakPassword, WrongPassword) as error:
        return form("password.html", error)
    toast(_("The new password holds. All other sessions have ended."))
    return redirect(_ACCOUNT)


def email_page() -> Response:
    """Ask for a link to a new address."""
    if request.method == "GET":
        return form("email.html")
    try:
        service(Accounts).request_email(
            user_id=my_id(),
            password=field("password"),
            email=field("email"),
            address=browser().address,
        )
    except (InvalidAccount, TooManyAttempts, WrongPassword) as error:
        return form("email.html", error)
    return render(
        "identity/mailbox.html",
        title=_("Look into your mailbox"),
        folder=mail_folder(),
        home=_ACCOUNT,
    )
