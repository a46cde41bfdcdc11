"""The first start: making the owner."""

from __future__ import annotations

from flask import Response, request

from meishi.core.identity.contract import (
    AlreadySetUp,
    InvalidAccount,
    LinkInvalid,
    Setup,
    SlugTaken,
    WeakPassword,
)
from meishi.core.identity.pages.answers import field, form, open_session, signed_in, token
from meishi.sdk.context import service
from meishi.sdk.pages import SIGN_IN, redirect, render, toast
from meishi.sdk.texts import gettext as _


def setup_page() -> Response:
    """Make the owner and the first workspace, for whoever has the link of the server."""
    setup, title = service(Setup), _("Set Meishi up")
    if not setup.needed():
        return redirect(SIGN_IN)
    if not setup.is_open(token()):
        return render("identity/setup_link.html", title=title)
    if request.method == "GET":
        return form("setup.html", title=title, token=token(), email=request.args.get("email", ""))
    try:
        user_id = setup.complete(
            token(),
            email=field("email"),
            name=field("name"),
            password=field("password"),
            slug=field("slug"),
            workspace=field("workspace"),
        )
    except AlreadySetUp:
        return redirect(SIGN_IN)
    except (InvalidAccount, LinkInvalid, SlugTaken, WeakPassword) as error:
        return form("setup.html", error, title=title, token=token(), email="")
    toast(_("Welcome! This workspace is yours."))
    return signed_in(open_session(user_id))
