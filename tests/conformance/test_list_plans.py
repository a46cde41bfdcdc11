"""Lists of full workspaces: an index finds every page, and what has none is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from crm_contacts.contract import ContactKind
from crm_contacts.schemas.contact_queries import ContactQuerySchema
from meishi.lifecycle.installation import upgrade_all
from meishi.lifecycle.loading import load_plugins
from meishi.settings import Settings
from meishi.testing.conformance import Workbench, plans
from meishi.testing.conformance.bulk_rows import ROWS, WORKSPACES
from meishi.testing.conformance.columns import Place
from meishi.testing.conformance.full_application import FullApplication, application_on, filled
from meishi.testing.conformance.list_plans import PlansMissing, list_plan_faults
from meishi.testing.conformance.list_requests import list_routes, requests_of
from meishi.testing.conformance.stored_values import StoredValues
from meishi.testing.packages import plugin_packages
from meishi.testing.types import TestDatabases

from .faulty_lists import LISTS, PLUGIN, REVISION

pytestmark = pytest.mark.no_calls


@pytest.fixture(scope="module")
def full(bench: Workbench) -> FullApplication:
    """The first-party plugins, with fifty thousand rows in each of their tables."""
    return bench.full_application


def faults_of(full: FullApplication, plugin: str) -> list[str]:
    """Return what the check says of a plugin's lists."""
    return list(list_plan_faults(full.app, full.location, full.tables, full.headers, plugin))


MISSING = """
    SELECT count(*) FROM {child} c WHERE c.{mine} IS NOT NULL AND NOT EXISTS (
        SELECT FROM {parent} p WHERE p.workspace_id = c.workspace_id AND p.{theirs} = c.{mine})
"""


def test_every_table_is_full_and_every_reference_fits(full: FullApplication) -> None:
    """What lists read is there: the rows of each table, and those that they refer to."""
    columns = full.tables.columns
    # Among the people of identity is the one who asks.
    sizes = {table: full.tables.sizes[table] for table in columns.tables()}
    for (db_schema, name), size in sizes.items():
        askers = 1 if db_schema == "identity" else 0
        assert 0 <= size - ROWS * WORKSPACES <= askers, name
    references = [
        (str(column.place), column.refers_to)
        for column in columns.by_place.values()
        if column.refers_to is not None
    ]
    assert ("qr.card.contact_id", Place("crm_contacts", "contact", "id")) in references
    with psycopg.connect(full.location.administrator_url()) as admin:
        for name, parent in references:
            if parent.db_schema == "identity":
                continue  # people and their sessions belong to no workspace
            child, _, mine = name.rpartition(".")
            statement = MISSING.format(
                child=child, mine=mine, parent=f"{parent.db_schema}.{parent.table}",
                theirs=parent.column,
            )  # fmt: skip
            assert admin.execute(statement.encode()).fetchone() == (0,), name


def test_every_parameter_of_every_list_is_asked_for(full: FullApplication) -> None:
    """Filters with values of the data, sorts and pairs of them either way, `q`; no list is left."""
    tables = full.tables
    with psycopg.connect(full.location.administrator_url()) as admin:
        asked = {
            route.path: list(requests_of(route, StoredValues(admin, tables, item.plugin)))
            for item in full.host.plugins.active()
            for route in list_routes(item)
        }
    assert set(asked) == {
        "/api/v1/audit/entries",
        "/api/v1/contacts",
        "/api/v1/contacts/changes",
        "/api/v1/contacts/custom-fields",
        "/api/v1/contacts/duplicates",
        "/api/v1/contacts/import-mappings",
        "/api/v1/contacts/imports",
        "/api/v1/contacts/imports/<uuid:import_id>/rows",
        "/api/v1/contacts/imports/<uuid:import_id>/undo/kept",
        "/api/v1/contacts/lists",
        "/api/v1/contacts/segments",
        "/api/v1/contacts/tags",
        "/api/v1/contacts/<uuid:subject_id>/consents/<any(email,phone,sms,post):channel>/history",
        "/api/v1/contacts/<uuid:source_id>/relationships",
        "/api/v1/contacts/<uuid:subject_id>/history",
        "/api/v1/contacts/<uuid:subject_id>/notes",
        "/api/v1/contacts/<uuid:subject_id>/timeline",
        "/api/v1/enrichment/proposals",
        "/api/v1/imports",
        "/api/v1/imports/<uuid:file_import_id>/rejects",
        "/api/v1/operations",
        "/api/v1/viral/conversions",
        "/api/v1/viral/links",
        "/api/v1/viral/participants",
        "/api/v1/viral/programmes",
        "/api/v1/viral/rewards",
        "/api/v1/viral/touches",
        "/api/v1/qr/cards",
        "/api/v1/qr/cards/changes",
        "/api/v1/qr/codes",
        "/api/v1/qr/codes/changes",
        "/api/v1/qr/exchanges",
    }
    contacts = [request.query for request in asked["/api/v1/contacts"]]
    names = {name for query in contacts for name in query}
    fields = {field.data_key or name for name, field in ContactQuerySchema().load_fields.items()}
    assert names == fields - {"after", "limit", "total"}
    assert {query["filter[kind][eq]"] for query in contacts if "filter[kind][eq]" in query} == {
        *ContactKind
    }
    orders = [query["sort"] for query in contacts if "sort" in query]
    assert len(orders) == len(set(orders)) == 4 * 2 + 4 * 3 * 4
    assert {"name", "-name", "name,created_at", "-updated_at,organisation"} <= set(orders)


