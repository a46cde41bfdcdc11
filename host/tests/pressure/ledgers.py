"""Two throw-away plugins that do whatever a test tells them, each with a table of notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from meishi.context import current_scope
from meishi.sdk.database import current_connection, current_session, execute
from meishi.testing.packages import PluginPackages

#: The plugins: the second requires the first, and hears its events.
FIRST, SECOND = "ledger", "journal"

Act = Callable[[], str]
Hear = Callable[[Sequence[Any]], None]

CONTRACT = """
from dataclasses import dataclass
from typing import ClassVar, Protocol
from meishi.sdk.contract import DomainError, Event, atomic, command, query

@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    event_type: ClassVar[str] = "{name}.noted.v1"
    subject: ClassVar[str] = "note"
    note: str

@dataclass(frozen=True, slots=True, kw_only=True)
class Filed(Event):
    event_type: ClassVar[str] = "{name}.filed.v1"
    subject: ClassVar[str] = "note"
    note: str

class Refused(DomainError):
    code = "{name}-refused"
    title = "Refused"
    status = 409

class Notes(Protocol):
    @query(errors=(Refused,))
    def read(self) -> str: ...
    @command(errors=(Refused,))
    def write(self) -> str: ...
    @atomic(errors=(Refused,))
    def join(self) -> str: ...
"""
SERVICE = """
from {name} import acts

class NoteService:
    def __init__(self, context):
        pass
    def read(self):
        return acts.act()
    def write(self):
        return acts.act()
    def join(self):
        return acts.act()
"""
MODELS = """
from sqlalchemy import Column, ForeignKeyConstraint, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, relationship
from meishi.sdk.database import plugin_metadata

class Base(DeclarativeBase):
    metadata = plugin_metadata("{name}")

class Note(Base):
    __tablename__ = "note"
    workspace_id = Column(Uuid, primary_key=True)
    id = Column(Uuid, primary_key=True)
    body = Column(Text, nullable=False)
    parent_id = Column(Uuid)
    parent = relationship("Note", remote_side=[workspace_id, id], viewonly=True)
    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "parent_id"], ["{name}.note.workspace_id", "{name}.note.id"],
            deferrable=True, initially="DEFERRED",
        ),
    )
"""
REVISION = '''
from alembic import op
revision = "{name}_0001"
down_revision = None

def upgrade():
    op.execute("""
        CREATE TABLE {name}.note (
            workspace_id uuid NOT NULL,
            id uuid NOT NULL,
            body text NOT NULL CHECK (body <> ''),
            parent_id uuid,
            CONSTRAINT note_pkey PRIMARY KEY (workspace_id, id),
            CONSTRAINT note_workspace_id_parent_id_fkey FOREIGN KEY (workspace_id, parent_id)
                REFERENCES {name}.note DEFERRABLE INITIALLY DEFERRED
        )
    """)

def downgrade():
    op.execute("DROP TABLE {name}.note")
'''
PLUGIN = """
from flask.views import MethodView
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Migrations, Permission, PublicPage, Schemas, Service, hookimpl, on
from {name} import acts
from {name}.contract import Filed, Noted, Notes
from {name}.models import Base
from {name}.service import NoteService

blueprint = Blueprint("{name}", description="Notes")

@blueprint.route("/notes")
class View(MethodView):
    @blueprint.requires("write")
    @blueprint.response(201)
    def post(self):
        return acts.act()
    @blueprint.requires("write")
    def get(self):
        return acts.act()

@hookimpl
def routes():
    return [blueprint]
@hookimpl
def public_pages():
    return [PublicPage(rule="/{name}-page/<uuid:workspace>", resolve=_same, view=_page)]
@hookimpl
def permissions():
    return [Permission(name="write", title="Write")]
@hookimpl
def schemas():
    return Schemas(db=Base.metadata)
@hookimpl
def migrations():
    return Migrations("{name}.migrations.versions")
@hookimpl
def event_types():
    return [Noted, Filed]
@hookimpl
def services():
    return [Service(Notes, NoteService)]

