"""Contacts in their thousands: nothing is hidden, and no search reads a table from end to end.

That no filter and no sort does is a matter of tests/conformance.
"""

from __future__ import annotations

import json
from dataclasses import replace

import psycopg
import pytest

from crm_contacts.contract import CustomFields, CustomFieldType
from crm_contacts.custom_values import key_of
from crm_contacts.repository import listing
from meishi.sdk.context import service
from meishi.sdk.contract import Condition, ListQuery, Operator, SortKey
from meishi.sdk.database import current_connection
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

from .conftest import ContactsClient
from .test_contact_lists import document_service

#: How statements are planned.
pytestmark = pytest.mark.inside

CONTACTS = 8_500

MANY = """
    WITH made AS (
        INSERT INTO crm_contacts.contact
            (workspace_id, id, kind, full_name, nicknames, units, raw, name_key, given_name_key,
             family_name_key, organisation_key, title_key, version, created_at, updated_at)
        SELECT %(workspace)s, ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid,
            'individual', 'B' || n || ' Andersson', '{}', '{}', '[]', 'b' || n || ' andersson',
            '', '', 'o' || n %% 100, 't' || n %% 50, 1,
            now() - n * interval '1 s', now() - n * interval '1 s'
        FROM generate_series(1, %(many)s) n
        RETURNING workspace_id, id, full_name, name_key
    ), words AS (
        INSERT INTO crm_contacts.word
        SELECT DISTINCT workspace_id, w.word COLLATE "C"
        FROM made, string_to_table(name_key, ' ') AS w (word)
        ON CONFLICT DO NOTHING
    ), contact_words AS (
        INSERT INTO crm_contacts.contact_word
        SELECT workspace_id, w.word, id, 8 FROM made, string_to_table(name_key, ' ') AS w (word)
    )
    INSERT INTO crm_contacts.email
    SELECT workspace_id, id, 0, name_key, name_key || '@x', '{}', NULL, false, '{}' FROM made
"""


#: All up to a number get the tag, in no order.
TAGGED = """
    INSERT INTO crm_contacts.contact_tag (workspace_id, contact_id, tag_id)
    SELECT c.workspace_id, c.id, t.id FROM crm_contacts.contact c JOIN crm_contacts.tag t
        ON t.key = %(key)s
    WHERE c.id <= ('00000000-0000-0000-0000-' || lpad(%(last)s, 12, '0'))::uuid
    ORDER BY c.name_key ON CONFLICT DO NOTHING
"""


@pytest.fixture
def many(workspace: WorkspaceUnderTest, plugin_database: Location) -> WorkspaceUnderTest:
    """A workspace of thousands of contacts whose tables the planner knows."""
    with workspace.acting_as("crm_contacts"):
        values = {"workspace": workspace.id, "many": CONTACTS}
        current_connection().exec_driver_sql(MANY, values)
    _analyse(plugin_database)
    return workspace


def _analyse(database: Location) -> None:
    """Let the planner know what the tables are like."""
    assert database.admin_url is not None
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("ANALYZE")


def test_common_word_hides_no_contact_of_a_rare_one(
    contacts: ContactsClient, many: WorkspaceUnderTest
) -> None:
    """However many contacts have one word, those that have a rare one as well are found.

    The ids of the others are before its own, and fill what a search takes of the common word.
    """
    rare = contacts.create({"name": {"full": "Zacharias Andersson"}})["id"]
    assert many.headers == contacts.headers
    assert [item["id"] for item in contacts.page(q="andersson zacharias")["items"]] == [rare]
    assert [item["id"] for item in contacts.page(q="ander zach")["items"]] == [rare]
    assert contacts.page(q="andersson", total=True)["total"] == 1_000


def test_what_is_like_a_rare_word_does_not_hide_who_has_it(
    contacts: ContactsClient, many: WorkspaceUnderTest
) -> None:
    """Also where thousands have something similar, and each other word as well."""
    rare = contacts.create({"name": {"full": "Anderssen Andersson"}})["id"]
    assert many.headers == contacts.headers
    assert contacts.page(q="anderssen andersson")["items"][0]["id"] == rare


SCANS = """
    SELECT relname, seq_scan FROM pg_stat_xact_user_tables
    WHERE schemaname = 'crm_contacts' AND relname IN ('contact', 'word', 'contact_word')
    ORDER BY relname
"""


