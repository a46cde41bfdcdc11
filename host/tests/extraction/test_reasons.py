"""Why a plugin must stay, what is missed of one that goes, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest

from meishi.declarations import Exporter, ImportChunk, Importer, ImportPreview, Schemas
from meishi.extraction.examining import reasons
from meishi.extraction.reasons import Reason
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.placing import placed
from meishi.placement import Placement
from meishi.settings import FIRST_PARTY_PLUGINS
from meishi.testing.packages import PluginPackages

from .conftest import Load

pytestmark = pytest.mark.no_calls

#: What a plugin that runs elsewhere does there by itself.
_ELSEWHERE = frozenset(
    {"versions", "event_handlers", "merge_handlers", "jobs", "implementations", "schemas.db"}
)

CONTRACT = '''
from dataclasses import dataclass
from typing import Protocol
from meishi.sdk.contract import Event, atomic, command, query
@dataclass(frozen=True)
class Sold(Event):
    """Something was sold."""
    event_type = "thing.sold.v1"
    subject = "item"
    item: str
class Shelf(Protocol):
    """What a shop offers."""
    @query()
    def count(self) -> int:
        """Count."""
    @{kind}()
    def sell(self, item: str) -> None:
        """Sell."""
'''
PLUGIN = """
from marshmallow import Schema, fields
from meishi.sdk.plugin import *
from shop.contract import Shelf, Sold
class Keys(Schema):
    colour = fields.String()
    key = fields.String()
@hookimpl
def settings():
    return PluginSettings(schema=Keys, secrets=["key"])
@hookimpl
def services():
    return [Service(Shelf, lambda context: None)]
@hookimpl
def event_types():
    return [Sold]
"""
HEARS = """
from meishi.sdk.plugin import *
from shop.contract import Sold
@hookimpl
def event_handlers():
    return [on(Sold, print, mode={mode!r})]
"""
CALLS = """
from meishi.sdk.context import service
from shop.contract import Shelf
def sell():
    service(Shelf).sell("vase")
"""
ITEM = """
from collections.abc import Callable
from dataclasses import dataclass
@dataclass(frozen=True)
class Renderer:
    render: Callable[[str], str]
"""
SPEC = '''
from collections.abc import Sequence
from notes.contract import Renderer
def notes_renderers() -> Sequence[Renderer]:
    """How notes are shown."""
'''
NOTES = """
from meishi.sdk.plugin import *
from notes import points
from notes.contract import Renderer
@hookimpl
def hookspecs():
    return [HookSpec(function=points.notes_renderers, item=Renderer)]
"""
MARKS = """
from meishi.sdk.plugin import *
@hookimpl(optionalhook=True)
def notes_renderers():
    from notes.contract import Renderer
    return [Renderer(render=str.upper)]
