"""Problems on public pages, as people read them."""

from __future__ import annotations

from flask import Response, current_app, request
from markupsafe import escape

#: Where an application keeps the first parts of its public pages' paths.
PAGE_ROOTS = "meishi_page_roots"

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


def is_page() -> bool:
    """Whether the current request is for a public page, or for an address beside one.

    Not the endpoint decides: there is none where the address or the method is a wrong one.
    """
    return first_part(request.path) in current_app.extensions[PAGE_ROOTS]


def first_part(path: str) -> str:
    """Return the first part of a path, which belongs to one plugin."""
    return path.split("/")[1] if path.startswith("/") else ""


def problem_page(status: int, title: str, detail: str | None) -> Response:
    """Return a problem as people read it."""
    body = _PROBLEM.format(title=escape(title), detail=escape(detail or ""))
    return Response(body, status, content_type="text/html; charset=utf-8")
