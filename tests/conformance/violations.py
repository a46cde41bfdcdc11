"""What an administrator may do against each check of the database, and what that check says."""

from __future__ import annotations

from dataclasses import dataclass

DEFINER = "LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
READING = "current_setting('meishi.workspace')::uuid"


CROSSING_KEY = """
    ALTER TABLE qr.card ADD CONSTRAINT stray FOREIGN KEY (workspace_id, contact_id)
    REFERENCES crm_contacts.contact (workspace_id, id)
"""
NARROW_TRIGGER = """
    CREATE OR REPLACE TRIGGER contact_changed BEFORE UPDATE OF note ON crm_contacts.contact
        FOR EACH ROW EXECUTE FUNCTION crm_contacts.contact_changed()
"""
TURNED_KEY = """
    CREATE UNIQUE INDEX turned ON qr.card (id, workspace_id);
    ALTER TABLE qr.code ADD CONSTRAINT stray
    FOREIGN KEY (card_id, workspace_id) REFERENCES qr.card (id, workspace_id)
"""
VISIBLE_COPY = """
    CREATE MATERIALIZED VIEW qr.seen AS SELECT * FROM qr.card;
    GRANT SELECT ON qr.seen TO meishi_test_qr_run
"""
VISIBLE_PARTITION = """
    CREATE TABLE qr.all_of (workspace_id uuid NOT NULL) PARTITION BY LIST (workspace_id);
    CREATE TABLE qr.rest PARTITION OF qr.all_of DEFAULT;
    GRANT SELECT ON qr.rest TO meishi_test_qr_run
"""
ODD_TYPE = """
    CREATE DOMAIN qr.odd AS integer CHECK (value = 7);
    ALTER TABLE qr.card ADD COLUMN odd qr.odd NOT NULL
"""
MAY_ENTER = "GRANT USAGE ON SCHEMA qr TO meishi_test_crm_contacts_run"
OPEN_LOG = """
    GRANT USAGE ON SCHEMA meishi_events TO PUBLIC;
    GRANT SELECT ON meishi_events.event TO PUBLIC
"""


@dataclass(frozen=True)
class Violation:
    """A statement of the administrator's, and what the check of a plugin must say of it."""

    check: str
    plugin: str
    statement: str
    message: str


def definer(options: str, body: str, *, name: str = "f()", returns: str = "uuid") -> str:
    """Return a statement that makes a function of qr, then owned and granted as is right."""
    return (
        f"CREATE FUNCTION qr.{name} RETURNS {returns} {options} AS $$ {body} $$;"
        f"ALTER FUNCTION qr.{name} OWNER TO meishi_test_qr_owner;"
        f"REVOKE ALL ON FUNCTION qr.{name} FROM PUBLIC;"
        f"GRANT EXECUTE ON FUNCTION qr.{name} TO meishi_test_qr_run"
    )


