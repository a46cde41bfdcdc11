"""Build the site from the Markdown of this repository: `make docs`.

The pages stay readable where they stand, on a forge or in an editor; what the site needs besides
is added to a copy of them. The site comes out whole or not at all.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: Pages that stand at the root of the repository, and what they are called in the site.
ROOT_PAGES = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
#: Where towncrier puts the notes of a release, and the site those of the next one.
NOTES_START = "<!-- towncrier release notes start -->"

_LINK = re.compile(r"\]\(([^)\s#:]+)")
_PATTERN = re.compile(r'"([^"]+)/\*"')
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_WARNING = re.compile(r"^Warning: (.+)\n.*\[ (\S+) \]", re.MULTILINE)
_FAULT = re.compile(r"^RuntimeError: Python error: \w+: (.+)", re.MULTILINE)


def main() -> int:
    """Build the site into `site/`; return 1, with reasons on stderr, if anything is wrong."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        html = folder / "html"
        faults = prepare(ROOT, folder) or build(folder) or [*broken_references(html)]
        sys.stderr.writelines(f"{fault}\n" for fault in faults)
        if not faults:
            shutil.rmtree(ROOT / "site", ignore_errors=True)
            shutil.move(html, ROOT / "site")
    return 1 if faults else 0


def prepare(root: Path, folder: Path) -> Sequence[str]:
    """Copy pages and settings into a folder; return a sentence for each page without a place."""
    docs, pages, notes = root / "docs", folder / "pages", _notes(root)
    if notes.returncode:
        return [notes.stderr]
    places = {file: file.relative_to(docs) for file in sorted(docs.rglob("*.md"))}
    places |= {root / name: Path(aim) for name, aim in ROOT_PAGES.items()}
    for file, place in places.items():
        aim = pages / place
        aim.parent.mkdir(parents=True, exist_ok=True)
        aim.write_text(_page(file, places).replace(NOTES_START, notes.stdout), "utf-8")
    shutil.copytree(HERE / "assets", pages / "assets")
    settings = _navigation((HERE / "zensical.toml").read_text("utf-8"), pages)
    (folder / "zensical.toml").write_text(settings, "utf-8")
    return [
        f"{file.relative_to(root)} has no place in nav of docs/site/zensical.toml: add it there"
        for file, place in places.items()
        if f'"{place.as_posix()}"' not in settings
    ]


def build(folder: Path) -> Sequence[str]:
    """Build `html` in a prepared folder; return what the tool found wrong."""
    result = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=False,
    )
    return [*_findings(result.stdout + result.stderr)] if result.returncode else []


def broken_references(html: Path) -> Iterator[str]:
    """Yield a sentence for each reference to a missing file, or that loads a foreign one."""
    for file in sorted(html.rglob("*.html")):
        references = _References()
        references.feed(file.read_text("utf-8"))
        place = file.relative_to(html)
        for address in references.followed | references.loaded:
            parts = urlsplit(address)
            if parts.netloc and address in references.loaded:
                yield f"{place} loads {address}: pages must not load anything from elsewhere"
            elif not parts.scheme and not parts.netloc and parts.path:
                target = file.parent / unquote(parts.path)
                if not target.exists() and file.name != "404.html":
                    yield f"{place} refers to {address}, which is not there"


class _References(HTMLParser):
    """The addresses that a page lets its reader follow, and those that it loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.followed: set[str] = set()
        self.loaded: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value}
        if tag == "a" and "href" in given:
            self.followed.add(given["href"])
        elif tag == "link" and "href" in given:
            self.loaded.add(given["href"])
        elif tag in {"script", "img", "iframe", "source"} and "src" in given:
            self.loaded.add(given["src"])


def _page(file: Path, places: dict[Path, Path]) -> str:
    """Return a page as the site has it: links to other pages lead to their places there."""

    def relinked(found: re.Match[str]) -> str:
        place = places.get((file.parent / found[1]).resolve())
        if place is None:
            return found[0]
        return f"]({Path(os.path.relpath(place, places[file].parent)).as_posix()}"

    return _LINK.sub(relinked, file.read_text("utf-8"))


def _notes(root: Path) -> subprocess.CompletedProcess[str]:
    """Return the notes of the next release, which fail where a fragment is malformed."""
    return subprocess.run(
        [sys.executable, "-m", "towncrier", "build", "--draft", "--date", "not released yet"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


def _findings(output: str) -> Iterator[str]:
    """Yield what the tool complains of, a line each, or all that it said if that is unknown.

    A page with a fault is missing to all that link to it, so faults hide the warnings.
    """
    plain = _COLOUR.sub("", output)
    warnings = [f"{place}: {warning}" for warning, place in _WARNING.findall(plain)]
    yield from _FAULT.findall(plain) or warnings or [plain]


def _navigation(settings: str, pages: Path) -> str:
    """Return the settings with every `folder/*` replaced by the pages in that folder."""

    def listed(found: re.Match[str]) -> str:
        files = sorted(pages.glob(f"{found[1]}/[!R]*.md"))
        return ", ".join(f'"{file.relative_to(pages).as_posix()}"' for file in files)

    return _PATTERN.sub(listed, settings)


if __name__ == "__main__":
    sys.exit(main())
