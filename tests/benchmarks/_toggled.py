"""A plugin that is switched on and off while it serves, listens and is asked."""

from __future__ import annotations

from textwrap import dedent

from meishi.testing.packages import PluginPackages

TOGGLED = "bench_toggled"

_MODELS = """
    from sqlalchemy import BigInteger, Column, DateTime, Identity, PrimaryKeyConstraint, Table
    from sqlalchemy import Uuid, text
    from meishi.sdk.database import plugin_metadata

    metadata = plugin_metadata("bench_toggled")
    heard = Table(
        "heard", metadata,
        Column("workspace_id", Uuid, nullable=False),
        Column("id", BigInteger, Identity(always=True)),
        Column("contact", Uuid, nullable=False),
        Column("at", DateTime(timezone=True), nullable=False,
               server_default=text("clock_timestamp()")),
        PrimaryKeyConstraint("workspace_id", "id", name="heard_pkey"),
    )
"""

_REVISION = """
    from alembic import op
    revision = "bench_toggled_0001"
    down_revision = None

    def upgrade():
        op.execute(
            "CREATE TABLE bench_toggled.heard (workspace_id uuid NOT NULL,"
            " id bigint GENERATED ALWAYS AS IDENTITY, contact uuid NOT NULL,"
            " at timestamptz NOT NULL DEFAULT clock_timestamp(),"
            " CONSTRAINT heard_pkey PRIMARY KEY (workspace_id, id))"
        )

    def downgrade():
        op.execute("DROP TABLE bench_toggled.heard")
"""

_PLUGIN = """
    from flask.views import MethodView
    from marshmallow import fields
    from crm_contacts.contract import ContactCreated
    from meishi.sdk.context import current_workspace
    from meishi.sdk.database import execute
    from meishi.sdk.http import Blueprint, ResourceSchema
    from meishi.sdk.plugin import Migrations, Permission, Role, Schemas, hookimpl, on
    from bench_toggled.models import metadata

    class StateSchema(ResourceSchema):
        on = fields.Boolean(required=True)

    def note(events):
        for event in events:
            execute(
                "INSERT INTO bench_toggled.heard (workspace_id, contact)"
                " VALUES (%(workspace)s, %(contact)s)",
                {"workspace": current_workspace(), "contact": event.contact_id},
            )

    @hookimpl
    def routes():
        blueprint = Blueprint("toggled", description="Toggled")

        @blueprint.route("")
        class State(MethodView):
            @blueprint.requires("read")
            @blueprint.response(200, StateSchema)
            def get(self):
                "Tell that it is on."
                return {"on": True}

        return [blueprint]

    @hookimpl
    def schemas():
        return Schemas(db=metadata, resources=[StateSchema])

    @hookimpl
    def migrations():
        return Migrations("bench_toggled.migrations.versions")

    @hookimpl
    def event_handlers():
        return [on(ContactCreated, note)]

    @hookimpl
    def permissions():
        return [Permission(name="read", title="See whether it is on", roles=tuple(Role))]
"""


def add_toggled(packages: PluginPackages) -> None:
    """Write the package."""
    packages.add(
        TOGGLED,
        plugin=dedent(_PLUGIN),
        files={
            "models.py": dedent(_MODELS),
            "migrations/__init__.py": "",
            "migrations/versions/__init__.py": "",
            "migrations/versions/0001_tables.py": dedent(_REVISION),
        },
        api_prefix="toggled",
        scope="workspace",
        requires={"crm_contacts": "*"},
        events={"emits": [], "consumes": ["contact.created.v1"]},
    )
