"""Proof that a contact holds all that its row says, written without the mapping's own code."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass

from crm_contacts.contract import Address, ContactDraft, Email, Link, Phone
from crm_contacts.vcard import unescape

#: What a type in the contact is called in Google's columns.
_TYPE_WORDS = {"mobile": "cell", "workfax": "work fax", "homefax": "home fax"}
_DATE = re.compile(r"[\d./-]+")


def cells_of(text: str, delimiter: str, header: str) -> tuple[list[str], list[list[str]]]:
    """Read a well-formed file with Python's reader: the header with a column `header`, the rows."""
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    place = next(place for place, row in enumerate(rows) if header in row)
    return rows[place], [row for row in rows[place + 1 :] if any(cell.strip() for cell in row)]


def losses(header: Sequence[str], row: Sequence[str], draft: ContactDraft) -> list[str]:
    """Return the cells of which something is found nowhere in `draft`."""
    held = set(_strings(draft))
    kept = {
        (raw.parameters[0][1][0], unescape(raw.value))
        for raw in draft.raw
        if raw.name == "X-MEISHI-COLUMN"
    }
    lost = []
    for place, cell in enumerate(row):
        text = _plain(cell)
        name = header[place].strip() if place < len(header) else ""
        in_raw = (name or f"Column {place + 1}", _plain(cell, strip=False)) in kept
        if not text or in_raw or text in held or _is_date_of(text, draft):
            continue
        if name.endswith((" - Type", " - Label")):
            found = _is_kind_in(text, draft)
        else:
            found = all(part.strip() in held for part in text.split(":::"))
        if not found:
            lost.append(cell)
    return lost


def _plain(cell: str, *, strip: bool = True) -> str:
    text = re.sub(r"\r\n?", "\n", cell)
    return text.strip() if strip else text


def _is_date_of(text: str, draft: ContactDraft) -> bool:
    if re.fullmatch(r"0{1,2}[./-]0{1,2}[./-]0{2,4}", text):
        return True
    known = draft.birthday or ""
    if not _DATE.fullmatch(text) or not known:
        return False
    numbers = [sorted(map(int, re.findall(r"\d+", date))) for date in (text, known)]
    digits = [re.sub(r"\D", "", date) for date in (text, known)]
    return numbers[0] == numbers[1] or digits[0] == digits[1]


def _is_kind_in(text: str, draft: ContactDraft) -> bool:
    items: list[Email | Phone | Address | Link] = [*draft.emails, *draft.phones]
    items += [*draft.addresses, *draft.links]
    starred = text.startswith("*")
    word = text.removeprefix("*").strip()
    types = _TYPE_WORDS.get(word.lower().replace(" ", ""), word.lower())
    return any(
        (word in {item.label, ""} or " ".join(item.types) == types)
        and (item.primary or bool(item.parameters) or not starred)
        for item in items
    )


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        text = value.strip()
        yield text
        # The lines of a street may come from several columns, each with several lines.
        lines = text.split("\n")
        for first in range(min(len(lines), 8)):
            for last in range(first + 1, min(len(lines), 8) + 1):
                yield "\n".join(lines[first:last]).strip()
    elif isinstance(value, tuple):
        for item in value:
            yield from _strings(item)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name != "raw":
                yield from _strings(getattr(value, field.name))
