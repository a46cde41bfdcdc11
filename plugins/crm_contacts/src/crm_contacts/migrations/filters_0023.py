"""What contacts are filtered by as revision 0023 writes it, whatever later code makes of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

_CHUNK = 2_000
_MAX_KEY = 250
_MAX_OCTETS = 480
_PLAIN = str.maketrans(
    dict(zip("łøđðþæœ\u0131ħ", ("l", "o", "d", "d", "th", "ae", "oe", "i", "h"), strict=True))
)
_DATE = re.compile(
    r"(?:(\d{4})(?:-(\d\d)(?:-(\d\d))?|(\d\d)(\d\d))?|--(\d\d)(?:-?(\d\d))?)(?=\Z|[T ])"
)
_URL = re.compile(r"(?:([a-z][a-z0-9+.-]*)://)?([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_PLACE = ("street", "locality", "region", "postal_code", "country")


@dataclass(frozen=True, slots=True)
class _Filled:
    """Rows to read, in the order of their keys, and what becomes of the rest of each."""

    table: str
    keys: Mapping[str, str]
    columns: Mapping[str, str]
    read: str
    made: Callable[[Sequence[Any]], Sequence[Any]]

    def fill(self, bind: Connection) -> None:
        """Write the columns, some thousands of rows at a time."""
        found = bind.execute(text(self.read), execution_options={"yield_per": _CHUNK})
        size = len(self.keys)
        statement = text(self._statement())
        for rows in found.partitions():
            values = [(*row[:size], *self.made(row[size:])) for row in rows]
            columns = zip(*values, strict=True)
            names = (*self.keys, *self.columns)
            given = {
                name: [str(item) if self.keys.get(name) == "uuid" else item for item in column]
                for name, column in zip(names, columns, strict=True)
            }
            bind.execute(statement, given)

    def _statement(self) -> str:
        types = {**self.keys, **self.columns}
        arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in types.items())
        sets = ", ".join(f"{name} = n.{name}" for name in self.columns)
        same = " AND ".join(f"t.{name} = n.{name}" for name in self.keys)
        return (
            f"UPDATE crm_contacts.{self.table} t SET {sets}"  # noqa: S608  # no values
            f" FROM unnest({arrays}) AS n ({', '.join(types)}) WHERE {same}"
        )


def _bits(*said: str) -> str:
    """Return the SQL of a number with a bit for each of some conditions, the first one lowest."""
    return " + ".join(
        f"CASE WHEN {item} THEN {1 << place} ELSE 0 END" for place, item in enumerate(said)
    )


def _some(table: str, condition: str = "true") -> str:
    return (
        f"EXISTS (SELECT FROM crm_contacts.{table} p"  # no values
        f" WHERE p.workspace_id = c.workspace_id AND p.contact_id = c.id AND {condition})"
    )


_PAST = "NOT p.current AND p.{name} <> ''"
_FILLED_PERSON = _bits(
    "c.given_name <> ''", "c.family_name <> ''", "cardinality(c.nicknames) > 0",
    "c.birthday <> ''", "c.note <> ''",
)  # fmt: skip
_FILLED_WORK = _bits(
    "c.organisation <> ''", "cardinality(c.units) > 0", "c.title <> ''", "c.role <> ''",
    *(_some("held_position", _PAST.format(name=name)) for name in ("organisation", "title")),
)  # fmt: skip
_FILLED_REACH = _bits(
    "c.uid <> ''", *(_some(name) for name in ("email", "phone", "link", "address"))
)
_FILLED_PLACE = _bits(*(_some("address", f"p.{name} <> ''") for name in _PLACE))
_PART = {"workspace_id": "uuid", "contact_id": "uuid", "position": "smallint"}


def fill(bind: Connection) -> None:
    """Give contacts, their addresses, links and former jobs what they are filtered by."""
    for item in (_ADDRESSES, _LINKS, _POSITIONS, _CONTACTS):
        item.fill(bind)


def _contact(row: Sequence[Any]) -> Sequence[Any]:
    role, birthday, *filled = row
    return (_key(role), *_date(birthday), *filled)


def _date(written: str | None) -> tuple[str | None, str | None]:
    match = _DATE.match((written or "").strip())
    if match is None:
        return None, None
    year, month = match[1], match[2] or match[4] or match[6]
    day = match[3] or match[5] or match[7]
    date = None if year is None else "-".join(filter(None, (year, month, day)))
    known = month is not None and (day is not None or year is None)
    return date, "-".join(filter(None, ("-", month, day))) if known else None


def _site(url: str) -> str | None:
    match = _URL.fullmatch(unicodedata.normalize("NFKC", url.strip()))
    host, rest = (match[2], match[3]) if match else ("", "")
    return _key(f"{host.lower().removeprefix('www.')}{'' if rest == '/' else rest}")


def _key(written: str | None) -> str | None:
    folded = unicodedata.normalize("NFKC", written or "").casefold()
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", " ".join(folded.split())))
    bare = "".join(item for item in parts if not unicodedata.combining(item))
    form = unicodedata.normalize("NFC", bare).translate(_PLAIN)[:_MAX_KEY]
    return form.encode()[:_MAX_OCTETS].decode(errors="ignore") or None


_ADDRESSES = _Filled(
    table="address",
    keys=_PART,
    columns={f"{name}_key": "text" for name in _PLACE},
    read=f"SELECT workspace_id, contact_id, position, {', '.join(_PLACE)}"  # noqa: S608  # no values
    " FROM crm_contacts.address",
    made=lambda row: [_key(item) for item in row],
)
_LINKS = _Filled(
    table="link",
    keys=_PART,
    columns={"site_key": "text"},
    read="SELECT workspace_id, contact_id, position, url FROM crm_contacts.link",
    made=lambda row: [_site(row[0])],
)
_POSITIONS = _Filled(
    table="held_position",
    keys=_PART,
    columns={"past_organisation_key": "text", "past_title_key": "text"},
    read="SELECT workspace_id, contact_id, position, organisation, title"
    " FROM crm_contacts.held_position WHERE NOT current",
    made=lambda row: [_key(item) for item in row],
)
_CONTACTS = _Filled(
    table="contact",
    keys={"workspace_id": "uuid", "id": "uuid"},
    columns={
        **dict.fromkeys(("role_key", "birthday_key", "birth_day_key"), "text"),
        **dict.fromkeys(
            ("filled_person", "filled_work", "filled_reach", "filled_place"), "smallint"
        ),
    },
    read="SELECT c.workspace_id, c.id, c.role, c.birthday,"  # noqa: S608  # no values
    f" {_FILLED_PERSON}, {_FILLED_WORK}, {_FILLED_REACH}, {_FILLED_PLACE}"
    " FROM crm_contacts.contact c",
    made=_contact,
)
