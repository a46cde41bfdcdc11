"""A third party's plugin whose lists are slow, each in its own way; and one that is not."""

from __future__ import annotations

REVISION = '''
from alembic import op

from meishi.sdk.changes import track_changes

revision = "shelf_0001"
down_revision = None


def upgrade():
    op.execute("""
        CREATE TABLE shelf.book (
            workspace_id uuid NOT NULL,
            id uuid NOT NULL,
            shelf_id uuid NOT NULL,
            title text COLLATE "C" NOT NULL,
            author text COLLATE "C" NOT NULL,
            printer text NOT NULL,
            state text NOT NULL CHECK (state IN ('here', 'lent')),
            pages integer NOT NULL CHECK (pages > 0),
            bought_at timestamptz NOT NULL,
            sold_at timestamptz,
            number bigint GENERATED ALWAYS AS IDENTITY,
            PRIMARY KEY (workspace_id, id),
            UNIQUE (workspace_id, number)
        );
        CREATE TABLE shelf.loan (
            workspace_id uuid NOT NULL,
            id uuid NOT NULL,
            book_number bigint NOT NULL,
            PRIMARY KEY (workspace_id, id),
            FOREIGN KEY (workspace_id, book_number) REFERENCES shelf.book (workspace_id, number)
        );
        CREATE INDEX loan_book_number_idx ON shelf.loan (workspace_id, book_number, id);
        CREATE INDEX book_title_idx ON shelf.book (workspace_id, title, id);
        CREATE INDEX book_lower_idx ON shelf.book (workspace_id, lower(author));
        CREATE INDEX book_like_idx ON shelf.book (workspace_id, author text_pattern_ops);
        CREATE INDEX book_bought_at_idx ON shelf.book (workspace_id, bought_at, id);
        CREATE INDEX book_shelf_id_idx ON shelf.book (workspace_id, shelf_id, id);
        CREATE INDEX book_pages_idx ON shelf.book (workspace_id, title, pages);
        CREATE INDEX book_everywhere_idx ON shelf.book (title);
        CREATE FUNCTION shelf.first_titles() RETURNS TABLE (id uuid, title text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$ SELECT b.id, b.title FROM shelf.book b ORDER BY b.title LIMIT 10 $$;
        CREATE FUNCTION shelf.by_author(wanted text) RETURNS TABLE (id uuid, title text)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        SET client_min_messages = error
        AS $$ BEGIN
            RETURN QUERY SELECT b.id, b.title FROM shelf.book b WHERE b.author || '' = wanted;
        END $$;
    """)
    for table in ("shelf.book", "shelf.loan"):
        op.execute(track_changes(table))
    op.execute("DROP INDEX shelf.loan_changed_idx")


def downgrade():
    for name in ("loan", "book"):
        op.execute(f"DROP TRIGGER {name}_changed ON shelf.{name}")
        op.execute(f"DROP FUNCTION shelf.{name}_changed()")
    op.execute("DROP FUNCTION shelf.first_titles(), shelf.by_author(text)")
    op.execute("DROP TABLE shelf.loan, shelf.book")
'''

