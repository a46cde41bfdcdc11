"""A plugin is upgraded while it serves: old and new processes run on one database meanwhile."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.processes import (
    PATIENCE,
    ended,
    free_port,
    is_healthy,
    start,
    wait_until,
    wait_until_gone,
)

from meishi.testing.packages import PluginPackages

pytestmark = [pytest.mark.once, pytest.mark.long]

#: The first version knows a `text`, the second calls it `title`.
PLUGIN = """
from flask.views import MethodView
from marshmallow import fields
from meishi.sdk.contract import Role
from meishi.sdk.database import execute
from meishi.sdk.context import current_workspace
from meishi.sdk.http import Blueprint, ResourceSchema
from meishi.sdk.plugin import Migrations, Permission, hookimpl


class NoteSchema(ResourceSchema):
    {column} = fields.String(required=True)


class NotesSchema(ResourceSchema):
    notes = fields.List(fields.String())


@hookimpl
def permissions():
    return [Permission(name="write", title="Write notes", roles=tuple(Role))]


@hookimpl
def migrations():
    return Migrations("notes.versions")


@hookimpl
def routes():
    blueprint = Blueprint("notes", description="Notes")

    @blueprint.route("")
    class Notes(MethodView):
        @blueprint.requires("write")
        @blueprint.response(200, NotesSchema)
        def get(self):
            "List notes."
            rows = execute("SELECT {column} FROM notes.note ORDER BY {column}", {{}})
            return {{"notes": [row[0] for row in rows]}}

        @blueprint.requires("write")
        @blueprint.arguments(NoteSchema)
        @blueprint.response(204)
        def post(self, document):
            "Write a note."
            values = document | {{"workspace": current_workspace()}}
            execute("INSERT INTO notes.note (workspace_id, id, {column}) "
                    "VALUES (%(workspace)s, gen_random_uuid(), %({column})s)", values)

    return [blueprint]
"""
FIRST = """
from alembic import op
revision = "notes_0001"
down_revision = None
def upgrade():
    op.execute("CREATE TABLE notes.note (workspace_id uuid NOT NULL, id uuid NOT NULL, "
        "text text NOT NULL, CONSTRAINT note_pkey PRIMARY KEY (workspace_id, id))")
def downgrade():
    op.execute("DROP TABLE notes.note")
"""
#: Whatever version writes, the other reads it.
EXPAND = '''
from alembic import op
revision = "notes_0002"
down_revision = "notes_0001"
phase = "expand"
def upgrade():
    op.execute("""
        ALTER TABLE notes.note ADD COLUMN title text;
        UPDATE notes.note SET title = text;
        CREATE FUNCTION notes.follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            NEW.title := coalesce(NEW.title, NEW.text);
            NEW.text := coalesce(NEW.text, NEW.title);
            RETURN NEW;
        END $$;
        CREATE TRIGGER follow BEFORE INSERT OR UPDATE ON notes.note
            FOR EACH ROW EXECUTE FUNCTION notes.follow();
    """)
def downgrade():
    op.execute("DROP TRIGGER follow ON notes.note; DROP FUNCTION notes.follow()")
    op.execute("ALTER TABLE notes.note DROP COLUMN title")
'''
CONTRACT = """
from alembic import op
revision = "notes_0003"
down_revision = "notes_0002"
phase = "contract"
def upgrade():
    op.execute("DROP TRIGGER follow ON notes.note; DROP FUNCTION notes.follow()")
    op.execute("ALTER TABLE notes.note DROP COLUMN text")
def downgrade():
    op.execute("ALTER TABLE notes.note ADD COLUMN text text")
