"""A throw-away plugin with importers: a granary that takes in sacks, a line for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from meishi.testing.packages import PluginPackages

GRANARY = "granary"
LINES = "text/x-sacks"

_REVISION = """
from alembic import op
revision = "granary_0001"
down_revision = None

def upgrade():
    op.execute(
        "CREATE TABLE granary.sack (workspace_id uuid NOT NULL,"
        " id bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL, field text NOT NULL,"
        " CONSTRAINT sack_pkey PRIMARY KEY (workspace_id, id))"
    )

def downgrade():
    op.execute("DROP TABLE granary.sack")
"""

_MODELS = """
from sqlalchemy import BigInteger, Column, Identity, PrimaryKeyConstraint, Table, Text, Uuid
from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("granary")
sack = Table(
    "sack", metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", BigInteger, Identity(always=True)),
    Column("name", Text, nullable=False),
    Column("field", Text, nullable=False),
    PrimaryKeyConstraint("workspace_id", "id", name="sack_pkey"),
)
"""

_SACKS = '''
"""What the granary does; `ACTS` holds what a test does beside, by the name of the deed."""
from meishi.context import current_scope
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute
from meishi.sdk.plugin import ImportChunk, ImportField, ImportPreview, RejectedItem

ACTS = {}
ROWS = 2

def act(deed, *values):
    """Do what a test wants; return what it returns."""
    return ACTS.get(deed, lambda *values: None)(*values)

def detect(head):
    """Say whether the file begins with the word."""
    return act("detect", head) or head.startswith(b"SACKS")

def preview(file):
    """Show the first lines."""
    given = act("preview", file)
    if given is not None:
        return given
    lines = file.read().decode().splitlines()
    return ImportPreview(
        columns=("Sack",), rows=tuple((line,) for line in lines[:3]), total=len(lines),
        fields=(ImportField(name="name", title="Name"), ImportField(name="mark", title="Mark")),
        mapping={"Sack": "name"}, problems=("Mice!",) if "mice" in lines else (),
    )

def run(file, task):
    """Take in the next two sacks; those without a name are rejected."""
    assert file.tell() == task.offset
    assert task.state == (f"behind {task.items}" if task.items else "")
    created, rejected, items = 0, [], task.items
    for line in (file.readline() for _ in range(ROWS)):
        if not line:
            break
        items += 1
        name = line.decode().strip()
        if name:
            execute(
                "INSERT INTO granary.sack (workspace_id, name, field)"
                " VALUES (%(workspace)s, %(name)s, %(field)s)",
                {"workspace": current_workspace(), "name": name, "field": task.mapping["Sack"]},
            )
            created += 1
        else:
            rejected.append(RejectedItem(position=items, code="no-name", message="No name."))
    given = act("run", task, file)
    if given is not None:
        return given
    size = file.seek(0, 2)
    file.seek(task.offset)
    for _ in range(ROWS):
        file.readline()
    following = file.tell()
    return ImportChunk(
        following=None if following >= size else following,
        state=f"behind {items}", created=created, rejected=tuple(rejected),
    )
'''

_PLUGIN = """
from granary import sacks
from granary.models import metadata
from meishi.sdk.plugin import Importer, Migrations, Permission, Role, Schemas, hookimpl

@hookimpl
def schemas():
    return Schemas(db=metadata)

@hookimpl
def migrations():
    return Migrations("granary.migrations.versions")

@hookimpl
def permissions():
    return [
        Permission(name="fill", title="Fill", roles=tuple(Role)),
        Permission(name="keep", title="Keep", roles=()),
    ]

def importer(name, media_type="text/x-sacks", **fields):
    return Importer(**{
        "name": name, "title": name.title(), "resource": "granary.Sack",
        "media_types": [media_type], "suffixes": [".sacks"], "preview": sacks.preview,
        "run": sacks.run, "permission": "fill", "detect": sacks.detect, "max_bytes": 3_000_000,
    } | fields)

@hookimpl
def importers():
    return [
        importer("barrels", detect=lambda head: 1 / 0),
        importer("crates", detect=lambda head: False),
        importer("sacks"),
        importer("locked", permission="keep"),
        importer("single", "text/x-single", suffixes=[".single"], max_bytes=40),
    ]
"""

_MILL = """
from meishi.sdk.plugin import Importer, Permission, Role, hookimpl

@hookimpl
def permissions():
    return [Permission(name="grind", title="Grind", roles=tuple(Role))]

@hookimpl
def importers():
    return [Importer(name="meal", title="Meal", resource="mill.Meal", media_types=["text/x-meal"],
                     suffixes=[".meal"], preview=print, run=print, permission="grind")]
"""


def write_granary(packages: PluginPackages) -> None:
    """Write the plugin, and another one beside it."""
    packages.add(
        GRANARY,
        plugin=_PLUGIN,
        api_prefix=GRANARY,
        files={
            "models.py": _MODELS,
            "sacks.py": _SACKS,
            "migrations/__init__.py": "",
            "migrations/versions/__init__.py": "",
            "migrations/versions/0001.py": _REVISION,
        },
    )
    packages.add("mill", plugin=_MILL, api_prefix="mill")


@contextmanager
def acting(deed: str, act: Callable[..., Any]) -> Iterator[None]:
    """Do something at every deed of the granary until the block ends."""
    acts: dict[str, Callable[..., Any]] = import_module("granary.sacks").ACTS
    acts[deed] = act
    try:
        yield
    finally:
        del acts[deed]
