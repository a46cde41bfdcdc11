"""What an import would be, over HTTP: its first rows, and the charset that its body declares."""

from __future__ import annotations

from typing import Any

import pytest

from crm_contacts.contract.import_mappings import MAX_PREVIEWED
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import IMPORTS, ContactsClient, vcard
from .test_import_mappings import put

TABLE = "Name,Email\nAda,ada@x.example\n,\n" + f"{'x' * 30_000},b@x.example\n" + ";;\n"


def preview(contacts: ContactsClient, import_id: str, query: str = "") -> Any:
    """Return the answer with the first rows of an import."""
    path = f"{IMPORTS}/{import_id}/preview{query}"
    return contacts.client.get(path, headers=contacts.headers)


def test_first_rows_are_shown_as_they_would_come_in(contacts: ContactsClient) -> None:
    """Each is a contact or has its reason, with all that is wrong; nothing is written."""
    found = contacts.send(TABLE, "text/csv")
    answer = preview(contacts, found["id"])
    assert answer.status_code == 200, answer.text
    ada, long, odd = answer.json["items"]
    assert (ada["index"], ada["line"], ada["reason"], ada["problems"]) == (0, 2, None, [])
    assert (ada["contact"]["name"]["full"], ada["contact"]["emails"][0]["normalised"]) == (
        "Ada", "ada@x.example",
    )  # fmt: skip
    assert long["reason"].startswith("/name/full: ")
    assert [item["pointer"] for item in long["problems"]] == ["/name/full"]
    assert odd["contact"]["name"]["full"] == ";;"
    assert contacts.all() == []
    done = contacts.run(found["id"])
    (rejected,) = contacts.rows(done["id"], status="rejected")
    assert (rejected["line"], rejected["reason"]) == (long["line"], long["reason"])
    assert preview(contacts, found["id"]).json == {"items": []}


def test_preview_follows_the_mapping(contacts: ContactsClient) -> None:
    """As soon as it is chosen."""
    found = contacts.send("Wer,Was\nAda,x\n", "text/csv")
    (row,) = preview(contacts, found["id"]).json["items"]
    assert (row["contact"], "neither a name" in row["reason"]) == (None, True)
    put(contacts, found["id"], "mapping", {"columns": [{"position": 0, "field": "name"}]})
    (row,) = preview(contacts, found["id"]).json["items"]
    assert row["contact"]["name"]["full"] == "Ada"


def test_preview_has_a_limit(contacts: ContactsClient) -> None:
    """Five rows unless somebody wants more, and no more than so many."""
    book = "".join(vcard(f"FN:Person {number}") for number in range(MAX_PREVIEWED + 5))
    found = contacts.send(book)["id"]
    assert len(preview(contacts, found).json["items"]) == 5
    most = preview(contacts, found, f"?rows={MAX_PREVIEWED}").json["items"]
    assert [item["contact"]["name"]["full"] for item in most] == [
        f"Person {number}" for number in range(MAX_PREVIEWED)
    ]
    for limit in (0, MAX_PREVIEWED + 1, "x"):
        assert preview(contacts, found, f"?rows={limit}").status_code == 400


def test_person_who_was_erased_is_not_shown(contacts: ContactsClient) -> None:
    """The row has the reason that the run has."""
    kept = contacts.client.post(
        "/api/v1/personal-data/suppressions",
        json={"emails": ["ada@x.example"]},
        headers=contacts.headers,
    )
    assert kept.status_code == 204, kept.text
    found = contacts.send("Name,Email\nAda,ada@x.example\nBob,b@x.example\n", "text/csv")
    ada, bob = preview(contacts, found["id"]).json["items"]
    assert (ada["contact"], "erased" in ada["reason"], bob["reason"]) == (None, True, None)


def test_preview_of_another_workspace_is_not_there(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> None:
    """As everything of an import."""
    found = contacts.send(TABLE, "text/csv")["id"]
    assert preview(contacts.of(other_workspace), found).status_code == 404


@pytest.mark.parametrize(
    ("media_type", "charset"),
    [
        ("text/csv; charset=iso-8859-2", "iso-8859-2"),
        ('text/csv; charset="ISO-8859-2"; header=present', "iso-8859-2"),
        ("text/csv; charset=latin2", "iso-8859-2"),
        ("text/vcard; charset=iso-8859-2", "iso-8859-2"),
        ("text/vcard; charset=koi8-r", "koi8-r"),
        ("text/csv; charset=utf-16le", "utf-16-le"),
        ("text/vcard; charset=utf-16le", "utf-16-le"),
        ("text/csv; charset=Shift_JIS", "shift_jis"),
    ],
)
def test_charset_of_the_body_is_heeded(
    contacts: ContactsClient, media_type: str, charset: str
) -> None:
    """Of tables and of vCards that do not name one themselves."""
    name = {"koi8-r": "Жук", "shift_jis": "表\u3000表"}.get(charset, "Žižka")
    text = vcard(f"FN:{name}") if "vcard" in media_type else f"Name,Email\r\n{name},a@x.example\r\n"
    done = contacts.upload(text.encode(charset), media_type)
    assert done["counts"]["created"] == 1
    assert contacts.all()[0]["name"]["full"] == name


@pytest.mark.parametrize("media_type", ["text/csv; charset=utf-8", "text/vcard; charset=utf-8"])
def test_utf_8_is_declared_by_many_who_have_not_looked(
    contacts: ContactsClient, media_type: str
) -> None:
    """What is none is read as ever; so is what has a byte order mark of something else."""
    text = vcard("FN:Jürgen") if "vcard" in media_type else "Name,Email\r\nJürgen,a@x.example\r\n"
    contacts.upload(text.encode("cp1252"), media_type)
    marked = media_type.replace("utf-8", "iso-8859-2")
    contacts.upload(text.replace("Jü", "Žü").encode("utf-16"), marked)
    names = [item["name"]["full"] for item in contacts.all()]
    assert names == ["Jürgen", "Žürgen"]


@pytest.mark.parametrize("charset", ["klingon", "rot13", "utf-7", "x" * 200, "punycode", "idna"])
def test_unknown_charset_is_refused(contacts: ContactsClient, charset: str) -> None:
    """With those that there are; JSON is UTF-8 whatever it says."""
    answer = contacts.client.post(
        IMPORTS,
        data=b"Name,Email\nAda,a@x.example\n",
        content_type=f"text/csv; charset={charset}",
        headers=contacts.headers,
    )
    assert answer.status_code == 415, answer.text
    assert answer.json is not None
    assert "windows-1250" in answer.json["detail"]
    card = b'{"@type": "Card", "version": "1.0", "name": {"full": "Ada"}}'
    found = contacts.send(card, f"application/json; charset={charset}")
    assert found["format"] == "jscontact"


def test_people_may_know_better_than_a_byte_order_mark(contacts: ContactsClient) -> None:
    """What a request declares yields to the mark; what somebody chooses then does not."""
    table = b"\xef\xbb\xbf" + "Name,Email\r\nJürgen,a@x.example\r\n".encode("cp1250")
    found = contacts.send(table, "text/csv; charset=windows-1250")
    assert found["charset"] == "utf-8"
    chosen = put(contacts, found["id"], "dialect", {"charset": "windows-1250"})
    assert chosen.json["charset"] == "windows-1250"
