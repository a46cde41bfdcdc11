"""Forms that anybody may send to a page of a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from meishi.http.public_forms import MAX_FORM_BYTES
from meishi.testing.packages import PluginPackages

from .conftest import Degraded

BOX = """
from uuid import UUID
from flask import Response, request
from meishi.sdk.context import current_workspace
from meishi.sdk.plugin import PublicPage, hookimpl
from meishi.sdk.signing import ForgedText, read_signed, sign
from meishi.sdk.visitors import visitor_of_today

def resolve(workspace):
    return workspace

def box(workspace):
    if request.method == "POST":
        try:
            said = read_signed("box", request.form.get("token", "")).decode()
        except ForgedText:
            said = "forged"
        return Response(f"{said} {request.form.get('word')}")
    return Response(sign("box", b"signed"))

def visitor(workspace):
    return Response(visitor_of_today())

@hookimpl
def public_pages():
    return [
        PublicPage(rule="/box/<uuid:workspace>", resolve=resolve, view=box,
                   methods=("GET", "POST")),
        PublicPage(rule="/box/<uuid:workspace>/visitor", resolve=resolve, view=visitor),
    ]
"""
ONE, TWO = "/box/00000000-0000-0000-0000-000000000001", "/box/00000000-0000-0000-0000-000000000002"


@pytest.fixture
def box(packages: PluginPackages, degraded: Degraded) -> Iterator[FlaskClient]:
    """A client of an application with a page that takes a form."""
    packages.add("box", plugin=BOX)
    with degraded("box") as app:
        assert app.extensions["meishi"].plugins.faults() == []
        yield app.test_client()


def test_a_form_reaches_its_page(box: FlaskClient) -> None:
    """With what the page itself has signed, in this workspace and no other."""
    token = box.get(ONE).text
    assert box.post(ONE, data={"token": token, "word": "hej å"}).text == "signed hej å"
    assert box.post(TWO, data={"token": token, "word": "hej"}).text == "forged hej"
    assert box.post(ONE, data={"token": f"{token}x", "word": "hej"}).text == "forged hej"
    assert box.post(ONE).status_code == 415
    assert box.put(ONE).status_code == 405
    assert box.post(f"{ONE}/visitor", data={"word": "hej"}).status_code == 405


@pytest.mark.parametrize(("site", "status"), [
    ("same-origin", 200), ("none", 200), ("cross-site", 403), ("same-site", 403),
])  # fmt: skip
def test_a_form_of_another_site_is_refused(box: FlaskClient, site: str, status: int) -> None:
    """Browsers say where a form was sent from."""
    answer = box.post(ONE, data={"word": "hej"}, headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, answer.mimetype) == (status, "text/html")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": {"word": "x" * (MAX_FORM_BYTES - 5)}}, 200),
        ({"data": {"word": "x" * (MAX_FORM_BYTES - 4)}}, 413),
        ({"data": {"word": "x" * 1024 * 1024}}, 413),
        ({"data": {"word": "a\0b"}}, 400),
        ({"json": {"word": "hej"}}, 415),
        ({"data": {"word": "hej"}, "content_type": "multipart/form-data"}, 415),
        ({"data": {"word": "hej"}, "headers": {"Content-Encoding": "gzip"}}, 415),
    ],
)
def test_what_is_no_small_form_is_refused_as_a_page(
    box: FlaskClient, sent: dict[str, object], status: int
) -> None:
    """Before anything is looked up for it."""
    answer = box.post(ONE, **sent)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")


def test_a_page_of_a_workspace_takes_forms_or_nothing(
    packages: PluginPackages, degraded: Degraded
) -> None:
    """Other methods than those of forms are refused when the plugin is loaded."""
    packages.add("box", plugin=BOX.replace('("GET", "POST")', '("GET", "DELETE")'))
    with degraded("box") as app:
        faults = app.extensions["meishi"].plugins.faults()
        assert "are GET, and POST if it takes a form" in faults[0].reason


def test_visitors_are_told_apart_for_a_day(
    packages: PluginPackages, degraded: Degraded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By address and program; another day and another workspace know nobody again."""
    packages.add("box", plugin=BOX)
    noon = datetime(2027, 1, 15, 12, tzinfo=UTC)
    with degraded("box") as app:
        host = app.extensions["meishi"]

        def visitor(
            page: str = ONE, address: str = "203.0.113.1", agent: str = "A", at: datetime = noon
        ) -> str:
            monkeypatch.setattr(host, "clock", lambda: at)
            return (
                app.test_client()
                .get(
                    f"{page}/visitor",
                    headers={"User-Agent": agent},
                    environ_overrides={"REMOTE_ADDR": address},
                )
                .text
            )

        first = visitor()
        assert len(first) == 22
        assert visitor(at=noon + timedelta(hours=11)) == first
        assert visitor(address="2001:db8::1") == visitor(address="2001:db8::2")
        others = [
            visitor(TWO),
            visitor(address="203.0.113.2"),
            visitor(agent="B"),
            visitor(at=noon + timedelta(hours=12)),
        ]
        assert len({first, *others}) == 5
        assert "203" not in first
