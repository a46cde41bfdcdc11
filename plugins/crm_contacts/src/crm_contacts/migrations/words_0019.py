"""The words of tags, custom values and notes as revision 0019 writes them, whatever comes later."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, text

_TAG, _CUSTOM, _NOTES = 3, 2, 0
_MAX_WORD = 64
_MAX_WORDS = 200
_MAX_FORM = 250
_CHUNK = 2_000
_SHORT = 240
_PIECE = re.compile(r"\S.{0,160}\S{0,80}", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
_BEGINNING = re.compile(r"([^0-9@]+)[0-9]")
_NUMBER = re.compile(r"\d(?:[ ()./+-]{0,3}\d)+")
_LONG_NUMBER, _LEAST_PARTED = 5, 3
_PLAIN = str.maketrans(
    dict(zip("łøđðþæœ\u0131ħ", ("l", "o", "d", "d", "th", "ae", "oe", "i", "h"), strict=True))
)
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)
#: Of each contact the texts of one kind, the newest notes first.
_TEXTS = {
    _TAG: """
        SELECT p.workspace_id, p.contact_id, array_agg(t.name ORDER BY t.key)
        FROM crm_contacts.contact_tag p
        JOIN crm_contacts.tag t ON t.workspace_id = p.workspace_id AND t.id = p.tag_id
        GROUP BY 1, 2 ORDER BY 1, 2
    """,
    _CUSTOM: """
        SELECT v.workspace_id, v.contact_id, array_agg(v.value #>> '{}' ORDER BY f.key)
        FROM crm_contacts.custom_value v
        JOIN crm_contacts.custom_field f ON f.workspace_id = v.workspace_id AND f.id = v.field_id
        WHERE f.type IN ('text', 'url', 'choice') GROUP BY 1, 2 ORDER BY 1, 2
    """,
    _NOTES: """
        SELECT workspace_id, subject_id, (array_agg(left(text, 8000) ORDER BY id DESC))[1\\:50]
        FROM crm_contacts.contact_note GROUP BY 1, 2 ORDER BY 1, 2
    """,
}
#: What words begin with before digits, with the heaviest weight; weights are not in the key yet.
BEGINNINGS = """
    WITH letters AS MATERIALIZED (
        SELECT workspace_id, contact_id, substring(word FROM '^[^0-9]+') COLLATE "C" AS word,
            max(weight) AS weight
        FROM crm_contacts.contact_word WHERE word ~ '^[^0-9@]+[0-9]' GROUP BY 1, 2, 3
    ), words AS (
        INSERT INTO crm_contacts.word (workspace_id, word)
        SELECT DISTINCT workspace_id, word FROM letters ON CONFLICT DO NOTHING
    )
    INSERT INTO crm_contacts.contact_word AS c (workspace_id, word, contact_id, weight)
    SELECT workspace_id, word, contact_id, weight FROM letters
    ON CONFLICT (workspace_id, word, contact_id)
        DO UPDATE SET weight = excluded.weight WHERE c.weight < excluded.weight
"""
_ADD = """
    WITH rows AS MATERIALIZED (
        SELECT r.workspace_id, r.contact_id, r.word COLLATE "C" AS word
        FROM unnest(CAST(:workspaces AS uuid[]), CAST(:contacts AS uuid[]), CAST(:words AS text[]))
            AS r (workspace_id, contact_id, word)
    ), words AS (
        INSERT INTO crm_contacts.word (workspace_id, word)
        SELECT DISTINCT workspace_id, word FROM rows ON CONFLICT DO NOTHING
    )
    INSERT INTO crm_contacts.contact_word (workspace_id, word, contact_id, weight)
    SELECT workspace_id, word, contact_id, CAST(:weight AS smallint) FROM rows
    ORDER BY workspace_id, word, contact_id ON CONFLICT DO NOTHING
"""


def fill(bind: Connection) -> None:
    """Give every contact the words of what is attached to it, some thousands at a time."""
    for weight, statement in _TEXTS.items():
        found = bind.execute(text(statement), execution_options={"yield_per": _CHUNK})
        for rows in found.partitions():
            _add(bind, weight, [tuple(row) for row in rows])


def _add(bind: Connection, weight: int, rows: list[tuple[Any, ...]]) -> None:
    new = [
        (str(workspace), str(contact), word)
        for workspace, contact, texts in rows
        for word in _words(texts)
    ]
    if new:
        workspaces, contacts, words = map(list, zip(*new, strict=True))
        columns = {"workspaces": workspaces, "contacts": contacts, "words": words}
        bind.execute(text(_ADD), {"weight": weight, **columns})


def _words(texts: list[str]) -> list[str]:
    found = (word for written in texts for word in _words_of(written))
    words = list(dict.fromkeys(islice(found, 4 * _MAX_WORDS)))[:_MAX_WORDS]
    beginnings = [found[1] for found in map(_BEGINNING.match, words) if found]
    return list(dict.fromkeys([*words, *beginnings]))


def _words_of(written: str) -> Iterator[str]:
    pieces = [written] if len(written) <= _SHORT else _PIECE.findall(written)
    for form in map(_folded, pieces):
        for word in _WORD.findall(form):
            yield word[:_MAX_WORD]
        for number in _NUMBER.findall(form):
            digits = re.sub(r"\D", "", number)
            parted = not number.replace(" ", "").isdigit()
            if len(digits) >= (_LEAST_PARTED if parted else _LONG_NUMBER):
                yield digits[:_MAX_WORD]
        for run in _UNSPACED.findall(form):
            for place in range(1, len(run)):
                yield run[place : place + _MAX_WORD]


def _folded(written: str) -> str:
    folded = unicodedata.normalize("NFKC", written).casefold()
    parts = unicodedata.normalize("NFKD", " ".join(folded.split()))
    bare = "".join(item for item in parts if not unicodedata.combining(item))
    return unicodedata.normalize("NFC", bare).translate(_PLAIN)[:_MAX_FORM]
