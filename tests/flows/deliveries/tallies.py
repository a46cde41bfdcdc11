"""Two throw-away plugins for real processes: tallies that clients raise, and mirrors of them."""

from __future__ import annotations

from meishi.testing.packages import PluginPackages

TALLY, MIRROR = "tally", "mirror"

#: The subscriptions of the second: with several slots, with one event at a time, and what hears
#: the first.
MIRRORS = ("spread", "single", "echo")

_TALLY_CONTRACT = '''
"""The contract of tallies."""
from dataclasses import dataclass
from typing import ClassVar
from meishi.sdk.contract import Event

@dataclass(frozen=True, slots=True, kw_only=True)
class Raised(Event):
    """A tally is one higher."""
    event_type: ClassVar[str] = "tally.raised.v1"
    subject: ClassVar[str] = "key"
    key: str
    number: int
    request: str
'''

_TALLY_MODELS = """
from sqlalchemy import BigInteger, Column, Identity, Integer, PrimaryKeyConstraint, Table, Text
from sqlalchemy import Uuid
from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("tally")
tally = Table(
    "tally", metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("key", Text, nullable=False),
    Column("number", Integer, nullable=False),
    PrimaryKeyConstraint("workspace_id", "key", name="tally_pkey"),
)
raising = Table(
    "raising", metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", BigInteger, Identity(always=True)),
    Column("key", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("request", Text, nullable=False),
    PrimaryKeyConstraint("workspace_id", "id", name="raising_pkey"),
)
"""

_TALLY_REVISION = '''
from alembic import op
revision = "tally_0001"
down_revision = None

def upgrade():
    op.execute("""
        CREATE TABLE tally.tally (workspace_id uuid NOT NULL, key text NOT NULL,
            number integer NOT NULL, CONSTRAINT tally_pkey PRIMARY KEY (workspace_id, key));
        CREATE TABLE tally.raising (workspace_id uuid NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY, key text NOT NULL, number integer NOT NULL,
            request text NOT NULL, CONSTRAINT raising_pkey PRIMARY KEY (workspace_id, id))
    """)

def downgrade():
    op.execute("DROP TABLE tally.raising, tally.tally")
'''

_TALLY = '''
from flask.views import MethodView
from marshmallow import fields
from meishi.sdk.context import current_workspace, publish
from meishi.sdk.database import execute
from meishi.sdk.http import Blueprint, ResourceSchema
from meishi.sdk.plugin import Migrations, Permission, Schemas, hookimpl
from tally.contract import Raised
from tally.models import metadata

blueprint = Blueprint("tally", description="Tallies")

_RAISE = """
    INSERT INTO tally.tally AS t (workspace_id, key, number) VALUES (%(workspace)s, %(key)s, 1)
    ON CONFLICT (workspace_id, key) DO UPDATE SET number = t.number + 1 RETURNING number
"""
_NOTE = """
    INSERT INTO tally.raising (workspace_id, key, number, request)
    VALUES (%(workspace)s, %(key)s, %(number)s, %(request)s)
"""

def raise_tally(key, request):
    """Make a tally one higher, note by whose request, and tell of it."""
    values = {"workspace": current_workspace(), "key": key, "request": request}
    number = execute(_RAISE, values)[0][0]
    execute(_NOTE, values | {"number": number})
    publish(Raised(key=key, request=request, number=number))
    return number

class RaiseSchema(ResourceSchema):
    key = fields.String(required=True)
    request = fields.String(required=True)

@blueprint.route("/raises")
class Raises(MethodView):
    @blueprint.requires("write")
    @blueprint.arguments(RaiseSchema)
    @blueprint.response(201)
    def post(self, wanted):
        return {"number": raise_tally(**wanted)}

@hookimpl
def routes():
    return [blueprint]

@hookimpl
def permissions():
    return [Permission(name="write", title="Write")]

@hookimpl
def schemas():
    return Schemas(db=metadata)

@hookimpl
def migrations():
    return Migrations("tally.migrations.versions")

@hookimpl
def event_types():
    return [Raised]
'''

_MIRROR_CONTRACT = '''
"""The contract of mirrors."""
from dataclasses import dataclass
from typing import ClassVar
from meishi.sdk.contract import Event

@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored(Event):
    """What was raised has been seen."""
    event_type: ClassVar[str] = "mirror.mirrored.v1"
    subject: ClassVar[str] = "key"
    key: str
    number: int
    request: str
'''

