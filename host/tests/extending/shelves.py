"""Two throw-away plugins: a athenaeum with books, and a critic who writes reviews of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from uuid import UUID

from meishi.testing.packages import PluginPackages

LIBRARY, CRITIC = "athenaeum", "critic"

_LIBRARY_CONTRACT = '''
"""The athenaeum's contract."""
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID
from meishi.sdk.contract import Event

@dataclass(frozen=True, slots=True, kw_only=True)
class BooksMerged(Event):
    """Several books turned out to be one."""
    event_type: ClassVar[str] = "athenaeum.merged.v1"
    subject: ClassVar[str] = "book_id"
    book_id: UUID
    merged_ids: tuple[UUID, ...]

@dataclass(frozen=True, slots=True, kw_only=True)
class BooksUnmerged(Event):
    """They turned out to be several after all."""
    event_type: ClassVar[str] = "athenaeum.unmerged.v1"
    subject: ClassVar[str] = "book_id"
    book_id: UUID
    merged_ids: tuple[UUID, ...]
'''

_LIBRARY = '''
import json

from flask.views import MethodView
from athenaeum.contract import BooksMerged, BooksUnmerged
from athenaeum.models import metadata
from marshmallow import fields

from meishi.sdk.context import current_workspace
from meishi.sdk.contract import Document, DocumentPage
from meishi.sdk.database import execute
from meishi.sdk.http import (
    MERGE_PATCH, Blueprint, CursorTextField, ResourceSchema, list_query_schema, wanted_versions,
)
from meishi.sdk.plugin import Merge, Migrations, Permission, Role, Schemas, hookimpl

blueprint = Blueprint("athenaeum", description="Books")
DOCUMENT = "json_build_object('id', id, 'version', version, 'title', title)::text"


class BookDraftSchema(ResourceSchema):
    title = fields.String(required=True)


class BookSchema(BookDraftSchema):
    id = fields.UUID(required=True)
    version = fields.Integer(required=True)


class BookPageSchema(ResourceSchema):
    items = fields.List(fields.Nested(BookSchema), required=True)
    next_after = CursorTextField(required=True, allow_none=True)
    total = fields.Integer()


def document(row):
    version, body = row
    return Document(version=version, body=body.encode())


@blueprint.route("/books")
class BookList(MethodView):
    @blueprint.requires("read")
    @blueprint.arguments(list_query_schema("BookQuerySchema"), location="query")
    @blueprint.page(BookPageSchema)
    def get(self, wanted):
        """List books."""
        rows = execute(
            f"SELECT {DOCUMENT} FROM athenaeum.book ORDER BY id LIMIT %(limit)s",
            {"limit": wanted.limit},
        )
        return DocumentPage(items=tuple(row[0].encode() for row in rows), position=None)

    @blueprint.requires("read")
    @blueprint.arguments(BookDraftSchema)
    @blueprint.document(BookSchema, status=201)
    def post(self, draft):
        """Add a book."""
        rows = execute(
            "INSERT INTO athenaeum.book (workspace_id, id, version, title)"
            f" VALUES (%(workspace)s, uuidv7(), 1, %(title)s) RETURNING version, {DOCUMENT}",
            {"workspace": current_workspace(), "title": draft["title"]},
        )
        return document(rows[0])


@blueprint.route("/books/<uuid:book_id>")
class BookItem(MethodView):
    @blueprint.requires("read")
    @blueprint.document(BookSchema)
    def get(self, book_id):
        """Return a book."""
        query = f"SELECT version, {DOCUMENT} FROM athenaeum.book WHERE id = %(id)s"
        return document(execute(query, {"id": book_id})[0])

    @blueprint.requires("read")
    @blueprint.arguments(BookDraftSchema, content_type=MERGE_PATCH)
    @blueprint.document(BookSchema)
    @blueprint.preconditions()
    def patch(self, draft, book_id):
        """Change a book."""
        wanted_versions()
        rows = execute(
            "UPDATE athenaeum.book SET title = %(title)s, version = version + 1"
            f" WHERE id = %(id)s RETURNING version, {DOCUMENT}",
            {"id": book_id, "title": draft["title"]},
        )
        return document(rows[0])


blueprint.batch("/books", collection=BookList, item=BookItem)


@hookimpl
def routes():
    return [blueprint]


@hookimpl
def schemas():
    merge = Merge(
        resource=BookSchema, event=BooksMerged, sources="merged_ids", target="book_id",
        undone=BooksUnmerged,
    )
    return Schemas(
        db=metadata, resources=[BookSchema, BookDraftSchema, BookPageSchema], merges=[merge]
    )


@hookimpl
def migrations():
    return Migrations("athenaeum.migrations.versions")


@hookimpl
def event_types():
    return [BooksMerged, BooksUnmerged]


@hookimpl
def permissions():
    return [Permission(name="read", title="Read books", roles=tuple(Role))]
'''

#: What the critic does is kept apart: tests put something else there.
_CRITIC_REVIEWS = '''
"""What the critic says of books, and does when they are merged; a test may do something else."""
from collections import Counter
from meishi.sdk.database import execute
from meishi.sdk.plugin import MergeReport, UnmergeReport

#: The ids that values were loaded for, by each call, and as which role.
LOADED = []
ACTS = {}

def load(ids):
    """Return the reviews of books, or do what the test wants."""
    query = "SELECT book_id, text, current_user FROM critic.review WHERE book_id = ANY (%(ids)s)"
    rows = execute(query, {"ids": list(ids)})
    LOADED.append((tuple(ids), {role for _, _, role in rows}))
    counted = Counter(book for book, _, _ in rows)
    texts = {book: text for book, text, _ in rows}
    found = {book: {"reviews": counted[book], "newest": texts[book]} for book in counted}
    return ACTS["load"](found) if "load" in ACTS else found

