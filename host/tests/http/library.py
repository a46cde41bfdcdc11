"""A plugin whose books can be chosen from: what they bring along, and what of them is shown."""

from __future__ import annotations

PLUGIN = '''
import json
from uuid import UUID

from flask.views import MethodView
from marshmallow import fields

from meishi.sdk.contract import Document, DocumentPage
from meishi.sdk.http import (
    Blueprint, CursorTextField, Include, ResourceSchema, document_response, list_query_schema,
    page_response,
)
from meishi.sdk.plugin import Permission, hookimpl

blueprint = Blueprint("library", description="Books")
NOT_THERE = 9
#: How often people were loaded, and which ones.
LOADED = []


class PersonSchema(ResourceSchema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)


class BookSchema(ResourceSchema):
    id = fields.UUID(required=True)
    title = fields.String(required=True)
    author_id = fields.UUID(required=True, allow_none=True)
    reader_ids = fields.List(fields.UUID(), required=True)
    size = fields.Integer(data_key="pages", attribute="pages", required=True)


class BookPageSchema(ResourceSchema):
    items = fields.List(fields.Nested(BookSchema), required=True)
    next_after = CursorTextField(required=True, allow_none=True)
    total = fields.Integer()


class ShelfQuerySchema(ResourceSchema):
    colour = fields.String()


def uuid(number):
    return str(UUID(int=number))


def document(number):
    book = {
        "id": uuid(100 + number),
        "title": f"Book {number}",
        "author_id": uuid(1 + number % 2) if number else None,
        "reader_ids": [uuid(2), uuid(3), uuid(NOT_THERE)][:number],
        "pages": number,
    }
    return Document(version=7, body=json.dumps(book).encode())


def load(ids):
    LOADED.append(ids)
    return {
        found: Document(version=1, body=json.dumps({"id": str(found), "name": "Ann"}).encode())
        for found in ids
        if found.int != NOT_THERE
    }


def person(name, of):
    return Include(
        name=name, of=of, into="people", schema=PersonSchema, permission="library.people",
        load=load,
    )


PEOPLE = [person("author", "author_id"), person("readers", "reader_ids")]


@hookimpl
def permissions():
    return [
        Permission(name="read", title="Read books"), Permission(name="people", title="Read people")
    ]


@hookimpl
def routes():
    return [blueprint]


@blueprint.route("/books")
class BookList(MethodView):
    @blueprint.requires("read")
    @blueprint.arguments(list_query_schema("BookQuerySchema"), location="query")
    @blueprint.page(BookPageSchema, includes=PEOPLE)
    def get(self, wanted):
        """List books."""
        items = tuple(document(number).body for number in range(3))
        return page_response(DocumentPage(items=items, position=("x",), total=3), wanted)


@blueprint.route("/books/<int:number>")
class BookItem(MethodView):
    @blueprint.requires("read")
    @blueprint.document(BookSchema, includes=PEOPLE)
    @blueprint.problem(404, "No such book")
    def get(self, number):
        """Return a book."""
        return document_response(document(number))


@blueprint.route("/shelves/<int:number>")
class Shelf(MethodView):
    @blueprint.requires("read")
    @blueprint.arguments(ShelfQuerySchema, location="query")
    @blueprint.document(BookSchema)
    @blueprint.problem(404, "No such shelf")
    def get(self, query, number):
        """Return the book on a shelf."""
        return document_response(document(number))


@blueprint.route("/days")
class Days(MethodView):
    @blueprint.requires("read")
    @blueprint.response(200, BookPageSchema)
    def get(self):
        """List what has nothing to choose from."""
        return {"items": [], "next_after": None}
'''
