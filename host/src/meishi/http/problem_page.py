"""Problems on public pages, as people read them."""

from __future__ import annotations

from flask import Response, request
from markupsafe import escape

#: Prefix of the endpoints of public pages; errors on them are pages, too.
PAGE_ENDPOINT = "public_page:"

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
    """Whether the current request is for a public page."""
    return (request.endpoint or "").startswith(PAGE_ENDPOINT)


def problem_page(status: int, title: str, detail: str | None) -> Response:
    """Return a problem as people read it."""
    body = _PROBLEM.format(title=escape(title), detail=escape(detail or ""))
    return Response(body, status, content_type="text/html; charset=utf-8")
