"""What the contact service holds about a person, and its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy import Table

from crm_contacts.asked_people import ask_for
from crm_contacts.filter_keys import FILLED
from crm_contacts.models import (
    CONTACT_KEYS,
    CONTACT_LOOK_UPS,
    consent,
    contact,
    contact_photo,
    contact_tag,
    contact_word,
    custom_value,
    duplicate_key,
    fingerprint,
    import_photo,
    list_member,
    word,
)
from crm_contacts.repository.reading import document_sql
from crm_contacts.rows import PARTS
from meishi.sdk.contract import Condition
from meishi.sdk.database import execute

_IDS = """
    SELECT contact_id FROM crm_contacts.email WHERE normalised = ANY(%(emails)s::text[])
    UNION SELECT contact_id FROM crm_contacts.phone WHERE normalised = ANY(%(phones)s::text[])
"""
_WRITTEN = """
    SELECT address FROM crm_contacts.email WHERE contact_id = ANY(%(ids)s::uuid[])
    UNION SELECT number FROM crm_contacts.phone WHERE contact_id = ANY(%(ids)s::uuid[])
"""
#: Characters of the shortest address or number by which a person is found in a text.
_TELLING = 5
#: Octets of any charset: letters beyond ASCII are compared as they stand.
_MENTIONS = """EXISTS (
    SELECT FROM unnest(%(texts)s::text[]) AS t(wanted)
    WHERE position(lower(encode(convert_to(wanted, 'UTF8'), 'escape'))
        IN lower(encode({octets}, 'escape'))) > 0
)"""
_ROWS = (
    "(contact_id = ANY(%(ids)s::uuid[]) OR "
    f"(original IS NOT NULL AND {_MENTIONS.format(octets='original')}))"
)
_SAID = "(name IS NOT NULL OR length(original) > 0)"
_IN_FILE = f"""
    SELECT FROM crm_contacts.import_piece p
    WHERE p.import_id = i.id AND {_MENTIONS.format(octets="p.content")}
"""
_HEADED = " OR ".join(
    _MENTIONS.format(octets=octets)
    for octets in ("i.header", "convert_to(array_to_string(i.unmapped_columns, E'\\n'), 'UTF8')")
)
_NOTHING = {
    "full_name": "''", "nicknames": "'{}'", "units": "'{}'", "raw": "'[]'",
    **{f"{name}_key": "''" for name in CONTACT_KEYS},
    **dict.fromkeys(FILLED, "0"),
}  # fmt: skip
_NAMES = (
    "uid", "given_name", "family_name", "additional_name", "name_prefix", "name_suffix",
    "organisation", "title", "role", "birthday", "note",
    *CONTACT_LOOK_UPS,
)  # fmt: skip
#: Whoever writes something about them has done so by then: it is found, and erased.
_HOLD = """
    SELECT id FROM crm_contacts.contact WHERE id = ANY(%(ids)s::uuid[]) ORDER BY id FOR UPDATE
"""
_FORGET_PAIRS = """
    DELETE FROM crm_contacts.duplicate_pair
    WHERE low_id = ANY(%(ids)s::uuid[]) OR high_id = ANY(%(ids)s::uuid[])
"""
#: What was said before a merge tells of both.
_FORGET_MERGES = """
    DELETE FROM crm_contacts.contact_merge
    WHERE source_id = ANY(%(ids)s::uuid[]) OR target_id = ANY(%(ids)s::uuid[])
"""
#: Nor do others' merges tell of what they were to whom.
_FORGET_RELATED = """
    UPDATE crm_contacts.contact_merge m SET relationships = (
        SELECT coalesce(json_agg(r), '[]') FROM json_array_elements(m.relationships) AS r
        WHERE r ->> 'source_id' <> ALL(%(texts)s::text[])
            AND r ->> 'target_id' <> ALL(%(texts)s::text[]))
    WHERE EXISTS (
        SELECT FROM json_array_elements(m.relationships) AS r
        WHERE r ->> 'source_id' = ANY(%(texts)s::text[])
            OR r ->> 'target_id' = ANY(%(texts)s::text[]))