def test_search_reads_no_table_from_end_to_end(many: WorkspaceUnderTest) -> None:
    """Every step has its index: contacts, words and their pairs are never scanned in sequence."""
    with many.acting_as("crm_contacts"):
        for text in ("b7", "b77 andersson", "andersen", "dersso", "a"):
            document_service().list(ListQuery(text=text))
        scans = current_connection().exec_driver_sql(SCANS).all()
    assert [tuple(row) for row in scans] == [("contact", 0), ("contact_word", 0), ("word", 0)]


FETCHED = """
    SELECT idx_tup_fetch FROM pg_stat_xact_user_tables
    WHERE schemaname = 'crm_contacts' AND relname = 'contact_word'
"""


def test_words_of_contacts_are_compared_without_their_table(
    many: WorkspaceUnderTest, plugin_database: Location
) -> None:
    """Those of all who have a rare word are read from the index, where they stand together."""
    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url, autocommit=True) as connection:
        assert any(_is_vacuumed(connection) for _ in range(500))
    with many.acting_as("crm_contacts"):
        found = document_service().list(ListQuery(text="b77 andersson"))
        fetched = current_connection().exec_driver_sql(FETCHED).scalar_one()
    assert found.items
    assert fetched == 0


def _is_vacuumed(connection: psycopg.Connection) -> bool:
    """Vacuum the words; whoever reads at that moment may keep the server from seeing all of it."""
    connection.execute("VACUUM crm_contacts.contact_word")
    query = "SELECT relallvisible = relpages FROM pg_class WHERE oid = %s::regclass"
    row = connection.execute(query, ["crm_contacts.contact_word"]).fetchone()
    return row == (True,)


PASSED_BY = """
    SELECT idx_tup_fetch FROM pg_stat_xact_user_tables
    WHERE schemaname = 'crm_contacts' AND relname = 'contact'
"""


def test_page_of_a_time_passes_nobody_by(many: WorkspaceUnderTest) -> None:
    """Whoever asks for the newest of thousands is not shown how many there were before."""
    with many.acting_as("crm_contacts"):
        newest = ListQuery(sort=(SortKey(field="created_at", descending=True),), limit=10)
        items = [json.loads(item) for item in document_service().list(newest).items]
        since = Condition(field="created_at", operator=Operator.GTE, value=items[-1]["created_at"])
        before = current_connection().exec_driver_sql(PASSED_BY).scalar_one()
        found = document_service().list(ListQuery(conditions=(since,), limit=10))
        fetched = current_connection().exec_driver_sql(PASSED_BY).scalar_one() - before
    assert [json.loads(item)["id"] for item in found.items] == [
        item["id"] for item in reversed(items)
    ]
    assert fetched <= 2 * len(items)


def test_page_of_a_tag_looks_up_no_more_than_it_shows(
    contacts: ContactsClient, many: WorkspaceUnderTest
) -> None:
    """Also further on: whoever has the tag comes in the order of the list already."""
    tagged = contacts.create({"name": {"full": "Zoe"}, "tags": ["guest"]})["tags"]
    with many.acting_as("crm_contacts"):
        current_connection().exec_driver_sql(TAGGED, {"key": tagged[0], "last": str(CONTACTS)})
        wanted = ListQuery(
            conditions=(Condition(field="tag", operator=Operator.IN, value="guest"),), limit=50
        )
        first = document_service().list(wanted)
        before = current_connection().exec_driver_sql(PASSED_BY).scalar_one()
        second = document_service().list(replace(wanted, after=first.position))
        fetched = current_connection().exec_driver_sql(PASSED_BY).scalar_one() - before
    names = [json.loads(item)["name"]["full"] for item in (*first.items, *second.items)]
    assert names == [f"B{number} Andersson" for number in range(1, 101)]
    # Once each as a member, one of them to see that there are more, and once as a document.
    assert fetched <= 2 * len(second.items) + 1


def test_page_of_a_beginning_looks_up_no_more_than_it_shows(many: WorkspaceUnderTest) -> None:
    """However many addresses begin so, their contacts come in the order of the list already."""
    with many.acting_as("crm_contacts"):
        wanted = ListQuery(
            conditions=(Condition(field="email", operator=Operator.PREFIX, value="b"),), limit=50
        )
        before = current_connection().exec_driver_sql(PASSED_BY).scalar_one()
        found = document_service().list(wanted)
        fetched = current_connection().exec_driver_sql(PASSED_BY).scalar_one() - before
    names = [json.loads(item)["name"]["full"] for item in found.items]
    assert names == [f"B{number} Andersson" for number in range(1, 51)]
    assert fetched <= 2 * len(found.items) + 1


