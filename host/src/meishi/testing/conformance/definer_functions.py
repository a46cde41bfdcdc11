"""Functions with their owner's rights, which read past row security: each must say for whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from meishi.testing.conformance.acting import Administrator
from meishi.testing.conformance.findings import Fault, Note
from meishi.testing.conformance.workbench import Workbench

#: What comes before the workspace is known is looked up by functions of this name.
RESOLVE = "resolve_"

SEARCH_PATH = "search_path=pg_catalog, pg_temp"

#: Types that tell nothing but which row, how many and how well.
_BARE = frozenset(
    {
        "uuid",
        "uuid[]",
        "smallint",
        "integer",
        "bigint",
        "numeric",
        "real",
        "double precision",
        "boolean",
    }
)
#: Without any value: what triggers and procedures return.
_NOTHING = frozenset({"void", "trigger"})
#: What a resolved key may tell besides: the rights of whoever holds it.
_RIGHTS = frozenset({("role", "text"), ("scopes", "text[]")})

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORKSPACE = re.compile(r"current_setting\s*\(\s*'meishi\.workspace'")

_FUNCTIONS = """
    SELECT p.proname, p.oid::regprocedure::text, pg_get_functiondef(p.oid),
        pg_get_userbyid(p.proowner), coalesce(p.proconfig, '{}'),
        (SELECT array_agg(CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE
            pg_get_userbyid(a.grantee)::text END)
         FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a),
        (SELECT coalesce(array_agg(ARRAY[coalesce(p.proargnames[o.place], ''),
            format_type(o.type, NULL)] ORDER BY o.place), '{}')
         FROM unnest(p.proallargtypes) WITH ORDINALITY AS o(type, place)
         WHERE p.proargmodes[o.place] IN ('o', 'b', 't')),
        format_type(p.prorettype, NULL), p.pronargs
    FROM pg_proc p
    WHERE p.prosecdef AND p.prokind IN ('f', 'p', 'w')
        AND p.pronamespace = to_regnamespace(quote_ident(%s))
    ORDER BY 2
"""

_HAS_PROTECTED = """
    SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = %s AND c.relrowsecurity)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinerFunction:
    """A `SECURITY DEFINER` function: whose it is, who may call it, what it reads and returns.

    `arguments` is how many it takes, `results` are names and types; `body` is the definition
    without comments.
    """

    name: str
    signature: str
    body: str
    owner: str
    configuration: tuple[str, ...]
    callers: frozenset[str]
    arguments: int
    results: tuple[tuple[str, str], ...]


def definer_functions(administrator: Administrator, plugin: str) -> list[DefinerFunction]:
    """Return a plugin's functions with their owner's rights."""
    return [
        DefinerFunction(
            name=name,
            signature=signature,
            body=_COMMENT.sub("", definition),
            owner=owner,
            configuration=tuple(configuration),
            callers=frozenset(callers or ()),
            arguments=arguments,
            results=tuple((column, kind) for column, kind in results) or (("", result),),
        )
        for (
            name,
            signature,
            definition,
            owner,
            configuration,
            callers,
            results,
            result,
            arguments,
        ) in administrator.execute(_FUNCTIONS, [plugin]).fetchall()
    ]


def definer_function_faults(bench: Workbench, plugin: str) -> Iterator[Fault | Note]:
    """Yield what is wrong with each such function, and a note that names it."""
    owner, run = bench.roles.owner(plugin), bench.roles.run(plugin)
    with bench.undone() as administrator:
        found = administrator.execute(_HAS_PROTECTED, [plugin]).fetchone()
        protected = found is not None and bool(found[0])
        for function in definer_functions(administrator, plugin):
            yield Note(f"{function.signature} runs with its owner's rights.")
            yield from _right_faults(function, owner, run)
            yield from _reading_faults(function, protected=protected)


def _right_faults(function: DefinerFunction, owner: str, run: str) -> Iterator[Fault]:
    if SEARCH_PATH not in function.configuration:
        yield Fault(
            f"{function.signature} does not fix its search_path.",
            "Write SET search_path = pg_catalog, pg_temp.",
        )
    if function.owner != owner:
        yield Fault(
            f"{function.signature} belongs to {function.owner}, not to {owner}.",
            "Let the revision create it as the host runs it: no SET ROLE, no ALTER ... OWNER.",
        )
    for caller in sorted(function.callers - {owner, run}):
        yield Fault(
            f"{caller} may call {function.signature}.",
            "Grant nothing: the host lets the plugin's own role call it.",
        )
    if run not in function.callers:
        yield Fault(
            f"The plugin's own role may not call {function.signature}.",
            "Revoke nothing: the host lets the plugin's own role call it.",
        )


def _reading_faults(function: DefinerFunction, *, protected: bool) -> Iterator[Fault]:
    """Yield what a function reads past row security; `protected` if the db_schema has any."""
    resolves = function.name.startswith(RESOLVE)
    if resolves:
        if ("workspace_id", "uuid") not in function.results:
            yield Fault(
                f"{function.signature} does not return the workspace.",
                "A function resolve_<thing> returns (workspace_id uuid, id uuid).",
            )
        if not function.arguments:
            yield Fault(
                f"{function.signature} takes no key, so it tells of every workspace.",
                "A function resolve_<thing> takes the key and finds the one row that has it.",
            )
    elif protected and not _WORKSPACE.search(function.body):
        yield Fault(
            f"{function.signature} does not read the setting meishi.workspace.",
            "Compare workspace_id with it for every table: no policy does that here.",
        )
    for name, kind in function.results:
        if kind in _BARE or kind in _NOTHING or (resolves and (name, kind) in _RIGHTS):
            continue
        yield Fault(
            f"{function.signature} returns {name or 'a value'} of type {kind}.",
            "Return ids and numbers only, and read the rest under row security.",
        )
