"""Which tests run in which call mode."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.no_calls

ROOT = Path(__file__).parents[2]

_TESTS = """
import subprocess, sys
import pytest
from meishi.settings import load_settings

@pytest.mark.no_calls
def test_marked(): {marked}

def test_other():
    load_settings()
"""
_ELSEWHERE = "subprocess.check_call([sys.executable, '-m', 'meishi', 'plugins'])"


@pytest.mark.parametrize(("calls", "passed"), [("local", "2 passed"), ("codec", "1 passed, 1 des")])
def test_what_makes_no_calls_runs_in_one_mode_only(tmp_path: Path, calls: str, passed: str) -> None:
    """The run with encoded calls leaves it out, and says so."""
    ended = _run(tmp_path, "assert True", MEISHI_CALLS=calls)
    assert ended.returncode == 0
    assert passed in ended.stdout


@pytest.mark.parametrize("marked", ["load_settings()", _ELSEWHERE])
def test_what_is_left_out_cannot_make_calls_after_all(tmp_path: Path, marked: str) -> None:
    """Whoever is marked and loads settings, here or in another process, fails in the other run."""
    ended = _run(tmp_path, marked, MEISHI_CALLS="local")
    assert ended.returncode == 1
    assert "1 failed, 1 passed" in ended.stdout
    assert "because the test is marked no_calls" in ended.stdout


def test_what_is_left_out_cannot_use_an_application(tmp_path: Path) -> None:
    """A mark that forgets a fixture is refused before the fixture is used."""
    ended = _run(tmp_path, "load_settings", fixture="app", MEISHI_CALLS="local")
    assert "1 passed, 1 error" in ended.stdout
    assert "it is marked no_calls" in ended.stdout


_OF_A_PLUGIN = """
import pytest

@pytest.fixture
def app(): return None

def test_from_outside(app): pass

@pytest.mark.inside
def test_marked_inside(app): pass

@pytest.mark.one_piece
def test_marked_one_piece(app): pass

def test_without_an_application(): pass
"""


@pytest.mark.parametrize(
    ("plugin", "calls", "passed"),
    [
        ("thing", "split", "1 passed, 3 deselected"),
        ("thing", "local", "4 passed"),
        ("qr", "split", "1 passed, 3 deselected"),
        (None, "split", "4 deselected"),
    ],
)
def test_a_plugin_is_tested_as_a_service_from_outside(
    tmp_path: Path, plugin: str | None, calls: str, passed: str
) -> None:
    """Only where there is one, and by tests that do not look into it."""
    if plugin is not None:
        (tmp_path / "src" / plugin).mkdir(parents=True)
        (tmp_path / "src" / plugin / "plugin.toml").touch()
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_thing.py").write_text(_OF_A_PLUGIN)
    assert passed in _pytest(tests, MEISHI_CALLS=calls).stdout


def _run(
    folder: Path, marked: str, *, fixture: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run two tests, of which one is marked, under the rules of the whole tree."""
    text = _TESTS.format(marked=marked).replace("test_marked()", f"test_marked({fixture})")
    (folder / "test_marks.py").write_text(text)
    return _pytest(folder, **environment)


def _pytest(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of a folder under the rules of the whole tree."""
    arguments = ("-p", "conftest", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments, f"--rootdir={folder}", str(folder)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
