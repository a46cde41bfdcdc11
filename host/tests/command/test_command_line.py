import json
from pathlib import Path

import pytest

from meishi import __version__
from meishi.database.location import Location
from meishi.testing.packages import PluginPackages

from .conftest import Run

pytestmark = pytest.mark.once

GROUP = """
import click
from meishi.sdk.plugin import hookimpl
@click.group()
def shop():
    "Sells things."
@shop.command()
def fail():
    raise {error}
@hookimpl
def cli():
    return shop
"""


def test_help_lists_the_commands_of_host_and_plugins(run: Run) -> None:
    """The whole product can be found from one command, without any database."""
    result = run("--help")
    assert (result.code, result.err) == (0, "")
    for command in ("init", "serve", "demo", "plugins", "db", "contacts"):
        assert f"\n  {command} " in result.out


def test_help_is_shown_whatever_is_wrong(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With wrong settings, or a plugin that a strict boot refuses, the host's commands show."""
    monkeypatch.setenv("MEISHI_PORT", "0")
    result = run("--help")
    assert result.code == 0
    assert "\n  init " in result.out
    assert result.err.startswith("Commands of plugins are not listed: `port` must be")
    monkeypatch.delenv("MEISHI_PORT")
    monkeypatch.setenv("MEISHI_PLUGINS", "shoop")
    monkeypatch.setenv("MEISHI_BOOT_POLICY", "strict")
    assert "The plugin shoop is missing_dependency" in run("--help").err


def test_the_version_is_told(run: Run) -> None:
    """The version is the package's own."""
    assert run("--version").out == f"meishi, version {__version__}\n"


def test_an_unknown_command_is_refused_with_a_suggestion(run: Run) -> None:
    """A slip of the pen costs one line, not a look into the manual."""
    result = run("contcts")
    assert result.code == 2
    assert "No such command 'contcts'. Did you mean 'contacts'?" in result.err


def test_the_command_of_a_plugin_that_does_not_run_says_why(
    run: Run, packages: PluginPackages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is off, or broken, is told with state and reason instead of being unknown."""
    packages.add("shop", plugin="1 / 0", api_prefix="shop")
    monkeypatch.setenv("MEISHI_PLUGINS", "shop")
    off = run("contacts", "import", "book.vcf")
    assert off.code == 4
    assert "`contacts` is the plugin crm_contacts, which is disabled: not in" in off.err
    broken = run("shop", "fail")
    assert broken.code == 4
    assert "`shop` is the plugin shop, which is broken: importing shop.plugin" in broken.err


def test_init_founds_a_workspace_once(run: Run, migrated: Location) -> None:
    """The token is shown once; the same workspace cannot be founded again."""
    first = run("init", "--json")
    assert (first.code, first.err) == (0, "")
    document = json.loads(first.out)
    assert document["workspace"] == "main"
    assert document["token"].startswith("msh_")
    second = run("init")
    assert second.code == 1
    assert second.err.startswith("Error: ")
    assert "main" in second.err
    assert document["token"] not in second.err
    other = run("init", "--workspace", "other", "--email", "other@example.com")
    assert other.code == 0
    assert "API token, shown this once: msh_" in other.out


def test_a_workspace_that_is_not_there_is_named(run: Run, migrated: Location) -> None:
    """Commands that work in a workspace say which there are."""
    card = Path("card.vcf")
    card.write_text("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nEND:VCARD\r\n")
    none = run("contacts", "import", str(card))
    assert none.code == 1
    assert none.err.startswith("Error: There is no workspace yet.\nHint: `meishi init`")
    run("init")
    wrong = run("contacts", "import", str(card), "--workspace", "mian")
    assert wrong.code == 1
    assert wrong.err == "Error: There is no workspace 'mian'.\nHint: There are: main.\n"
    run("init", "--workspace", "other", "--email", "other@example.com")
    several = run("contacts", "import", str(card))
    assert several.code == 1
    assert "There are several workspaces." in several.err
    assert run("contacts", "import", str(card), "--workspace", "main").code == 0


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        ("__import__('meishi.errors').errors.OperatorError('No stock.')", 1, "Error: No stock.\n"),
        ("KeyboardInterrupt", 130, "Stopped.\n"),
    ],
)
def test_the_end_of_a_plugins_command_is_one_line(
    run: Run,
    packages: PluginPackages,
    monkeypatch: pytest.MonkeyPatch,
    error: str,
    code: int,
    line: str,
) -> None:
    """Plugins' commands stop like the host's own."""
    packages.add("shop", plugin=GROUP.format(error=error), api_prefix="shop")
    monkeypatch.setenv("MEISHI_PLUGINS", "shop")
    result = run("shop", "fail")
    assert result.code == code
    assert result.err.endswith(line)


def test_a_bug_is_not_mistaken_for_a_fault_outside(
    run: Run, packages: PluginPackages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw keeps its traceback."""
    packages.add("shop", plugin=GROUP.format(error="ZeroDivisionError"), api_prefix="shop")
    monkeypatch.setenv("MEISHI_PLUGINS", "shop")
    with pytest.raises(ZeroDivisionError):
        run("shop", "fail")
