"""What plugins do with the resources of others: each fault of an extension or merge is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

import pytest

from meishi.database.embedded import EmbeddedPostgres
from meishi.settings import Settings
from meishi.testing.conformance import Workbench, loaded_plugins
from meishi.testing.databases import TestDatabases
from meishi.testing.packages import plugin_packages

from .conftest import findings

pytestmark = pytest.mark.no_calls


PLUGIN = """
from marshmallow import Schema
from uuid import uuid4
from meishi.sdk.database import execute
from meishi.sdk.plugin import (
    Extension, MergeHandler, MergeReport, UnmergeReport, Migrations, Permission, Schemas, hookimpl,
)

class ContactOrdersSchema(Schema):
    pass

ONE = "SELECT id FROM shop.parcel WHERE contact_id = %(id)s"
ALL = "SELECT contact_id FROM shop.parcel WHERE contact_id = ANY (%(ids)s)"

def at_once(ids):
    return dict(execute(ALL, {"ids": list(ids)}))

def one_by_one(ids):
    return {found: {} for found in ids if execute(ONE, {"id": found})}

def raising(ids):
    raise LookupError(f"{len(ids)} unknown")

def without_result(ids):
    return None

def of_others(ids):
    return {uuid4(): {}}

def move(source, target):
    return MergeReport(moved={"parcel": len(execute(ONE, {"id": source}))})

def failing(source, target):
    raise LookupError("unknown")

def silent(source, target):
    return None

def boasting(source, target):
    return MergeReport(moved={"parcel": 1})

def back(sources, target):
    return UnmergeReport(returned={"parcel": 0})

def failing_back(sources, target):
    raise LookupError("unknown")

def silent_back(sources, target):
    return None

def boasting_back(sources, target):
    return UnmergeReport(returned={"parcel": 0}, kept={"parcel": 2})

CHOSEN = {}

def load(ids):
    return globals()[CHOSEN["load"]](ids)

def follow(source, target):
    return globals()[CHOSEN["follow"]](source, target)

def undo(sources, target):
    return globals()[CHOSEN["undo"]](sources, target)

@hookimpl
def schemas():
    return Schemas(extensions=[Extension(
        target="crm_contacts.Contact", schema=ContactOrdersSchema, load=load, permission="read"
    )])

@hookimpl
def merge_entities():
    return [MergeHandler(kind="crm_contacts.Contact", handler=follow, undo=undo)]

@hookimpl
def migrations():
    return Migrations("shop.migrations.versions")

@hookimpl
def permissions():
    return [Permission(name="read", title="Read")]
"""
REVISION = """
from alembic import op
revision = "shop_0001"
down_revision = None

def upgrade():
    op.execute("CREATE TABLE shop.parcel (workspace_id uuid NOT NULL, id uuid NOT NULL,"
        " contact_id uuid NOT NULL, PRIMARY KEY (workspace_id, id))")

def downgrade():
    op.execute("DROP TABLE shop.parcel")
"""


@pytest.fixture(scope="module")
def shop_bench(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Workbench]:
    """The shop with its table, in a deployment of its own."""
    settings = replace(meishi_settings, deployment="parcels", plugins=("shop",))
    with plugin_packages(tmp_path_factory.mktemp("packages")) as packages:
        packages.add(
            "shop",
            plugin=PLUGIN,
            api_prefix="shop",
            files={
                "migrations/__init__.py": "",
                "migrations/versions/__init__.py": "",
                "migrations/versions/0001.py": REVISION,
            },
        )
        databases = TestDatabases(meishi_server, settings)
        with Workbench(settings, loaded_plugins(settings), lambda: databases) as bench:
            yield bench


def choose(**parts: str) -> None:
    """Have the shop do something else when values are loaded, or a merge is followed."""
    import_module("shop.plugin").CHOSEN.update(
        {"load": "at_once", "follow": "move", "undo": "back"} | parts
    )


def test_a_sound_plugin_has_no_findings(shop_bench: Workbench) -> None:
    """Whether the owner of the resource is there or not."""
    choose()
    assert findings(shop_bench, "extensions", "shop") == []
    assert findings(shop_bench, "merges", "shop") == []


@pytest.mark.parametrize(
    ("load", "said"),
    [
        ("one_by_one", "reads tables in 50 statements for 50 ids, and in 1 for one."),
        ("raising", "raises for ids that are new to it: LookupError('1 unknown')."),
        ("without_result", "returns no mapping, but a NoneType."),
        ("of_others", "returns values of ids that were not asked for."),
    ],
)
def test_a_faulty_loader_is_named(shop_bench: Workbench, load: str, said: str) -> None:
    """By the resource that it adds values to."""
    choose(load=load)
    found = findings(shop_bench, "extensions", "shop")
    assert found[0] == f"`load` of the extension of crm_contacts.Contact {said}"


@pytest.mark.parametrize(
    ("follow", "said"),
    [
        ("failing", "raises where there is nothing to move: LookupError('unknown')."),
        ("silent", "returns no MergeReport, but a NoneType."),
        (
            "boasting",
            "says that it has moved {'parcel': 1} of a resource that nothing refers to.",
        ),
    ],
)
def test_a_faulty_merge_handler_is_named(shop_bench: Workbench, follow: str, said: str) -> None:
    """By the resource whose merges it follows."""
    choose(follow=follow)
    found = findings(shop_bench, "merges", "shop")
    assert found == [f"The merge handler of crm_contacts.Contact {said}"]


@pytest.mark.parametrize(
    ("undo", "said"),
    [
        ("failing_back", "raises where there is nothing to give back: LookupError('unknown')."),
        ("silent_back", "returns no UnmergeReport, but a NoneType."),
        (
            "boasting_back",
            (
                "says that it gave back {'parcel': 0} and kept {'parcel': 2} of a resource that"
                " nothing refers to."
            ),
        ),
    ],
)
def test_a_faulty_way_back_is_named(shop_bench: Workbench, undo: str, said: str) -> None:
    """By the resource whose merges it takes back."""
    choose(undo=undo)
    found = findings(shop_bench, "merges", "shop")
    assert found == [f"Undoing a merge of crm_contacts.Contact {said}"]
