"""Who sees a contact stands beside what is read with each of its documents, too.

A policy that looks up the contact of every email would cost more than the email. So these tables
have `readers` and `writers` of their own, which follow those of the contact: when they change, and
when something is added. Whoever adds something has locked or changed the contact before, so that
nobody decides otherwise meanwhile.
"""

from __future__ import annotations

PARTS = ("email", "phone", "link", "address", "held_position", "contact_tag", "custom_value")

COLUMNS = "ALTER TABLE crm_contacts.{name} ADD COLUMN readers uuid[], ADD COLUMN writers uuid[]"

#: Policies that name the columns go with them.
DROPPED = """
ALTER TABLE crm_contacts.{name}
    DROP COLUMN readers CASCADE, DROP COLUMN writers CASCADE
"""

#: To add something to a contact that one does not see is refused, as policies would.
ADDED = """
CREATE FUNCTION crm_contacts.keep_{name}() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unseen bigint;
    kept boolean;
BEGIN
    SELECT count(*) FILTER (WHERE c.id IS NULL), bool_or(c.readers IS NOT NULL)
    INTO unseen, kept
    FROM (SELECT DISTINCT workspace_id, contact_id FROM added) a
    LEFT JOIN crm_contacts.contact c ON c.workspace_id = a.workspace_id AND c.id = a.contact_id;
    IF unseen > 0 THEN
        RAISE insufficient_privilege USING MESSAGE = 'nothing is added to a contact that is kept';
    END IF;
    IF kept THEN
        UPDATE crm_contacts.{name} p SET readers = c.readers, writers = c.writers
        FROM crm_contacts.contact c
        WHERE c.workspace_id = p.workspace_id AND c.id = p.contact_id AND c.readers IS NOT NULL
            AND p.readers IS NULL AND EXISTS (
                SELECT FROM added a
                WHERE a.workspace_id = p.workspace_id AND a.contact_id = p.contact_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep AFTER INSERT ON crm_contacts.{name}
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION crm_contacts.keep_{name}();
"""

_FOLLOW = """
    UPDATE crm_contacts.{name} SET readers = NEW.readers, writers = NEW.writers
    WHERE workspace_id = NEW.workspace_id AND contact_id = NEW.id;
"""

FOLLOWED = f"""
CREATE FUNCTION crm_contacts.keep_parts() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    {"".join(_FOLLOW.format(name=name) for name in PARTS)}
    RETURN NULL;
END $$;
CREATE TRIGGER keep AFTER UPDATE OF readers, writers ON crm_contacts.contact
    FOR EACH ROW
    WHEN ((OLD.readers, OLD.writers) IS DISTINCT FROM (NEW.readers, NEW.writers))
    EXECUTE FUNCTION crm_contacts.keep_parts();
"""
