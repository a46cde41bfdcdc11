"""Two small plugins: one that answers requests, and one that it calls while it does."""

from __future__ import annotations

from textwrap import dedent

HOME, PEER = "bench_home", "bench_peer"

_MODELS = '''
    """One table."""
    from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text, Uuid
    from meishi.sdk.database import plugin_metadata

    metadata = plugin_metadata("{name}")
    item = Table(
        "item",
        metadata,
        Column("workspace_id", Uuid, nullable=False),
        Column("id", Uuid, nullable=False),
        Column("title", Text, nullable=False),
        Column("read", Integer, nullable=False),
        PrimaryKeyConstraint("workspace_id", "id"),
    )
'''
_REVISION = '''
    """One table."""
    from alembic import op

    revision = "{name}_0001"
    down_revision = None


    def upgrade() -> None:
        op.execute(
            "CREATE TABLE {name}.item (workspace_id uuid NOT NULL, id uuid NOT NULL,"
            " title text NOT NULL, read integer NOT NULL,"
            " CONSTRAINT item_pkey PRIMARY KEY (workspace_id, id))"
        )


    def downgrade() -> None:
        op.execute("DROP TABLE {name}.item")
'''
_REPOSITORY = '''
    """Its statements."""
    from uuid import UUID
    from meishi.sdk.database import execute

    _TITLE = "SELECT title FROM {name}.item WHERE id = %(id)s"
    _READ = "UPDATE {name}.item SET read = read + 1 WHERE id = %(id)s RETURNING title"


    def title(item_id: UUID) -> str:
        return str(execute(_TITLE, {{"id": item_id}})[0][0])


    def read(item_id: UUID) -> str:
        return str(execute(_READ, {{"id": item_id}})[0][0])
'''
_CONTRACT = '''
    """Titles, to look at and to count."""
    from typing import Protocol
    from uuid import UUID
    from meishi.sdk.contract import command, query


    class {service}(Protocol):
        @query()
        def title(self, item_id: UUID) -> str: ...

        @command()
        def read(self, item_id: UUID) -> str: ...
'''
_SERVICE = '''
    """What implements the contract."""
    from uuid import UUID
    from {name} import repository


    class TitleService:
        def __init__(self, context: object) -> None: ...

        def title(self, item_id: UUID) -> str:
            return repository.title(item_id)

        def read(self, item_id: UUID) -> str:
            return repository.read(item_id)
'''
#: What all routes do: a statement of their own, the one that is measured, and one more.
_ROUTES = '''
    """Requests that stay, and the same that call the other plugin."""
    from uuid import UUID
    from flask import Response, jsonify
    from flask.views import MethodView
    from bench_home.contract import Home
    from bench_peer.contract import Peer
    from meishi.sdk.context import service
    from meishi.sdk.http import Blueprint

    blueprint = Blueprint("bench_home", description="Requests to measure.")


    def answer(item_id: UUID, protocol: type, method: str) -> Response:
        home = service(Home)
        first = home.title(item_id)
        second = getattr(service(protocol), method)(item_id)
        return jsonify([first, second, home.title(item_id)])


    @blueprint.route("/<any(inside, across):where>/<any(title, read):what>/<uuid:item_id>")
    class Item(MethodView):
        @blueprint.requires("read")
        def get(self, where: str, what: str, item_id: UUID) -> Response:
            return answer(item_id, Peer if where == "across" else Home, what)
'''
_PLUGIN = '''
    """Hooks."""
    from {name}.contract import {service}
    from {name}.models import metadata
    from {name}.service import TitleService
    from meishi.sdk.plugin import Migrations, Permission, Role, Schemas, Service, hookimpl


    @hookimpl
    def schemas():
        return Schemas(db=metadata)


    @hookimpl
    def migrations():
        return Migrations("{name}.migrations.versions")


    @hookimpl
    def services():
        return [Service({service}, TitleService)]


    @hookimpl
    def permissions():
        return [Permission(name="read", title="Read", roles=tuple(Role))]
'''
_SERVES = """

    @hookimpl
    def routes():
        from bench_home.routes import blueprint

        return [blueprint]
"""


def files_of(name: str) -> dict[str, str]:
    """Return the files of one of the two plugins."""
    service = "Home" if name == HOME else "Peer"
    plain = {
        "models.py": _MODELS,
        "repository.py": _REPOSITORY,
        "contract.py": _CONTRACT,
        "service.py": _SERVICE,
        "plugin.py": _PLUGIN + (_SERVES if name == HOME else ""),
        "migrations/versions/0001_item.py": _REVISION,
    }
    found = {file: dedent(text).format(name=name, service=service) for file, text in plain.items()}
    found |= {"migrations/__init__.py": "", "migrations/versions/__init__.py": ""}
    return found | ({"routes.py": dedent(_ROUTES)} if name == HOME else {})
