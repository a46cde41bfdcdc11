"""The written surface: a file of names for each package, and the document of the web API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from meishi.testing.surface.changes import Change
from meishi.testing.surface.names import name_changes, public_names
from meishi.testing.surface.web import web_changes

_WEB = "openapi.json"
_HEAD = "# What others rely on: written by `make surface`, held against the code by `make check`.\n"


class Record:
    """A folder in which the last declared surface stands, and what it is now."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._texts: dict[Path, str] = {}

    def names(self, root: str, modules: tuple[str, ...]) -> Iterator[Change]:
        """Yield how the public names of a package have changed."""
        file = self._folder / f"{root}.txt"
        now = public_names(root, modules)
        self._texts[file] = _HEAD + "".join(f"{name}: {line}\n" for name, line in now.items())
        yield from name_changes(_read_names(file), now)

    def web(self, document: Mapping[str, Any]) -> Iterator[Change]:
        """Yield how the web API has changed."""
        file = self._folder / _WEB
        self._texts[file] = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
        self._texts[file] += "\n"
        old = json.loads(file.read_text("utf-8")) if file.is_file() else {"paths": {}}
        # What is compared has been through JSON on both sides.
        yield from web_changes(old, json.loads(self._texts[file]))

    def stale(self) -> list[Path]:
        """Return the files that do not say what is so now."""
        return [
            file
            for file, text in self._texts.items()
            if not file.is_file() or file.read_text("utf-8") != text
        ]

    def write(self) -> None:
        """Write down what is so now."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for file, text in self._texts.items():
            file.write_text(text, "utf-8")


def _read_names(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    lines = file.read_text("utf-8").splitlines()
    parts = (line.partition(": ") for line in lines if not line.startswith("#"))
    return {name: said for name, _, said in parts}


def declared(fragments: Path) -> str:
    """Return what the notes of the next release say of breaking changes."""
    files = sorted(fragments.glob("*.breaking.md"))
    return "\n".join(file.read_text("utf-8") for file in files)
