"""Problems on public pages, as people read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from flask import Response, current_app, g, request
from markupsafe import escape

#: Makes a page of a problem: of its status, title and detail.
ProblemPage: TypeAlias = Callable[[int, str, str | None], Response]

#: Where an application keeps who makes pages of problems, by the first parts of pages' paths.
PAGE_ROOTS = "meishi_page_roots"

#: Where a request keeps that its page comes to stand in another process, with its problems.
APART = "meishi_apart"

#: What a problem may be written as; who does not mind has the first.
_KINDS = ("text/html", "application/problem+json", "application/json")

_PROBLEM = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{detail}</p>
</main>
</body>
</html>
"""


def page_of_problems() -> ProblemPage | None:
    """Return what makes a page of a problem, if the request is for a page, or beside one.

    One that is handed on is answered to the process that has the page around it, and who asks
    for JSON rather than for a page has that.
    Not the endpoint decides: there is none where the address or the method is a wrong one.
    """
    if g.get(APART) or _asks_for_json():
        return None
    found: ProblemPage | None = current_app.extensions[PAGE_ROOTS].get(first_part(request.path))
    return found


def _asks_for_json() -> bool:
    accepted = request.accept_mimetypes
    return accepted.best_match(_KINDS, default=_KINDS[0]) != _KINDS[0]


def first_part(path: str) -> str:
    """Return the first part of a path, which belongs to one plugin."""
    return path.split("/")[1] if path.startswith("/") else ""


def problem_page(status: int, title: str, detail: str | None) -> Response:
    """Return a problem as people read it."""
    body = _PROBLEM.format(title=escape(title), detail=escape(detail or ""))
    return Response(body, status, content_type="text/html; charset=utf-8")