VIOLATIONS = [
    Violation(*item)
    for item in (
        ("placement", "qr", "CREATE TABLE qr.stray (id integer)",
         "The table qr.stray is in the database, but not in the models."),
        ("placement", "crm_contacts", "DROP TABLE crm_contacts.import_piece",
         "The table crm_contacts.import_piece is in the models, but not in the database."),
        ("placement", "qr", "ALTER TABLE qr.card OWNER TO CURRENT_USER",
         "The table qr.card belongs to "),
        ("placement", "qr", "CREATE TYPE qr.mood AS ENUM ('good')", "The type qr.mood belongs to "),
        ("foreign-keys", "qr", CROSSING_KEY,
         "The foreign key stray leads from qr.card to crm_contacts.contact."),
        ("foreign-keys", "crm_contacts", CROSSING_KEY,
         "The foreign key stray leads from qr.card to crm_contacts.contact."),
        ("row-security", "qr", "ALTER TABLE qr.card DISABLE ROW LEVEL SECURITY",
         "qr.card has a workspace_id, but no row security."),
        ("row-security", "qr", "CREATE TABLE qr.stray (workspace_id uuid)",
         "qr.stray has a workspace_id, but no row security."),
        ("row-security", "qr", "DROP POLICY workspace ON qr.card",
         "qr.card must have one policy, and has: none."),
        ("row-security", "qr", "CREATE POLICY more ON qr.card USING (true)",
         "qr.card must have one policy, and has: more, workspace."),
        ("row-security", "qr", "ALTER POLICY workspace ON qr.card USING (true)",
         "The policy workspace of qr.card is not the host's."),
        ("row-security", "qr", "ALTER POLICY workspace ON qr.card WITH CHECK (true)",
         "The policy workspace of qr.card is not the host's."),
        ("row-security", "qr", "ALTER POLICY workspace ON qr.card TO meishi_test_qr_run",
         "The policy workspace of qr.card is not the host's."),
        ("row-security", "qr", "CREATE VIEW qr.seen AS SELECT * FROM qr.card",
         "The view qr.seen reads with its owner's rights"),
        ("row-security", "qr",
         VISIBLE_COPY,
         "The plugin's role may reach qr.seen, which no policy protects."),
        ("row-security", "qr", "CREATE RULE spread AS ON INSERT TO qr.card DO ALSO NOTHING",
         "The rule spread of qr.card acts with its owner's rights"),
        ("row-security", "qr", VISIBLE_PARTITION,
         "The plugin's role may reach qr.rest, which no policy protects."),
        ("workspace-keys", "qr", "CREATE TABLE qr.stray (id integer)",
         "qr.stray has no workspace_id"),
        ("workspace-keys", "qr", "CREATE TABLE qr.stray (workspace_id uuid)",
         "qr.stray has a workspace_id that may be null"),
        ("workspace-keys", "qr", "CREATE INDEX stray ON qr.card (title)",
         "qr.stray of qr.card does not begin with workspace_id."),
        ("workspace-keys", "qr", "CREATE INDEX stray ON qr.card (lower(title), workspace_id)",
         "qr.stray of qr.card does not begin with workspace_id."),
        ("workspace-keys", "qr", "CREATE UNIQUE INDEX stray ON qr.card (contact_id)",
         "qr.stray of qr.card does not begin with workspace_id."),
        ("workspace-keys", "qr", "DROP FUNCTION qr.resolve_card(text)",
         "qr.card_slug_key of qr.card does not begin with workspace_id."),
        ("workspace-keys", "qr",
         TURNED_KEY,
         "stray of qr.code does not begin with workspace_id."),
        ("change-tracking", "qr", "ALTER TABLE qr.card ALTER COLUMN changed DROP DEFAULT",
         "qr.card does not note which transaction made a row."),
        ("change-tracking", "qr", "ALTER TABLE qr.code DISABLE TRIGGER code_changed",
         "qr.code does not note which transaction updates a row."),
        ("change-tracking", "qr", "DROP TRIGGER card_changed ON qr.card",
         "qr.card does not note which transaction updates a row."),
        ("change-tracking", "crm_contacts",
         NARROW_TRIGGER,
         "crm_contacts.contact does not note which transaction updates a row."),
        ("row-visibility", "qr", "ALTER TABLE qr.card DISABLE ROW LEVEL SECURITY",
         "Code without a workspace may read a row of qr.card."),
        ("row-visibility", "qr", "ALTER POLICY workspace ON qr.card USING (true)",
         "Code of another workspace may read a row of qr.card."),
        ("row-visibility", "qr",
         "ALTER POLICY workspace ON qr.card USING (true) WITH CHECK (true)",
         "Code of another workspace may change a row of qr.card."),
        ("row-visibility", "qr", "ALTER POLICY workspace ON qr.card USING (true)",
         "Code without a workspace may delete a row of qr.card."),
        ("row-visibility", "qr", "ALTER POLICY workspace ON qr.card WITH CHECK (true)",
         "Code of another workspace may insert a row of qr.card."),
        ("row-visibility", "qr", "ALTER POLICY workspace ON qr.card WITH CHECK (true)",
         "A row of qr.card may be given to another workspace."),
        ("row-visibility", "qr", "DROP POLICY workspace ON qr.card",
         "qr.card does not show a row to its own workspace."),
        ("row-visibility", "qr",
         ODD_TYPE,
         "No row of qr.card could be made to try row security: "),
        *(("rights", "crm_contacts",
           f"{MAY_ENTER}; GRANT {right} ON qr.card TO meishi_test_crm_contacts_run",
           f"Its role has {right} on qr.card.")
          for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES")),
        ("rights", "crm_contacts", "GRANT SELECT (slug) ON qr.card TO meishi_test_crm_contacts_run",
         "Its role has SELECT on qr.card."),
        ("rights", "crm_contacts", "GRANT meishi_test_qr_run TO meishi_test_crm_contacts_run",
         "Its role has DELETE on qr.code."),
        ("rights", "qr",
         OPEN_LOG,
         "Its role has SELECT on meishi_events.event."),
        ("rights", "qr",
         "GRANT EXECUTE ON FUNCTION identity.resolve_token TO meishi_test_qr_run",
         "Its role may call identity.resolve_token(bytea,timestamp with time zone)."),
        ("structure", "qr", "GRANT CREATE ON SCHEMA qr TO meishi_test_qr_run",
         'Its role may run: CREATE TABLE "qr".meishi_probe (id integer).'),
        ("structure", "qr", "GRANT USAGE, CREATE ON SCHEMA identity TO meishi_test_qr_run",
         'Its role may run: CREATE FUNCTION "identity".meishi_probe()'),
        ("structure", "qr", "GRANT CREATE ON SCHEMA public TO PUBLIC",
         'Its role may run: CREATE VIEW "public".meishi_probe'),
        ("structure", "qr", "GRANT CREATE ON SCHEMA meishi_extensions TO meishi_test_qr_run",
         'Its role may run: CREATE TYPE "meishi_extensions".meishi_probe'),
        ("structure", "qr", "GRANT CREATE ON DATABASE {database} TO meishi_test_qr_run",
         "Its role may run: CREATE SCHEMA meishi_probe."),
        ("structure", "qr", "ALTER TABLE qr.code OWNER TO meishi_test_qr_run",
         'Its role may run: DROP TABLE "qr"."code".'),
        ("structure", "qr", "ALTER TABLE qr.card OWNER TO meishi_test_qr_run",
         'Its role may run: ALTER TABLE "qr"."card" DISABLE ROW LEVEL SECURITY.'),
        ("structure", "qr", "GRANT TRUNCATE ON qr.card TO meishi_test_qr_run",
         'Its role may run: TRUNCATE "qr"."card".'),
        ("structure", "qr", "GRANT INSERT ON qr.alembic_version TO meishi_test_qr_run",
         'Its role may run: INSERT INTO "qr"."alembic_version"'),
        ("structure", "qr", "GRANT UPDATE ON qr.alembic_version TO meishi_test_qr_run",
         'Its role may run: UPDATE "qr"."alembic_version"'),
        ("structure", "qr", "GRANT DELETE ON qr.alembic_version TO meishi_test_qr_run",
         'Its role may run: DELETE FROM "qr"."alembic_version"'),
        ("structure", "qr",
         "GRANT meishi_test_qr_owner TO meishi_test_qr_run WITH INHERIT FALSE, SET TRUE",
         'Its role may run: SET LOCAL ROLE "meishi_test_qr_owner".'),
        ("structure", "qr",
         "GRANT meishi_test_identity_run TO meishi_test_qr_run WITH INHERIT FALSE, SET TRUE",
         'Its role may run: SET LOCAL ROLE "meishi_test_identity_run".'),
        ("structure", "qr",
         "GRANT SET ON PARAMETER session_replication_role TO meishi_test_qr_run",
         "Its role may run: SET LOCAL session_replication_role = replica."),
        ("structure", "qr", "ALTER ROLE meishi_test_qr_run CREATEROLE",
         "Its role may run: CREATE ROLE meishi_probe."),
        ("structure", "qr", "GRANT meishi_test_qr_owner TO meishi_test_app",
         "The runtime login may become meishi_test_qr_owner."),
        ("structure", "qr",
         "GRANT meishi_test_qr_run TO meishi_test_app WITH INHERIT TRUE, ADMIN TRUE",
         "The runtime login inherits the rights of meishi_test_qr_run."),
        ("structure", "qr", "GRANT meishi_test_qr_run TO meishi_test_app WITH ADMIN TRUE",
         "The runtime login may hand on meishi_test_qr_run."),
        ("structure", "qr", "ALTER ROLE meishi_test_app BYPASSRLS",
         "The runtime login bypasses row security."),
        ("definer-functions", "qr",
         definer("LANGUAGE sql SECURITY DEFINER", f"SELECT {READING}"),
         "qr.f() does not fix its search_path."),
        ("definer-functions", "qr",
         definer("LANGUAGE sql SECURITY DEFINER SET search_path = qr, pg_catalog, pg_temp",
                 f"SELECT {READING}"),
         "qr.f() does not fix its search_path."),
        ("definer-functions", "qr", "GRANT EXECUTE ON FUNCTION qr.resolve_card TO PUBLIC",
         "PUBLIC may call qr.resolve_card(text)."),
        ("definer-functions", "qr",
         "GRANT EXECUTE ON FUNCTION qr.resolve_card TO meishi_test_identity_run",
         "meishi_test_identity_run may call qr.resolve_card(text)."),
        ("definer-functions", "qr",
         "REVOKE EXECUTE ON FUNCTION qr.resolve_card FROM meishi_test_qr_run",
         "The plugin's own role may not call qr.resolve_card(text)."),
        ("definer-functions", "qr", "ALTER FUNCTION qr.resolve_card OWNER TO CURRENT_USER",
         "qr.resolve_card(text) belongs to "),
        ("definer-functions", "qr", definer(DEFINER, "SELECT id FROM qr.card LIMIT 1"),
         "qr.f() does not read the setting meishi.workspace."),
        ("definer-functions", "qr",
         definer(DEFINER, f"SELECT id FROM qr.card LIMIT 1 -- {READING}"),
         "qr.f() does not read the setting meishi.workspace."),
        ("definer-functions", "qr",
         definer(DEFINER, "SELECT id FROM qr.card WHERE slug = wanted",
                 name="resolve_f(wanted text)"),
         "qr.resolve_f(text) does not return the workspace."),
        ("definer-functions", "qr",
         definer(DEFINER, "SELECT workspace_id, id FROM qr.card", name="resolve_f()",
                 returns="TABLE (workspace_id uuid, id uuid)"),
         "qr.resolve_f() takes no key, so it tells of every workspace."),
        ("definer-functions", "qr",
         definer(DEFINER, f"SELECT title FROM qr.card WHERE workspace_id = {READING}",
                 returns="SETOF text"),
         "qr.f() returns a value of type text."),
        ("definer-functions", "qr",
         definer(DEFINER, f"SELECT * FROM qr.card WHERE workspace_id = {READING}",
                 returns="SETOF qr.card"),
         "qr.f() returns a value of type qr.card."),
        ("definer-functions", "qr",
         definer(DEFINER, f"SELECT id, title FROM qr.card WHERE workspace_id = {READING}",
                 returns="TABLE (id uuid, title text)"),
         "qr.f() returns title of type text."),
        ("definer-functions", "qr",
         definer(DEFINER, f"SELECT id, title FROM qr.card WHERE workspace_id = {READING}",
                 returns="TABLE (id uuid, role text)"),
         "qr.f() returns role of type text."),
    )
]  # fmt: skip
