from __future__ import annotations

import json

import pytest

from meishi.testing.servers import (
    Reply,
    answering,
    ask_at_once,
    hanging,
    scripted_server,
    sending,
    trickling,
)
from meishi.testing.types import Host, WorkspaceUnderTest

from .conftest import EXTRACTIONS, KEY, NOTE, Reading, completion

QUOTES = {
    "name": "Anna Lindqvist",
    "title": "Gardener of Ideas",
    "organisation": "Northwind Robotics Ltd",
    "email": ["anna.lindqvist@northwind.example", "invented@northwind.example"],
    "confidence": 1,
}


def test_model_reads_in_a_job_and_its_quotes_wait_as_proposals(reading: Reading) -> None:
    """The operation ends with the extraction read again; what the model made up is not there."""
    contact = reading.contact()
    reading.answers(answering(body=completion(QUOTES)))
    made = reading.read(contact_id=contact)
    assert reading.endpoint.asked == []
    (run,) = reading.read_with_model(made)
    assert run.fate == "succeeded"
    read = reading.get(f"{EXTRACTIONS}/{made['id']}")
    methods = {item["value"]: item["method"] for item in read["extracts"]}
    assert read["read_by_model"] is True
    assert methods["Gardener of Ideas"] == "model"
    assert methods["+44 20 7946 0123"] == "rules"
    assert "invented@northwind.example" not in methods
    assert reading.waiting(contact)["title"]["method"] == "model"
    (asked,) = reading.endpoint.asked
    head, _, body = asked.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/chat/completions ")
    assert f"authorization: bearer {KEY}".encode() in head.lower()
    assert json.loads(body)["messages"][1]["content"] == NOTE


def test_obeying_model_changes_nothing_else(reading: Reading) -> None:
    """A model that does what a note says sets no field of other contacts and calls nobody."""
    bystander = reading.contact(name={"full": "Bo Ek"}, emails=[{"address": "bo@ek.example"}])
    contact = reading.contact()
    before = reading.get(f"/api/v1/contacts/{bystander}")
    obeying = {
        "email": ["root@evil.example"],
        "organisation": "all previous instructions",
        "delete": [bystander],
        "tool_calls": [{"name": "delete_contact"}],
    }
    reading.answers(answering(body=completion(obeying)))
    reading.read_with_model(reading.read(contact_id=contact))
    assert reading.get(f"/api/v1/contacts/{bystander}") == before
    assert reading.get(f"/api/v1/contacts/{contact}")["emails"] == []
    waiting = reading.waiting(contact)
    assert waiting["organisation"]["value"] == "Northwind Robotics Ltd"
    assert len(reading.endpoint.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        answering(body=b"rubbish"),
        answering(body=b"{}"),
        answering(body=completion({})[:-20]),
        answering("500 Oops"),
        answering("429 Slow down", b"", "Retry-After: 3600"),
        answering("401 Unauthorized", b"{}"),
        answering(body=b" " * 10_000_000),
        sending(b""),
        sending(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"),
        hanging,
        trickling(),
    ],
    ids=range(11),
)
def test_endpoint_that_fails_does_no_harm(
    reading: Reading, plugin_host: Host, reply: Reply
) -> None:
    """Whatever an endpoint does, the job fails after some attempts, and what rules read stays."""
    ask_at_once(plugin_host, seconds=1)
    reading.answers(reply)
    made = reading.read()
    runs = reading.read_with_model(made, failures=True)
    assert [run.fate for run in runs] == ["again", "again", "failed"]
    assert all("EndpointFailed" in run.error for run in runs)
    assert not any(KEY in run.error or "Anna" in run.error for run in runs)
    assert reading.get(f"{EXTRACTIONS}/{made['id']}") == made


def test_endpoint_cannot_send_us_elsewhere(reading: Reading) -> None:
    """A redirect is not followed, though this machine is where the endpoint itself is."""
    with scripted_server(answering(body=completion(QUOTES))) as inside:
        reading.answers(answering("307 Temporary Redirect", b"", f"Location: {inside.url}/v1"))
        runs = reading.read_with_model(reading.read(), failures=True)
        assert {run.fate for run in runs} == {"again", "failed"}
        assert inside.asked == []


def test_what_nothing_would_cure_is_not_tried_again(
    reading: Reading, plugin_host: Host, workspace: WorkspaceUnderTest
) -> None:
    """An address that is refused is refused each time, and a text that is gone stays away."""
    reading.answers()
    ask_at_once(plugin_host, resolve=lambda name, port: ["nowhere"])
    (run,) = reading.read_with_model(reading.read(), failures=True)
    assert run.fate == "failed"
    assert "leads to no IP address" in run.error
    made = reading.read()
    reading.post(f"{EXTRACTIONS}/{made['id']}/run", status=202)
    with plugin_host.scope(workspace=workspace.id, plugin="crm_enrichment") as scope:
        scope.work.execute("DELETE FROM crm_enrichment.extraction")
    (run,) = reading.run_jobs(failures=True)
    assert run.fate == "failed"
    assert reading.endpoint.asked == []


