"""Reading contacts: one statement makes the JSON that leaves the house."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import Table

from crm_contacts.contact_documents import contact_from_document
from crm_contacts.contract import Contact
from crm_contacts.models import KEPT, LOOKED_UP, contact
from crm_contacts.rows import PARTS, RENAMED
from meishi.sdk.changes import changed_rows
from meishi.sdk.contract import ChangePage, ChangeQuery, Document
from meishi.sdk.database import execute

_OWN_KEYS = frozenset({"workspace_id", "contact_id", "position", *KEPT})
_NAME_PARTS = {
    "full": "full_name",
    "given": "given_name",
    "family": "family_name",
    "additional": "additional_name",
    "prefix": "name_prefix",
    "suffix": "name_suffix",
}
#: Members of the document around the name, in their order.
_HEAD = ("id", "version", "created_at", "updated_at", "deleted_at", "kind", "uid")
_VISIBILITY = (
    "'owner_id', c.owner_id,"
    " 'visibility', CASE WHEN c.readers IS NULL THEN 'workspace' ELSE 'private' END"
)
_BODY = ("nicknames", "organisation", "units", "title", "role", "birthday", "note")

_TAGS = (
    "coalesce((SELECT json_agg(t.name ORDER BY t.key) FROM crm_contacts.contact_tag p"
    " JOIN crm_contacts.tag t ON t.workspace_id = p.workspace_id AND t.id = p.tag_id"
    " WHERE p.workspace_id = c.workspace_id AND p.contact_id = c.id), '[]')"
)

_CUSTOM = (
    "coalesce((SELECT json_object_agg(f.key, p.value ORDER BY f.key)"
    " FROM crm_contacts.custom_value p JOIN crm_contacts.custom_field f"
    " ON f.workspace_id = p.workspace_id AND f.id = p.field_id"
    " WHERE p.workspace_id = c.workspace_id AND p.contact_id = c.id), '{}')"
)


@cache
def document_sql() -> str:
    """Return the expression for the document of a contact, a row called `c`."""
    members = [f"'{name}', c.{name}" for name in _HEAD]
    name = ", ".join(f"'{part}', c.{column}" for part, column in _NAME_PARTS.items())
    members.append(f"'name', json_build_object({name})")
    members += [f"'{name}', c.{name}" for name in _BODY]
    members += [f"'{name}', {_list_sql(table)}" for name, table in PARTS.items()]
    members.append(f"'tags', {_TAGS}")
    members.append(f"'custom', {_CUSTOM}")
    members.append("'raw', c.raw")
    members.append(_VISIBILITY)
    return f"json_build_object({', '.join(members)})::text"


def _list_sql(table: Table) -> str:
    members = ", ".join(
        f"'{RENAMED.get(column.name, column.name)}', p.{column.name}"
        for column in table.columns
        if column.name not in _OWN_KEYS and LOOKED_UP not in column.info
    )
    return (
        f"coalesce((SELECT json_agg(json_build_object({members}) ORDER BY p.position)"
        f" FROM {table.fullname} p WHERE p.workspace_id = c.workspace_id"
        " AND p.contact_id = c.id), '[]')"
    )


@cache
def _get_sql() -> str:
    return (
        f"SELECT c.version, {document_sql()} FROM {contact.fullname} c"
        " WHERE c.id = %(id)s AND c.deleted_at IS NULL"
    )


@cache
def _get_many_sql() -> str:
    return (
        f"SELECT {document_sql()} FROM {contact.fullname} c"
        " WHERE c.id = ANY(%(ids)s) AND c.deleted_at IS NULL"
    )


@cache
def _documents_sql() -> str:
    return f"SELECT c.id, {document_sql()} FROM {contact.fullname} c WHERE c.id = ANY(%(ids)s)"


@cache
def _page_sql() -> str:
    return (
        f"SELECT {document_sql()} FROM {contact.fullname} c"
        " WHERE c.id > %(after)s AND c.deleted_at IS NULL ORDER BY c.id LIMIT %(limit)s"
    )


def document(contact_id: UUID) -> Document | None:
    """Return the document of a contact that is not deleted."""
    rows = execute(_get_sql(), {"id": contact_id})
    return Document(version=rows[0][0], body=rows[0][1].encode()) if rows else None


def documents(contact_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Return the documents of contacts, deleted ones too, by their ids."""
    if not contact_ids:
        return {}
    rows = execute(_documents_sql(), {"ids": list(contact_ids)})
    return {found: text.encode() for found, text in rows}


def get(contact_id: UUID) -> Contact | None:
    """Return a contact that is not deleted."""
    found = document(contact_id)
    return None if found is None else contact_from_document(found.body)


def there(contact_id: UUID) -> bool:
    """Whether there is a contact that is not deleted."""
    statement = f"SELECT 1 FROM {contact.fullname} WHERE id = %(id)s AND deleted_at IS NULL"
    return bool(execute(statement, {"id": contact_id}))


def get_many(contact_ids: Sequence[UUID]) -> list[Contact]:
    """Return contacts by their ids, in no particular order."""
    if not contact_ids:
        return []
    rows = execute(_get_many_sql(), {"ids": list(contact_ids)})
    return [contact_from_document(row[0]) for row in rows]


def page(after: UUID | None, limit: int) -> list[Contact]:
    """Return contacts in order of creation."""
    values = {"after": after or UUID(int=0), "limit": limit}
    rows = execute(_page_sql(), values)
    return [contact_from_document(row[0]) for row in rows]


def changes(wanted: ChangeQuery) -> ChangePage:
    """Return what has changed, as documents and tombstones."""
    return changed_rows(wanted, contact, document_sql()).documents()


def count() -> int:
    """Return how many contacts there are."""
    statement = f"SELECT count(*) FROM {contact.fullname} WHERE deleted_at IS NULL"
    return int(execute(statement)[0][0])
