"""Extensions and merges: what an author, or an operator, reads of a name that leads nowhere."""

from __future__ import annotations

import pytest

from meishi.lifecycle.states import PluginState
from meishi.testing.packages import PluginPackages

from .conftest import Load
from .shop import PREAMBLE, hook, reason

OWNER = """
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID
from marshmallow import Schema, fields
from meishi.sdk.contract import Event
from meishi.sdk.plugin import *
@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Event):
    event_type: ClassVar[str] = "wares.merged.v1"
    subject: ClassVar[str] = "ware_id"
    ware_id: UUID
    merged_ids: tuple[UUID, ...]
@dataclass(frozen=True, slots=True, kw_only=True)
class Parted(Merged):
    event_type: ClassVar[str] = "wares.parted.v1"
    subject: ClassVar[str] = "merged_ids"
@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Event):
    event_type: ClassVar[str] = "wares.split.v1"
    subject: ClassVar[str] = "ware_id"
    ware_id: UUID
@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(Merged):
    event_type: ClassVar[str] = "wares.unknown.v1"
class WareSchema(Schema):
    id = fields.UUID()
class CrateSchema(Schema):
    number = fields.Integer()
class ShelfSchema(Schema):
    id = fields.UUID()
    extensions = fields.Integer()
@hookimpl
def event_types():
    return [Merged, Parted, Split]
def merge(**changes):
    return Merge(**{"resource": WareSchema, "event": Merged, "sources": "merged_ids",
        "target": "ware_id"} | changes)
"""
RESOURCES = "resources=[WareSchema, CrateSchema, ShelfSchema]"
MAY = hook("permissions", "[Permission(name='read', title='Read')]")


def schemas(*targets: str, permission: str = "read") -> str:
    """Return the hook with extensions of resources."""
    declared = ", ".join(
        f"Extension(target={target!r}, schema=ShopSettings, load=print, permission={permission!r})"
        for target in targets
    )
    return hook("schemas", f"Schemas(extensions=[{declared}])")


def following(*kinds: str) -> str:
    """Return the hook with handlers of merges."""
    declared = ", ".join(f"MergeHandler(kind={kind!r}, handler=print)" for kind in kinds)
    return hook("merge_entities", f"[{declared}]")


def add_owner(packages: PluginPackages, merges: str = "merge()") -> None:
    """Write the plugin that has the resources."""
    packages.add(
        "wares",
        plugin=OWNER + hook("schemas", f"Schemas({RESOURCES}, merges=[{merges}])"),
        api_prefix="wares",
        events={"emits": ["wares.merged.v1", "wares.parted.v1", "wares.split.v1"]},
    )


def told(packages: PluginPackages, load: Load, code: str) -> tuple[str, str]:
    """Return state of the shop beside the owner, and what is said of it."""
    packages.add("shop", plugin=PREAMBLE + code, api_prefix="shop")
    plugins = load("shop", "wares")
    status = plugins.statuses["shop"]
    assert plugins.statuses["wares"].state is PluginState.ACTIVE
    return status.state.value, status.reason or plugins.idle_parts("shop")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (schemas("crm_contacts.Contact") + MAY, ""),
        (
            schemas("crm_contacts.Contact"),
            (
                "hook `schemas`: Extension: `target` 'crm_contacts.Contact' needs the permission "
                "shop.read, which is not declared"
            ),
        ),
        (
            schemas("a.B", "a.C", "a.B") + MAY,
            "hook `schemas`: Extension: `target` 'a.B' is declared twice",
        ),
        (
            schemas("shop.Order") + MAY,
            (
                "hook `schemas`: Extension: `target` 'shop.Order' is the plugin's own resource; "
                "give its schema a field"
            ),
        ),
        (following("a.B", "a.C"), ""),
        (
            following("a.B", "a.C", "a.B"),
            "hook `merge_entities`: MergeHandler: `kind` 'a.B' is declared twice",
        ),
    ],
)
def test_what_no_plugin_could_have_is_refused(
    packages: PluginPackages, load: Load, code: str, said: str
) -> None:
    """Whoever is there besides."""
    assert reason(packages, load, code) == said


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            schemas("wares.Ware", "wares.Wear") + MAY,
            (
                "hook `schemas`: Extension: `target` 'wares.Wear' names no resource of wares; "
                "did you mean 'wares.Ware'?"
            ),
        ),
        (
            schemas("wares.Crate") + MAY,
            (
                "hook `schemas`: Extension: `target` 'wares.Crate' has no `id`, a UUID, by which "
                "values could be loaded"
            ),
        ),
        (
            schemas("wares.Shelf") + MAY,
            "hook `schemas`: Extension: `target` 'wares.Shelf' has a field `extensions` of its own",
        ),
        (
            following("wares.Queue"),
            "hook `merge_entities`: MergeHandler: `kind` 'wares.Queue' names no resource of wares",
        ),
    ],
)
def test_a_resource_that_its_owner_does_not_have_is_named(
    packages: PluginPackages, load: Load, code: str, said: str
) -> None:
    """The owner goes on, in whatever order the two are loaded."""
    add_owner(packages)
    assert told(packages, load, code) == ("broken", said)


