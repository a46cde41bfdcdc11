"""The boundaries between packages, and that every way to cross one is seen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "host" / "src", *sorted(ROOT.glob("plugins/*/src")))


@dataclass(frozen=True)
class Violation:
    """Code added to a module, and what the line of the report about it must say."""

    module: str
    code: str
    imported: str
    rule: str


VIOLATIONS = {
    "a peer's inside": Violation(
        "qr.service", "from crm_contacts import repository as peer",
        "crm_contacts.repository", "import the contract only: crm_contacts.contract",
    ),
    "a peer's package": Violation(
        "qr.models", "import crm_contacts", "crm_contacts", "import the contract only",
    ),
    "under TYPE_CHECKING": Violation(
        "crm_graph.plugin",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import crm_contacts.models",
        "crm_contacts.models", "import the contract only",
    ),
    "inside a function": Violation(
        "crm_viral.plugin", "def late() -> None:\n    import qr.drawing",
        "qr.drawing", "import the contract only",
    ),
    "by name at run time": Violation(
        "crm_enrichment.plugin", "import importlib\nimportlib.import_module('qr.drawing')",
        "qr.drawing", "import the contract only",
    ),
    "by a computed name": Violation(
        "qr.rendering", "import importlib\nimportlib.import_module(__name__)",
        "", "do not compute it",
    ),
    "a requirement that is not declared": Violation(
        "crm_contacts.service.contacts", "import qr.contract",
        "qr.contract", "[requires] in plugin.toml of crm_contacts",
    ),
    "a package that nobody declares": Violation(
        "crm_contacts.repository.reading", "import stray", "stray", "[dependencies] of",
    ),
    "the host's inside": Violation(
        "qr.repository", "from meishi.context import current_scope",
        "meishi.context", "of the host, import meishi.sdk only",
    ),
    "the host's package": Violation(
        "qr.schemas", "from meishi import __version__",
        "meishi", "of the host, import meishi.sdk only",
    ),
    "the host on a plugin": Violation(
        "meishi.logs", "import qr.contract", "qr.contract", "the host never imports a plugin",
    ),
    "a built-in part's inside": Violation(
        "meishi.http.edge", "from meishi.core.identity import repository",
        "meishi.core.identity.repository", "import the contract only",
    ),
    "upwards in a package": Violation(
        "crm_contacts.models", "import crm_contacts.repository",
        "crm_contacts.repository", "in crm_contacts imports point down",
    ),
    "from an entry to the service": Violation(
        "qr.routes", "import qr.repository", "qr.repository", "resolved by `service(...)`",
    ),
    "SQL outside of the repository": Violation(
        "crm_contacts.importing", "import sqlalchemy", "sqlalchemy", "SQL stands in repository",
    ),
    "HTTP in the service": Violation(
        "crm_contacts.normalisation", "import flask", "flask", "is pure",
    ),
    "an unknown module with a framework": Violation(
        "crm_graph.unknown", "import sqlalchemy", "sqlalchemy", "is pure",
    ),
    "a contract with a framework": Violation(
        "crm_enrichment.contract", "import flask", "flask", "a contract is free of frameworks",
    ),
    "a contract with a framework behind it": Violation(
        "crm_viral.contract", "import crm_viral.behind",
        "crm_viral.behind (which leads to marshmallow)", "a contract is free of frameworks",
    ),
    "a circle in a package": Violation(
        "qr.symbol", "import qr.drawing", "qr.drawing", "in a circle",
    ),
    "a circle in the host": Violation(
        "meishi.errors", "import meishi.app", "meishi.app", "in a circle",
    ),
    "a test of a peer's inside": Violation(
        "qr/tests/test_peer.py", "import crm_contacts.matching",
        "crm_contacts.matching", "import the contract only",
    ),
    "a folder that is no package": Violation(
        "crm_graph.loose.module", "", "", "needs an __init__.py",
    ),
    "a manifest that cannot be read": Violation(
        "without_manifest", "", "", "plugin.toml is missing",
    ),
    "plugins that require each other": Violation(
        "first_of_two", "", "", "requires go in a circle",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def copied_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every package's sources, in the layout of the checkout."""
    tree = tmp_path_factory.mktemp("tree")
    for source in SOURCES:
        aim = tree / source.relative_to(ROOT)
        shutil.copytree(source, aim, ignore=shutil.ignore_patterns("__pycache__"))
    return tree


