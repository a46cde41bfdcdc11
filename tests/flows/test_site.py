"""The site that is built from the documents."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What the site is made of.
SOURCES = (
    "docs", "changes", "CHANGELOG.md", "CONTRIBUTING.md", "pyproject.toml",
    "host/src/meishi/__init__.py",
)  # fmt: skip

pytestmark = [
    pytest.mark.no_calls,
    pytest.mark.skipif(
        find_spec("zensical") is None, reason="the site's tools are not installed: run `make docs`"
    ),
]


@dataclass(frozen=True)
class Fault:
    """What is added to a file of the documents, and what the build must say of it."""

    file: str
    text: str
    said: tuple[str, ...]


FAULTS = {
    "links and anchors": Fault(
        "docs/roadmap.md", "[a](nowhere.md) [b](api.md#nowhere)",
        ("roadmap.md:1:5: page does not exist", "roadmap.md:1:28: anchor does not exist"),
    ),
    "a file that is no page": Fault(
        "docs/roadmap.md", "![a](nowhere.png)", ("roadmap.html refers to nowhere.png",),
    ),
    "something from elsewhere": Fault(
        "docs/roadmap.md", "![a](https://cdn.example.com/a.png)",
        ("roadmap.html loads https://cdn.example.com/a.png",),
    ),
    "a diagram": Fault(
        "docs/roadmap.md", "```mermaid\nflowchart LR\n  a -->\n```",
        ("the Mermaid diagram 'flowchart LR a --> ...' cannot be drawn",),
    ),
    "a page outside of the navigation": Fault(
        "docs/lonely.md", "# Lonely", ("docs/lonely.md has no place in nav",),
    ),
    "a note with a wrong name": Fault(
        "changes/+lonely.wrong.md", "Lonely.", ("Invalid news fragment name: +lonely.wrong.md",),
    ),
}  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the site is made of."""
    for name in SOURCES:
        aim = tmp_path / name
        aim.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, aim, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, aim)
    return tmp_path


def test_the_site_has_every_page_with_its_diagrams(tree: Path) -> None:
    """Each document is a page, diagrams are drawn in it, and notes stand in the changelog."""
    result = _build(tree)
    assert (result.returncode, result.stderr) == (0, "")
    documents = {file.relative_to(tree / "docs") for file in (tree / "docs").rglob("*.md")}
    pages = {str(file.with_suffix(".html")).replace("README", "index") for file in documents}
    for page in pages | {"contributing.html", "changelog.html"}:
        assert (tree / "site" / page).is_file(), page
    concepts = (tree / "site/concepts.html").read_text("utf-8")
    drawn = re.findall(r'<figure class="diagram"><svg .*?</svg></figure>', concepts, re.DOTALL)
    assert len(drawn) == (tree / "docs/concepts.md").read_text("utf-8").count("```mermaid")
    assert "flowchart LR" not in concepts
    assert "not released yet" in (tree / "site/changelog.html").read_text("utf-8")


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_what_is_broken_stops_the_build(tree: Path, fault: Fault) -> None:
    """A fault is named with its page, and the site of before stays as it was."""
    before = tree / "site" / "index.html"
    before.parent.mkdir()
    before.write_text("before")
    file = tree / fault.file
    old = file.read_text("utf-8") if file.exists() else ""
    file.write_text(f"{fault.text}\n\n{old}", "utf-8")
    result = _build(tree)
    assert result.returncode == 1
    assert [text for text in fault.said if text not in result.stderr] == []
    assert before.read_text() == "before"


def _build(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(tree / "docs/site/build.py")],
        capture_output=True,
        text=True,
        env=os.environ | {"FORCE_COLOR": "1"},
        check=False,
    )
