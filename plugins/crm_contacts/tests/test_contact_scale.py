"""Contacts in their thousands: nothing is hidden, and no table is read from end to end."""

from __future__ import annotations

import re

import psycopg
import pytest

from crm_contacts.repository.listing import page_statement
from crm_contacts.service.queries import listing_of
from meishi.sdk.contract import Condition, ListQuery, Operator, SortKey
from meishi.sdk.database import current_connection, execute
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

from .conftest import ContactsClient
from .test_contact_lists import document_service

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


@pytest.fixture
def many(workspace: WorkspaceUnderTest, database: Location) -> WorkspaceUnderTest:
    """A workspace of six thousand contacts whose tables the planner knows."""
    with workspace.acting_as("crm_contacts"):
        values = {"workspace": workspace.id, "many": 6_000}
        current_connection().exec_driver_sql(MANY, values)
    assert database.admin_url is not None
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("ANALYZE")
    return workspace


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


TIMES = ("created_at", "updated_at")
TIME = "2020-01-01T00:00:00Z"
FILTERS = [
    *((field, Operator.EQ, "b7 andersson") for field in ("name", "given_name", "family_name")),
    *((field, Operator.PREFIX, "b77") for field in ("name", "given_name", "family_name")),
    ("organisation", Operator.EQ, "o7"),
    ("organisation", Operator.PREFIX, "o7"),
    ("title", Operator.EQ, "t7"),
    ("title", Operator.PREFIX, "t7"),
    ("email", Operator.EQ, "b7 andersson@x"),
    ("email", Operator.PREFIX, "b77"),
    ("phone", Operator.EQ, "+46701234567"),
    ("phone", Operator.PREFIX, "070123"),
    ("kind", Operator.EQ, "org"),
    ("uid", Operator.EQ, "7"),
    ("deleted", Operator.EQ, "true"),
    ("deleted", Operator.EQ, "false"),
    *((field, operator, TIME) for field in TIMES for operator in (Operator.LT, Operator.LTE)),
    *((field, operator, TIME) for field in TIMES for operator in (Operator.GT, Operator.GTE)),
]
SORTS = [("name",), ("organisation",), *((name,) for name in TIMES), ("organisation", "name")]
QUERIES = [
    ListQuery(),
    *(
        ListQuery(conditions=(Condition(field=field, operator=operator, value=value),))
        for field, operator, value in FILTERS
    ),
    *(
        ListQuery(sort=tuple(SortKey(field=name, descending=down) for name in names))
        for names in SORTS
        for down in (False, True)
    ),
    ListQuery(sort=(SortKey(field="organisation"), SortKey(field="name", descending=True))),
    ListQuery(text="b77"),
    ListQuery(text="b77 andersson", sort=(SortKey(field="name"),)),
]


SEQUENTIAL = r"Seq Scan on (?:contact|email)\b"


def test_list_reads_no_table_from_end_to_end(
    many: WorkspaceUnderTest, subtests: pytest.Subtests
) -> None:
    """Whatever it is filtered and sorted by, row security lets every page use an index."""
    with many.acting_as("crm_contacts"):
        for asked in QUERIES:
            with subtests.test(asked=str(asked)):
                first = plan(asked)
                assert "on contact" in first
                assert not re.search(SEQUENTIAL, first), first
                position = document_service().list(asked).position
                if position is not None:
                    further = plan(behind(asked, position))
                    assert not re.search(SEQUENTIAL, further), further


def behind(asked: ListQuery, position: tuple[str, ...]) -> ListQuery:
    """Return the query of a further page."""
    return ListQuery(conditions=asked.conditions, text=asked.text, sort=asked.sort, after=position)


def plan(asked: ListQuery) -> str:
    """Return how the server executes the statement of a list's page."""
    statement, values = page_statement(listing_of(asked, None), asked.limit + 1)
    return "\n".join(row[0] for row in execute(f"EXPLAIN {statement}", values))


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
