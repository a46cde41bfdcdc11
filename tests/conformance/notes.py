"""A sound plugin of a third party, with everything that the suite looks at."""

from __future__ import annotations

from pathlib import Path

from meishi.testing.packages import PluginPackages

CONTRACT = '''
"""What other plugins may know of notes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from meishi.sdk.contract import DomainError, Event, query


class Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    id: UUID
    text: str
    mood: Mood | None = None


class NoteNotFound(DomainError):
    code = "note-not-found"
    title = "Note not found"
    status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWritten(Event):
    event_type: ClassVar[str] = "note.written.v1"
    subject: ClassVar[str] = "note_id"

    note_id: UUID
    mood: Mood | None = None
    fields: tuple[str, ...] = ()


class Notes(Protocol):
    @query(errors=(NoteNotFound,))
    def get(self, note_id: UUID) -> Note: ...
'''

MODELS = """
from sqlalchemy import (
    ARRAY, CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, PrimaryKeyConstraint,
    Table, Text, UniqueConstraint, Uuid,
)

from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("notes")
note = Table(
    "note", metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("slug", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("mood", Text, nullable=False, info={"examples": ("good", "bad")}),
    Column("tags", ARRAY(Text), nullable=False, info={"examples": ("red", "blue")}),
    PrimaryKeyConstraint("workspace_id", "id"),
    UniqueConstraint("slug"),
    CheckConstraint("mood IN ('good', 'bad')", name="mood_known"),
)
Index("note_text_idx", note.c.workspace_id, note.c.text, note.c.id)
line = Table(
    "line", metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("note_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    PrimaryKeyConstraint("workspace_id", "note_id", "number"),
    ForeignKeyConstraint(
        ["workspace_id", "note_id"], [note.c.workspace_id, note.c.id], ondelete="CASCADE"
    ),
)
"""

REVISION = '''
from alembic import op

revision = "notes_0001"
down_revision = None

_TABLES = """
CREATE TABLE notes.note (
    workspace_id uuid NOT NULL, id uuid NOT NULL, slug text NOT NULL, text text NOT NULL,
    mood text NOT NULL, tags text[] NOT NULL, CONSTRAINT mood_known CHECK (mood IN ('good', 'bad')),
    CONSTRAINT note_pkey PRIMARY KEY (workspace_id, id), CONSTRAINT note_slug_key UNIQUE (slug)
);
CREATE INDEX note_text_idx ON notes.note (workspace_id, text, id);
CREATE TABLE notes.line (
    workspace_id uuid NOT NULL, note_id uuid NOT NULL, number integer NOT NULL,
    CONSTRAINT line_pkey PRIMARY KEY (workspace_id, note_id, number),
    CONSTRAINT line_workspace_id_note_id_fkey FOREIGN KEY (workspace_id, note_id)
        REFERENCES notes.note (workspace_id, id) ON DELETE CASCADE
);
CREATE VIEW notes.short AS SELECT workspace_id, id, left(text, 10) AS beginning FROM notes.note;
"""
_FUNCTIONS = """
CREATE FUNCTION notes.resolve_note(wanted text) RETURNS TABLE (workspace_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT n.workspace_id, n.id FROM notes.note n WHERE n.slug = wanted $$;
CREATE FUNCTION notes.find_notes(part text) RETURNS TABLE (id uuid, rank integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT n.id, 1 FROM notes.note n
    WHERE n.workspace_id = nullif(current_setting('meishi.workspace', true), '')::uuid
        AND meishi_extensions.similarity(n.text, part) > 0.3 $$;
"""


def upgrade() -> None:
    op.execute(_TABLES)
    op.execute(_FUNCTIONS)


def downgrade() -> None:
    op.execute("DROP FUNCTION notes.find_notes(text); DROP FUNCTION notes.resolve_note(text)")
    op.execute("DROP VIEW notes.short; DROP TABLE notes.line, notes.note")
'''

SERVICE = """
from uuid import UUID

from meishi.sdk.plugin import PluginContext
from notes import repository
from notes.contract import Note, NoteNotFound


class NoteService:
    def __init__(self, context: PluginContext) -> None:
        self._greeting = context.settings["greeting"]

    def get(self, note_id: UUID) -> Note:
        text = repository.text_of(note_id)
        if text is None:
            raise NoteNotFound(f"There is no note {note_id}.")
        return Note(id=note_id, text=self._greeting + text)
"""

REPOSITORY = """
from uuid import UUID

from sqlalchemy import select

from meishi.sdk.database import current_connection
from notes.models import note


def text_of(note_id: UUID) -> str | None:
    return current_connection().execute(select(note.c.text).where(note.c.id == note_id)).scalar()
"""

SETTINGS = """
from marshmallow import Schema, fields


class NotesSettingsSchema(Schema):
    greeting = fields.String(required=True)
"""

PLUGIN = """
from meishi.sdk.plugin import Migrations, PluginSettings, Schemas, Service, hookimpl
from notes.contract import Notes, NoteWritten
from notes.models import metadata
from notes.service import NoteService
from notes.settings import NotesSettingsSchema


@hookimpl
def schemas(): return Schemas(db=metadata)


@hookimpl
def migrations(): return Migrations("notes.migrations.versions")


@hookimpl
def event_types(): return [NoteWritten]


@hookimpl
def services(): return [Service(Notes, NoteService)]


@hookimpl
def settings(): return PluginSettings(schema=NotesSettingsSchema)
"""


def add_notes(folder: Path, *, revision: str = REVISION) -> None:
    """Write the plugin into a folder; it needs contacts, an extension and a setting."""
    PluginPackages(folder).add(
        "notes",
        plugin=PLUGIN,
        files={
            "contract.py": CONTRACT,
            "models.py": MODELS,
            "service.py": SERVICE,
            "repository.py": REPOSITORY,
            "settings.py": SETTINGS,
            "migrations/__init__.py": "",
            "migrations/versions/__init__.py": "",
            "migrations/versions/0001_notes.py": revision,
        },
        requires={"crm_contacts": "*"},
        events={"emits": ["note.written.v1"]},
        database={"extensions": ["pg_trgm"]},
    )
