"""Plugins extend plugins: hooks that one adds, and others implement."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from meishi.app import create_app
from meishi.database.location import Location
from meishi.lifecycle.loading import load_plugins
from meishi.lifecycle.states import PluginState
from meishi.sdk.hooks import Implementation, ImplementationFailed, extensions
from meishi.settings import BootPolicy, Settings
from meishi.testing.packages import PluginPackages

from .conftest import Load

CONTRACT = """
from collections.abc import Callable
from dataclasses import dataclass
@dataclass(frozen=True)
class Note:
    text: str
@dataclass(frozen=True, kw_only=True)
class Renderer:
    name: str
    render: Callable[[Note], str]
"""
SPEC = """
from collections.abc import Sequence
from notes.contract import Renderer
def notes_renderers() -> Sequence[Renderer]:
    \"\"\"How notes are shown.\"\"\"
"""
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
def loud(note):
    return note.text.upper()
@hookimpl(optionalhook=True)
def notes_renderers():
    from notes.contract import Renderer
    return [Renderer(name="loud", render=loud)]
"""


def add_notes(
    packages: PluginPackages, code: str = NOTES, contract: str = CONTRACT, spec: str = SPEC
) -> None:
    """Install the plugin that adds a hook."""
    packages.add(
        "notes", plugin=code, api_prefix="notes", files={"contract.py": contract, "points.py": spec}
    )


def add_marks(packages: PluginPackages, code: str = MARKS, name: str = "marks") -> None:
    """Install a plugin that implements it."""
    packages.add(name, plugin=code, after={"notes": ">=0"})


@pytest.fixture
def extended(
    packages: PluginPackages, meishi_settings: Settings, database: Location, tmp_path: Path
) -> Any:
    """Boot an application with some plugins."""
    apps: list[Flask] = []

    def boot(*names: str) -> Any:
        settings = replace(meishi_settings, plugins=names).with_policy(BootPolicy.DEGRADE)
        apps.append(create_app(settings, location=database))
        return apps[-1].extensions["meishi"]

    yield boot
    for app in apps:
        app.extensions["meishi"].close()


def supplied(host: Any) -> tuple[Implementation[Any], ...]:
    """Return what the plugin that adds the hook is given."""
    (spec,) = host.plugins.contributions["notes"].hookspecs
    with host.scope(plugin="notes"):
        return extensions(spec.function)


def test_a_plugin_is_given_what_others_supply(packages: PluginPackages, extended: Any) -> None:
    """By plugin, in the order in which they are loaded, its own too; functions run as its code."""
    add_notes(packages, NOTES + MARKS)
    add_marks(packages)
    add_marks(packages, MARKS.replace("note.text.upper()", "note.text * 2"), "adds")
    host = extended("notes", "marks", "adds")
    found = supplied(host)
    assert [item.plugin for item in found] == ["notes", "adds", "marks"]
    note = sys.modules["notes.contract"].Note(text="Hej")
    with host.scope(plugin="notes"):
        shown = [item.call(one.render, note) for item in found for one in item.items]
    assert shown == ["HEJ", "HejHej", "HEJ"]


def test_a_function_of_another_plugin_runs_with_its_rights(
    packages: PluginPackages, extended: Any
) -> None:
    """Who adds a hook lends nobody its own; whatever is raised names the plugin."""
    code = MARKS.replace(
        "return note.text.upper()",
        "from meishi.context import current_scope\n    return current_scope().work.plugin",
    )
    add_notes(packages)
    add_marks(packages, code)
    add_marks(packages, MARKS.replace("note.text", "note.txt"), "adds")
    host = extended("notes", "marks", "adds")
    adds, marks = supplied(host)
    with host.scope(plugin="notes") as scope:
        assert marks.call(marks.items[0].render, None) == "marks"
        with pytest.raises(ImplementationFailed, match="adds: a function") as failure:
            adds.call(adds.items[0].render, None)
        assert isinstance(failure.value.__cause__, AttributeError)
        assert scope.work.plugin == "notes"


