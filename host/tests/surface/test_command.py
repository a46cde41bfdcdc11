"""What who changes the surface is told, and has to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from meishi.testing.surface.__main__ import main

pytestmark = pytest.mark.no_calls

FORGET = "qr.contract.Cards.forget_contacts"


def run(folder: Path, *arguments: str) -> Result:
    """Run the command on the package `qr`, with its record and notes in a folder."""
    places = ("--folder", str(folder / "surface"), "--notes", str(folder))
    return CliRunner().invoke(main, ["qr", *places, *arguments])


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Return the recorded names of the package `qr`."""
    assert run(tmp_path, "--record").exit_code == 0
    return tmp_path / "surface" / "qr.txt"


def test_a_recorded_surface_is_in_order(record: Path, tmp_path: Path) -> None:
    """Nothing is said, and nothing has failed."""
    result = run(tmp_path)
    assert (result.exit_code, result.output) == (0, "")


def test_what_is_new_has_to_be_recorded(record: Path, tmp_path: Path) -> None:
    """The check fails, names it and says what to do; after that it is content."""
    lines = record.read_text("utf-8").splitlines(keepends=True)
    record.write_text("".join(line for line in lines if FORGET not in line), "utf-8")
    result = run(tmp_path)
    assert result.exit_code == 1
    assert f"new: {FORGET}: is new\n" in result.output
    assert "`make surface` records what has changed" in result.output
    assert run(tmp_path, "--record").exit_code == 0
    assert run(tmp_path).exit_code == 0


def test_what_breaks_has_to_be_declared(record: Path, tmp_path: Path) -> None:
    """It is neither accepted nor recorded before a note names it."""
    record.write_text(f"{record.read_text('utf-8')}qr.contract.Cards.lost: def(self)\n", "utf-8")
    written = record.read_text("utf-8")
    for arguments in ((), ("--record",)):
        result = run(tmp_path, *arguments)
        assert result.exit_code == 1
        assert "breaking: qr.contract.Cards.lost: is gone; declare it in" in result.output
        assert record.read_text("utf-8") == written
    (tmp_path / "+cards.breaking.md").write_text("`qr.contract.Cards.lo` is gone.\n", "utf-8")
    assert run(tmp_path, "--record").exit_code == 1
    (tmp_path / "+cards.breaking.md").write_text("`qr.contract.Cards.lost` is gone.\n", "utf-8")
    assert run(tmp_path).exit_code == 1, "it is not recorded yet"
    assert run(tmp_path, "--record").exit_code == 0
    assert run(tmp_path).exit_code == 0


def test_a_note_about_a_whole_is_about_its_parts(record: Path, tmp_path: Path) -> None:
    """Who names a class has declared what becomes of its methods."""
    record.write_text(f"{record.read_text('utf-8')}qr.contract.Cards.lost: def(self)\n", "utf-8")
    (tmp_path / "+cards.breaking.md").write_text("`qr.contract.Cards` is another.\n", "utf-8")
    assert run(tmp_path, "--record").exit_code == 0