def test_busy_endpoint_is_asked_again(reading: Reading) -> None:
    """An endpoint that could not answer at once has answered in the end."""
    well = answering(body=completion(QUOTES))
    reading.answers(answering("503 Busy"), answering("429 Slow down"), well)
    (run,) = reading.read_with_model(reading.read())
    assert run.fate == "succeeded"
    assert len(reading.endpoint.asked) == 3


def test_run_asks_the_model_in_a_job(reading: Reading) -> None:
    """A run asks nobody outside itself; its job does, and what notes say waits with the quote."""
    contact = reading.contact(note=NOTE)
    other = reading.contact(name={"full": "Bo Ek"}, note=NOTE)
    reading.answers(answering(body=completion(QUOTES)))
    reading.run_jobs()
    reading.post("/api/v1/enrichment/runs", {"contact_ids": [contact, other]})
    assert reading.endpoint.asked == []
    assert [run.job for run in reading.run_jobs()] == ["crm_enrichment.ask_outside"]
    page = reading.get("/api/v1/enrichment/proposals")
    found = {
        (item["contact_id"], item["field"]): item["quote"]
        for item in page["items"]
        if item["provider"] == "crm_enrichment.signature_model"
    }
    assert found[contact, "title"] == "Gardener of Ideas"
    assert {contact_id for contact_id, _ in found} == {contact}


def test_note_that_the_model_fails_at_costs_no_other_contact(reading: Reading) -> None:
    """What it quotes of the others' notes waits; what waited from this one stays."""
    well = answering(body=completion(QUOTES))
    contacts = [reading.contact(note=NOTE) for _ in range(3)]
    reading.answers(well, answering(body=b"rubbish"), well)
    reading.post("/api/v1/enrichment/runs", {"contact_ids": contacts})
    reading.run_jobs()
    assert model_proposals(reading) == {contacts[0], contacts[2]}
    reading.answers(answering(body=b"rubbish"), well)
    reading.post("/api/v1/enrichment/runs", {"contact_ids": contacts})
    reading.run_jobs()
    assert model_proposals(reading) == {*contacts}


def test_what_was_turned_down_of_a_note_does_not_come_again_from_the_model(
    reading: Reading,
) -> None:
    """The same value from the same place is turned down once, whoever read it there."""
    contact = reading.contact(note=NOTE)
    reading.answers(answering(body=completion(QUOTES)))
    reading.run_jobs()
    reject_titles(reading, contact)
    reading.post("/api/v1/enrichment/runs", {"contact_ids": [contact]})
    reading.run_jobs()
    assert model_proposals(reading) == set()
    other = reading.contact(note=NOTE)
    reading.run_jobs()
    reading.post("/api/v1/enrichment/runs", {"contact_ids": [other]})
    reading.run_jobs()
    assert model_proposals(reading) == {other}
    reject_titles(reading, other)
    assert model_proposals(reading) == set()


def reject_titles(reading: Reading, contact: str) -> None:
    """Turn down the title that rules have read in a note."""
    query = f"filter[contact_id][eq]={contact}&filter[provider][eq]=crm_enrichment.signature"
    items = reading.get(f"/api/v1/enrichment/proposals?{query}")["items"]
    (title,) = [item for item in items if item["field"] == "title"]
    reading.post(f"/api/v1/enrichment/proposals/{title['id']}/reject", status=200)


def model_proposals(reading: Reading) -> set[str]:
    """Return the contacts for which a title waits that the model has quoted."""
    page = reading.get("/api/v1/enrichment/proposals?filter[field][eq]=title")
    return {
        item["contact_id"]
        for item in page["items"]
        if item["provider"] == "crm_enrichment.signature_model" and item["state"] == "proposed"
    }


def test_no_transaction_waits_for_the_model(reading: Reading, plugin_host: Host) -> None:
    """While the model thinks, the database has no open transaction of ours."""
    seen: list[int] = []

    def look(connection: object, ended: object) -> None:
        with plugin_host.engine.connect() as ours:
            seen.append(
                ours.exec_driver_sql(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND state LIKE 'idle in transaction%%' AND pid <> pg_backend_pid()"
                ).scalar_one()
            )
        answering(body=completion(QUOTES))(connection, ended)  # type: ignore[arg-type]

    reading.answers(look)
    reading.read_with_model(reading.read())
    contact = reading.contact(note=NOTE)
    reading.run_jobs()
    reading.post("/api/v1/enrichment/runs", {"contact_ids": [contact]})
    reading.run_jobs()
    assert seen == [0, 0]
