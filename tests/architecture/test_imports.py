"""The boundaries between packages, and that every way to cross one is seen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .violations import BEHIND, LAYERED, VIOLATIONS, Violation

pytestmark = pytest.mark.no_calls

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "host" / "src", *sorted(ROOT.glob("plugins/*/src")))


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
    for module, code in BEHIND.items():
        _file_of(copied_tree, module).write_text(f"{code}\n")
    for name, other in (("first_of_two", "second_of_two"), ("second_of_two", "first_of_two")):
        _write_plugin(stray, name, other)
    _write_plugin(stray, LAYERED, "qr")
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
    assert _direct(alone, "crm_viral") == _direct(report, "crm_viral")
    assert all(line.startswith("crm_viral.") for line in alone)


def test_a_package_that_cannot_be_checked_is_no_success(copied_tree: Path) -> None:
    """A name that no plugin has is an error, rather than a check of nothing."""
    result = _check(copied_tree, "crm_nothing")
    assert result.returncode == 1
    assert result.stdout == "crm_nothing: no installed plugin has this package\n"


def test_a_file_that_python_cannot_read_is_named_and_hides_no_other_package(
    copied_tree: Path, report: list[str]
) -> None:
    """Its package is left out; what the others do is reported as before."""
    file = _file_of(copied_tree, "crm_graph.plugin")
    before = file.read_text()
    file.write_text("def routes(:\n")
    try:
        lines = _check(copied_tree).stdout.splitlines()
    finally:
        file.write_text(before)
    (broken,) = (line for line in lines if line.startswith("crm_graph."))
    assert broken.startswith("crm_graph.plugin:1: Python must be able to read it: ")
    assert _direct(lines, "qr") == _direct(report, "qr")


def _direct(lines: list[str], package: str) -> list[str]:
    """Return what a package imports itself; of equal ways by others, any one may be named."""
    found = [line for line in lines if line.startswith(f"{package}.")]
    assert found
    return [line for line in found if "(which leads to" not in line]


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
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(f"[meishi.plugins]\n{name} = {name}.plugin\n")
    for file in ("__init__", "plugin", "migrations/__init__", "migrations/versions/__init__"):
        (package / f"{file}.py").parent.mkdir(parents=True, exist_ok=True)
        (package / f"{file}.py").touch()
    (package / "plugin.toml").write_text(
        f'name = "{name}"\ntitle = "x"\nversion = "1"\nhost = "*"\n[requires]\n{requires} = "*"\n'
    )