SCORED = """
    INSERT INTO crm_contacts.custom_value (workspace_id, contact_id, field_id, value, key)
    SELECT c.workspace_id, c.id, f.id, to_jsonb(n.number), n.key
    FROM unnest(%(numbers)s::integer[], %(keys)s::text[]) AS n (number, key)
    JOIN crm_contacts.contact c ON c.name_key = 'b' || n.number || ' andersson'
    JOIN crm_contacts.custom_field f ON f.workspace_id = c.workspace_id AND f.key = 'score'
"""


@pytest.mark.parametrize("least", [CONTACTS - 60, CONTACTS - 3_000, CONTACTS - 8_100, 2])
def test_range_of_values_passes_nobody_by(many: WorkspaceUnderTest, least: int) -> None:
    """Whether few or many are in it, and whatever they are sorted by, they come page by page."""
    numbers = list(range(1, CONTACTS + 1))
    with many.acting_as("crm_contacts"):
        service(CustomFields).create("score", title="Score", type=CustomFieldType.NUMBER)
        values = {"numbers": numbers, "keys": [key_of(number) for number in numbers]}
        current_connection().exec_driver_sql(SCORED, values)
        score = Condition(field="custom.score", operator=Operator.GTE, value=str(least))
        found = {sort: _pages(score, sort) for sort in ("", "name", "-name")}
    inside = [f"B{number} Andersson" for number in numbers if number >= least]
    assert found[""] == inside[:100]
    assert found["name"] == sorted(inside)[:100]
    assert found["-name"] == sorted(inside, reverse=True)[:100]


@pytest.mark.parametrize("beginning_is_first", [True, False])
def test_few_values_lead_before_a_beginning_of_many(
    many: WorkspaceUnderTest, *, beginning_is_first: bool
) -> None:
    """Those in a narrow range are found first, whichever condition is said first."""
    numbers = list(range(1, CONTACTS + 1))
    beginning = Condition(field="email", operator=Operator.PREFIX, value="b")
    score = Condition(field="custom.score", operator=Operator.GTE, value=str(CONTACTS - 5))
    conditions = (beginning, score) if beginning_is_first else (score, beginning)
    with many.acting_as("crm_contacts"):
        service(CustomFields).create("score", title="Score", type=CustomFieldType.NUMBER)
        values = {"numbers": numbers, "keys": [key_of(number) for number in numbers]}
        current_connection().exec_driver_sql(SCORED, values)
        before = current_connection().exec_driver_sql(PASSED_BY).scalar_one()
        found = document_service().list(ListQuery(conditions=conditions, limit=50))
        fetched = current_connection().exec_driver_sql(PASSED_BY).scalar_one() - before
    names = [json.loads(item)["name"]["full"] for item in found.items]
    assert names == [f"B{number} Andersson" for number in numbers[-6:]]
    assert fetched <= 2 * len(names) + 1


def _pages(condition: Condition, sort: str) -> list[str]:
    """Return the names on the first two pages of a list."""
    key = SortKey(field=sort.removeprefix("-"), descending=sort.startswith("-"))
    wanted = ListQuery(conditions=(condition,), sort=(key,) if sort else (), limit=50)
    first = document_service().list(wanted)
    second = document_service().list(replace(wanted, after=first.position)).items
    return [json.loads(item)["name"]["full"] for item in (*first.items, *second)]


@pytest.mark.parametrize("last", [60, 3_000, CONTACTS])
def test_members_of_a_tag_come_in_the_order_of_names(
    contacts: ContactsClient, many: WorkspaceUnderTest, last: int
) -> None:
    """Whether few, some or nearly all of thousands have it, page by page."""
    contacts.create({"name": {"full": "Zoe"}, "tags": ["guest"]})
    with many.acting_as("crm_contacts"):
        current_connection().exec_driver_sql(TAGGED, {"key": "guest", "last": str(last)})
        condition = Condition(field="tag", operator=Operator.IN, value="guest")
        found = {sort: _pages(condition, sort) for sort in ("name", "-name")}
    names = sorted([*(f"B{number} Andersson" for number in range(1, last + 1)), "Zoe"])
    assert found["name"] == names[:100]
    assert found["-name"] == names[::-1][:100]


