"""Duplicates among thousands of contacts: whoever is asked about, no table is read as a whole."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from crm_contacts.contract import ContactDraft, Duplicates, Email, Name
from crm_contacts.normalisation import normalised
from crm_contacts.repository import bulk
from meishi.sdk.context import service
from meishi.sdk.database import current_connection
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

#: How statements are planned.
pytestmark = pytest.mark.inside

MANY = 6_000
SCANS = """
    SELECT relname, seq_scan FROM pg_stat_xact_user_tables
    WHERE schemaname = 'crm_contacts'
        AND relname IN ('contact', 'duplicate_key', 'email')
    ORDER BY relname
"""


def draft(number: int) -> ContactDraft:
    """Return one of many: every third name is that of two hundred, every email that of two."""
    family = f"Ek{number % 30}" if number % 3 == 0 else f"Berg{number}"
    return ContactDraft(
        name=Name(full=f"Anna {family}", given="Anna", family=family),
        emails=(Email(address=f"anna{number // 2}@x.example"),),
    )


@pytest.fixture
def many(workspace: WorkspaceUnderTest, plugin_database: Location) -> WorkspaceUnderTest:
    """A workspace of six thousand contacts whose tables the planner knows."""
    drafts = {UUID(int=number + 1): normalised(draft(number), None) for number in range(MANY)}
    with workspace.acting_as("crm_contacts"):
        bulk.store(drafts, {}, datetime(2026, 1, 1, tzinfo=UTC))
    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url) as connection:
        connection.execute("ANALYZE")
    return workspace


def test_who_may_be_a_contact_is_looked_up(many: WorkspaceUnderTest) -> None:
    """By keys, of which those that too many share lead nowhere; each step has its index."""
    with many.acting_as("crm_contacts"):
        found = [service(Duplicates).of_contact(UUID(int=number)) for number in (1, 2, 3, MANY)]
        scans = current_connection().exec_driver_sql(SCANS).all()
    # The one with the same email, and not the hundreds with the same name.
    assert [[item.contact_id for item in some] for some in found] == [
        [UUID(int=2)],
        [UUID(int=1)],
        [UUID(int=4)],
        [UUID(int=MANY - 1)],
    ]
    assert [tuple(row) for row in scans] == [("contact", 0), ("duplicate_key", 0), ("email", 0)]
