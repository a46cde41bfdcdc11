"""The audit and the settings, as people see them."""

from __future__ import annotations

import re

from sqlalchemy import text

from meishi.sdk.database import current_connection
from meishi.testing.browsing import Browser, token_on
from meishi.testing.fixtures import WorkspaceUnderTest


def test_forms_and_refusals_are_in_the_audit(
    signed_in: Browser, workspace: WorkspaceUnderTest
) -> None:
    """What was done with a form is listed with who did it, and so is what was denied."""
    signed_in.send("/shelf", {"book": "x"})
    refused = signed_in.client.post("/shelf", data={"book": "x"})
    assert refused.status_code == 403
    page = signed_in.get("/audit")
    assert page.status_code == 200
    rows = re.findall(r"<code>([^<]*)</code>", page.text)
    assert rows == ["POST shelf.shelf", "POST shelf.shelf"]
    assert "Owner" in page.text
    denied = signed_in.get("/audit?outcome=denied").text
    assert len(re.findall("<code>", denied)) == 1
    for odd in ("user_id=x", "outcome=x", "at=x&after=y", "action=%00", "at=2026-01-01&after=x"):
        assert signed_in.get(f"/audit?{odd}").status_code in {200, 400}
    with workspace.acting_as("identity"):
        current_connection().execute(text("UPDATE identity.membership SET role = 'member'"))
    assert signed_in.get("/audit").status_code == 403


def test_settings_have_forms_of_their_schemas(signed_in: Browser) -> None:
    """Where no module has settings of a workspace, the page says so."""
    page = signed_in.get("/settings")
    assert page.status_code == 200
    assert "Nothing to set" in page.text
    token = token_on(signed_in.get("/shelf"))
    sent = signed_in.client.post("/settings/nobody/change", data={"csrf_token": token})
    assert sent.status_code == 404
