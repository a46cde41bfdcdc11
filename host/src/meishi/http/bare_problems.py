"""Problems told without an application: it has no room just now, or is not there yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from werkzeug.wsgi import get_path_info

from meishi.http.problem_schema import PROBLEM_TYPE, problem_type

#: What a server calls with the environment of a request, and what begins the response.
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

_HEADERS = [("Content-Type", PROBLEM_TYPE), ("Retry-After", "2"), ("Cache-Control", "no-store")]


def passing_problem(code: str, title: str, detail: str) -> Wsgi:
    """Return what answers any request with 503: it can be made again in a moment."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        document = {
            "type": problem_type(code),
            "title": title,
            "status": 503,
            "detail": detail,
            "instance": get_path_info(environ),
        }
        start_response("503 Service Unavailable", list(_HEADERS))
        return [msgspec.json.encode(document)]

    return answer
