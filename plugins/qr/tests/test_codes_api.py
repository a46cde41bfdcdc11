"""Cards and codes that change: fields, labels, targets, tombstones; lists of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meishi.sdk.plugin import PluginContext
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.sessions import WAITING
from meishi.testing.types import Location
from qr.addresses import code_address
from qr.contract import CardField, CodeKind, ErrorCorrection
from qr.service import CardService, CodeService
from qr.symbol import make_symbol

from .conftest import Json, QrClient

UNKNOWN = str(UUID(int=1))


def test_a_card_shows_all_its_fields_unless_it_is_told_otherwise(qr: QrClient) -> None:
    """Fields come in one order, each once; an unknown one is refused."""
    card = qr.card()
    assert card["fields"] == [field.value for field in CardField]
    assert card["page_url"].endswith(f"/p/{card['slug']}")
    assert re.fullmatch(r"[0-9a-z]{12}", card["slug"])
    assert qr.card(fields=["phones", "title", "phones"])["fields"] == ["title", "phones"]
    contact = {"contact_id": card["contact_id"], "fields": ["note"]}
    problem = qr.make("qr/cards", contact, 422)
    assert problem["errors"][0]["pointer"] == "/fields/0"


def test_a_card_is_changed_under_the_version_that_was_read(qr: QrClient) -> None:
    """PATCH needs `If-Match`; a change makes a new version, the same again makes none."""
    card = qr.card()
    path = f"cards/{card['id']}"
    tag = qr.get(path).headers["ETag"]
    assert qr.send("PATCH", path, 428, json={"title": "Other"}).json["type"].endswith("-required")
    changed = qr.change(path, {"title": "Other", "fields": []}, match=tag)
    assert changed.json == card | {
        "title": "Other",
        "fields": [],
        "version": 2,
        "updated_at": changed.json["updated_at"],
    }
    assert changed.headers["ETag"] != tag
    qr.change(path, {"title": "Late"}, 412, match=tag)
    again = qr.change(path, {"title": "Other"}, match=changed.headers["ETag"])
    assert again.json == changed.json
    assert qr.send("GET", path, 304, headers={"If-None-Match": again.headers["ETag"]}).data == b""
    qr.change(f"cards/{UNKNOWN}", {"title": "Other"}, 404)


@pytest.mark.parametrize("kind", ["card", "code"])
def test_of_two_changes_of_one_version_one_is_made(
    app: Flask, qr: QrClient, plugin_database: Location, kind: str
) -> None:
    """Both have read the same version and wait at the same moment: one 200 and one 412."""
    made = qr.card() if kind == "card" else qr.code()
    path = f"/api/v1/qr/{kind}s/{made['id']}"
    headers = qr.headers | {"If-Match": qr.client.get(path, headers=qr.headers).headers["ETag"]}
    field = "title" if kind == "card" else "label"

    def change(value: str) -> int:
        answer = app.test_client().patch(path, json={field: value}, headers=headers)
        return answer.status_code

    url = plugin_database.administrator_url()
    with ThreadPoolExecutor(2) as pool, psycopg.connect(url, autocommit=True) as watch:
        with psycopg.connect(url) as holder:
            holder.execute(f"SELECT FROM qr.{kind} FOR UPDATE".encode())
            answers = [pool.submit(change, value) for value in ("one", "two")]
            while watch.execute(WAITING).fetchone() != (2,):
                assert not any(answer.done() for answer in answers)
        assert sorted(answer.result() for answer in answers) == [200, 412]
    assert qr.client.get(path, headers=qr.headers).json["version"] == 2  # type: ignore[index]


@pytest.mark.parametrize("wrong", [{"title": ""}, {"title": None}, {"slug": "x"}, {"fields": "x"}])
def test_a_wrong_change_of_a_card_is_refused(qr: QrClient, wrong: Json) -> None:
    """What cannot be changed, or not to this, is named."""
    status = 400 if "slug" in wrong else 422
    problem = qr.change(f"cards/{qr.card()['id']}", wrong, status).json
    assert problem["errors"][0]["pointer"].startswith(f"/{next(iter(wrong))}")


def test_a_dynamic_code_is_a_small_symbol_of_capital_letters(qr: QrClient) -> None:
    """Its content is an address in alphanumeric mode, which takes fewer modules than bytes do."""
    code = qr.code(kind="dynamic", label="Business cards, batch 3")
    assert (code["kind"], code["label"]) == ("dynamic", "Business cards, batch 3")
    assert re.fullmatch(r"HTTP://[0-9.:]+/C/[0-9A-HJKMNP-TV-Z]{10}", code["content"])
    symbol = make_symbol(code["content"], ErrorCorrection.M)
    assert symbol.version < make_symbol(code["content"].lower(), ErrorCorrection.M).version


@pytest.mark.parametrize(
    ("public_url", "content"),
    [
        ("https://cards.example.com", "HTTPS://CARDS.EXAMPLE.COM/C/0A"),
        ("http://127.0.0.1:8000", "HTTP://127.0.0.1:8000/C/0A"),
        ("http://[::1]:8000", "http://[::1]:8000/C/0A"),
    ],
)
def test_an_address_is_capital_where_that_makes_the_symbol_smaller(
    public_url: str, content: str
) -> None:
    """Scheme and host may be in capitals; where that gains nothing, they stay as they are."""
    assert code_address(public_url, "0A") == content


def numbers(*values: int) -> Callable[[int], int]:
    """Return a source of these numbers, for random ones."""
    rest: Iterator[int] = iter(values)

    def random_bits(_: int) -> int:
        return next(rest)

    return random_bits


def context() -> PluginContext:
    """Return what the host hands to a service."""
    return PluginContext(
        plugin="qr",
        settings={},
        clock=lambda: datetime.now(UTC),
        new_id=uuid4,
        public_url="https://cards.example",
    )


@pytest.mark.inside
def test_a_taken_code_is_drawn_again(
    qr: QrClient, client: FlaskClient, other_workspace: WorkspaceUnderTest,
    workspace: WorkspaceUnderTest,
) -> None:  # fmt: skip
    """Codes and slugs are unique over all workspaces, without anybody seeing another's."""
    cards = [(other_workspace, QrClient(client, other_workspace.headers).card())]
    cards += [(workspace, qr.card()), (workspace, qr.card())]
    found = []
    for place, (where, card) in enumerate(cards):
        with where.acting_as("qr"):
            codes = CodeService(context(), random_bits=numbers(*range(place + 1)))
            new = codes.create_code(UUID(card["id"]), kind=CodeKind.DYNAMIC)
            found.append(new.content)
            slugs = CardService(context(), random_bits=numbers(*range(place + 1)))
            found.append(slugs.create_card(UUID(card["contact_id"])).page_url)
    assert found[::2] == [f"HTTPS://CARDS.EXAMPLE/C/{place:010}" for place in range(3)]
    assert found[1::2] == [f"https://cards.example/p/{place:012}" for place in range(3)]