def test_nothing_is_said_of_lists_whose_plans_are_not_reported(
    full: FullApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that keeps its plans to itself is an error, and no clean result."""
    monkeypatch.setitem(plans.SETTINGS, "auto_explain.log_min_duration", "-1")
    with pytest.raises(PlansMissing):
        faults_of(full, "qr")


@contextmanager
def shelf(
    settings: Settings, databases: TestDatabases, folder: Path, code: str
) -> Iterator[FullApplication]:
    """Install a third party's plugin, and fill its tables."""
    files = {"versions/__init__.py": "", "versions/0001.py": REVISION}
    with plugin_packages(folder) as packages, databases.empty() as location:
        packages.add("shelf", plugin=code, files=files, api_prefix="shelf")
        chosen = replace(settings, plugins=("shelf",))
        plugins = load_plugins(chosen)
        upgrade_all(chosen, location, plugins)
        with application_on(location, chosen, plugins) as app:
            yield filled(app, location)


@pytest.fixture(scope="module")
def shelf_faults(
    meishi_settings: Settings,
    meishi_databases: TestDatabases,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[str]:
    """What is said of a plugin with all sorts of slow lists."""
    lists = [f"books({rule_of(name)!r}, {LISTS[name][0]})\n" for name in LISTS]
    code = "".join([PLUGIN, *lists, "books('/boxes/<uuid:box_id>/lost')\n"])
    folder = tmp_path_factory.mktemp("shelf")
    with shelf(meishi_settings, meishi_databases, folder, code) as found:
        return faults_of(found, "shelf")


def rule_of(name: str) -> str:
    """Return where a list is served."""
    return f"/{name.replace(' ', '-')}"


@pytest.mark.parametrize("name", LISTS)
def test_list_that_reads_more_than_its_page_is_named(name: str, shelf_faults: list[str]) -> None:
    """The sentence says which request it was, and what was read."""
    path = f"GET /api/v1/shelf{rule_of(name)}"
    found = [fault for fault in shelf_faults if re.match(rf"{path}[? ]", fault)]
    expected = LISTS[name][1]
    assert len(found) >= len(expected)
    for asked, said in expected.items():
        assert any(asked in fault and said in fault for fault in found), found
    assert all(any(asked in fault for asked in expected) for fault in found)


def test_list_is_named_whose_path_nobody_can_fill(shelf_faults: list[str]) -> None:
    """A parameter that no column and no table is called after leaves its list unread."""
    path = "/api/v1/shelf/boxes/<uuid:box_id>/lost"
    assert f"no row is known that `box_id` of {path} could name" in shelf_faults


def test_feed_is_named_whose_changes_have_no_index(shelf_faults: list[str]) -> None:
    """The little that has changed is not looked for among all that is there."""
    found = [fault for fault in shelf_faults if "GET /api/v1/shelf/loans/changes" in fault]
    assert found
    for fault in found:
        assert "/loans/changes?since=" in fault
        assert "shelf.loan" in fault
        assert "changed" in fault


def test_nothing_is_said_of_sound_lists(shelf_faults: list[str]) -> None:
    """A list whose filters and sorts have their indexes is clean, also in a part of the rows."""
    assert not [fault for fault in shelf_faults if "sound" in fault]


def test_table_is_named_whose_values_nobody_knows(
    meishi_settings: Settings, meishi_databases: TestDatabases, tmp_path: Path
) -> None:
    """Where a constraint refuses made rows, the table and the way to say its values are told."""
    code = PLUGIN.replace('EXAMPLES = ("here", "lent")', "EXAMPLES = ()")
    with shelf(meishi_settings, meishi_databases, tmp_path, code) as found:
        fault, *others = faults_of(found, "shelf")
    assert fault.startswith("the table shelf.book cannot be filled with rows: ")
    assert "book_state_check" in fault
    assert "info={'examples': (...)}" in fault
    assert others