def test_page_sorted_by_two_passes_nobody_by(
    many: WorkspaceUnderTest, plugin_database: Location
) -> None:
    """Whoever has nothing of the first comes in the order of the second, however many they are."""
    sort = (SortKey(field="organisation"), SortKey(field="created_at", descending=True))
    with many.acting_as("crm_contacts"):
        current_connection().exec_driver_sql(
            "UPDATE crm_contacts.contact SET organisation_key = '' WHERE organisation_key < 'o5'"
        )
    _analyse(plugin_database)
    with many.acting_as("crm_contacts"):
        before = current_connection().exec_driver_sql(PASSED_BY).scalar_one()
        found = document_service().list(ListQuery(sort=sort, limit=50))
        fetched = current_connection().exec_driver_sql(PASSED_BY).scalar_one() - before
    names = [json.loads(item)["name"]["full"] for item in found.items]
    without = (number for number in range(1, CONTACTS + 1) if f"o{number % 100}" < "o5")
    assert names == [f"B{number} Andersson" for _, number in zip(range(50), without, strict=False)]
    # One says what they have of the first; each once to be sorted, and once as a document.
    assert fetched <= 4 * len(names)


def test_members_behind_all_others_are_found_at_once(
    contacts: ContactsClient, many: WorkspaceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who got a tag with the last import is not looked for among all who were there before."""
    monkeypatch.setattr(listing, "_PASSED", 1_000)
    contacts.create({"name": {"full": "Zoe"}, "tags": ["guest"]})
    tagged = 2_500
    condition = Condition(field="tag", operator=Operator.IN, value="guest")
    oldest = ListQuery(conditions=(condition,), sort=(SortKey(field="created_at"),), limit=50)
    with many.acting_as("crm_contacts"):
        current_connection().exec_driver_sql(TAGGED, {"key": "guest", "last": str(tagged)})
        before = current_connection().exec_driver_sql(PASSED_BY).scalar_one()
        first = document_service().list(oldest)
        fetched = current_connection().exec_driver_sql(PASSED_BY).scalar_one() - before
        second = document_service().list(replace(oldest, after=first.position))
    names = [json.loads(item)["name"]["full"] for item in (*first.items, *second.items)]
    assert names == [f"B{tagged - number} Andersson" for number in range(100)]
    assert fetched < CONTACTS - tagged


#: All up to a number live in a town, and lack an email as far as is known.
LIVING = """
    INSERT INTO crm_contacts.address
        (workspace_id, contact_id, position, types, is_primary, parameters, locality_key)
    SELECT workspace_id, id, 0, '{}', false, '{}', 'oslo' FROM crm_contacts.contact
    WHERE id <= ('00000000-0000-0000-0000-' || lpad(%(last)s, 12, '0'))::uuid
"""
LACKING = """
    UPDATE crm_contacts.contact SET filled_reach = 30
    WHERE id > ('00000000-0000-0000-0000-' || lpad(%(last)s, 12, '0'))::uuid
"""


@pytest.mark.parametrize("last", [60, 3_000, CONTACTS])
@pytest.mark.parametrize(
    "condition",
    [
        Condition(field="locality", operator=Operator.EQ, value="Oslo"),
        Condition(field="locality", operator=Operator.PREFIX, value="os"),
        Condition(field="email", operator=Operator.EMPTY, value="true"),
    ],
    ids=str,
)
def test_what_many_may_have_comes_page_by_page(
    many: WorkspaceUnderTest, monkeypatch: pytest.MonkeyPatch, condition: Condition, last: int
) -> None:
    """Whether few, some or all have it, in whatever order, also where they are behind others."""
    monkeypatch.setattr(listing, "_PASSED", 1_000)
    with many.acting_as("crm_contacts"):
        for statement in (LIVING, LACKING):
            current_connection().exec_driver_sql(statement, {"last": str(last)})
        found = {sort: _pages(condition, sort) for sort in ("name", "-name", "created_at")}
    names = [f"B{number} Andersson" for number in range(1, last + 1)]
    assert found["name"] == sorted(names)[:100]
    assert found["-name"] == sorted(names)[::-1][:100]
    assert found["created_at"] == names[::-1][:100]
