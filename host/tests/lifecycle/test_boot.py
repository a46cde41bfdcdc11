from dataclasses import replace

import pytest
from flask import Flask

from meishi.app import create_app
from meishi.database.location import Location
from meishi.errors import BootRefused
from meishi.host import Host
from meishi.settings import BootPolicy, Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.packages import PluginPackages

ROUTES = """
from flask.views import MethodView
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import hookimpl
blueprint = Blueprint("shop", description="Shop")
@blueprint.route("/orders")
class Orders(MethodView):
    def get(self):
        return {}
@hookimpl
def routes():
    return [blueprint]
"""
REVISION = """
from alembic import op
revision = "store_0001"
down_revision = None
"""
MIGRATED = """
from meishi.sdk.plugin import Migrations, hookimpl
@hookimpl
def migrations():
    return Migrations("store.versions")
"""


@pytest.fixture
def faulty(packages: PluginPackages, meishi_settings: Settings) -> Settings:
    """Settings with one plugin for each moment at which a boot finds a fault."""
    packages.add("stall", plugin="raise RuntimeError('no licence')")
    packages.add(
        "store", plugin=MIGRATED, files={"versions/__init__.py": "", "versions/0001.py": REVISION}
    )
    packages.add("shop", plugin=ROUTES, api_prefix="shop")
    packages.add("kiosk", requires={"shop": "*"})
    return replace(meishi_settings, plugins=(*meishi_settings.plugins, *FAULTY))


FAULTY = ("kiosk", "shop", "stall", "store")


def boot(settings: Settings, database: Location) -> Flask:
    """Boot and give the connections back."""
    app = create_app(settings, location=database)
    app.extensions["meishi"].close()
    return app


def test_a_degraded_host_serves_the_rest(faulty: Settings, database: Location) -> None:
    """Every faulty plugin is out with its reason, the others answer, and health tells."""
    app = create_app(faulty.with_policy(BootPolicy.DEGRADE), location=database)
    host: Host = app.extensions["meishi"]
    client = app.test_client()
    reasons = {item.name: (item.state.value, item.reason) for item in host.plugins.faults()}
    assert reasons == {
        "kiosk": ("missing_dependency", "skipped: needs shop"),
        "shop": ("broken", "GET /api/v1/shop/orders names no permission"),
        "stall": ("broken", "importing stall.plugin raised RuntimeError('no licence')"),
        "store": ("needs_migration", "pending: store_0001; run `meishi db upgrade`"),
    }
    assert client.get("/health").json == {"status": "degraded"}
    assert client.get("/api/v1/shop/orders").status_code == 404
    assert client.get("/api/v1/contacts").status_code == 401
    host.close()


@pytest.mark.parametrize("name", ["shop", "stall", "store"])
def test_a_strict_host_does_not_boot_with_any_fault(
    faulty: Settings, database: Location, name: str
) -> None:
    """Whenever the fault is found, the boot ends, naming plugin and reason."""
    alone = tuple(item for item in faulty.plugins if item == name or item not in FAULTY)
    with pytest.raises(BootRefused, match=f"The plugin {name} is "):
        boot(replace(faulty, plugins=alone), database)


def test_a_strict_host_boots_without_faults(meishi_settings: Settings, database: Location) -> None:
    """The plugins that come with Meishi have none."""
    assert boot(meishi_settings, database).extensions["meishi"].plugins.faults() == []


def test_no_policy_boots_on_an_empty_database(
    meishi_settings: Settings, meishi_databases: TestDatabases
) -> None:
    """Without the host's own tables nothing runs, and the message says what to do."""
    with (
        meishi_databases.empty() as location,
        pytest.raises(BootRefused, match="run `meishi db upgrade`"),
    ):
        boot(meishi_settings.with_policy(BootPolicy.DEGRADE), location)