PLUGIN = '''
from flask.views import MethodView
from marshmallow import Schema, fields
from sqlalchemy import (
    CheckConstraint, Column, DateTime, Integer, PrimaryKeyConstraint, Table, Text, Uuid,
)

from meishi.sdk.changes import changed_rows
from meishi.sdk.contract import Document, DocumentPage, Operator
from meishi.sdk.database import execute, plugin_metadata
from meishi.sdk.http import Blueprint, Filter, Include, list_query_schema, page_response
from meishi.sdk.plugin import Migrations, Permission, Schemas, hookimpl

blueprint = Blueprint("shelf", description="Books")
TEXT = (Operator.EQ, Operator.PREFIX)
TIME = (Operator.LT, Operator.GT)
EXAMPLES = ("here", "lent")


@hookimpl
def permissions():
    return [Permission(name="read", title="Read")]


@hookimpl
def routes():
    return [blueprint]


@hookimpl
def migrations():
    return Migrations("shelf.versions")


@hookimpl
def schemas():
    metadata = plugin_metadata("shelf")
    Table(
        "book",
        metadata,
        Column("workspace_id", Uuid, nullable=False),
        Column("state", Text, nullable=False, info={"examples": EXAMPLES}),
    )
    return Schemas(db=metadata)


class BookSchema(Schema):
    id = fields.UUID(required=True)


def feed(rule, table):
    class Feed(MethodView):
        @blueprint.requires("read")
        @blueprint.changes(BookSchema)
        def get(self, wanted):
            """Tell what has changed."""
            tracked = plugin_metadata("shelf")
            shown = "json_build_object('id', c.id)"
            return changed_rows(wanted, Table(table, tracked), shown).documents()

    blueprint.route(rule)(Feed)


feed("/sound/changes", "book")
feed("/loans/changes", "loan")


class BookPageSchema(Schema):
    items = fields.List(fields.Nested(BookSchema), required=True)
    next_after = fields.String(required=True, allow_none=True)


def twin(condition):
    def load(ids):
        values = {"ids": [str(found) for found in ids]}
        rows = execute(f"SELECT b.id FROM shelf.book b WHERE {condition}", values)
        return {key: Document(version=1, body=f'{{"id":"{key}"}}'.encode()) for (key,) in rows}

    return Include(
        name="twin", of="id", into="twins", schema=BookSchema, permission="shelf.read", load=load
    )


def books(
    rule, *, source="shelf.book", order="id", comparisons=None, where="true", includes=(), **query
):
    schema = list_query_schema("Query" + str(len(blueprint.rules)), **query)

    class Books(MethodView):
        @blueprint.requires("read")
        @blueprint.arguments(schema, location="query")
        @blueprint.page(BookPageSchema, includes=includes)
        def get(self, wanted, **values):
            """List books."""
            by = [(key.field, key.descending) for key in wanted.sort] or [(order, False)]
            by += [("id", by[-1][1])]
            conditions = [where]
            for number, item in enumerate(wanted.conditions):
                values[f"v{number}"] = item.value
                condition = (comparisons or {})[item.field, item.operator.value]
                conditions.append(condition.replace("?", f"%(v{number})s"))
            values["text"] = wanted.text or ""
            if wanted.after is not None:
                names = ", ".join(name for name, _ in by)
                marks = ", ".join(f"%(p{number})s" for number in range(len(by)))
                values |= {f"p{number}": text for number, text in enumerate(wanted.after)}
                conditions.append(f"({names}) {'<' if by[0][1] else '>'} ({marks})")
            shown = ", ".join(f"b.{name}::text" for name, _ in by)
            ordered = ", ".join(f"b.{name} DESC" if down else f"b.{name}" for name, down in by)
            rows = execute(
                f"SELECT json_build_object('id', b.id)::text, {shown} FROM {source} b"
                f" WHERE {' AND '.join(conditions)} ORDER BY {ordered} LIMIT {wanted.limit + 1}",
                values,
            )
            more = len(rows) > wanted.limit
            rows = rows[: wanted.limit]
            page = DocumentPage(
                items=tuple(row[0].encode() for row in rows),
                position=tuple(rows[-1][1:]) if more else None,
            )
            return page_response(page, wanted)

    blueprint.route(rule)(Books)


books(
    "/sound",
    filters={"title": Filter(fields.String, TEXT), "bought_at": Filter(fields.AwareDateTime, TIME)},
    sorts=("title", "bought_at"),
    comparisons={
        ("title", "eq"): "title = ?",
        ("title", "prefix"): "title >= ? AND title < ?::text || chr(1114111)",
        ("bought_at", "lt"): "bought_at < ?::timestamptz",
        ("bought_at", "gt"): "bought_at > ?::timestamptz",
    },
)
books(
    "/books/<uuid:id>/loans/sound",
    source="""(
        SELECT l.id FROM shelf.book k JOIN shelf.loan l
            ON l.workspace_id = k.workspace_id AND l.book_number = k.number
        WHERE k.id = %(id)s
    )""",
)
books("/shelves/<uuid:shelf_id>/sound", where="shelf_id = %(shelf_id)s")
books("/twins/sound", includes=[twin("b.id = ANY(%(ids)s::uuid[])")])
'''

#: Arguments of slow lists, and what is said of each, by what is wrong with them.
LISTS = {
    "a filter without an index": (
        """filters={"printer": Filter(fields.String)},
        comparisons={("printer", "eq"): "printer = ?"}""",
        {"filter[printer][eq]": "no index serves (b.printer = "},
    ),
    "a filter that few rows pass": (
        """filters={"state": Filter(fields.String)},
        comparisons={("state", "eq"): "state = ?"}""",
        {"filter[state][eq]=lent": "10000 rows of shelf.book"},
    ),
    "a pattern": (
        """filters={"author": Filter(fields.String, TEXT)},
        comparisons={
            ("author", "eq"): "title = ?",
            ("author", "prefix"): "author LIKE ? || '%%'",
        }""",
        {"filter[author][prefix]": "~~"},
    ),
    "a function of a column": (
        """filters={"author": Filter(fields.String)},
        comparisons={("author", "eq"): "lower(author) = lower(?)"}""",
        {"filter[author][eq]": "lower("},
    ),
    "a time without an index": (
        """filters={"sold_at": Filter(fields.AwareDateTime, TIME)},
        comparisons={
            ("sold_at", "lt"): "sold_at < ?::timestamptz",
            ("sold_at", "gt"): "sold_at > ?::timestamptz",
        }""",
        {"filter[sold_at][lt]": "10000 rows", "filter[sold_at][gt]": "10000 rows"},
    ),
    "a sort without an index": (
        'sorts=("title", "pages")',
        {"sort=pages": "rows of shelf.book"},
    ),
    "a relation without an index": (
        'includes=[twin("b.id::text = ANY(%(ids)s)")]',
        {"include=twin": "goes through 10000 rows of shelf.book"},
    ),
    "an index that begins with something else": (
        """source='''(
            SELECT b.* FROM shelf.book b CROSS JOIN LATERAL
            (SELECT o.pages FROM shelf.book o WHERE o.pages = b.pages LIMIT 1) twin
        )'''""",
        {"": "pages of shelf.book by book_pages_idx"},
    ),
    "a whole index in a function": (
        'source="shelf.first_titles()", order="title"',
        {"": "reads the index book_everywhere_idx from its beginning"},
    ),
    "a whole table in a function": (
        'source="shelf.by_author(%(text)s)", searched="Author"',
        {"": "reads shelf.book from end to end"},
    ),
    "an error": ('source="shelf.nothing"', {"": "answers 500, not 200"}),
    "nothing but emptiness": ("where=\"state = 'gone'\"", {"": "shows none of the rows"}),
}
