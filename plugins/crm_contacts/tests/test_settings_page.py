"""The settings of contacts, as an administrator changes them in the console."""

from __future__ import annotations

from sqlalchemy import text

from meishi.sdk.database import current_connection
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import ContactsClient

CHANGE = "/settings/crm_contacts/change"


def test_the_region_of_a_workspace_is_set_in_a_form(
    signed_in: Browser, contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """A number without a country code is of the region that was set; emptied, of none."""
    page = signed_in.get("/settings").text
    assert 'name="default_region"' in page
    assert "Default region: nothing" in page
    saved = signed_in.send(CHANGE, {"default_region": "SE"}, page="/settings")
    assert (saved.status_code, saved.location) == (303, "/settings")
    assert 'value="SE"' in signed_in.get("/settings").text
    made = contacts.create({"name": {"full": "A"}, "phones": [{"number": "070 123 45 67"}]})
    assert made["phones"][0]["normalised"] == "+46701234567"
    wrong = signed_in.send(CHANGE, {"default_region": "Sweden"}, page="/settings")
    assert wrong.status_code == 422
    assert 'value="Sweden"' in wrong.text
    assert 'aria-invalid="true"' in wrong.text
    assert signed_in.send(CHANGE, {"default_region": ""}, page="/settings").status_code == 303
    assert "Default region: nothing" in signed_in.get("/settings").text
    with workspace.acting_as("identity"):
        current_connection().execute(text("UPDATE identity.membership SET role = 'viewer'"))
    assert "disabled" in signed_in.get("/settings").text
    refused = signed_in.send(CHANGE, {"default_region": "SE"}, page="/contacts")
    assert refused.status_code == 403
