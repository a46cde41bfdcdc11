"""Where links lead to: the sign-up, which learns by what somebody came."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request

from crm_viral.codes import LINK_PATH, code_in
from crm_viral.contract import Touches
from crm_viral.visitors import is_program, tag_in
from meishi.sdk.context import service
from meishi.sdk.pages import keep_referral, kept_referral
from meishi.sdk.plugin import PublicPage

_SIGN_UP = "/sign-up"


def public_pages_of_links() -> list[PublicPage]:
    """Return the page that anybody may open; people type small letters, too."""
    return [
        PublicPage(rule=f"{path}<code>", resolve=_workspace_of, view=_followed)
        for path in (LINK_PATH, LINK_PATH.lower())
    ]


def _workspace_of(code: str) -> UUID | None:
    return service(Touches).workspace_of(code)


def _followed(code: str) -> Response:
    """Lead from a link to the sign-up; who came is remembered by one insert with the commit.

    Where nothing is to be remembered, what led the browser here before counts on; a browser that
    nothing has led brings the code itself, as if it was typed.
    """
    kept = kept_referral()
    found = service(Touches).follow(
        code,
        visitor=kept,
        channel=tag_in(request.args.get("c")),
        placement=tag_in(request.args.get("p")),
        counted=request.method != "HEAD" and not is_program(request.headers.get("User-Agent", "")),
    )
    referral = (kept or code_in(code)) if found is None else found.referral
    response = Response(
        status=302,
        headers={
            "Location": f"{_SIGN_UP}?{urlencode({'ref': referral})}",
            "X-Robots-Tag": "noindex",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        },
    )
    if found is not None:
        keep_referral(response, found.referral, seconds=found.seconds)
    return response
