"""Reading a plugin's revisions without running them: identifiers and what follows what."""

from __future__ import annotations

import ast
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

#: CPython 3.11 counts the depth of syntax trees for all threads together, and fails where two
#: parse at once (https://github.com/python/cpython/issues/106905).
_PARSING = threading.Lock()


class Phase(StrEnum):
    """What a revision means for code of another version than its own.

    After `EXPAND` older code still runs; before `CONTRACT` the newer one runs already.
    """

    EXPAND = "expand"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class RevisionFile:
    """One migration file: its identifier, and the one before it."""

    revision: str
    down_revision: str | None
    file: Path
    phase: Phase | None = None


class RevisionError(Exception):
    """The files of a versions folder do not form one line of revisions."""


def read_revisions(folder: Path) -> list[RevisionFile]:
    """Return the revisions of a folder, first to last; raise `RevisionError` for a fork."""
    by_parent: dict[str | None, RevisionFile] = {}
    for file in sorted(folder.glob("*.py")):
        if file.name == "__init__.py":
            continue
        found = _read(file)
        if found.down_revision in by_parent:
            other = by_parent[found.down_revision].file.name
            raise RevisionError(f"{file.name} and {other} follow the same revision")
        by_parent[found.down_revision] = found
    line: list[RevisionFile] = []
    parent: str | None = None
    while parent in by_parent:
        line.append(by_parent[parent])
        parent = line[-1].revision
    if len(line) != len(by_parent):
        stray = next(item for item in by_parent.values() if item not in line)
        raise RevisionError(
            f"the revisions in {folder.name} do not form one line: "
            f"{stray.file.name} follows {stray.down_revision!r}"
        )
    return line


def _read(file: Path) -> RevisionFile:
    values: dict[str, object] = {}
    try:
        with _PARSING:
            module = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, OSError) as error:
        raise RevisionError(f"{file.name} cannot be read: {error}") from error
    for node in module.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            value = getattr(node, "value", None)
            if isinstance(target, ast.Name):
                values[target.id] = value.value if isinstance(value, ast.Constant) else value
    revision, down = values.get("revision"), values.get("down_revision")
    if not isinstance(revision, str) or not (down is None or isinstance(down, str)):
        raise RevisionError(f"{file.name} names no revision, or more than one before it")
    return RevisionFile(revision, down, file, _phase(file, values.get("phase")))


def _phase(file: Path, said: object) -> Phase | None:
    try:
        return None if said is None else Phase(str(said))
    except ValueError as error:
        wanted = " or ".join(repr(phase.value) for phase in Phase)
        raise RevisionError(f"{file.name}: `phase` must be {wanted}") from error
