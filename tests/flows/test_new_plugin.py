"""What `meishi new-plugin` writes is sound, whatever the plugin is called."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.authoring import install_beside, is_index_reachable, typed

pytestmark = [
    pytest.mark.long,
    pytest.mark.no_calls,
    pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here"),
]

TOOLS = ".venv/bin"
SHORT, LONG = "ab", "abcdefghijklmnopqrstuvwxy_234"

#: No file may be larger than a block; else the interpreter would cut short what it compiles, too.
_WITHOUT_SPACE = "ulimit -f 1; PYTHONDONTWRITEBYTECODE=1 meishi new-plugin hello || echo $?"


def test_the_tests_of_a_new_plugin_pass_at_once(tmp_path: Path) -> None:
    """One line makes it, its environment and a green run, in which the host finds nothing."""
    if not is_index_reachable(tmp_path):
        pytest.skip("there is no package index here")
    made = typed("meishi new-plugin hello && cd hello && make test", tmp_path)
    assert made.returncode == 0, made.stdout
    assert " passed in " in made.stdout
    assert "skipped" not in made.stdout


@pytest.mark.parametrize(
    ("name", "command"),
    [
        (SHORT, f"{TOOLS}/ruff check && {TOOLS}/ruff format --check"),
        (LONG, "make check"),
    ],
)
def test_style_types_and_rules_hold_whatever_the_name(
    tmp_path: Path, name: str, command: str
) -> None:
    """No line is too long, no import out of order; no name in the database is cut short."""
    assert typed(f"meishi new-plugin {name}", tmp_path).returncode == 0
    install_beside(tmp_path / name)
    checked = typed(command, tmp_path / name)
    assert checked.returncode == 0, checked.stdout


def test_a_package_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """Where a file does not find room, those before it go, too, and one line says so."""
    told = typed(_WITHOUT_SPACE, tmp_path).stdout
    assert told.splitlines() == [
        "Error: hello cannot be written: File too large.",
        "Hint: Name another one by --folder.",
        "1",
    ]
    assert list(tmp_path.iterdir()) == []


def test_no_file_to_be_committed_names_this_machine(tmp_path: Path) -> None:
    """Where the host is stands in one file, which git leaves alone."""
    assert typed("meishi new-plugin hello", tmp_path).returncode == 0
    package = tmp_path / "hello"
    root = str(Path(__file__).parents[2])
    naming = [file for file in package.rglob("*") if file.is_file() and root in file.read_text()]
    assert naming == [package / ".host"]
    assert "/.host\n" in (package / ".gitignore").read_text()


def test_another_host_can_be_named(tmp_path: Path) -> None:
    """`HOST` goes before the file; without both the released host is taken by its versions."""
    assert typed("meishi new-plugin hello", tmp_path).returncode == 0
    package = tmp_path / "hello"
    told = typed("make --dry-run venv HOST='--editable ../host'", package).stdout
    assert 'pip install --quiet --disable-pip-version-check --editable ../host --editable "' in told
    (package / ".host").unlink()
    told = typed("make --dry-run venv", package).stdout
    assert 'pip install --quiet --disable-pip-version-check  --editable ".[dev]"' in told
    assert '"meishi>=0.1,<1"' in (package / "pyproject.toml").read_text()
