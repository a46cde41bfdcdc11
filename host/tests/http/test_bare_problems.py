"""Problems that are told without an application."""

from __future__ import annotations

from werkzeug.test import Client

from meishi.http.bare_problems import passing_problem


def test_any_request_is_told_to_come_again() -> None:
    """As the application itself would say it, with the path as it was written."""
    answer = Client(passing_problem("busy", "Busy", "Wait.")).post("/grüße/%ff", data=b"something")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.content_type == "application/problem+json"
    assert answer.json == {
        "type": "urn:meishi:problem:busy",
        "title": "Busy",
        "status": 503,
        "detail": "Wait.",
        "instance": "/grüße/\ufffd",
    }
