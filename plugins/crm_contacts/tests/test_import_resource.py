"""Imports as a resource: from the upload to the end, seen from outside."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import psycopg
import pytest
from flask.testing import FlaskClient

from crm_contacts.contract import PIECE_BYTES
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

from .conftest import IMPORTS, ContactsClient, vcard

ADA = vcard("UID:1", "FN:Ada Lovelace", "EMAIL:ada@example.org")
BOB = vcard("FN:Bob", "TEL:+44 20 7946 0018")
BAD = vcard("FN:", "NOTE:é").encode("latin-1")

#: Counts the rows of a table of the contact service.
Count = Callable[[str], int]


@pytest.fixture
def count(plugin_database: Location) -> Count:
    """Count what is stored, past row security."""

    def rows(table: str) -> int:
        assert plugin_database.admin_url is not None
        with psycopg.connect(plugin_database.admin_url) as admin:
            query = f"SELECT count(*) FROM crm_contacts.{table}".encode()
            found = admin.execute(query).fetchone()
        return int(found[0]) if found else 0

    return rows


def test_upload_is_described_before_it_runs(contacts: ContactsClient, count: Count) -> None:
    """The answer says what the file is; nothing of it is a contact yet."""
    found = contacts.send(ADA + BOB)
    assert set(found) == {
        *("id", "name", "state", "format", "shape", "unmapped_columns", "size", "progress"),
        *("counts", "operation_id", "created_at", "completed_at"),
        *("charset", "delimiter", "has_header", "mapped"),
    }
    assert (found["state"], found["format"], found["shape"]) == ("uploaded", "vcard", None)
    assert (found["size"], found["progress"]) == (len(ADA + BOB), 0)
    assert set(found["counts"].values()) == {0}
    assert contacts.all() == []
    assert count("import_piece") == 1


def test_cards_of_icloud_are_known_as_such(contacts: ContactsClient) -> None:
    """By who says to have made the first card; those of all others have no shape."""
    written = (Path(__file__).parent / "cards" / "export-of-icloud.vcf").read_bytes()
    assert contacts.send(written)["shape"] == "icloud"
    done = contacts.upload(written)
    assert (done["shape"], done["counts"]["created"]) == ("icloud", 2)
    of_a_phone = written.replace(b"iCloud Web Address Book 2117B36", b"iPhone OS 17.0")
    assert contacts.send(of_a_phone)["shape"] is None


def test_file_is_forgotten_when_it_is_done_and_its_rows_are_not(
    contacts: ContactsClient, count: Count
) -> None:
    """After the end the pieces are gone; rows, and originals of rejected ones, stay."""
    found = contacts.upload(ADA.encode() + BAD)
    assert (count("import_piece"), count("import_row")) == (0, 2)
    assert contacts.rejects(found["id"]) == BAD
    assert found["completed_at"] >= found["created_at"]
    again = contacts.run(found["id"])
    del found["results"]
    assert again == found | {"operation_id": again["operation_id"]}


def test_large_file_is_stored_in_pieces(contacts: ContactsClient, count: Count) -> None:
    """No piece is larger than its limit, and cards across their borders come in whole."""
    note = "x" * 150_000
    book = "".join(vcard(f"FN:Person {n}", f"UID:{n}", f"NOTE:{note}") for n in range(20))
    found = contacts.send(book)
    assert found["size"] == len(book) > 2 * PIECE_BYTES
    assert count("import_piece") == -(-len(book) // PIECE_BYTES)
    assert contacts.run(found["id"])["counts"]["created"] == 20
    assert {item["note"] for item in contacts.all()} == {note}


def test_body_that_breaks_off_leaves_nothing(contacts: ContactsClient, count: Count) -> None:
    """Who goes away in the middle of a large file has not uploaded half of it."""
    sent = ADA.encode().ljust(2 * PIECE_BYTES + 10)
    promised = {"CONTENT_LENGTH": str(len(sent) + 100)}
    for terminated in ({"wsgi.input_terminated": True}, {}):
        answer = contacts.client.post(
            IMPORTS,
            input_stream=BytesIO(sent),
            content_type="text/vcard",
            headers=contacts.headers,
            environ_overrides=promised | terminated,
        )
        assert answer.status_code == 400
    assert [count(table) for table in ("contact_import", "import_piece")] == [0, 0]


def test_refused_files_leave_nothing(contacts: ContactsClient, count: Count) -> None:
    """Neither an empty body nor one in which nothing is recognisable is stored."""
    bodies = [("text/vcard", b""), ("text/vcard", b"Hello"), ("text/csv", b""), ("text/csv", b"x")]
    for media_type, body in bodies:
        answer = contacts.client.post(
            IMPORTS, data=body, content_type=media_type, headers=contacts.headers
        )
        assert answer.status_code == 422, (media_type, body)
    assert [count(table) for table in ("contact_import", "import_piece")] == [0, 0]


def test_compressed_body_is_refused(contacts: ContactsClient) -> None:
    """A Content-Encoding that nobody undoes is 415."""
    headers = contacts.headers | {"Content-Encoding": "gzip"}
    answer = contacts.client.post(IMPORTS, data=ADA, content_type="text/vcard", headers=headers)
    assert answer.status_code == 415


def test_name_of_the_file_is_kept(contacts: ContactsClient) -> None:
    """`name=` comes back; one that cannot be stored is refused."""
    for name, status in [("Müller & Söhne.vcf", 201), ("", 400), ("a\0b", 400), ("x" * 256, 400)]:
        answer = contacts.client.post(
            IMPORTS,
            query_string={"name": name},
            data=ADA,
            content_type="text/vcard",
            headers=contacts.headers,
        )
        assert answer.status_code == status, name
        assert answer.json is not None
        assert answer.json.get("name") == (name if status == 201 else None)


def test_imports_are_listed_newest_first(contacts: ContactsClient) -> None:
    """Every import is on one page, whatever the size of the pages."""
    sent = [contacts.send(ADA)["id"] for _ in range(3)]
    answer = contacts.client.get(f"{IMPORTS}?limit=2", headers=contacts.headers)
    assert answer.json is not None
    assert [item["id"] for item in answer.json["items"]] == [sent[2], sent[1]]
    after = answer.json["next_after"]
    rest = contacts.client.get(f"{IMPORTS}?limit=2&after={after}", headers=contacts.headers)
    assert rest.json is not None
    assert ([item["id"] for item in rest.json["items"]], rest.json["next_after"]) == (
        [sent[0]],
        None,
    )


def test_rows_can_be_asked_for_by_status(contacts: ContactsClient) -> None:
    """Each status has its rows, `duplicate` those of two; pages miss none of them."""
    more = vcard("UID:1", "FN:Ada Lovelace", "TITLE:Analyst")
    import_id = contacts.upload((ADA + ADA + more + BOB).encode() + BAD + ADA.encode())["id"]
    expected = {
        "created": [0, 3],
        "updated": [2],
        "unchanged": [1, 5],
        "duplicate": [1, 2, 5],
        "rejected": [4],
    }
    for status, indexes in expected.items():
        rows = list(contacts.rows(import_id, status=status, limit=1))
        assert [row["index"] for row in rows] == indexes, status
    assert [row["index"] for row in contacts.rows(import_id, limit=2)] == list(range(6))
    for query in ("status=torn", "after=-1", "limit=0", "limit=201", "after=x"):
        answer = contacts.client.get(
            f"{IMPORTS}/{import_id}/rows?{query}", headers=contacts.headers
        )
        assert answer.status_code == 400, query


def test_rejects_are_what_came_in_and_can_be_imported_again(contacts: ContactsClient) -> None:
    """Rejected cards come back octet for octet, mended ones go in."""
    torn = b"BEGIN:VCARD\r\nFN:Torn\r\n"
    found = contacts.upload(BAD + ADA.encode() + BAD + torn)
    rejects = contacts.rejects(found["id"])
    assert rejects == BAD + BAD + torn
    mended = rejects.replace(b"FN:\r", b"FN:Mended\r") + b"END:VCARD\r\n"
    assert contacts.upload(mended)["counts"]["rejected"] == 0
    assert contacts.rejects(contacts.upload(BOB)["id"]) == b""


def test_many_large_rejects_are_sent_whole(contacts: ContactsClient) -> None:
    """Rejects beyond what is read at a time are all there, in their order."""
    bad = [vcard("FN:", f"NOTE:{n} {'y' * 400_000}") for n in range(8)]
    found = contacts.upload("".join(bad))
    assert contacts.rejects(found["id"]) == "".join(bad).encode()


def test_import_that_is_deleted_is_forgotten_and_its_contacts_stay(
    contacts: ContactsClient, count: Count
) -> None:
    """An import can be deleted before its run and after; nothing of it remains but contacts."""
    before, after = contacts.send(BOB)["id"], contacts.upload(ADA.encode() + BAD)["id"]
    for import_id in (before, after):
        path = f"{IMPORTS}/{import_id}"
        assert contacts.client.delete(path, headers=contacts.headers).status_code == 204
        assert contacts.client.delete(path, headers=contacts.headers).status_code == 404
        for method, address in paths(import_id):
            answer = contacts.client.open(address, method=method, headers=contacts.headers)
            assert answer.status_code == 404, address
    assert sum(count(table) for table in ("contact_import", "import_piece", "import_row")) == 0
    assert [item["name"]["full"] for item in contacts.all()] == ["Ada Lovelace"]


def test_import_of_another_workspace_does_not_exist(
    client: FlaskClient, contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> None:
    """Nobody else sees, runs or deletes an import."""
    import_id = contacts.send(ADA)["id"]
    for method, address in [*paths(import_id), ("DELETE", f"{IMPORTS}/{import_id}")]:
        answer = client.open(address, method=method, headers=other_workspace.headers)
        assert answer.status_code == 404, address
        assert answer.json is not None
        assert answer.json["type"] == "urn:meishi:problem:import-not-found"
    listed = client.get(IMPORTS, headers=other_workspace.headers)
    assert listed.json == {"items": [], "next_after": None}
    assert contacts.run(import_id)["counts"]["created"] == 1


def test_viewer_may_read_imports_and_not_write_them(
    contacts: ContactsClient, database: Location
) -> None:
    """Upload, run and deletion need the right to write."""
    import_id = contacts.upload(ADA.encode() + BAD)["id"]
    assert database.admin_url is not None
    with psycopg.connect(database.admin_url) as admin:
        admin.execute("UPDATE identity.membership SET role = 'viewer'")
    refused = [("POST", IMPORTS), ("DELETE", f"{IMPORTS}/{import_id}")]
    for method, address in [*paths(import_id), *refused, ("GET", IMPORTS)]:
        with contacts.client.open(
            address,
            method=method,
            data=ADA if address == IMPORTS and method == "POST" else None,
            content_type="text/vcard",
            headers=contacts.headers,
        ) as answer:
            assert answer.status_code == (200 if method == "GET" else 403), (method, address)


def paths(import_id: str) -> list[tuple[str, str]]:
    """Return what there is of one import, without its deletion."""
    path = f"{IMPORTS}/{import_id}"
    reads = [("GET", f"{path}{part}") for part in ("", "/rows", "/rejects")]
    return [*reads, ("POST", f"{path}/run")]
