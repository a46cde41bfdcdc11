"""One's own data: taken along as a file, and erased for good."""

from __future__ import annotations

from flask import Response, request

from meishi.core.identity.contract import LastOwner, TooManyAttempts, WrongPassword
from meishi.personal_data.closing import ARCHIVE, ZIP, close_account, own_archive
from meishi.sdk.http import file_response
from meishi.sdk.pages import SIGN_IN, browser, forget_session, redirect, render, toast
from meishi.sdk.plugin import Page
from meishi.sdk.texts import gettext as _

_LONGEST = 2000


def data_page() -> Response:
    """Say what one can take along, and what erasing means."""
    return render("meishi_personal_data/own.html", fault="")


def archive_page() -> Response:
    """Send everything that is known by one's account."""
    return file_response(own_archive(), ZIP, ARCHIVE)


def erasure_page() -> Response:
    """Erase one's account, once the password proves who asks."""
    try:
        close_account(request.form.get("password", "")[:_LONGEST], address=browser().address)
    except (LastOwner, TooManyAttempts, WrongPassword) as error:
        return render("meishi_personal_data/own.html", status=error.status, fault=error.detail)
    toast(_("Your account is being erased. A mail says when it is done."))
    response = redirect(SIGN_IN)
    forget_session(response)
    return response


PAGES = (
    Page(name="own", rule="", view=data_page, title="Your data", permission=None),
    Page(
        name="archive", rule="/archive", view=archive_page, title="Your data", permission=None,
        methods=("POST",),
    ),
    Page(
        name="erasure", rule="/erasure", view=erasure_page, title="Your data", permission=None,
        methods=("POST",),
    ),
)  # fmt: skip
