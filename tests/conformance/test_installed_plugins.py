"""Everything that is installed here keeps to what the suite asks of plugins."""

from __future__ import annotations

from pathlib import Path

import pytest

from meishi.lifecycle.discovery import discover
from meishi.testing.conformance import CHECKS, Check, Workbench

from .conftest import check_named

PLUGINS = [item.name for item in discover()]


def test_first_party_plugins_and_parts_of_the_host_are_among_them() -> None:
    """The matrix below is not empty by mistake."""
    assert {"meishi", "meishi_events", "identity", "crm_contacts", "qr"} <= {*PLUGINS}
    assert len({check.name for check in CHECKS}) == len(CHECKS) > 10


def test_every_check_is_documented() -> None:
    """Authors read what is asked of them, in the order in which it is checked."""
    text = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")
    section = text.partition("## Conformance")[2]
    rows = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    assert rows == [check.name for check in CHECKS]


@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_conforms(bench: Workbench, plugin: str, check: Check) -> None:
    """No check finds anything."""
    assert [str(item) for item in check.result(bench, plugin).findings] == []


def test_functions_with_their_owners_rights_are_listed(bench: Workbench) -> None:
    """Whoever judges a plugin sees what reads past row security."""
    notes = {
        name: check_named("definer-functions").result(bench, name).notes
        for name in ("identity", "crm_contacts", "qr")
    }
    assert [line.partition("(")[0] for lines in notes.values() for line in lines] == [
        "identity.resolve_founding",
        "identity.resolve_invitation",
        "identity.resolve_lone_ownerships",
        "identity.resolve_memberships",
        "identity.resolve_session",
        "identity.resolve_token",
        "crm_contacts.search_contacts",
        "qr.resolve_card",
        "qr.resolve_code",
    ]


def test_the_runtime_login_is_plain(bench: Workbench) -> None:
    """The login of all plugins has no attribute that puts it above row security."""
    with bench.undone() as administrator:
        row = administrator.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication "
            "FROM pg_roles WHERE rolname = %s",
            [bench.roles.runtime],
        ).fetchone()
        granted = administrator.execute(
            "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = %s::regrole",
            [bench.roles.runtime],
        ).fetchall()
    assert row == (False,) * 5
    assert {role for (role,) in granted} >= {bench.roles.run(name) for name in bench.stateful()}
    assert all(role.endswith("_run") for (role,) in granted)
