"""People in files that are kept: who uploaded them, and whom they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import BinaryIO
from uuid import UUID

import msgspec

from meishi.context import current_scope
from meishi.declarations import DataSubject, ErasureReport, PersonalRecord, RetainedRecords
from meishi.imports.pieces import PIECE_BYTES, open_file
from meishi.imports.starting import stop_and_remove

#: Files that begin so are packed: what they say cannot be searched.
_PACKED = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"\xd0\xcf\x11\xe0",
)

_UNSEARCHABLE = "The file is packed and cannot be searched; it goes by itself."

#: What numbers are written with; of UTF-16, what stands between the letters.
_SEPARATORS = b" \t-()/.\0"

#: Country codes of two digits (ITU-T E.164); 1 and 7 are codes, too, and all others have three.
_TWO_DIGITS = frozenset(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64"
    " 65 66 81 82 84 86 90 91 92 93 94 95 98".split()
)

#: Digits without which a number could be anything.
_LEAST_DIGITS = 8

_KEPT = """
    SELECT id, name, size FROM meishi_imports.file_import AS f
    WHERE EXISTS (SELECT FROM meishi_imports.import_piece WHERE import_id = f.id) ORDER BY id
"""

_UPLOADED = """
    SELECT id, name, size, created_at FROM meishi_imports.file_import
    WHERE created_by = %(user)s ORDER BY id
"""

_ANONYMISE = """
    UPDATE meishi_imports.file_import SET created_by = NULL WHERE created_by = %(user)s
    RETURNING id
"""

_FORGET_REJECTS = """
    DELETE FROM meishi_imports.import_reject
    WHERE EXISTS (
        SELECT FROM unnest(%(words)s::text[]) AS word
        WHERE strpos(translate(lower(message), %(separators)s, ''), word) > 0)
    RETURNING import_id
"""


def export(subject: DataSubject) -> Iterator[PersonalRecord]:
    """Yield the imports that a person began, and the kept files that speak of them."""
    scope = current_scope()
    if scope.workspace_id is None:
        return
    if subject.user_id is not None:
        names = ("id", "name", "size", "created_at")
        for row in scope.work.execute(_UPLOADED, {"user": subject.user_id}):
            body = msgspec.json.encode(dict(zip(names, row, strict=True)))
            yield PersonalRecord(kind="import", id=row[0], body=body)
    for import_id, name, _ in _about(subject):
        body = msgspec.json.encode({"name": name, "says": "The file speaks of the person."})
        yield PersonalRecord(kind="import_file", id=import_id, body=body)


def erase(subject: DataSubject) -> ErasureReport:
    """Remove the kept files that speak of a person, with their imports, and who began others."""
    scope = current_scope()
    if scope.workspace_id is None:
        return ErasureReport()
    about = list(_about(subject))
    for import_id, _, _ in about:
        stop_and_remove(import_id)
    words = [word.decode() for word in _words(subject)]
    separators = _SEPARATORS.replace(b"\0", b"").decode()
    values = {"words": words, "separators": separators}
    rejects = scope.work.execute(_FORGET_REJECTS, values)
    anonymised = 0
    if subject.user_id is not None:
        anonymised = len(scope.work.execute(_ANONYMISE, {"user": subject.user_id}))
    packed = sum(_is_packed(import_id, size) for import_id, _, size in _kept()) if words else 0
    return ErasureReport(
        erased=len(about) + len(rejects),
        anonymised=anonymised,
        retained=(
            (RetainedRecords(kind="import_file", count=packed, reason=_UNSEARCHABLE),)
            if packed
            else ()
        ),
    )


def _about(subject: DataSubject) -> Iterator[tuple[UUID, str | None, int]]:
    """Yield the kept files with one of a person's addresses or numbers in them."""
    words = _words(subject)
    if not words:
        return
    for import_id, name, size in _kept():
        with open_file(import_id, size) as file:
            if _has(file, words):
                yield import_id, name, size


def _words(subject: DataSubject) -> list[bytes]:
    """Return what names a person, as it stands in a text without separators."""
    return [_plain(word.encode()) for word in (*subject.emails, *map(_dialled, subject.phones))]


def _dialled(number: str) -> str:
    """Return the part of a number that stands in it however it is dialled, from home or abroad."""
    digits = number.removeprefix("+")
    code = 1 if digits[:1] in {"1", "7"} else 2 if digits[:2] in _TWO_DIGITS else 3
    return digits[code:] if len(digits) >= code + _LEAST_DIGITS else number


def _kept() -> list[tuple[UUID, str | None, int]]:
    return [(row[0], row[1], row[2]) for row in current_scope().work.execute(_KEPT)]


def _has(file: BinaryIO, words: Iterable[bytes]) -> bool:
    """Whether one of some words stands in a file, also where two pieces of it meet."""
    rest, longest = b"", max(map(len, words))
    for piece in iter(partial(file.read, PIECE_BYTES), b""):
        text = rest + _plain(piece)
        if any(word in text for word in words):
            return True
        rest = text[-longest:]
    return False


def _plain(octets: bytes) -> bytes:
    return octets.lower().translate(None, _SEPARATORS)


def _is_packed(import_id: UUID, size: int) -> bool:
    with open_file(import_id, size) as file:
        return file.read(8).startswith(_PACKED)
