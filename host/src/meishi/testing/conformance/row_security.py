"""Whether every table of workspace data has the one policy, and every view the reader's rights."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from meishi.database.reader_policies import ReaderPolicy, reader_policies
from meishi.events.log import DB_SCHEMA as EVENT_LOG
from meishi.testing.conformance.acting import Administrator
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench

#: As PostgreSQL writes the condition that the host gives to every policy.
_CONDITION = (
    "(workspace_id = (NULLIF(current_setting('meishi.workspace'::text, true), ''::text))::uuid)"
)
_POLICY = ("*", True, [0], _CONDITION, _CONDITION)

_TABLES = """
    SELECT c.oid::regclass::text, c.relrowsecurity, coalesce(array_agg(p.polname::text
        ORDER BY p.polname) FILTER (WHERE p.oid IS NOT NULL), '{}')
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
    LEFT JOIN pg_policy p ON p.polrelid = c.oid
    WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition AND NOT a.attisdropped
    GROUP BY c.oid ORDER BY 1
"""
_POLICIES = """
    SELECT polcmd::text, polpermissive, polroles::bigint[], pg_get_expr(polqual, polrelid),
        pg_get_expr(polwithcheck, polrelid)
    FROM pg_policy WHERE polrelid = %s::regclass AND polname = %s
"""
_BACK_DOORS = """
    SELECT c.oid::regclass::text, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'copy' END
    FROM pg_class c
    WHERE c.relnamespace = to_regnamespace(quote_ident(%(plugin)s)) AND (
        c.relkind = 'v' AND NOT 'security_invoker=true' = ANY (coalesce(c.reloptions, '{}'))
        OR (c.relispartition AND c.relkind = 'r' OR c.relkind IN ('m', 'f'))
            AND has_any_column_privilege(%(role)s, c.oid, 'SELECT, INSERT, UPDATE')
    ) ORDER BY 1
"""
_RULES = """
    SELECT rulename || ' of ' || ev_class::regclass::text FROM pg_rewrite
    JOIN pg_class AS relation ON relation.oid = ev_class
    WHERE relnamespace = to_regnamespace(quote_ident(%s)) AND rulename <> '_RETURN' ORDER BY 1
"""
_NAMED = "SELECT format('%%I.%%I', %s::text, %s::text)::regclass::text"
_KEPT = "Let it be: the host sets what `readers` mean after every upgrade."
_REMEDY = "Declare workspace_id NOT NULL; the host sets the policy after every upgrade."


def row_security_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield each table with a `workspace_id` that is not protected exactly as the host does it."""
    if plugin == EVENT_LOG:
        # It holds facts of all workspaces and of none; only the host reads it.
        return
    with bench.undone() as administrator:
        kept = _kept(administrator, plugin)
        yield from _kept_faults(administrator, plugin, kept)
        for table, enabled, policies in administrator.execute(_TABLES, [plugin]).fetchall():
            if not enabled:
                yield Fault(f"{table} has a workspace_id, but no row security.", _REMEDY)
            yield from _policy_faults(administrator, table, policies, kept.get(table, {}))
        values = {"plugin": plugin, "role": bench.roles.run(plugin)}
        for relation, kind in administrator.execute(_BACK_DOORS, values).fetchall():
            if kind == "view":
                message = f"The view {relation} reads with its owner's rights, past row security."
                yield Fault(message, "Let it be: the host sets security_invoker.")
            else:
                message = f"The plugin's role may reach {relation}, which no policy protects."
                yield Fault(message, "Reach rows through the table that has the policy.")
        for (rule,) in administrator.execute(_RULES, [plugin]).fetchall():
            message = f"The rule {rule} acts with its owner's rights, past row security."
            yield Fault(message, "Drop it; a trigger acts with those of the plugin's code.")


def _policy_faults(
    administrator: Administrator, table: str, policies: list[str], kept: Collection[str]
) -> Iterator[Fault]:
    """Yield what is wrong with the one policy that is not among those of `readers`."""
    own = [name for name in policies if name not in kept]
    if len(own) != 1:
        names = ", ".join(policies) or "none"
        yield Fault(f"{table} must have one policy, and has: {names}.", _REMEDY)
        return
    found = administrator.execute(_POLICIES, [table, own[0]]).fetchone()
    if found != _POLICY:
        yield Fault(f"The policy {own[0]} of {table} is not the host's.", _REMEDY)


def _kept(administrator: Administrator, plugin: str) -> Mapping[str, Mapping[str, ReaderPolicy]]:
    """Return what narrows the policies of tables, by table and name."""
    found: dict[str, dict[str, ReaderPolicy]] = {}
    for policy in reader_policies(
        lambda query: administrator.execute(query.encode()).fetchall(), plugin
    ):
        row = administrator.execute(_NAMED, [plugin, policy.table]).fetchone()
        assert row is not None
        found.setdefault(row[0], {})[policy.name] = policy
    return found


def _kept_faults(
    administrator: Administrator,
    plugin: str,
    kept: Mapping[str, Mapping[str, ReaderPolicy]],
) -> Iterator[Fault]:
    """Yield each policy of rows that are kept from some which is not as the host makes it."""
    for table, policies in kept.items():
        for name, policy in policies.items():
            administrator.execute(policy.statement(plugin, "expected").encode())
            found, wanted = (
                administrator.execute(_POLICIES, [table, known]).fetchone()
                for known in (name, "expected")
            )
            administrator.execute(f"DROP POLICY expected ON {table}".encode())
            if found != wanted:
                yield Fault(f"{table} shows its rows to those from whom they are kept.", _KEPT)