@pytest.mark.inside
def test_a_source_that_only_repeats_itself_is_a_fault(
    qr: QrClient, workspace: WorkspaceUnderTest
) -> None:
    """Broken randomness ends in an error rather than in an endless search."""
    card = qr.card()
    with workspace.acting_as("qr"):
        codes = CodeService(context(), random_bits=numbers(*[7] * 9))
        codes.create_code(UUID(card["id"]), kind=CodeKind.DYNAMIC)
        with pytest.raises(RuntimeError, match="taken"):
            codes.create_code(UUID(card["id"]), kind=CodeKind.DYNAMIC)


def test_a_static_code_never_changes_but_its_label(qr: QrClient) -> None:
    """Another card is a conflict; the label is the owner's to change, or to take away."""
    code, other = qr.code(), qr.card()
    path = f"codes/{code['id']}"
    problem = qr.change(path, {"card_id": other["id"]}, 409).json
    assert problem["type"] == "urn:meishi:problem:code-is-static"
    assert qr.get(path).json == code
    changed = qr.change(path, {"label": "Batch 1", "card_id": code["card_id"]}).json
    assert (changed["label"], changed["version"]) == ("Batch 1", 2)
    assert changed["content"] == code["content"]
    assert qr.change(path, {"label": None}).json["label"] is None