"""


WRITTEN = (204, None)


@dataclass(frozen=True)
class Release:
    """A version of the plugin: the folder from which a process takes it, and what it calls it."""

    folder: Path
    column: str
    home: Path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command of `meishi` that has this version installed."""
        return start(
            *arguments, home=self.home, PYTHONPATH=str(self.folder), MEISHI_PLUGINS="notes"
        )

    def run(self, *arguments: str) -> str:
        """Run a command and return what it prints."""
        output, errors = self.start(*arguments).communicate(timeout=PATIENCE)
        assert errors == "", output
        return output

    def state(self) -> dict[str, Any]:
        """Return what a new process says of the plugin."""
        listed = json.loads(self.run("plugins", "--json"))
        return next(item for item in listed if item["name"] == "notes")

    @contextmanager
    def serving(self) -> Iterator[Service]:
        """Serve until the block ends."""
        port = free_port()
        process = self.start("serve", "--port", str(port))
        try:
            wait_until(lambda: is_healthy(port), "healthy")
            yield Service(self.column, f"http://127.0.0.1:{port}")
        finally:
            process.send_signal(signal.SIGTERM)
            assert ended(process) == 0


@dataclass(frozen=True)
class Service:
    """A process that serves."""

    column: str
    url: str

    def get(self, path: str, token: str = "") -> tuple[int, Any]:
        """Return status and document of an address."""
        return self._answer(urllib.request.Request(self.url + path), token)

    def write(self, text: str, token: str) -> tuple[int, Any]:
        """Write a note; return status and document of the answer."""
        body = json.dumps({self.column: text}).encode()
        request = urllib.request.Request(
            f"{self.url}/api/v1/notes", body, {"Content-Type": "application/json"}
        )
        return self._answer(request, token)

    def _answer(self, request: urllib.request.Request, token: str) -> tuple[int, Any]:
        request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder after which nothing may run any more."""
    yield tmp_path / "home"
    wait_until_gone(tmp_path / "home")


def release(folder: Path, home: Path, version: str, column: str, *revisions: str) -> Release:
    """Write a version of the plugin."""
    files = {f"versions/{number}.py": text for number, text in enumerate(revisions)}
    folder.mkdir()
    PluginPackages(folder).add(
        "notes",
        plugin=PLUGIN.format(column=column),
        files={"versions/__init__.py": "", **files},
        version=version,
        api_prefix="notes",
    )
    return Release(folder, column, home)


def test_a_plugin_is_upgraded_without_a_pause(home: Path, tmp_path: Path) -> None:
    """Both versions serve after the expansion, and read what the other writes.

    After the contract the new one goes on; an old process that is still there says that it is to be
    replaced, and one that starts leaves the plugin out and says why.
    """
    old = release(tmp_path / "old", home, "1.0", "text", FIRST)
    new = release(tmp_path / "new", home, "2.0", "title", FIRST, EXPAND, CONTRACT)
    token = json.loads(old.run("init", "--json"))["token"]
    with ExitStack() as until:
        first = until.enter_context(old.serving())
        assert first.write("a", token) == WRITTEN
        # Any command brings an embedded database to what its code needs, and no further.
        assert new.state()["state"] == "active"
        assert "notes: up to date\n" in new.run("db", "upgrade", "--expand")
        assert first.write("b", token) == WRITTEN
        second = until.enter_context(new.serving())
        assert second.write("c", token) == WRITTEN
        assert first.write("d", token) == WRITTEN
        for service in (first, second):
            assert service.get("/api/v1/notes", token) == (200, {"notes": ["a", "b", "c", "d"]})
            assert service.get("/health") == (200, {"status": "ok"})
        with old.serving() as restarted:
            assert restarted.get("/api/v1/notes", token)[0] == 200
        assert "notes: up to date\n" in old.run("db", "upgrade")
        assert "notes: notes_0003\n" in new.run("db", "upgrade")
        assert second.write("e", token) == WRITTEN
        for status, problem in (first.get("/api/v1/notes", token), first.write("z", token)):
            assert (status, problem["type"]) == (503, "urn:meishi:problem:plugin-outdated")
        assert first.get("/health") == (200, {"status": "degraded"})
        left_out = old.state()
        assert left_out["state"] == "incompatible"
        assert "'notes_0003', which the package does not have" in left_out["reason"]
        assert second.get("/api/v1/notes", token)[1] == {"notes": ["a", "b", "c", "d", "e"]}