def _same(workspace):
    return workspace
def _page(workspace):
    return acts.act()
"""
LISTENING = f"""
from {FIRST}.contract import Noted as NotedByFirst
@hookimpl
def event_handlers():
    return [on(NotedByFirst, acts.hear, mode="in_transaction")]
"""

_act: ContextVar[Act] = ContextVar("act")
_hear: ContextVar[Hear | None] = ContextVar("hear", default=None)


def perform() -> str:
    """Do what the test wants of a service or view."""
    return _act.get()()


def hear(events: Sequence[Any]) -> None:
    """Do what the test wants of a listener, if anything."""
    heard = _hear.get()
    if heard is not None:
        heard(events)


@contextmanager
def told(*, act: Act | None = None, hear: Hear | None = None) -> Iterator[None]:
    """Tell services and views, or listeners, what to do until the block ends."""
    acting = None if act is None else _act.set(act)
    hearing = _hear.set(hear)
    try:
        yield
    finally:
        _hear.reset(hearing)
        if acting is not None:
            _act.reset(acting)


def write_packages(packages: PluginPackages) -> None:
    """Write both plugins, not told anything yet."""
    for name in (FIRST, SECOND):
        second = name == SECOND
        files = {
            "acts.py": "act = hear = None\n",
            "contract.py": CONTRACT,
            "service.py": SERVICE,
            "models.py": MODELS,
            "migrations/__init__.py": "",
            "migrations/versions/__init__.py": "",
            f"migrations/versions/{name}_0001.py": REVISION,
        }
        packages.add(
            name,
            plugin=PLUGIN.replace("{name}", name) + (LISTENING if second else ""),
            files={path: code.replace("{name}", name) for path, code in files.items()},
            api_prefix=name,
            events={
                "emits": [f"{name}.noted.v1", f"{name}.filed.v1"],
                "consumes": [f"{FIRST}.noted.v1"] if second else [],
            },
            requires={FIRST: "*"} if second else None,
        )
        acts: Any = import_module(f"{name}.acts")
        acts.act, acts.hear = perform, hear


_INSERT = "INSERT INTO {plugin}.note (workspace_id, id, body, parent_id) VALUES "
_BY_DRIVER = _INSERT + "(%(workspace)s, %(id)s, %(body)s, %(parent)s)"
_BY_CONNECTION = _INSERT + "(:workspace, :id, :body, :parent)"


def write(body: str, how: str = "execute", *, parent: UUID | None = None) -> None:
    """Store a note of the running plugin; with an unknown parent, the commit will fail."""
    scope = current_scope()
    plugin = scope.work.plugin
    values = {"workspace": scope.workspace_id, "id": uuid4(), "body": body, "parent": parent}
    if how == "session":
        current_session().add(note(body, parent=parent))
    elif how == "execute":
        execute(_BY_DRIVER.format(plugin=plugin), values)
    else:
        current_connection().execute(text(_BY_CONNECTION.format(plugin=plugin)), values)


def note(body: str, *, parent: UUID | None = None) -> Any:
    """Return a note of the running plugin, mapped to its table and not stored yet."""
    scope = current_scope()
    return kind_of(scope.work.plugin)(
        workspace_id=scope.workspace_id, id=uuid4(), body=body, parent_id=parent
    )


def kind_of(plugin: str) -> Any:
    """Return the mapped class of a plugin's notes."""
    return import_module(f"{plugin}.models").Note


def contract_of(plugin: str) -> Any:
    """Return a plugin's contract."""
    return import_module(f"{plugin}.contract")


def bodies() -> list[str]:
    """Return what the running plugin sees of its notes, in order."""
    statement = f"SELECT body FROM {current_scope().work.plugin}.note ORDER BY body"
    return [row[0] for row in execute(statement)]


def identity() -> tuple[str, str]:
    """Return the role and the workspace that the server has."""
    ((role, workspace),) = execute(
        "SELECT current_user::text, coalesce(current_setting('meishi.workspace', true), '')"
    )
    return str(role), str(workspace)