def test_parts_for_others_that_are_not_there_do_nothing(
    packages: PluginPackages, load: Load
) -> None:
    """The plugin is active, and an operator reads which parts of it wait for what."""
    add_owner(packages)
    code = schemas("wares.Ware", "stock.Item") + MAY + following("wares.Crate", "stock.Item")
    assert told(packages, load, code) == (
        "active",
        (
            "extension of stock.Item inactive: needs stock; "
            "merge handler of stock.Item inactive: needs stock; "
            "merge handler of wares.Crate inactive: wares does not merge it"
        ),
    )


def test_parts_for_others_that_are_there_are_not_mentioned(
    packages: PluginPackages, load: Load
) -> None:
    """All that can work does."""
    add_owner(packages)
    code = schemas("wares.Ware") + MAY + following("wares.Ware")
    assert told(packages, load, code) == ("active", "")


@pytest.mark.parametrize(
    ("merges", "said"),
    [
        ("merge(resource=Schema)", "Merge of Schema: `resource` is none of `resources`"),
        ("merge(), merge()", "Merge of WareSchema is declared twice"),
        ("merge(event=Event)", "is wrong: `event` must be an Event class with an `event_type`"),
        ("merge(sources='ids')", "Merge of WareSchema: `sources` 'ids' is no field of Merged"),
        ("merge(target='id')", "Merge of WareSchema: `target` 'id' is no field of Merged"),
        (
            "merge(undone=Unknown)",
            "Merge of WareSchema: `undone` Unknown is not published by the plugin",
        ),
        (
            "merge(undone=Split)",
            "Merge of WareSchema: `sources` 'merged_ids' is no field of Split",
        ),
        (
            "merge(undone=Parted)",
            "Merge of WareSchema: `undone` Parted has another subject, so it could overtake",
        ),
    ],
)
def test_an_owner_who_could_not_tell_of_a_merge_is_refused(
    packages: PluginPackages, load: Load, merges: str, said: str
) -> None:
    """Resource, event and fields are held against each other when the plugin is loaded."""
    add_owner(packages, merges)
    assert said in load("wares").statuses["wares"].reason


def test_two_plugins_cannot_describe_values_by_one_name(
    packages: PluginPackages, load: Load
) -> None:
    """The schemas of extensions stand in the OpenAPI document beside those of resources."""
    code = "class WareSchema(Schema): ...\n" + schemas("stock.Item") + MAY
    packages.add("shop", plugin=PREAMBLE + code.replace("ShopSettings", "WareSchema"))
    add_owner(packages)
    statuses = load("shop", "wares").statuses
    assert statuses["wares"].reason == "schema 'Ware' belongs to the plugin 'shop'"
