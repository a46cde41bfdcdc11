"""Plugins as authors write them, any number of them: all alike but for their names."""

from __future__ import annotations

from string import ascii_lowercase
from textwrap import dedent

from meishi.testing.packages import PluginPackages

_CONTRACT = '''
    """The contract of {name}."""
    from dataclasses import dataclass
    from typing import ClassVar, Protocol
    from uuid import UUID
    from meishi.sdk.contract import Event, command

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Made(Event):
        """Something was made."""
        event_type: ClassVar[str] = "{name}.made.v1"
        subject: ClassVar[str] = "thing_id"
        thing_id: UUID

    class Things(Protocol):
        """The things of the workspace."""

        @command()
        def make(self, title: str) -> UUID:
            """Make a thing."""
            ...
'''

_MODELS = """
    from sqlalchemy import Column, PrimaryKeyConstraint, Table, Text, Uuid
    from meishi.sdk.database import plugin_metadata

    metadata = plugin_metadata("{name}")
    thing = Table(
        "thing", metadata,
        Column("workspace_id", Uuid, nullable=False),
        Column("id", Uuid, nullable=False),
        Column("title", Text, nullable=False),
        PrimaryKeyConstraint("workspace_id", "id", name="thing_pkey"),
    )
"""

_REVISION = """
    from alembic import op
    revision = "{name}_0001"
    down_revision = None

    def upgrade():
        op.execute(
            "CREATE TABLE {name}.thing (workspace_id uuid NOT NULL, id uuid NOT NULL,"
            " title text NOT NULL, CONSTRAINT thing_pkey PRIMARY KEY (workspace_id, id))"
        )

    def downgrade():
        op.execute("DROP TABLE {name}.thing")
"""

_PLUGIN = '''
    from uuid import uuid4
    from flask.views import MethodView
    from marshmallow import fields
    from crm_contacts.contract import ContactCreated
    from meishi.sdk.context import current_workspace, publish, service
    from meishi.sdk.database import execute
    from meishi.sdk.http import Blueprint, ResourceSchema
    from meishi.sdk.pages import render
    from meishi.sdk.plugin import (
        Job, Migrations, NavigationEntry, Page, Permission, PluginSettings, Role, Schemas, Service,
        hookimpl, on,
    )
    from {name}.contract import Made, Things
    from {name}.models import metadata

    class ThingDraft{number}Schema(ResourceSchema):
        """What is to be made."""
        title = fields.String(required=True, metadata={{"example": "tea"}})

    class Thing{number}Schema(ResourceSchema):
        """A thing."""
        id = fields.UUID(required=True)

    class Settings{number}Schema(ResourceSchema):
        """Settings."""
        limit = fields.Integer(load_default=10)

    class ThingService:
        def __init__(self, context):
            pass

        def make(self, title):
            made = uuid4()
            execute(
                "INSERT INTO {name}.thing VALUES (%(workspace)s, %(id)s, %(title)s)",
                {{"workspace": current_workspace(), "id": made, "title": title}},
            )
            publish(Made(thing_id=made))
            return made

    def note(events):
        execute("SELECT count(*) FROM {name}.thing")

    def tidy():
        execute("SELECT count(*) FROM {name}.thing")

    def page():
        return render("{name}/list.html")

    @hookimpl
    def routes():
        blueprint = Blueprint("{prefix}", description="Things")

        @blueprint.route("")
        class ThingList(MethodView):
            @blueprint.requires("write")
            @blueprint.arguments(ThingDraft{number}Schema)
            @blueprint.response(201, Thing{number}Schema)
            def post(self, document):
                """Make a thing."""
                return {{"id": service(Things).make(document["title"])}}

        return [blueprint]

    @hookimpl
    def pages():
        return [Page(name="list", rule="", view=page, title="Things", permission="read")]

    @hookimpl
    def navigation():
        return [NavigationEntry(page="list", title="Things {number}", icon="box")]

    @hookimpl
    def schemas():
        return Schemas(db=metadata, resources=[ThingDraft{number}Schema, Thing{number}Schema])

    @hookimpl
    def migrations():
        return Migrations("{name}.migrations.versions")

    @hookimpl
    def event_types():
        return [Made]

    @hookimpl
    def event_handlers():
        return [on(ContactCreated, note)]

    @hookimpl
    def services():
        return [Service(Things, ThingService)]

    @hookimpl
    def settings():
        return PluginSettings(schema=Settings{number}Schema)

    @hookimpl
    def permissions():
        return [
            Permission(name="read", title="See things", roles=tuple(Role)),
            Permission(name="write", title="Make things"),
        ]

    @hookimpl
    def jobs():
        return [Job(name="tidy", run=tidy, schedule="15 3 * * *")]
'''

_PAGE = '{{% extends "shell/page.html" %}}{{% block content %}}{name}{{% endblock %}}\n'


def name_of(number: int) -> str:
    """Return the name of a plugin."""
    first, second = divmod(number, len(ascii_lowercase))
    return f"bench_{ascii_lowercase[first]}{ascii_lowercase[second]}"


def add_plugins(packages: PluginPackages, count: int) -> None:
    """Write plugins: of each hook that most have, one declaration."""
    for number in range(count):
        name, prefix = name_of(number), f"bench{number}"
        words = {"name": name, "prefix": prefix, "number": number}
        files = {
            "contract.py": _CONTRACT,
            "models.py": _MODELS,
            "migrations/__init__.py": "",
            "migrations/versions/__init__.py": "",
            "migrations/versions/0001_tables.py": _REVISION,
        }
        packages.add(
            name,
            plugin=dedent(_PLUGIN).format(**words),
            files={path: dedent(text).format(**words) for path, text in files.items()}
            | {"templates/list.html": _PAGE.format(**words)},
            api_prefix=prefix,
            scope="workspace",
            requires={"crm_contacts": "*"},
            events={"emits": [f"{name}.made.v1"], "consumes": ["contact.created.v1"]},
        )
