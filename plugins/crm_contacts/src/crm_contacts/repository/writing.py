"""Writing contacts: one statement for all rows of a new contact, one for what changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from uuid import UUID

import msgspec
from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError

from crm_contacts.contract import ContactDraft
from crm_contacts.models import KEPT, UID_INDEX, contact, contact_word, duplicate_key, word
from crm_contacts.repository import duplicate_keys
from crm_contacts.rows import PARTS, Rows, contact_values, part_values, rows_of
from crm_contacts.words import search_words
from meishi.sdk.changes import CHANGED
from meishi.sdk.context import current_actor, current_workspace
from meishi.sdk.database import execute

#: Every table of a contact, in the order in which rows are written.
_TABLES = (contact, *PARTS.values(), word, contact_word, duplicate_key)

#: Columns of a contact that no new one is given: the database sees to them.
_LATER = frozenset({"deleted_at", "erased_at", "merged_into", *KEPT, CHANGED})

#: Of a contact that is at another version, nothing is touched.
_IF_CHANGED = "EXISTS (SELECT FROM changed)"


class UidTaken(Exception):
    """Another contact has one of the UIDs; the transaction is of no use without a savepoint."""


class VersionGone(Exception):
    """The contact is not at that version any more."""


def add(drafts: Mapping[UUID, ContactDraft], at: datetime) -> None:
    """Insert normalised contacts of who acts; raise `UidTaken` if one of the UIDs is in use."""
    rows: Rows = defaultdict(list)
    owner = current_actor().user_id
    for contact_id, draft in drafts.items():
        for table, values in rows_of(current_workspace(), contact_id, draft, at, owner_id=owner):
            rows[table].append(values)
    insert_rows(rows)


def insert_rows(rows: Rows) -> None:
    """Insert rows of several tables in one statement; words that are there already stay."""
    tables = tuple(table for table in _TABLES if rows.get(table))
    if tables:
        values = {table.name: _as_json(_in_order(table, rows[table])) for table in tables}
        with unique_uids():
            execute(_insert_sql(tables), values)


def change(
    contact_id: UUID, version: int, before: ContactDraft, after: ContactDraft, at: datetime
) -> None:
    """Write what differs between two normalised drafts of a contact, from its `version`.

    Raises `VersionGone` if it has another version or is deleted, `UidTaken` if a new UID is
    in use.
    """
    keys = {"workspace_id": current_workspace(), "contact_id": contact_id}
    names = tuple(name for name in PARTS if getattr(before, name) != getattr(after, name))
    old, new = search_words(before), search_words(after)
    values: dict[str, object] = {
        "id": contact_id,
        "version": version,
        "at": at,
        "contact": _as_json([contact_values(after)]),
    }
    for name in names:
        rows = [keys | found for found in part_values(after, name)]
        values[name] = _as_json(rows)
        values[f"{name}_size"] = len(rows)
    if old != new:
        added, gone = sorted(new.items() - old.items()), sorted(old.items() - new.items())
        values["words"], values["weights"] = _columns(added)
        values["gone"], values["gone_weights"] = _columns(gone)
        values["workspace"] = keys["workspace_id"]
    statement = _change_sql(names, words=old != new)
    with unique_uids():
        changed = execute(statement, values)
    if not changed:
        raise VersionGone
    duplicate_keys.change(contact_id, before, after)


def delete(contact_id: UUID, at: datetime, versions: Sequence[int] | None) -> bool:
    """Mark a contact as deleted if it has one of the versions, or any; tell whether it had."""
    values = {"id": contact_id, "at": at, "versions": None if versions is None else list(versions)}
    done = execute(
        f"UPDATE {contact.fullname} SET deleted_at = %(at)s, updated_at = %(at)s,"
        " version = version + 1 WHERE id = %(id)s AND deleted_at IS NULL"
        " AND (%(versions)s::bigint[] IS NULL OR version = ANY(%(versions)s::bigint[]))"
        " RETURNING version",
        values,
    )
    return bool(done)


def restore(contact_id: UUID, at: datetime) -> bool:
    """Bring a deleted contact back; tell whether it was deleted.

    Raises `UidTaken` if its UID is in use by now.
    """
    with unique_uids():
        done = execute(
            f"UPDATE {contact.fullname} SET deleted_at = NULL, merged_into = NULL,"
            " updated_at = %(at)s, version = version + 1"
            " WHERE id = %(id)s AND deleted_at IS NOT NULL AND erased_at IS NULL RETURNING version",
            {"id": contact_id, "at": at},
        )
    return bool(done)


@contextmanager
def unique_uids() -> Iterator[None]:
    """Raise `UidTaken` where the block writes a UID that is in use."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.orig, "diag", None)
        if getattr(diagnosis, "constraint_name", None) == UID_INDEX.name:
            raise UidTaken from error
        raise