def test_a_code_is_changed_under_the_version_that_was_read(
    qr: QrClient, client: FlaskClient, other_workspace: WorkspaceUnderTest
) -> None:
    """Missing, stale and fitting versions, and targets that are not there."""
    code = qr.code(kind="dynamic")
    path = f"codes/{code['id']}"
    tag = qr.get(path).headers["ETag"]
    qr.send("PATCH", path, 428, json={"label": "x"})
    qr.send("DELETE", path, 428)
    foreign = QrClient(client, other_workspace.headers).card()
    for card_id in (UNKNOWN, foreign["id"]):
        qr.change(path, {"card_id": card_id}, 404, match=tag)
    changed = qr.change(path, {"label": "x"}, match=tag)
    assert changed.json["version"] == 2
    qr.change(path, {"label": "y"}, 412, match=tag)
    qr.delete(path, 412, match=tag)
    assert qr.get(path).json == changed.json


def test_a_deleted_code_is_kept_and_comes_back_as_it_was(qr: QrClient) -> None:
    """It is gone for everything but the list of deleted codes, until it is restored."""
    code = qr.code(kind="dynamic")
    path = f"codes/{code['id']}"
    qr.delete(path, match=qr.get(path).headers["ETag"])
    for method, place in [("GET", path), ("GET", f"{path}/render.svg"), ("GET", f"{path}/verify")]:
        assert qr.send(method, place, 404).json["type"].endswith(":code-not-found")
    qr.delete(path, 404)
    others = [qr.code(), qr.code()]
    found = qr.get("codes?total=true").json
    assert (found["items"], found["total"]) == (others, 2)
    (kept,) = qr.get("codes?filter[deleted][eq]=true").json["items"]
    assert qr.get("codes?filter[deleted][eq]=true&total=true").json["total"] == 1
    assert kept["deleted_at"] is not None
    back = qr.send("POST", f"{path}/restore", 200).json
    assert back == code | {"version": 3, "updated_at": back["updated_at"]}
    assert qr.send("POST", f"{path}/restore", 200).json == back
    assert qr.get(path).json == back
    qr.send("POST", f"codes/{UNKNOWN}/restore", 404)


def test_codes_of_a_card_are_listed_page_by_page(qr: QrClient) -> None:
    """Each code once, in order of creation, without those of other cards."""
    card, other = qr.card(), qr.card()
    made = [
        qr.make("qr/codes", {"card_id": card["id"], "kind": kind})["id"]
        for kind in ("vcard", "dynamic", "dynamic", "vcard", "dynamic")
    ]
    qr.make("qr/codes", {"card_id": other["id"]})
    mine = f"codes?filter[card_id][eq]={card['id']}&limit=2"
    seen: list[str] = []
    page = qr.get(f"{mine}&total=true")
    assert page.json["total"] == 5
    while True:
        seen += [item["id"] for item in page.json["items"]]
        after = page.json["next_after"]
        assert ('rel="next"' in page.headers["Link"]) is (after is not None)
        if after is None:
            break
        page = qr.get(f"{mine}&after={after}")
    assert seen == made
    assert qr.get("codes?total=true").json["total"] == 6
    cards = qr.get(f"cards?filter[contact_id][eq]={other['contact_id']}&total=true").json
    assert (cards["items"], cards["total"]) == ([other], 1)