"""
#: In this order, as what refers to a contact goes before it.
_OF_CONTACT: tuple[Table, ...] = (
    *PARTS.values(),
    fingerprint,
    contact_word,
    duplicate_key,
    contact_tag,
    custom_value,
    list_member,
    consent,
    contact_photo,
    import_photo,
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """How a person is found: contacts that describe them, and texts that name them."""

    contact_ids: Sequence[UUID]
    texts: Sequence[str]

    def values(self) -> dict[str, object]:
        """Return the parameters of a statement, with what is told apart from the rest of a file.

        A number such as `1` is in nearly all of them.
        """
        telling = [text for text in self.texts if len(text) >= _TELLING]
        return {"ids": list(self.contact_ids), "texts": telling}


def contact_ids(emails: Sequence[str], phones: Sequence[str]) -> list[UUID]:
    """Return the contacts with one of the addresses or numbers, deleted ones too."""
    rows = execute(_IDS, {"emails": list(emails), "phones": list(phones)})
    return [contact_id for (contact_id,) in rows]


def written_forms(ids: Sequence[UUID]) -> list[str]:
    """Return the addresses and numbers of contacts as they were written."""
    return [text for (text,) in execute(_WRITTEN, {"ids": list(ids)})]


def documents(ids: Sequence[UUID]) -> Iterator[tuple[UUID, bytes]]:
    """Yield contacts with all that they say, deleted ones too."""
    statement = (
        f"SELECT c.id, {document_sql()} FROM {contact.fullname} c"
        " WHERE c.id = %(id)s AND c.erased_at IS NULL"
    )
    for contact_id in ids:
        for found, document in execute(statement, {"id": contact_id}):
            yield found, document.encode()


def merge_records(ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Return what is kept of merges of contacts, so that they can be taken back: id, JSON text."""
    rows = execute(
        "SELECT id, json_build_object('source_id', source_id, 'target_id', target_id,"
        " 'before', before, 'after', after, 'merged_at', merged_at)::text"
        " FROM crm_contacts.contact_merge"
        " WHERE source_id = ANY(%(ids)s::uuid[]) OR target_id = ANY(%(ids)s::uuid[]) ORDER BY id",
        {"ids": list(ids)},
    )
    return [(found, text) for found, text in rows]


def import_rows(mentions: Mentions) -> list[tuple[UUID, str]]:
    """Return what is kept of rows of imports about a person: the import and JSON text."""
    statement = (
        "SELECT import_id, json_build_object('index', index, 'line', line, 'name', name,"
        " 'reason', reason, 'original', encode(original, 'escape'))::text"
        f" FROM crm_contacts.import_row WHERE {_SAID} AND {_ROWS} ORDER BY import_id, index"
    )
    return [(found, text) for found, text in execute(statement, mentions.values())]


def begin_erasing() -> None:
    """Let nobody write words meanwhile: one that is taken out must not be of use to others."""
    execute(f"LOCK TABLE {word.fullname} IN SHARE ROW EXCLUSIVE MODE")


def erase_contacts(ids: Sequence[UUID]) -> list[UUID]:
    """Leave nothing of contacts but that they are gone; return those of whom there was more."""
    values = {"ids": list(ids)}
    execute(_HOLD, values)
    found = [
        row[0]
        for row in execute(
            f"SELECT DISTINCT word FROM {contact_word.fullname} WHERE contact_id = ANY(%(ids)s)",
            values,
        )
    ]
    erased = empty_contacts(ids)
    execute(
        f"DELETE FROM {word.fullname} w WHERE w.word = ANY(%(words)s::text[]) AND NOT EXISTS"
        f" (SELECT FROM {contact_word.fullname} c WHERE c.word = w.word)",
        {"words": found},
    )
    return erased