SLOW = """
    import time
    from meishi.context import current_scope
    time.sleep(0.2 if note == "sleeping" else 0)
    work = current_scope().work
    work.identity.role = None  # a plugin without tables has none
    work.execute("SELECT pg_sleep(20)" if note == "asking" else "SELECT 1")
    return note
"""


@pytest.mark.parametrize("note", ["asking", "sleeping"])
def test_a_slow_function_is_not_waited_for(
    packages: PluginPackages, extended: Any, note: str
) -> None:
    """Its statement is broken off, or its answer not taken; whoever asked goes on as before."""
    add_notes(packages)
    add_marks(packages, MARKS.replace("    return note.text.upper()\n", SLOW))
    host = extended("notes", "marks")
    (marks,) = supplied(host)
    render = marks.items[0].render
    with host.scope() as scope:
        assert marks.call_within(10, render, "quick") == "quick"
        with pytest.raises(ImplementationFailed):
            marks.call_within(0.1, render, note)
        ((unlimited,),) = scope.work.execute("SHOW statement_timeout")
        assert unlimited != "100ms"


def test_nobody_else_is_given_what_is_supplied(packages: PluginPackages, extended: Any) -> None:
    """The hook is that of the plugin which adds it."""
    add_notes(packages)
    add_marks(packages)
    host = extended("notes", "marks")
    (spec,) = host.plugins.contributions["notes"].hookspecs
    with host.scope(plugin="marks"), pytest.raises(LookupError, match="marks adds no hook"):
        extensions(spec.function)


def test_who_is_not_active_supplies_nothing(packages: PluginPackages, extended: Any) -> None:
    """A plugin that is taken out later takes along what it supplied."""
    add_notes(packages)
    add_marks(packages)
    host = extended("notes", "marks")
    host.plugins.mark("marks", PluginState.BROKEN, "for a test")
    assert supplied(host) == ()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise RuntimeError('no ink')", "hook `notes_renderers` raised RuntimeError('no ink')"),
        ("raise SystemExit(1)", "hook `notes_renderers` raised SystemExit(1)"),
        ("return 5", "hook `notes_renderers` must return a list, not a int"),
        ("return ['loud']", "hook `notes_renderers` must return Renderer, not a str"),
        ("while True: pass", "hook `notes_renderers` did not end within 1 s"),
    ],
)
def test_an_implementation_that_fails_breaks_its_plugin_alone(
    packages: PluginPackages, meishi_settings: Settings, body: str, reason: str
) -> None:
    """It raises, hangs or returns something else; others and the owner run."""
    add_notes(packages)
    add_marks(packages, MARKS.partition("    from notes")[0] + f"    {body}\n")
    add_marks(packages, name="adds")
    seconds = 1 if "while" in body else 30
    settings = replace(meishi_settings, plugin_load_seconds=seconds)
    statuses = load_plugins(replace(settings, plugins=("notes", "marks", "adds"))).statuses
    assert statuses["marks"].state.value == "broken"
    assert statuses["marks"].reason.startswith(reason)
    assert [statuses[name].state.value for name in ("notes", "adds")] == ["active", "active"]


@pytest.mark.parametrize("installed", [True, False])
def test_a_hook_of_a_plugin_that_is_not_active_is_noted(
    packages: PluginPackages, load: Load, installed: bool
) -> None:
    """Nothing breaks, nobody calls it, and the status says what it needs."""
    if installed:
        add_notes(packages)
    add_marks(packages)
    status = load("marks").statuses["marks"]
    assert (status.state.value, status.reason) == ("active", "")
    assert status.note == "hook `notes_renderers` inactive: needs notes"