def test_codes_bring_their_cards_along(qr: QrClient) -> None:
    """Each card once, however many of its codes are shown; deleted codes have theirs, too."""
    card, other = qr.card(), qr.card()
    made = [qr.make("qr/codes", {"card_id": found["id"]}) for found in (card, card, other)]
    both = {found["id"]: found for found in (card, other)}
    page = qr.get("codes?include=card").json
    assert page == {"items": made, "next_after": None, "included": {"cards": both}}
    first = qr.get("codes?include=card&limit=2&fields=label").json
    assert first["included"] == {"cards": {card["id"]: card}}
    assert first["items"] == [{"id": code["id"], "label": None} for code in made[:2]]
    path = f"codes/{made[2]['id']}"
    assert qr.get(f"{path}?include=card").json == made[2] | {
        "included": {"cards": {other["id"]: other}}
    }
    qr.delete(path)
    assert qr.get("codes?include=card&filter[deleted][eq]=true").json["included"] == {
        "cards": {other["id"]: other}
    }
    qr.get("codes?include=cards", 400)
    qr.get("cards?include=contact", 400)


@pytest.mark.parametrize(
    "query",
    ["filter[card_id][eq]=x", "filter[deleted][eq]=perhaps", "after=x", "limit=0", "colour=red"],
)  # fmt: skip
def test_a_wrong_query_of_a_list_is_refused(qr: QrClient, query: str) -> None:
    """Filters, cursors and limits that mean nothing are malformed."""
    qr.get(f"codes?{query}", 400)


def test_made_things_say_where_they_are(qr: QrClient) -> None:
    """`Location` and `ETag` of a new card and a new code are those under which it is read."""
    contact_id = qr.make("contacts", {"name": {"full": "Bo"}})["id"]
    card = qr.send("POST", "cards", 201, json={"contact_id": contact_id})
    code = qr.send("POST", "codes", 201, json={"card_id": card.json["id"]})
    for made in (card, code):
        read = qr.client.get(made.headers["Location"], headers=qr.headers)
        assert read.json == made.json
        assert read.headers["ETag"] == made.headers["ETag"]


PLANS = {
    "SELECT * FROM qr.code WHERE short_code = 'ABCDEFGH'": "code_short_code_key",
    "SELECT * FROM qr.card WHERE slug = '0123456789a'": "card_slug_key",
    "SELECT * FROM qr.card WHERE id = '{0}'": "card_pkey",
    "SELECT * FROM qr.code WHERE card_id = '{0}' AND deleted_at IS NULL ORDER BY id LIMIT 51": (
        "code_card_id_idx"
    ),
    "SELECT * FROM qr.card WHERE contact_id = '{0}' ORDER BY id LIMIT 51": "card_contact_id_idx",
}


@pytest.mark.inside
@pytest.mark.parametrize("statement", PLANS)
def test_statements_use_an_index_under_row_security(
    qr: QrClient, database: Location, workspace: WorkspaceUnderTest, statement: str
) -> None:
    """No page and no list reads the table from end to end."""
    qr.code(kind="dynamic")
    with psycopg.connect(database.administrator_url()) as admin:
        admin.execute("SET enable_seqscan = off")
        admin.execute("SET LOCAL ROLE meishi_test_qr_run")
        admin.execute("SELECT set_config('meishi.workspace', %s, true)", [str(workspace.id)])
        plan = admin.execute(f"EXPLAIN {statement.format(UNKNOWN)}".encode()).fetchall()
    lines = [str(row[0]).strip() for row in plan]
    (scan,) = [number for number, line in enumerate(lines) if PLANS[statement] in line]
    assert lines[scan + 1].startswith("Index Cond"), lines
    wanted = next(word for word in ("short_code", "slug", "card_id", "contact_id", "id =")
                  if word in statement)  # fmt: skip
    assert wanted in lines[scan + 1], lines
