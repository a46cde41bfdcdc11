"""The words of contacts as revision 0003 writes them, whatever later code makes of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from sqlalchemy import Connection, RowMapping, text

_MAX_WORDS = 200
_SHORT = 240
_PIECE = re.compile(r"\S.{0,160}\S{0,80}", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d(?:[ ()./+-]{0,3}\d)+")
_PLAIN = str.maketrans(
    dict(zip("łøđðþæœ\u0131ħ", ("l", "o", "d", "d", "th", "ae", "oe", "i", "h"), strict=True))
)
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)

_PART = (
    "(SELECT coalesce(array_agg({value} ORDER BY position), '{{}}') FROM crm_contacts.{table}"
    " WHERE workspace_id = c.workspace_id AND contact_id = c.id) AS {table}"
)
_PARTS = {
    "email": "address",
    "phone": "coalesce(nullif(normalised, ''), number)",
    "link": "url",
    "address": "locality",
}
_ALL_PARTS = ", ".join(_PART.format(table=table, value=value) for table, value in _PARTS.items())
_CONTACTS = f"SELECT c.*, {_ALL_PARTS} FROM crm_contacts.contact c"  # noqa: S608  # no values
_EMPTY = "DELETE FROM crm_contacts.contact_word; DELETE FROM crm_contacts.word"
_ADD_WORD = (
    "INSERT INTO crm_contacts.word (workspace_id, word) VALUES (:workspace, :word)"
    " ON CONFLICT DO NOTHING"
)
_ADD_CONTACT_WORD = (
    "INSERT INTO crm_contacts.contact_word (workspace_id, word, contact_id, weight)"
    " VALUES (:workspace, :word, :contact, :weight)"
)


def fill(bind: Connection) -> None:
    """Give every contact its words anew; those of earlier code are fewer."""
    bind.execute(text(_EMPTY))
    for row in bind.execute(text(_CONTACTS)).mappings().all():
        place = {"workspace": row["workspace_id"], "contact": row["id"]}
        words = [place | {"word": word, "weight": weight} for word, weight in _words(row).items()]
        if words:
            bind.execute(text(_ADD_WORD), words)
            bind.execute(text(_ADD_CONTACT_WORD), words)


def _words(row: RowMapping) -> dict[str, int]:
    weights: dict[str, int] = {}
    for word, weight in islice(_weighted(row), 4 * _MAX_WORDS):
        if weights.get(word, 0) < weight and (word in weights or len(weights) < _MAX_WORDS):
            weights[word] = weight
    return weights


def _weighted(row: RowMapping) -> Iterator[tuple[str, int]]:
    names = [row[f"{name}_name"] for name in ("full", "given", "family", "additional")]
    yield from _all([*names, *row["nicknames"]], 8)
    for email in row["email"]:
        yield _folded(email)[:64], 6
        yield from _all([email], 6)
    for phone in row["phone"]:
        if digits := re.sub(r"\D", "", phone):
            yield digits[:64], 6
    yield from _all([row["organisation"], *row["units"], row["title"], row["role"]], 4)
    yield from _all([*row["link"], *row["address"], row["note"]], 1)


def _all(texts: list[str | None], weight: int) -> Iterator[tuple[str, int]]:
    for written in texts:
        pieces = [written or ""]
        for piece in pieces if len(pieces[0]) <= _SHORT else _PIECE.findall(pieces[0]):
            for word in _words_of(_folded(piece)):
                yield word, weight


def _words_of(form: str) -> Iterator[str]:
    for word in _WORD.findall(form):
        yield word[:64]
    for number in _NUMBER.findall(form):
        digits = re.sub(r"\D", "", number)
        parted = not number.replace(" ", "").isdigit()
        if len(digits) >= (3 if parted else 5):
            yield digits[:64]
    for run in _UNSPACED.findall(form):
        for place in range(1, len(run)):
            yield run[place : place + 64]


def _folded(written: str) -> str:
    folded = unicodedata.normalize("NFKC", written).casefold()
    parts = unicodedata.normalize("NFKD", " ".join(folded.split()))
    bare = "".join(item for item in parts if not unicodedata.combining(item))
    return unicodedata.normalize("NFC", bare)[:250].translate(_PLAIN)