def follow(source, target):
    """Move reviews from one book to another, or do what the test wants."""
    rows = execute(
        "UPDATE critic.review SET book_id = %(target)s WHERE book_id = %(source)s RETURNING id",
        {"source": source, "target": target},
    )
    report = MergeReport(moved={"review": len(rows)})
    return ACTS["follow"](source, target, report) if "follow" in ACTS else report

def undo(sources, target):
    """Give reviews back whose text names the first source, or do what the test wants."""
    rows = execute(
        "UPDATE critic.review SET book_id = %(owner)s WHERE book_id = %(target)s"
        " AND text LIKE 'Of ' || %(owner)s::text || '%%' RETURNING id",
        {"owner": sources[0], "target": target},
    )
    report = UnmergeReport(returned={"review": len(rows)}, kept={"review": 1 - len(rows)})
    return ACTS["undo"](sources, target, report) if "undo" in ACTS else report
'''

_CRITIC = """
from critic import reviews
from critic.models import metadata
from marshmallow import fields, validate

from meishi.sdk.http import ResourceSchema
from meishi.sdk.plugin import (
    Extension, MergeHandler, Migrations, Permission, RetryPolicy, Role, Schemas, hookimpl,
)


class BookReviewsSchema(ResourceSchema):
    reviews = fields.Integer(required=True, validate=validate.Range(0, 100))
    newest = fields.String(dump_only=True, required=True, metadata={"example": "Fine."})


def load(ids):
    return reviews.load(ids)


def follow(source, target):
    return reviews.follow(source, target)


def undo(sources, target):
    return reviews.undo(sources, target)


@hookimpl
def schemas():
    extension = Extension(
        target="athenaeum.Book", schema=BookReviewsSchema, load=load, permission="read"
    )
    return Schemas(db=metadata, extensions=[extension])


@hookimpl
def merge_entities():
    return [
        MergeHandler(
            kind="athenaeum.Book", handler=follow, retry=RetryPolicy(attempts=3), undo=undo
        )
    ]


@hookimpl
def migrations():
    return Migrations("critic.migrations.versions")


@hookimpl
def permissions():
    return [Permission(name="read", title="Read reviews", roles=(Role.OWNER, Role.MEMBER))]
"""

_MODELS = """
from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text, Uuid
from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("{plugin}")
Table(
    "{table}", metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    {columns},
    PrimaryKeyConstraint("workspace_id", "id", name="{table}_pkey"),
)
"""

_REVISION = """
from alembic import op
revision = "{plugin}_0001"
down_revision = None

def upgrade():
    op.execute(
        "CREATE TABLE {plugin}.{table} (workspace_id uuid NOT NULL, id uuid NOT NULL, {columns},"
        " CONSTRAINT {table}_pkey PRIMARY KEY (workspace_id, id))"
    )

def downgrade():
    op.execute("DROP TABLE {plugin}.{table}")
"""


def write_packages(packages: PluginPackages) -> None:
    """Write both plugins; the critic needs no athenaeum to be there."""
    packages.add(
        LIBRARY,
        plugin=_LIBRARY,
        api_prefix=LIBRARY,
        files={
            "contract.py": _LIBRARY_CONTRACT,
            **_stored(
                LIBRARY,
                "book",
                'Column("version", Integer, nullable=False), Column("title", Text, nullable=False)',
                "version integer NOT NULL, title text NOT NULL",
            ),
        },
        events={"emits": ["athenaeum.merged.v1", "athenaeum.unmerged.v1"]},
    )
    packages.add(
        CRITIC,
        plugin=_CRITIC,
        api_prefix=CRITIC,
        files={
            "reviews.py": _CRITIC_REVIEWS,
            **_stored(
                CRITIC,
                "review",
                'Column("book_id", Uuid, nullable=False), Column("text", Text, nullable=False)',
                "book_id uuid NOT NULL, text text NOT NULL",
            ),
        },
    )


def _stored(plugin: str, table: str, columns: str, declared: str) -> dict[str, str]:
    """Return the files of a plugin with one table."""
    return {
        "models.py": _MODELS.format(plugin=plugin, table=table, columns=columns),
        "migrations/__init__.py": "",
        "migrations/versions/__init__.py": "",
        "migrations/versions/0001.py": _REVISION.format(
            plugin=plugin, table=table, columns=declared
        ),
    }


def merged(target: UUID, *sources: UUID) -> Any:
    """Return the event of a merge."""
    kind = import_module("athenaeum.contract").BooksMerged
    return kind(book_id=target, merged_ids=sources)


def unmerged(target: UUID, *sources: UUID) -> Any:
    """Return the event of a merge that was taken back."""
    kind = import_module("athenaeum.contract").BooksUnmerged
    return kind(book_id=target, merged_ids=sources)


def loaded() -> list[tuple[tuple[UUID, ...], set[str]]]:
    """Return what the critic was asked for since the last time: ids and roles of each call."""
    calls: list[tuple[tuple[UUID, ...], set[str]]] = import_module("critic.reviews").LOADED
    found = list(calls)
    calls.clear()
    return found


@contextmanager
def acting(act: Callable[..., object], part: str) -> Iterator[None]:
    """Have the critic do something else for a part: `load`, `follow` or `undo`."""
    acts: dict[str, Callable[..., object]] = import_module("critic.reviews").ACTS
    acts[part] = act
    try:
        yield
    finally:
        del acts[part]


def ids_of(items: Sequence[dict[str, Any]]) -> list[UUID]:
    """Return the ids of resources."""
    return [UUID(item["id"]) for item in items]
