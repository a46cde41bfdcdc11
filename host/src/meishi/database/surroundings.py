"""What lies around a plugin's db_schema, which its revisions leave as it is.

The owner role has no rights there; but a revision that runs with an administrator's powers may
leave that role for a moment, and what it made would be nobody's: unprotected, and never purged.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

#: Foreign keys that leave a db_schema or lead into it, each with both of its tables.
_CROSSING = """
    SELECT format('the foreign key %I from %I.%I to %I.%I',
                  k.conname, s.nspname, source.relname, t.nspname, target.relname)
    FROM pg_constraint k
    JOIN pg_class source ON source.oid = k.conrelid
    JOIN pg_namespace s ON s.oid = source.relnamespace
    JOIN pg_class target ON target.oid = k.confrelid
    JOIN pg_namespace t ON t.oid = target.relnamespace
    WHERE k.contype = 'f' AND (s.nspname = :schema) <> (t.nspname = :schema)
"""

#: Relations with their triggers and policies, routines, types and db_schemas elsewhere;
#: PostgreSQL's own and temporary ones aside, which are thousands that nobody should name first.
_ELSEWHERE = """
    WITH n AS MATERIALIZED (
        SELECT oid, nspname FROM pg_namespace
        WHERE nspname <> :schema AND nspname <> 'information_schema' AND nspname !~ '^pg_'
    )
    SELECT format('%I.%I', n.nspname, relname) FROM pg_class JOIN n ON n.oid = relnamespace
    UNION ALL SELECT format('the trigger %I on %I.%I', tgname, n.nspname, relname)
        FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid AND NOT tgisinternal
        JOIN n ON n.oid = relnamespace
    UNION ALL SELECT format('the policy %I on %I.%I', polname, n.nspname, relname)
        FROM pg_policy JOIN pg_class c ON c.oid = polrelid JOIN n ON n.oid = relnamespace
    UNION ALL SELECT format('%I.%I(%s)', n.nspname, proname,
                            pg_get_function_identity_arguments(p.oid))
        FROM pg_proc p JOIN n ON n.oid = pronamespace
    UNION ALL SELECT format('%I.%I', n.nspname, typname)
        FROM pg_type JOIN n ON n.oid = typnamespace WHERE typrelid = 0 AND typcategory <> 'A'
    UNION ALL SELECT format('the db_schema %I', n.nspname) FROM n
"""


def crossing_keys(connection: Connection, db_schema: str) -> list[str]:
    """Return the foreign keys between a db_schema and others, as an operator reads them."""
    found = connection.execute(text(f"{_CROSSING} ORDER BY 1"), {"schema": db_schema})
    return list(found.scalars())


def surroundings(connection: Connection, db_schema: str) -> frozenset[str]:
    """Return the names of everything outside of a db_schema, and of the keys that cross it."""
    query = text(f"{_ELSEWHERE} UNION ALL {_CROSSING}")
    return frozenset(connection.execute(query, {"schema": db_schema}).scalars())