"""


def add_shop(packages: PluginPackages, kind: str = "command", more: str = "") -> None:
    """Install a shop, one of whose methods is of this kind."""
    packages.add(
        "shop",
        plugin=PLUGIN + more,
        files={"contract.py": CONTRACT.format(kind=kind)},
        api_prefix="shop",
        events={"emits": ["thing.sold.v1"]},
    )


def add_till(packages: PluginPackages, code: str = "", **manifest: Any) -> None:
    """Install a till, which calls the shop."""
    packages.add(
        "till",
        plugin=code,
        files={"service.py": CALLS},
        **({"requires": {"shop": "*"}} | manifest),
    )


def told(plugins: PluginSet, plugin: str) -> dict[str, Reason]:
    """Return the reasons by their codes; plugins are in order, and each code is there once."""
    assert not plugins.faults(), plugins.faults()
    found = list(reasons(plugins, plugin))
    codes = [reason.code for reason in found]
    assert len(codes) == len(set(codes)), found
    return {reason.code: reason for reason in found}


def pinned(plugins: PluginSet, plugin: str) -> dict[str, str]:
    """Return what pins a plugin, by code."""
    found = told(plugins, plugin)
    return {code: reason.message for code, reason in found.items() if reason.weight == "pins"}


def test_nothing_pins_a_plugin_with_remote_manners(packages: PluginPackages, load: Load) -> None:
    """Who calls its commands is told what stays; that is all."""
    add_shop(packages)
    add_till(packages)
    plugins = load("shop", "till")
    found = told(plugins, "shop")
    assert {(reason.weight.value, reason.code) for reason in found.values()} == {
        ("note", "called-by")
    }
    assert "till may call Shelf.sell" in found["called-by"].message
    assert told(plugins, "till") == {}


def test_an_atomic_method_pins(packages: PluginPackages, load: Load) -> None:
    """It is named with its contract."""
    add_shop(packages, "atomic")
    assert pinned(load("shop"), "shop") == {
        "atomic-method": "Shelf.sell is @atomic: it needs the transaction of its caller."
    }


def test_handlers_inside_the_transaction_pin_both_sides(
    packages: PluginPackages, load: Load
) -> None:
    """There is no common transaction; durable ones pin nobody."""
    add_shop(packages)
    add_till(packages, HEARS.format(mode="in_transaction"), events={"consumes": ["thing.sold.v1"]})
    plugins = load("shop", "till")
    inside = "thing.sold.v1 inside the transaction that publishes it."
    assert pinned(plugins, "till") == {"hears-inside": f"It hears {inside}"}
    assert pinned(plugins, "shop") == {"heard-inside": f"till hears its {inside}"}


def test_durable_handlers_pin_nobody(packages: PluginPackages, load: Load) -> None:
    """Events come by the log."""
    add_shop(packages)
    add_till(packages, HEARS.format(mode="durable"), events={"consumes": ["thing.sold.v1"]})
    plugins = load("shop", "till")
    assert pinned(plugins, "till") == pinned(plugins, "shop") == {}


def test_hooks_between_plugins_pin_both(packages: PluginPackages, load: Load) -> None:
    """They are functions; the other one is named, as it would have to move along."""
    packages.add(
        "notes", plugin=NOTES, api_prefix="notes", files={"contract.py": ITEM, "points.py": SPEC}
    )
    packages.add("marks", plugin=MARKS, after={"notes": ">=0"})
    plugins = load("notes", "marks")
    assert pinned(plugins, "notes") == {
        "hook-implemented": "marks implements its hook `notes_renderers`; "
        "they would have to move together."
    }
    assert pinned(plugins, "marks") == {
        "implements-hook": "It implements the hook `notes_renderers` of notes; "
        "they would have to move together."
    }
    assert told(plugins, "marks")["implements-hook"].others == ("notes",)
    assert pinned(load("notes"), "notes") == {}


def test_hooks_whose_items_are_told_whole_pin_nobody(packages: PluginPackages, load: Load) -> None:
    """Whoever adds the hook reads them here; in a service it would not hear of them."""
    packages.add(
        "notes", plugin=NOTES, api_prefix="notes", files={"contract.py": ITEM, "points.py": SPEC}
    )
    packages.add("marks", plugin=MARKS, after={"notes": ">=0"})
    plugins = load("notes", "marks")

    @dataclass(frozen=True)
    class Named:
        """What a plugin supplies that says all of itself."""

        name: str

    plugins.extensions.supplied["notes_renderers"]["marks"] = (Named("mark"),)
    assert pinned(plugins, "notes") == pinned(plugins, "marks") == {}
    assert told(plugins, "notes")["hook-of-service"].others == ("marks",)
    assert told(plugins, "marks") == {}


@pytest.mark.parametrize(
    "code",
    [
        "from shop.contract import Shelf\n",
        "import shop.contract\n",
        "from shop import contract\n",
        "def late():\n    from shop.contract import Shelf\n",
    ],
)
def test_contracts_that_no_manifest_names_pin_both(
    packages: PluginPackages, load: Load, code: str
) -> None:
    """The other side would refuse the calls."""
    add_shop(packages)
    packages.add("till", plugin="", files={"service.py": code})
    plugins = load("shop", "till")
    assert pinned(plugins, "till") == {
        "unnamed-contract": "It uses the contract of shop, which its manifest does not name."
    }
    assert pinned(plugins, "shop") == {
        "unnamed-by": "till uses its contract, and the manifest of till does not name it."
    }


def test_neighbours_that_are_services_pin_nobody(packages: PluginPackages, load: Load) -> None:
    """Services reach each other through the main deployment."""
    add_shop(packages)
    add_till(packages)
    table = '[plugin.{}]\nplacement = "https://away.example"\nplacement_token = "{}"\n'
    away = load("shop", "till", settings=table.format("shop", "x" * 32))
    assert pinned(away, "till") == {}
    away = load("shop", "till", settings=table.format("till", "x" * 32))
    assert pinned(away, "shop") == {}


def test_settings_are_to_be_set_there_too(packages: PluginPackages, load: Load) -> None:
    """Keys are named, secrets as such, and values are not."""
    add_shop(packages)
    found = [
        reason.message
        for reason in reasons(
            load("shop", settings='[plugin.shop]\ncolour = "red"\nkey = "hush"\n'), "shop"
        )
    ]
    assert found == [
        "Set `colour` in [plugin.shop] of the service, too.",
        "Set the secret `key` in [plugin.shop] of the service, too.",
    ]


def test_extensions_of_its_database_are_named(packages: PluginPackages, load: Load) -> None:
    """The database of a service is another one."""
    packages.add("shop", database={"extensions": ["pg_trgm"]})
    found = told(load("shop"), "shop")["extension"]
    assert found.message == "The database of the service needs the extension pg_trgm."


PAGES = """
import click
@hookimpl
def public_pages():
    return [PublicPage(rule="/sale/<code>", view=lambda code: "")]