@pytest.fixture(scope="module")
def report(copied_tree: Path) -> list[str]:
    """What the check says of a tree in which every violation was committed."""
    stray = copied_tree / "host" / "src"
    (stray / "stray.py").touch()
    (copied_tree / "plugins/crm_viral/src/crm_viral/behind.py").write_text("import marshmallow\n")
    for name, other in (("first_of_two", "second_of_two"), ("second_of_two", "first_of_two")):
        _write_plugin(stray, name, other)
    _write_plugin(stray, "without_manifest", "qr")
    (stray / "without_manifest" / "plugin.toml").unlink()
    for violation in VIOLATIONS.values():
        file = _file_of(copied_tree, violation.module)
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text() if file.exists() else ""
        file.write_text(f"{before}\n{violation.code}\n")
    result = _check(copied_tree)
    assert result.returncode == 1, result.stderr
    return result.stdout.splitlines()


@pytest.mark.parametrize("violation", VIOLATIONS.values(), ids=list(VIOLATIONS))
def test_a_violation_is_reported_in_one_line_with_importer_and_rule(
    report: list[str], violation: Violation
) -> None:
    """Importer, imported module and what is allowed instead stand in one line."""
    wanted = f" imports {violation.imported}: " if violation.imported else ": "
    assert any(
        line.startswith((f"{violation.module}:", f"{violation.module} "))
        and wanted in line
        and violation.rule in line
        for line in report
    ), "\n".join(report)


def test_the_line_is_that_of_the_import(copied_tree: Path, report: list[str]) -> None:
    """The number behind the importer leads to the import."""
    (line,) = (item for item in report if item.startswith("meishi.logs:"))
    number = int(line.split(":")[1].split()[0])
    text = _file_of(copied_tree, "meishi.logs").read_text().splitlines()
    assert text[number - 1] == "import qr.contract"


def test_packages_can_be_checked_alone(copied_tree: Path, report: list[str]) -> None:
    """With packages named, only what they import is reported, so a third party can use it."""
    alone = _check(copied_tree, "crm_viral").stdout.splitlines()
    assert alone == [line for line in report if line.startswith("crm_viral.")]


def test_a_package_that_cannot_be_checked_is_no_success(copied_tree: Path) -> None:
    """A name that no plugin has is an error, rather than a check of nothing."""
    result = _check(copied_tree, "crm_nothing")
    assert result.returncode == 1
    assert result.stdout == "crm_nothing: no installed plugin has this package\n"


def test_the_tree_keeps_its_boundaries() -> None:
    """No import in host or plugins crosses a boundary, and the check says nothing."""
    result = subprocess.run(
        [sys.executable, "-m", "meishi.testing.imports"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert (result.stdout, result.returncode) == ("", 0), result.stderr


def _check(tree: Path, *packages: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(tree / source.relative_to(ROOT)) for source in SOURCES)
    return subprocess.run(
        [sys.executable, "-m", "meishi.testing.imports", *packages],
        capture_output=True,
        text=True,
        cwd=tree,
        env=os.environ | {"PYTHONPATH": path},
        check=False,
    )


def _file_of(tree: Path, module: str) -> Path:
    if "/" in module:
        return tree / "plugins" / module
    top, *rest = module.split(".")
    found = next(tree.glob(f"*/src/{top}"), None) or next(tree.glob(f"plugins/*/src/{top}"))
    return found.joinpath(*rest).with_suffix(".py") if rest else found / "__init__.py"


def _write_plugin(folder: Path, name: str, requires: str) -> None:
    """Write an installed plugin that requires another."""
    package, metadata = folder / name, folder / f"{name}-1.dist-info"
    package.mkdir()
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(f"[meishi.plugins]\n{name} = {name}.plugin\n")
    for module in ("__init__", "plugin"):
        (package / f"{module}.py").touch()
    (package / "plugin.toml").write_text(
        f'name = "{name}"\ntitle = "x"\nversion = "1"\nhost = "*"\n[requires]\n{requires} = "*"\n'
    )
