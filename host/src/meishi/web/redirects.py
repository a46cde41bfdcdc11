"""Where a form leads to afterwards: always to a page of ours."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import quote

from flask import Response, request

#: A path of this site: browsers read `//host` and `/\\host` as another one.
_OWN_PATH = re.compile(r"/(?![/\\])[!-~]*")
_LONGEST = 2000

HOME = "/"
SIGN_IN = "/sign-in"


def own_path(wanted: str | None, otherwise: str = HOME) -> str:
    """Return a path to go on to, if it is one of this site; else another."""
    if wanted is None or len(wanted) > _LONGEST or not _OWN_PATH.fullmatch(wanted):
        return otherwise
    return otherwise if "\\" in wanted else wanted


def redirect(path: str) -> Response:
    """Lead the browser to a page of this site; htmx is told in its own way."""
    target = own_path(path)
    if "HX-Request" in request.headers:
        return Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": target})
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": target})


def to_sign_in() -> Response:
    """Lead who is not signed in to where they can be, and from there back."""
    here = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else HOME
    return redirect(SIGN_IN if here == HOME else f"{SIGN_IN}?next={quote(here)}")
