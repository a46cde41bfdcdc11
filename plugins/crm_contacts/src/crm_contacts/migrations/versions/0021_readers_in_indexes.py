"""Who may read stands in the indexes of lists; beginnings of words have theirs to themselves."""

from alembic import op

from crm_contacts.migrations import search_0019, search_0021

revision = "crm_contacts_0021"
down_revision = "crm_contacts_0020"
phase = "expand"

_SORTS = ("name_key", "created_at", "updated_at")
_THERE = "WHERE deleted_at IS NULL"
#: Name, table and columns of each index, what else it has had, and of which rows.
_INDEXES = (
    ("contact_name_key_idx", "contact", "name_key, id", (), _THERE),
    *(
        (f"contact_{name}_key_idx", "contact", f"{name}_key, id", _SORTS, _THERE)
        for name in ("given_name", "family_name", "organisation", "title")
    ),
    ("email_normalised_idx", "email", "normalised, contact_id", (), ""),
    ("phone_normalised_idx", "phone", "normalised, contact_id", (), ""),
    ("custom_value_key_idx", "custom_value", "field_id, key, contact_id", (), ""),
    ("contact_tag_tag_id_idx", "contact_tag", "tag_id, contact_id", (), ""),
)
#: What a contact that was found elsewhere is sorted by.
_MEMBERS = """
CREATE INDEX contact_sorts_idx ON crm_contacts.contact (workspace_id, id)
    INCLUDE (name_key, created_at, updated_at, readers) WHERE deleted_at IS NULL
"""
#: Lets the server know the setting that the function has, in a session that has not searched yet.
_KNOWN = "SELECT meishi_extensions.similarity('', '')"
#: Cuts a key of a name that leaves no room for readers in an entry of an index.
_SHORTER = """
UPDATE crm_contacts.contact SET {name}_key = left({name}_key, (
    SELECT max(n) FROM generate_series(120, 250) n WHERE octet_length(left({name}_key, n)) <= 480))
WHERE octet_length({name}_key) > 480
"""
_LETTERS = """
DROP INDEX crm_contacts.word_letters_idx;
CREATE INDEX word_letters_idx ON crm_contacts.word (workspace_id, word) WHERE {letters}
"""


def upgrade() -> None:
    """Add the readers, and what members are sorted by; say of letters the same in other words."""
    for name in ("name", "given_name", "family_name", "organisation", "title"):
        op.execute(_SHORTER.format(name=name))
    _make_anew(("readers",))
    op.execute(_MEMBERS)
    op.execute(_LETTERS.format(letters=search_0021.LETTERS))
    op.execute(_KNOWN)
    op.execute(search_0021.SEARCH)


def downgrade() -> None:
    """Leave them out again."""
    op.execute(_KNOWN)
    op.execute(search_0019.SEARCH)
    op.execute(_LETTERS.format(letters="word !~ '[0-9@]'"))
    op.execute("DROP INDEX crm_contacts.contact_sorts_idx")
    _make_anew(())


def _make_anew(more: tuple[str, ...]) -> None:
    for name, table, columns, beside, rows in _INDEXES:
        included = ", ".join((*beside, *more))
        include = f"INCLUDE ({included})" if included else ""
        op.execute(f"DROP INDEX crm_contacts.{name}")
        on = f"crm_contacts.{table} (workspace_id, {columns})"
        op.execute(f"CREATE INDEX {name} ON {on} {include} {rows}")
