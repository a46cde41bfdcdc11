"""Shops: plugins with a few tables, installed and removed beside each other."""

import json
import shutil
from pathlib import Path
from typing import Any

import psycopg

from meishi.database.location import Location
from meishi.testing.packages import PluginPackages

from .conftest import Run

PLUGIN = """
from meishi.sdk.plugin import Migrations, hookimpl
@hookimpl
def migrations():
    return Migrations("{name}.versions")
"""
#: What is appended to a plugin that does something at a turn of its life.
LIFECYCLE = """
from meishi.sdk.plugin import Lifecycle
@hookimpl
def lifecycle():
    return Lifecycle({turn}=lambda: {does})
"""
REVISION = """
from alembic import op
revision = "{name}_0001"
down_revision = None
def upgrade():
    op.execute("CREATE TABLE {name}.item (workspace_id uuid NOT NULL, id integer NOT NULL, "
        "PRIMARY KEY (workspace_id, id))")
    op.execute("CREATE TABLE {name}.day (id integer PRIMARY KEY) PARTITION BY RANGE (id)")
    op.execute("CREATE TABLE {name}.monday PARTITION OF {name}.day DEFAULT")
def downgrade():
    op.execute("DROP TABLE {name}.item, {name}.day")
"""


def enable(folder: Path, *names: str) -> None:
    """Let the deployment run these plugins and no others."""
    (folder / "meishi.toml").write_text(f"plugins = {json.dumps(names)}\n")


def install(packages: PluginPackages, run: Run, folder: Path, name: str, **manifest: Any) -> Path:
    """Install a plugin with tables, beside those that are there."""
    root = packages.add(
        name,
        plugin=PLUGIN.format(name=name),
        files={
            "versions/__init__.py": "",
            "versions/0001.py": REVISION.format(name=name),
        },
        **manifest,
    )
    enable(folder, *sorted(file.parent.name for file in packages.folder.glob("*/plugin.toml")))
    done = run("db", "upgrade")
    assert (done.code, done.err) == (0, "")
    return root


def rows(location: Location, statement: str) -> list[tuple[Any, ...]]:
    """Return what the administrator reads."""
    with psycopg.connect(location.administrator_url()) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def left(location: Location, name: str) -> list[str]:
    """Return the names of roles, db_schemas and tables that still carry a plugin's name."""
    found = rows(
        location,
        f"SELECT rolname FROM pg_roles WHERE rolname ~ '^meishi_purge_{name}_' UNION ALL "
        f"SELECT nspname FROM pg_namespace WHERE nspname = '{name}' UNION ALL "
        f"SELECT name FROM meishi.plugin WHERE name = '{name}' ORDER BY 1",
    )
    return [what for (what,) in found]


def remove(root: Path) -> None:
    """Uninstall a package."""
    shutil.rmtree(root)
    shutil.rmtree(root.parent / f"{root.name}-1.0.dist-info")
