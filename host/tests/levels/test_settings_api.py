"""Settings of workspaces and users over HTTP."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from .conftest import Shop


def _of(tombola: Shop, key: str, place: str = "/tombola") -> tuple[object, object]:
    document = tombola.get(place).json
    assert document is not None
    return next(
        (item["value"], item["source"]) for item in document["settings"] if item["key"] == key
    )


def test_document_of_a_plugin(tombola: Shop) -> None:
    """It has what may be set here, who set it and what may stand there; nothing else."""
    answer = tombola.get()
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"].startswith('"0.')
    document = answer.json
    assert document is not None
    assert document["values"] == {}
    assert document["settings"] == [
        {
            "key": "currency",
            "level": "workspace",
            "value": "EUR",
            "source": "default",
            "default": "EUR",
            "refused": None,
            "schema": {"type": "string", "minLength": 3, "maxLength": 3},
        },
        {
            "key": "per_page",
            "level": "user",
            "value": 30,
            "source": "deployment",
            "default": 20,
            "refused": None,
            "schema": {"type": "integer", "minimum": 1, "maximum": 100},
        },
    ]
    assert "hunter2" not in answer.text + tombola.get("").text


def test_lower_levels_come_first(tombola: Shop) -> None:
    """User before workspace before deployment, and null gives a value back."""
    owner = tombola.workspace.owner_id
    assert tombola.effective()["per_page"] == 30
    assert tombola.patch({"per_page": 40, "currency": "SEK"}).status_code == 200
    assert tombola.patch({"per_page": 50}, "/tombola/mine").status_code == 200
    assert tombola.effective(owner) == {
        "currency": "SEK", "per_page": 50, "limit": 7, "api_key": "hunter2",
    }  # fmt: skip
    assert tombola.effective()["per_page"] == 40
    assert _of(tombola, "per_page", "/tombola/mine") == (50, "user")
    assert _of(tombola, "per_page") == (40, "workspace")
    tombola.patch({"per_page": None}, "/tombola/mine")
    assert tombola.effective(owner)["per_page"] == 40
    tombola.patch({"per_page": None})
    assert tombola.effective(owner)["per_page"] == 30


@pytest.mark.parametrize(
    ("place", "values", "code"),
    [
        ("/tombola", {"currency": "EURO"}, "invalid"),
        ("/tombola", {"limit": 1}, "not-settable"),
        ("/tombola", {"api_key": "x"}, "not-settable"),
        ("/tombola", {"colour": "red"}, "not-settable"),
        ("/tombola/mine", {"currency": "SEK"}, "not-settable"),
        ("/tombola/mine", {"per_page": 0}, "invalid"),
    ],
)
def test_what_is_not_accepted_is_named(
    tombola: Shop, place: str, values: dict[str, object], code: str
) -> None:
    """A wrong value, and a key of another level, are refused by pointer; nothing is kept."""
    answer = tombola.patch(values, place)
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    found = [(item["pointer"], item["code"]) for item in answer.json["errors"]]
    assert found == [(f"/values/{next(iter(values))}", code)]
    unchanged = tombola.get(place).json
    assert unchanged is not None
    assert unchanged["values"] == {}


def test_unknown_plugins_have_no_settings(tombola: Shop) -> None:
    """A plugin that is not there, and one whose settings are the deployment's, answer alike."""
    for place in ("/nothing", "/identity", "/nothing/mine"):
        assert tombola.get(place).status_code == 404
        assert tombola.patch({"a": 1}, place).status_code == 404


def test_changes_are_meant_for_a_version(tombola: Shop) -> None:
    """Who has not read the last change is told so, also with the very first."""
    tag = tombola.get().headers["ETag"]
    assert tombola.patch({"currency": "SEK"}, tag=tag).status_code == 200
    assert tombola.patch({"currency": "NOK"}, tag=tag).status_code == 412
    assert tombola.patch({"per_page": 9}, "/tombola/mine", tag='"0.0"').status_code == 200
    headers = tombola.workspace.headers
    answer = tombola.client.patch("/api/v1/settings/tombola", json={"values": {}}, headers=headers)
    assert answer.status_code in {415, 422, 428}


@pytest.mark.parametrize("there", [False, True])
def test_of_two_changes_at_once_one_is_told(tombola: Shop, *, there: bool) -> None:
    """Both read the same version; the second is refused, whether or not a row was there."""
    if there:
        tombola.patch({"per_page": 5})
    tag, start = tombola.get().headers["ETag"], threading.Barrier(2)

    def change(value: int) -> int:
        start.wait()
        return tombola.patch({"per_page": value}, tag=tag).status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(change, (41, 42))) == [200, 412]


def test_viewers_read_and_set_their_own(tombola: Shop) -> None:
    """Setting for all is for owners and administrators."""
    for role, status in (("viewer", 403), ("member", 403), ("admin", 200)):
        tombola.admin.execute("UPDATE identity.membership SET role = %s", [role])
        assert tombola.patch({"currency": "SEK"}).status_code == status
        assert tombola.get().status_code == 200
        assert tombola.patch({"per_page": 9}, "/tombola/mine").status_code == 200


def test_change_is_published_without_values(tombola: Shop) -> None:
    """The event names plugin, level and keys; what changes nothing is no event."""
    tombola.patch({"currency": "SEK", "per_page": 9})
    tombola.patch({"currency": "SEK"})
    tombola.patch({"per_page": 8}, "/tombola/mine")
    query = "SELECT data FROM meishi_events.event WHERE type = 'settings.changed.v1' ORDER BY pos"
    assert [row[0] for row in tombola.rows(query)] == [
        {"plugin": "tombola", "level": "workspace", "keys": ["currency", "per_page"]},
        {"plugin": "tombola", "level": "user", "keys": ["per_page"]},
    ]
