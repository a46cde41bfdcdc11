"""Each check of the database names what an administrator does against it."""

from __future__ import annotations

import pytest
from psycopg import sql

from meishi.testing.conformance import Workbench

from .conftest import findings
from .violations import DEFINER, READING, VIOLATIONS, Violation, definer

pytestmark = pytest.mark.no_calls


@pytest.mark.parametrize(
    "violation", VIOLATIONS, ids=[f"{place}-{item.check}" for place, item in enumerate(VIOLATIONS)]
)
def test_a_violation_is_named(bench: Workbench, violation: Violation) -> None:
    """The check that is there for it says what is wrong, and with what."""
    with bench.undone() as administrator:
        database = sql.Identifier(administrator.info.dbname).as_string()
        administrator.execute(violation.statement.replace("{database}", database).encode())
        found = findings(bench, violation.check, violation.plugin)
    assert any(line.startswith(violation.message) for line in found), found


@pytest.mark.parametrize(
    "statement",
    [
        definer(DEFINER, f"SELECT id FROM qr.card WHERE workspace_id = {READING}"),
        definer(
            DEFINER,
            f"SELECT id, 1 FROM qr.card WHERE workspace_id = {READING}",
            name="f(wanted text)",
            returns="TABLE (id uuid, rank integer)",
        ),
        definer(
            DEFINER,
            "SELECT id, workspace_id FROM qr.card WHERE slug = wanted",
            name="resolve_f(wanted text)",
            returns="TABLE (id uuid, workspace_id uuid)",
        ),
    ],
    ids=["ids", "ids and numbers", "resolving"],
)
def test_a_sound_function_with_its_owners_rights_is_no_violation(
    bench: Workbench, statement: str
) -> None:
    """The violations above are not named for what they share with sound functions."""
    with bench.undone() as administrator:
        administrator.execute(statement.encode())
        assert findings(bench, "definer-functions", "qr") == []