def empty_contacts(ids: Sequence[UUID]) -> list[UUID]:
    """Leave nothing of contacts, which are held, but that they are gone, and unused words.

    Return those of whom there was more.
    """
    values = {"ids": list(ids)}
    for table in _OF_CONTACT:
        execute(f"DELETE FROM {table.fullname} WHERE contact_id = ANY(%(ids)s)", values)
    execute(_FORGET_PAIRS, values)
    execute(_FORGET_MERGES, values)
    execute(_FORGET_RELATED, {"texts": [str(contact_id) for contact_id in ids]})
    sets = [f"{name} = {empty}" for name, empty in _NOTHING.items()]
    sets += [f"{name} = NULL" for name in _NAMES]
    erased = execute(
        f"UPDATE {contact.fullname} SET {', '.join(sets)}, version = version + 1,"
        " updated_at = now(), erased_at = now(), deleted_at = coalesce(deleted_at, now())"
        " WHERE id = ANY(%(ids)s) AND erased_at IS NULL RETURNING id",
        values,
    )
    return [contact_id for (contact_id,) in erased]


def erase_bulk_edits(mentions: Mentions) -> None:
    """Let no edit that is under way name a person: it goes on without them, or it is gone."""
    leave_bulk_edits(mentions.contact_ids)
    _delete_asking("bulk_edit", mentions)
    told = "convert_to(edits::text, 'UTF8')"
    statement = f"DELETE FROM crm_contacts.bulk_edit WHERE {_MENTIONS.format(octets=told)}"
    execute(statement, mentions.values())


def leave_bulk_edits(ids: Sequence[UUID]) -> None:
    """Let edits that are under way go on without contacts."""
    execute(
        "UPDATE crm_contacts.bulk_edit SET contact_ids = ("
        "SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM unnest(contact_ids) AS t (id)"
        " WHERE NOT id = ANY(%(ids)s::uuid[])) WHERE contact_ids && %(ids)s::uuid[]",
        {"ids": list(ids)},
    )


def remove_segments(mentions: Mentions) -> None:
    """Delete segments that ask for a person by what is erased."""
    _delete_asking("segment", mentions)


def remove_kept_mappings(mentions: Mentions) -> None:
    """Forget mappings of columns that are called after a person."""
    told = "convert_to(array_to_string(headings, E'\\n') || mapping::text, 'UTF8')"
    statement = f"DELETE FROM crm_contacts.kept_mapping WHERE {_MENTIONS.format(octets=told)}"
    execute(statement, mentions.values())


def erase_import_rows(mentions: Mentions, reason: str) -> int:
    """Take name, text and reason from rows of imports about a person; return how many had any."""
    rows = execute(
        "UPDATE crm_contacts.import_row SET name = NULL, reason = %(reason)s,"
        " original = CASE WHEN original IS NOT NULL THEN '\\x'::bytea END"
        f" WHERE {_SAID} AND {_ROWS} RETURNING 1",
        mentions.values() | {"reason": reason},
    )
    return len(rows)


def remove_uploads(mentions: Mentions) -> int:
    """Delete files with a person in them that no import has begun to read.

    Also imports that have ended, if they took the person for the heading of a column.
    """
    rows = execute(
        "DELETE FROM crm_contacts.contact_import i"
        f" WHERE (i.state NOT IN ('running', 'completed') AND EXISTS ({_IN_FILE}))"
        f" OR (i.state = 'completed' AND ({_HEADED})) RETURNING 1",
        mentions.values(),
    )
    return len(rows)


def count_running(mentions: Mentions) -> int:
    """Return how many files with a person in them are being read."""
    rows = execute(
        "SELECT count(*) FROM crm_contacts.contact_import i"
        f" WHERE i.state = 'running' AND EXISTS ({_IN_FILE})",
        mentions.values(),
    )
    return int(rows[0][0])


def _delete_asking(table: str, mentions: Mentions) -> None:
    """Delete rows whose conditions ask for a person; of others none is waited for."""
    rows = execute(f"SELECT id, conditions::text FROM crm_contacts.{table}", {})
    found = [
        row_id
        for row_id, text in rows
        if ask_for(msgspec.json.decode(text, type=tuple[Condition, ...]), mentions.texts)
    ]
    statement = f"DELETE FROM crm_contacts.{table} WHERE id = ANY(%(ids)s::uuid[])"
    execute(statement, {"ids": found})