def test_a_note_follows_what_becomes_of_the_owner(packages: PluginPackages, load: Load) -> None:
    """There is none while the owner runs, and one when it is taken out."""
    add_notes(packages)
    add_marks(packages)
    plugins = load("notes", "marks")
    assert plugins.statuses["marks"].note == ""
    plugins.mark("notes", PluginState.NEEDS_MIGRATION, "pending")
    assert plugins.statuses["marks"].note == "hook `notes_renderers` inactive: needs notes"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "notes_renderer",
            "there is no hook `notes_renderer` of notes; did you mean `notes_renderers`?",
        ),
        (
            "notes_colours",
            "there is no hook `notes_colours` of notes; did you mean `notes_renderers`?",
        ),
        (
            "note_renderers",
            "there is no hook `note_renderers`; did you mean `notes_renderers`?",
        ),
        ("navigtion", "there is no hook `navigtion`; did you mean `navigation`?"),
    ],
)
def test_a_misspelt_hook_of_a_plugin_that_is_there_is_a_fault(
    packages: PluginPackages, load: Load, name: str, reason: str
) -> None:
    """To be optional is to wait for a plugin, not for a name that nobody will ever call."""
    add_notes(packages)
    add_marks(packages, MARKS.replace("def notes_renderers", f"def {name}"))
    status = load("notes", "marks").statuses["marks"]
    assert (status.state.value, status.reason) == ("broken", reason)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("def notes_r", "def r", "the name of `renderers` must begin with `notes_`"),
        ("notes_renderers()", "notes_renderers(note)", "must be a function that takes nothing"),
        ('"""How notes are shown."""', "...", "`notes_renderers` has no docstring"),
    ],
)
def test_a_hook_that_is_no_good_is_refused(
    packages: PluginPackages, load: Load, old: str, new: str, reason: str
) -> None:
    """Its author reads what is wrong with it."""
    spec = SPEC.replace(old, new)
    name = "renderers" if "def r" in new else "notes_renderers"
    add_notes(packages, NOTES.replace("notes_renderers", name), spec=spec)
    status = load("notes").statuses["notes"]
    assert status.reason.startswith("hook `hookspecs`: ")
    assert reason in status.reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("frozen=True, kw", "kw", "Renderer is not a frozen dataclass"),
        ("Callable[[Note], str]", "Callable", "Renderer.render: a function must say what it takes"),
        ("Callable[[Note], str]", "Callable[..., str]", "a function must say what it takes"),
        ("Callable[[Note], str]", "Callable[[list[str]], str]", "list must not cross a contract"),
        ("name: str", "name: list[str]", "Renderer.name: list must not cross a contract"),
    ],
)
def test_an_item_holds_what_may_cross_a_contract(
    packages: PluginPackages, load: Load, old: str, new: str, reason: str
) -> None:
    """Functions among its fields take and return values that nobody can change."""
    add_notes(packages, contract=CONTRACT.replace(old, new))
    status = load("notes").statuses["notes"]
    assert status.state.value == "broken"
    assert reason in status.reason


def test_an_item_is_of_the_contract(packages: PluginPackages, load: Load) -> None:
    """Who implements the hook could not import it otherwise."""
    contract = CONTRACT.partition("@dataclass(frozen=True, kw")[0] + "Renderer = str\n"
    add_notes(packages, contract=contract)
    assert load("notes").statuses["notes"].reason == (
        "hook `hookspecs`: the item of `notes_renderers`, str, is not of notes.contract"
    )


def test_functions_in_other_records_of_a_contract_are_refused(
    packages: PluginPackages, load: Load
) -> None:
    """Only items of hooks stay in this process."""
    other = "@dataclass(frozen=True)\nclass Other:\n    run: Callable[[Note], str]\n"
    add_notes(packages, contract=CONTRACT + other)
    assert load("notes").statuses["notes"].reason.startswith("contract Other: Other.run:")


def test_a_hook_cannot_have_a_name_that_is_taken(packages: PluginPackages, load: Load) -> None:
    """Names of hooks are unique, those of the host's included."""

    def rename(code: str) -> str:
        return code.replace("notes", "public").replace("public_renderers", "public_pages")

    files = {"contract.py": CONTRACT, "points.py": rename(SPEC)}
    packages.add("public", plugin=rename(NOTES), api_prefix="public", files=files)
    assert load("public").statuses["public"].reason == (
        "hook 'public_pages' belongs to the plugin 'meishi'"
    )
