"""The table "Which module does my line belong to?" is held against the rules themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import meishi
from meishi.lifecycle.discovery import discover
from meishi.testing.imports.contracts import DATABASE, WEB, contracts
from meishi.testing.imports.parts import LAYERS, LOWEST, PluginPackage

pytestmark = pytest.mark.no_calls

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"
MODULES = sorted({*(name for layer in LAYERS for name in layer), *LOWEST})

_RULE = re.compile(r"“([^”]+)”")


@dataclass(frozen=True)
class Line:
    """One line of the table of plugins."""

    what: str
    module: str
    may_use: str
    refused_by: str


def _section() -> str:
    text = CONTRIBUTING.read_text("utf-8")
    return text.partition("\n## Which module does my line belong to?\n")[2]


def _rows(text: str) -> list[list[str]]:
    """Return the cells of every line of the tables in a text, but for their heads."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row] for row in rows]
    return [row for row in cells if row[0] != "a line that" and set(row[0]) != {"-"}]


def _in_plugins() -> list[Line]:
    return [Line(*row) for row in _rows(_section().partition("In the host:")[0])]


@pytest.fixture(scope="module")
def whole_package(tmp_path_factory: pytest.TempPathFactory) -> PluginPackage:
    """A package that has every module there can be, and a pure one."""
    package = next(found for item in discover() if (found := PluginPackage.of(item)))
    folder = tmp_path_factory.mktemp("whole")
    for name in [*MODULES, "matching"]:
        (folder / f"{name}.py").touch()
    return PluginPackage(replace(package.manifest, name="whole"), "whole", folder)


@pytest.fixture(scope="module")
def rules(whole_package: PluginPackage) -> list[str]:
    """The sentence of every rule, as the check prints it."""
    installed = [package for item in discover() if (package := PluginPackage.of(item))]
    return [contract.name for contract in contracts([*installed, whole_package])]


def test_the_table_names_every_module_and_no_other() -> None:
    """Each module that the rules know has a line, and each line a module that they know."""
    places = {line.module for line in _in_plugins()}
    assert sorted(name[1:-1] for name in places if re.fullmatch(r"`\w+`", name)) == MODULES


@pytest.mark.parametrize(("word", "libraries"), [("web", WEB), ("SQL", DATABASE)])
@pytest.mark.parametrize("module", MODULES)
def test_what_a_module_may_use_is_what_the_rules_let_it_import(
    whole_package: PluginPackage, module: str, word: str, libraries: tuple[str, ...]
) -> None:
    """A line grants web or SQL to a module exactly where no contract forbids it."""
    forbidden = {
        library
        for contract in contracts([whole_package])
        if f"whole.{module}" in contract.contract_options.get("source_modules", ())
        for library in contract.contract_options["forbidden_modules"]
    }
    assert not forbidden & {*libraries} or forbidden >= {*libraries}, "the table has no word for it"
    granted = {
        word in line.may_use.split(", ") for line in _in_plugins() if line.module == f"`{module}`"
    }
    assert granted == {not forbidden & {*libraries}}


def test_every_rule_that_is_quoted_is_one_that_the_check_prints(rules: list[str]) -> None:
    """The text between quotation marks is a part of a rule's own sentence."""
    quoted = _RULE.findall(_section())
    assert quoted, "the table quotes no rule at all"
    assert [text for text in quoted if not any(text in rule for rule in rules)] == []


def test_every_rule_is_quoted(rules: list[str]) -> None:
    """Whoever meets a rule in the output of the check finds it in the table."""
    quoted = _RULE.findall(_section())
    assert [rule for rule in rules if not any(text in rule for text in quoted)] == []


def test_the_modules_of_the_host_exist() -> None:
    """The table of the host leads to files and folders that are there."""
    rows = _rows(_section().partition("In the host:")[2])
    places = [name for row in rows for name in re.findall(r"`([a-z_]+(?:\.py|/))`", row[1])]
    assert places, "the table of the host has no line"
    folder = Path(meishi.__file__).parent
    assert [name for name in places if not (folder / name).exists()] == []
