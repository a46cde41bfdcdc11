"""Contacts in their thousands: nothing is hidden, and no search reads a table from end to end.

That no filter and no sort does is a matter of tests/conformance.
"""

from __future__ import annotations

import psycopg
import pytest

from meishi.sdk.contract import ListQuery
from meishi.sdk.database import current_connection
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
