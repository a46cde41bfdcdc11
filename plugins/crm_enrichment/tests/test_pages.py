"""What was found, as people see it and decide on it in the console."""

from __future__ import annotations

from meishi.testing.types import Browser

from .conftest import EnrichmentClient

PANEL = "?_panel=crm_enrichment.proposals"


def test_the_page_of_a_contact_shows_what_waits_and_what_was_taken_over(
    signed_in: Browser, enrichment: EnrichmentClient
) -> None:
    """With the words that say it; a click takes it over, another takes it back."""
    contact = enrichment.contact(title="Vertriebsleiterin")
    page = f"/contacts/{contact}"
    assert signed_in.get(page + PANEL).text.strip() == ""
    enrichment.follow()
    shown = signed_in.get(page + PANEL).text
    assert "“Vertriebsleiterin”" in shown
    assert "75 % sure" in shown
    proposal = enrichment.about(contact, "department")
    form = {"next": page}
    done = signed_in.send(f"/enrichment/{proposal['id']}/apply", form, page=page)
    assert (done.status_code, done.location) == (303, page)
    assert "The value was taken over" in signed_in.get(page).text
    assert enrichment.known(contact)["department"] == "sales"
    assert "accepted" in signed_in.get(page + PANEL).text
    signed_in.send(f"/enrichment/{proposal['id']}/revert", form, page=page)
    assert enrichment.known(contact) == {}
    refused = signed_in.send(f"/enrichment/{proposal['id']}/apply", form, page=page)
    assert refused.status_code == 303
    assert "decided already" in signed_in.get(page).text


def test_proposals_of_all_contacts_are_decided_at_once(
    signed_in: Browser, enrichment: EnrichmentClient
) -> None:
    """Those that are ticked; the list is by field, and what is decided is not in it."""
    first = enrichment.contact(title="CEO")
    second = enrichment.contact(name={"full": "Bo <b>Ek</b>"}, title="Head of Sales")
    enrichment.follow()
    listed = signed_in.get("/enrichment").text
    assert "Bo &lt;b&gt;Ek&lt;/b&gt;" in listed
    assert listed.count('name="proposal"') == 4
    only = signed_in.get("/enrichment?filter[field][eq]=seniority").text
    assert only.count('name="proposal"') == 2
    chosen = [enrichment.about(item, "seniority")["id"] for item in (first, second)]
    form = {"decision": "apply", "proposal": [*chosen, "nonsense"]}
    assert signed_in.send("/enrichment/decide", form, page="/enrichment").status_code == 303
    assert "2 proposals were decided" in signed_in.get("/enrichment").text
    assert enrichment.known(first)["seniority"] == "c_level"
    rest = [enrichment.about(item, "department")["id"] for item in (first, second)]
    form = {"decision": "reject", "proposal": rest}
    signed_in.send("/enrichment/decide", form, page="/enrichment")
    assert "Nothing waits" in signed_in.get("/enrichment").text
    signed_in.send("/enrichment/decide", {"decision": "apply"}, page="/contacts/new")
    assert "Choose proposals first" in signed_in.get("/enrichment").text