def _columns(words: Sequence[tuple[str, int]]) -> tuple[list[str], list[int]]:
    return [found for found, _ in words], [weight for _, weight in words]


def _in_order(table: Table, rows: Sequence[Mapping[str, object]]) -> Sequence[object]:
    """Sort words: of two transactions with the same new words, neither waits for the other."""
    if table is not word:
        return rows
    unique = {str(row["word"]): row for row in rows}
    return [unique[name] for name in sorted(unique)]


def _as_json(rows: Sequence[object]) -> str:
    return msgspec.json.encode(rows).decode()


@cache
def _insert_sql(tables: tuple[Table, ...]) -> str:
    """Return a statement that takes the rows of each table as a JSON array named like it."""
    parts = [f"t{place} AS ({_insert_into(table)})" for place, table in enumerate(tables)]
    return f"WITH {', '.join(parts)} SELECT 1"


def _insert_into(table: Table) -> str:
    ends = " ON CONFLICT DO NOTHING" if table is word else ""
    return f"{_insert_rows(table, table.name)}{ends}"


def _insert_rows(table: Table, source: str) -> str:
    names = ", ".join(column.name for column in table.columns if column.name not in _LATER)
    return (
        f"INSERT INTO {table.fullname} ({names}) SELECT {names} FROM"
        f" json_populate_recordset(NULL::{table.fullname}, %({source})s::json)"
    )


@cache
def _change_sql(names: tuple[str, ...], *, words: bool) -> str:
    parts = [f"changed AS ({_update_contact()})"]
    for name in names:
        table = PARTS[name]
        parts.append(f"{name} AS ({_replace(table, name)})")
        parts.append(
            f"{name}_gone AS (DELETE FROM {table.fullname} WHERE contact_id = %(id)s"
            f" AND position >= %({name}_size)s AND {_IF_CHANGED})"
        )
    if words:
        parts += _change_words()
    return f"WITH {', '.join(parts)} SELECT version FROM changed"


def _update_contact() -> str:
    kept = {"workspace_id", "id", "version", "created_at", "updated_at", "owner_id", *_LATER}
    names = [column.name for column in contact.columns if column.name not in kept]
    sets = ", ".join(f"{name} = n.{name}" for name in names)
    return (
        f"UPDATE {contact.fullname} c SET version = c.version + 1, updated_at = %(at)s, {sets}"
        f" FROM json_populate_recordset(NULL::{contact.fullname}, %(contact)s::json) n"
        " WHERE c.id = %(id)s AND c.version = %(version)s AND c.deleted_at IS NULL"
        " RETURNING c.version"
    )


def _replace(table: Table, source: str) -> str:
    keys = [column.name for column in table.primary_key]
    names = [column.name for column in table.columns if column.name not in {*keys, *KEPT}]
    sets = ", ".join(f"{name} = excluded.{name}" for name in names)
    rows = f"{_insert_rows(table, source)} WHERE {_IF_CHANGED}"
    return f"{rows} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sets}"


def _change_words() -> Iterator[str]:
    yield (
        f"words AS (INSERT INTO {word.fullname} (workspace_id, word)"
        f" SELECT %(workspace)s, * FROM unnest(%(words)s::text[]) WHERE {_IF_CHANGED}"
        " ON CONFLICT DO NOTHING)"
    )
    yield (
        f"contact_words AS (INSERT INTO {contact_word.fullname}"
        " (workspace_id, contact_id, word, weight)"
        " SELECT %(workspace)s, %(id)s, * FROM unnest(%(words)s::text[], %(weights)s::smallint[])"
        f" WHERE {_IF_CHANGED} ON CONFLICT DO NOTHING)"
    )
    yield (
        f"words_gone AS (DELETE FROM {contact_word.fullname} w"
        " USING unnest(%(gone)s::text[], %(gone_weights)s::smallint[]) AS g (word, weight)"
        f" WHERE w.contact_id = %(id)s AND (w.word, w.weight) = (g.word, g.weight)"
        f" AND {_IF_CHANGED})"
    )