@hookimpl
def cli():
    return click.Group("shop")
"""


def test_pages_that_visitors_open_are_not_missed(packages: PluginPackages, load: Load) -> None:
    """The main deployment has them shown; commands are the service's, which is said."""
    add_shop(packages, more=PAGES)
    found = told(load("shop"), "shop")
    assert {(reason.weight.value, reason.code) for reason in found.values()} == {("note", "cli")}


IMPORTER = Importer(
    name="rows", title="Rows", resource="shop.Row", media_types=("text/x",), suffixes=(".x",),
    preview=lambda file: ImportPreview(columns=(), rows=()),
    run=lambda file, task: ImportChunk(following=None), permission="write", detect=bool,
)  # fmt: skip
EXPORTER = Exporter(
    name="rows", title="Rows", resource="shop.Row", media_type="text/x", suffix=".x",
    write=lambda wanted: [b"x"], permission="read",
)  # fmt: skip


def test_formats_are_known_of_what_runs_elsewhere_and_nothing_of_them_runs_here(
    packages: PluginPackages, load: Load
) -> None:
    """Whoever forgot to ask the service would be told."""
    add_shop(packages)
    shop = load("shop").contributions["shop"]
    whole = replace(shop, importers=(IMPORTER,), exporters=(EXPORTER,))
    place = Placement(url="https://away.example", token="x" * 32)
    left = placed(whole, place, hooked=True)
    (importer,), (exporter,) = left.importers, left.exporters
    assert (importer.name, importer.max_bytes) == (IMPORTER.name, IMPORTER.max_bytes)
    assert exporter.media_type == EXPORTER.media_type
    functions: list[Any] = [importer.detect, importer.preview, importer.run, exporter.write]
    for function in functions:
        with pytest.raises(AssertionError, match="runs elsewhere"):
            function(b"")
    blind = replace(whole, importers=(replace(IMPORTER, detect=None),))
    assert placed(blind, place, hooked=True).importers[0].detect is None
    there = placed(whole, place, hooked=False)
    assert (there.importers, there.exporters) == ((), ())


def test_every_part_that_a_placed_plugin_lacks_is_accounted_for() -> None:
    """It goes on over there as it did here, so that nobody misses it."""

    class Something:
        """Any value of a part."""

    def full(kind: type, **more: Any) -> Any:
        return kind(**{item.name: Something() for item in fields(kind)} | more)

    whole = full(
        Contribution,
        schemas=full(Schemas),
        placement=None,
        importers=(IMPORTER,),
        exporters=(EXPORTER,),
    )
    left = placed(whole, Placement(url="https://away.example", token="x" * 32), hooked=True)
    lost = {item.name for item in fields(left) if not getattr(left, item.name)}
    lost |= {
        f"schemas.{item.name}" for item in fields(Schemas) if not getattr(left.schemas, item.name)
    }
    assert lost <= _ELSEWHERE


def test_operations_are_found_from_here(packages: PluginPackages, load: Load) -> None:
    """An answer 202 leads to an address at which the main deployment asks the service."""
    packages.add("shop", requires={"meishi_operations": "*"})
    assert told(load("shop"), "shop") == {}


def test_what_passes_between_it_and_others_is_missed(load: Load) -> None:
    """What others add to its resources, and who calls it; numbers are counted as before."""
    plugins = load(*FIRST_PARTY_PLUGINS)
    found = {
        name: {(reason.code, *reason.others) for reason in reasons(plugins, name)}
        for name in ("crm_contacts", "qr")
    }
    assert found["crm_contacts"] >= {
        ("others-extension", "crm_enrichment"),
        ("called-by", "qr"),
    }
    assert ("hook-of-host",) not in found["qr"]


def test_functions_for_hooks_of_the_host_are_missed(load: Load) -> None:
    """They are called where their plugin is."""

    @dataclass(frozen=True)
    class Counted:
        """What a plugin supplies that is asked each time."""

        count: Callable[[], int]

    plugins = load(*FIRST_PARTY_PLUGINS)
    plugins.extensions.supplied["analytics_metrics"]["qr"] = (Counted(lambda: 1),)
    found = told(plugins, "qr")["hook-of-host"]
    assert "is not heard of here" in found.message
