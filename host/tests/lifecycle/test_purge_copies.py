from pathlib import Path

import pytest

from meishi.database.location import Location
from meishi.database.roles import RoleNames
from meishi.errors import OperatorError
from meishi.lifecycle.purge.dump import dump_schema, find_programs
from meishi.settings import Settings


def program(folder: Path, name: str, said: str) -> Path:
    """Write a program that says something."""
    file = folder / name
    file.write_text(f"#!/bin/sh\necho '{said}'\n")
    file.chmod(0o755)
    return file


def test_programs_that_are_older_than_the_server_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those on the path are taken where ours are too old, and no others."""
    assert find_programs(18).dump.parent.name == "bin"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    program(tmp_path, "pg_dump", "pg_dump (PostgreSQL) 98.1")
    restore = program(tmp_path, "pg_restore", "")
    with pytest.raises(OperatorError, match="No pg_dump of version 99 or newer"):
        find_programs(99)
    assert find_programs(98).restore == restore
    restore.unlink()
    with pytest.raises(OperatorError, match="No pg_dump of version 98 or newer"):
        find_programs(98)


@pytest.mark.parametrize(
    ("db_schema", "message"),
    [("qr", "The copy of qr lacks nowhere"), ("nothing", "The copy of nothing failed: pg_dump:")],
)
def test_a_copy_that_lacks_a_table_is_none(
    database: Location, meishi_settings: Settings, tmp_path: Path, db_schema: str, message: str
) -> None:
    """It is read back before anything goes; what is not whole is not kept."""
    with pytest.raises(OperatorError, match=message):
        dump_schema(
            find_programs(18),
            database.administrator_url(),
            db_schema=db_schema,
            owner=RoleNames(meishi_settings.deployment).owner("qr"),
            home=tmp_path,
            tables=["card", "nowhere"],
        )
    assert list((tmp_path / "purged").iterdir()) == []
