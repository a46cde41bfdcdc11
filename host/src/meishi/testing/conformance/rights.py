"""Whether a plugin's run role is denied whatever belongs to other plugins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psycopg import sql

from meishi.testing.conformance.acting import Administrator, acting_as, is_denied
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench

_TABLES = """
    SELECT n.nspname, c.relname, (SELECT attname FROM pg_attribute a WHERE a.attrelid = c.oid
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY attnum LIMIT 1),
        (SELECT coalesce(array_agg(name ORDER BY place), '{}')
         FROM unnest(%(rights)s::text[]) WITH ORDINALITY AS one(name, place)
         WHERE CASE WHEN name IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
            THEN has_any_column_privilege(%(role)s, c.oid, name)
            ELSE has_table_privilege(%(role)s, c.oid, name) END)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY (%(others)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ORDER BY 1, 2
"""
_FUNCTIONS = """
    SELECT p.oid::regprocedure::text, p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype,
        has_function_privilege(%(role)s, p.oid, 'EXECUTE'), n.nspname, p.proname,
        (SELECT coalesce(array_agg('NULL::' || format_type(a.type, NULL) ORDER BY a.place), '{}')
         FROM unnest(p.proargtypes) WITH ORDINALITY AS a(type, place))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = ANY (%(others)s) ORDER BY 1
"""
_STATEMENTS = {
    "SELECT": "SELECT FROM {table}",
    "INSERT": "INSERT INTO {table} DEFAULT VALUES",
    "UPDATE": "UPDATE {table} SET {column} = DEFAULT",
    "DELETE": "DELETE FROM {table}",
}
#: Rights that the catalogue alone is asked for.
_FURTHER = ("TRUNCATE", "REFERENCES", "TRIGGER")
_REMEDY = "Use the other's contract; take back whatever was granted past the host."


def right_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield each right of a plugin's run role on tables and functions of other plugins."""
    role = bench.roles.run(plugin)
    others = [name for name in bench.stateful() if name != plugin]
    if plugin not in bench.stateful():
        return
    with bench.undone() as administrator:
        values = {"role": role, "others": others, "rights": [*_STATEMENTS, *_FURTHER]}
        tables = administrator.execute(_TABLES, values).fetchall()
        functions = administrator.execute(_FUNCTIONS, values).fetchall()
        with acting_as(administrator, role):
            for schema, table, column, granted in tables:
                for right in _rights_on(administrator, (schema, table, column), granted):
                    yield Fault(f"Its role has {right} on {schema}.{table}.", _REMEDY)
            for signature, callable_, granted, *name in functions:
                if granted or (callable_ and not _is_denied(administrator, *name)):
                    yield Fault(f"Its role may call {signature}.", _REMEDY)


def _rights_on(
    administrator: Administrator, place: tuple[str, str, str], granted: Sequence[str]
) -> Iterator[str]:
    """Yield the rights that the catalogue tells, and those that a statement finds out."""
    schema, table, column = place
    for right, text in _STATEMENTS.items():
        statement = sql.SQL(text).format(
            table=sql.Identifier(schema, table), column=sql.Identifier(column)
        )
        if right in granted or not is_denied(administrator, statement):
            yield right
    yield from (right for right in granted if right in _FURTHER)


def _is_denied(
    administrator: Administrator, schema: str, name: str, arguments: Sequence[str]
) -> bool:
    statement = sql.SQL("SELECT {}({})").format(
        sql.Identifier(schema, name), sql.SQL(", ").join(map(sql.SQL, arguments))
    )
    return is_denied(administrator, statement)
