"""Commands and settings that exist are documented, and as they are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from meishi.cli import meishi
from meishi.settings import FIRST_PARTY_PLUGINS, Settings
from meishi.testing.conformance import loaded_plugins

pytestmark = pytest.mark.no_calls

ROOT = Path(__file__).parents[2]
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of this machine change which commands there are."""
    monkeypatch.chdir(tmp_path)
    for variable in os.environ:
        if variable.startswith("MEISHI_"):
            monkeypatch.delenv(variable)


def test_the_reference_of_commands_is_current() -> None:
    """What `make reference` would write now is what stands there."""
    made = subprocess.run(
        [sys.executable, ROOT / "docs" / "site" / "commands.py"],
        env=os.environ | {"COLUMNS": "40"},
        capture_output=True,
        text=True,
        check=True,
    )
    current = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert made.stdout == current, "run `make reference`"


def test_the_table_of_plugins_that_may_be_services_is_current(tmp_path: Path) -> None:
    """What `make reference` would write now is what stands there, for every plugin."""
    current = (ROOT / "docs" / "extraction.md").read_text(encoding="utf-8")
    made = tmp_path / "extraction.md"
    made.write_text(current, encoding="utf-8")
    subprocess.run(
        [sys.executable, ROOT / "docs" / "site" / "extraction.py", made],
        capture_output=True,
        check=True,
    )
    assert made.read_text(encoding="utf-8") == current, "run `make reference`"
    assert all(f"| `{plugin}` | " in current for plugin in FIRST_PARTY_PLUGINS)


def commands(context: click.Context) -> Iterator[click.Context]:
    """Yield the context of a command, then those of its commands."""
    yield context
    command = context.command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            with click.Context(found, parent=context, info_name=name) as inner:
                yield from commands(inner)


def test_every_command_and_every_option_says_what_it_does() -> None:
    """Neither the help nor the reference has a line that says nothing."""
    silent = []
    with click.Context(meishi, info_name="meishi") as root:
        for context in commands(root):
            path = context.command_path
            silent += [path] if not context.command.help else []
            silent += [
                f"{path} {option.opts[0]}"
                for option in context.command.params
                if isinstance(option, click.Option) and not option.help
            ]
    assert silent == []


def test_every_setting_of_every_plugin_is_documented(meishi_settings: Settings) -> None:
    """Each key stands in a row beside its plugin, or in a section about `[plugin.NAME]`."""
    declared = {
        (contribution.plugin, key)
        for contribution in loaded_plugins(meishi_settings).active()
        if contribution.settings_schema is not None
        for key in contribution.settings_schema.schema().fields
    }
    assert {plugin for plugin, _ in declared} >= {"crm_contacts", "identity"}
    undocumented = [
        (plugin, key)
        for plugin, key in sorted(declared)
        if f"| `{plugin}` | `{key}` |" not in OPERATING and key not in _keys_of_section(plugin)
    ]
    assert undocumented == []


def _keys_of_section(plugin: str) -> set[str]:
    """Return the keys in the tables of the section that names a plugin's settings."""
    for section in re.split(r"^## ", OPERATING, flags=re.MULTILINE):
        if f"`[plugin.{plugin}]`" in section:
            rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
            return {key for row in rows for key in re.findall(r"`(\w+)`", row)}
    return set()
