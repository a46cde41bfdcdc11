"""Address books of real programs, from upload to contact."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from crm_contacts.vcard import Property, read_card, split_cards, split_fields, split_items, unescape
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns

REPOSITORY = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("MEISHI_TEST_DATA", REPOSITORY.parent / "shared/data")) / "vcard"
FILES = sorted(CORPUS.glob("*.vcf"))
LIMIT = 2 * 1024 * 1024


@pytest.mark.skipif(not FILES, reason=f"no address books in {CORPUS}")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_address_book_goes_in_whole_and_once(
    client: FlaskClient, workspace: WorkspaceUnderTest, run_jobs: JobRuns, file: Path
) -> None:
    """The arithmetic holds, every value of every card is in its contact, and again adds nothing."""
    result = upload(client, workspace, run_jobs, file)
    cards = list(split_cards(BytesIO(file.read_bytes()), max_card_bytes=LIMIT))
    assert (result["rows"], result["rejected"]) == (len(cards), 0)
    listed = client.get("/api/v1/contacts?total=true&limit=200", headers=workspace.headers).json
    assert listed is not None
    assert listed["total"] == result["created"]
    contacts = {item["id"]: item for item in listed["items"]}
    for card, outcome in zip(cards, result["results"], strict=True):
        held = set(texts(contacts[outcome["contact_id"]]))
        for found in read_card(card.content).properties:
            assert set(said(found)) - {""} <= held, found.name
    assert upload(client, workspace, run_jobs, file)["unchanged"] == len(cards)
    again = client.get("/api/v1/contacts?total=true&limit=200", headers=workspace.headers).json
    assert again == listed


def upload(
    client: FlaskClient, workspace: WorkspaceUnderTest, run_jobs: JobRuns, file: Path
) -> dict[str, Any]:
    """Import a file and return its counts and rows."""
    answer = client.post(
        "/api/v1/contacts/imports",
        data=file.read_bytes(),
        content_type="text/vcard",
        headers=workspace.headers,
    )
    assert answer.status_code == 201, answer.text
    path = answer.headers["Location"]
    assert client.post(f"{path}/run", headers=workspace.headers).status_code == 202
    run_jobs()
    done = client.get(path, headers=workspace.headers).json
    assert done is not None
    assert done["state"] == "completed"
    rows = client.get(f"{path}/rows?limit=200", headers=workspace.headers).json
    assert rows is not None
    return {**done["counts"], "results": rows["items"]}


def said(found: Property) -> Iterator[str]:
    """Yield what a property says: its text, or each of its parts."""
    if found.name in {"N", "ORG", "ADR"}:
        yield from (part.strip() for part in split_fields(found.value))
    elif found.name == "NICKNAME":
        yield from (part.strip() for part in split_items(found.value))
    elif found.name == "X-ABLABEL":
        yield unescape(found.value).strip().removeprefix("_$!<").removesuffix(">!$_")
    else:
        yield unescape(found.value).strip().removeprefix("tel:").removeprefix("mailto:")


def texts(document: Any) -> Iterator[str]:
    """Yield every text in a contact, that of a raw property also without its escapes."""
    if isinstance(document, str):
        yield document.strip()
    elif isinstance(document, list):
        for item in document:
            yield from texts(item)
    elif isinstance(document, dict):
        if {"name", "value", "group"} <= set(document):
            raw = Property(document["name"], document["value"])
            yield from said(raw)
        for item in document.values():
            yield from texts(item)