_MIRROR_MODELS = """
from sqlalchemy import BigInteger, Column, Identity, Integer, PrimaryKeyConstraint, Table, Text
from sqlalchemy import Uuid
from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("mirror")
effect = Table(
    "effect", metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", BigInteger, Identity(always=True)),
    Column("mirror", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("request", Text, nullable=False),
    PrimaryKeyConstraint("workspace_id", "id", name="effect_pkey"),
)
"""

_MIRROR_REVISION = '''
from alembic import op
revision = "mirror_0001"
down_revision = None

def upgrade():
    op.execute("""
        CREATE TABLE mirror.effect (workspace_id uuid NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY, mirror text NOT NULL, key text NOT NULL,
            number integer NOT NULL, request text NOT NULL,
            CONSTRAINT effect_pkey PRIMARY KEY (workspace_id, id))
    """)

def downgrade():
    op.execute("DROP TABLE mirror.effect")
'''

_MIRROR = '''
from meishi.sdk.context import current_workspace, publish
from meishi.sdk.database import execute
from meishi.sdk.plugin import Migrations, RetryPolicy, Schemas, Subscription, hookimpl, on
from mirror import acts
from mirror.contract import Mirrored
from mirror.models import metadata
from tally.contract import Raised

_NOTE = """
    INSERT INTO mirror.effect (workspace_id, mirror, key, number, request)
    VALUES (%(workspace)s, %(mirror)s, %(key)s, %(number)s, %(request)s)
"""

def note(mirror, event):
    execute(_NOTE, {
        "workspace": current_workspace(), "mirror": mirror, "key": event.key,
        "number": event.number, "request": event.request,
    })

def spread(events):
    """Mirror what was raised, and tell of it."""
    for event in events:
        note("spread", event)
        publish(Mirrored(key=event.key, number=event.number, request=event.request))
        result = acts.act(event)
        if result is not None:
            return result

def single(events):
    """Mirror what was raised, one at a time."""
    (event,) = events
    note("single", event)

def echo(events):
    """Mirror what was mirrored."""
    for event in events:
        note("echo", event)

@hookimpl
def schemas():
    return Schemas(db=metadata)

@hookimpl
def migrations():
    return Migrations("mirror.migrations.versions")

@hookimpl
def event_types():
    return [Mirrored]

@hookimpl
def event_handlers():
    retry = RetryPolicy(attempts=acts.ATTEMPTS, first_wait_seconds=0.2, longest_wait_seconds=1.0)
    limits = {"retry": retry, "limit_seconds": acts.LIMIT_SECONDS}
    return [
        on(Raised, spread, subscription=Subscription(name="spread", slots=4, **limits)),
        on(Raised, single, subscription=Subscription(name="single", batch=1, **limits)),
        on(Mirrored, echo, subscription=Subscription(name="echo", slots=2, **limits)),
    ]
'''


def write_tallies(packages: PluginPackages, acts: str) -> None:
    """Write both plugins; `acts` is the module that says what the mirror `spread` does besides.

    It has `act(event)`, and `ATTEMPTS` and `LIMIT_SECONDS` of all subscriptions.
    """
    packages.add(
        TALLY,
        plugin=_TALLY,
        files={
            "contract.py": _TALLY_CONTRACT,
            "models.py": _TALLY_MODELS,
            **_revisions(_TALLY_REVISION),
        },
        api_prefix=TALLY,
        events={"emits": ["tally.raised.v1"]},
    )
    packages.add(
        MIRROR,
        plugin=_MIRROR,
        files={
            "acts.py": acts,
            "contract.py": _MIRROR_CONTRACT,
            "models.py": _MIRROR_MODELS,
            **_revisions(_MIRROR_REVISION),
        },
        requires={TALLY: "*"},
        events={
            "emits": ["mirror.mirrored.v1"],
            "consumes": ["tally.raised.v1", "mirror.mirrored.v1"],
        },
    )


def _revisions(revision: str) -> dict[str, str]:
    return {
        "migrations/__init__.py": "",
        "migrations/versions/__init__.py": "",
        "migrations/versions/r0001.py": revision,
    }
