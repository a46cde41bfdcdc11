"""Cards with a page of their own, codes that lead there, and the way from both to a workspace."""

from alembic import op

revision = "qr_0002"
down_revision = "qr_0001"

# Cards that are there get slugs of 80 random bits: the first digits of random UUIDs.
_CARD = """
ALTER TABLE qr.card
    ADD COLUMN fields text[] NOT NULL
        DEFAULT '{organisation,title,phones,emails,links,addresses}',
    ADD COLUMN slug text,
    ADD COLUMN updated_at timestamptz;
UPDATE qr.card SET
    slug = left(replace(gen_random_uuid()::text, '-', ''), 12) || left(gen_random_uuid()::text, 8),
    updated_at = created_at;
ALTER TABLE qr.card
    ALTER COLUMN fields DROP DEFAULT,
    ALTER COLUMN slug SET NOT NULL,
    ALTER COLUMN updated_at SET NOT NULL,
    ADD CONSTRAINT card_slug_key UNIQUE (slug);
CREATE INDEX card_contact_id_idx ON qr.card (workspace_id, contact_id, id);
"""

_CODE = """
ALTER TABLE qr.code
    ADD COLUMN short_code text,
    ADD COLUMN label text,
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN updated_at timestamptz,
    ADD COLUMN deleted_at timestamptz,
    ADD CONSTRAINT code_short_code_key UNIQUE (short_code);
UPDATE qr.code SET updated_at = created_at;
ALTER TABLE qr.code
    ALTER COLUMN version DROP DEFAULT,
    ALTER COLUMN updated_at SET NOT NULL;
DROP INDEX qr.code_card_id_idx;
CREATE INDEX code_card_id_idx ON qr.code (workspace_id, card_id, id);
"""

# Whoever scans a code says nothing of a workspace: the owner looks it up, past row security, and
# hands out nothing but ids to who knows the whole code or slug.
_RESOLVE = """
CREATE FUNCTION qr.resolve_{table}(wanted text)
RETURNS TABLE (workspace_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT t.workspace_id, t.id FROM qr.{table} t WHERE t.{key} = wanted $$
"""


def upgrade() -> None:
    """Add what pages and dynamic codes need."""
    op.execute(_CARD)
    op.execute(_CODE)
    op.execute(_RESOLVE.format(table="card", key="slug"))
    op.execute(_RESOLVE.format(table="code", key="short_code"))


def downgrade() -> None:
    """Take it away again; dynamic codes go, as nothing would answer them."""
    op.execute("DROP FUNCTION qr.resolve_code(text); DROP FUNCTION qr.resolve_card(text)")
    op.execute("DELETE FROM qr.code WHERE kind = 'dynamic' OR deleted_at IS NOT NULL")
    op.execute(
        "ALTER TABLE qr.code DROP COLUMN short_code, DROP COLUMN label, DROP COLUMN version,"
        " DROP COLUMN updated_at, DROP COLUMN deleted_at"
    )
    op.execute("DROP INDEX qr.code_card_id_idx, qr.card_contact_id_idx")
    op.execute("CREATE INDEX code_card_id_idx ON qr.code (workspace_id, card_id)")
    op.execute("ALTER TABLE qr.card DROP COLUMN fields, DROP COLUMN slug, DROP COLUMN updated_at")
