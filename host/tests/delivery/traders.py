"""Two throw-away plugins: a bazaar that sells, and a scribe who keeps books of what was sold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from meishi.testing.packages import PluginPackages

BAZAAR, SCRIBE = "bazaar", "scribe"

_BAZAAR_CONTRACT = '''
"""The bazaar's contract."""
from dataclasses import dataclass
from typing import ClassVar
from meishi.sdk.contract import Event

@dataclass(frozen=True, slots=True, kw_only=True)
class Sold(Event):
    """Something was sold."""
    event_type: ClassVar[str] = "bazaar.sold.v1"
    subject: ClassVar[str] = "thing"
    thing: str
    number: int

@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(Event):
    """Something came back."""
    event_type: ClassVar[str] = "bazaar.returned.v1"
    subject: ClassVar[str] = "thing"
    thing: str
    number: int
'''

_BAZAAR = """
from meishi.sdk.plugin import hookimpl
from bazaar.contract import Returned, Sold

@hookimpl
def event_types():
    return [Sold, Returned]
"""

_SCRIBE_CONTRACT = '''
"""The scribe's contract."""
from dataclasses import dataclass
from typing import ClassVar
from meishi.sdk.contract import Event

@dataclass(frozen=True, slots=True, kw_only=True)
class Booked(Event):
    """A sale is in the books."""
    event_type: ClassVar[str] = "scribe.booked.v1"
    subject: ClassVar[str] = "thing"
    thing: str
    number: int
'''

_SCRIBE_MODELS = """
from sqlalchemy import BigInteger, Column, Identity, Integer, PrimaryKeyConstraint, Table, Text
from sqlalchemy import Uuid
from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("scribe")
entry = Table(
    "entry", metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", BigInteger, Identity(always=True)),
    Column("book", Text, nullable=False),
    Column("thing", Text, nullable=False),
    Column("number", Integer, nullable=False),
    PrimaryKeyConstraint("workspace_id", "id", name="entry_pkey"),
)
"""

_SCRIBE_REVISION = """
from alembic import op
revision = "scribe_0001"
down_revision = None

def upgrade():
    op.execute(
        "CREATE TABLE scribe.entry (workspace_id uuid NOT NULL,"
        " id bigint GENERATED ALWAYS AS IDENTITY, book text NOT NULL, thing text NOT NULL,"
        " number integer NOT NULL, CONSTRAINT entry_pkey PRIMARY KEY (workspace_id, id))"
    )

def downgrade():
    op.execute("DROP TABLE scribe.entry")
"""

#: What the scribe does is kept apart: tests put something else there.
_SCRIBE_BOOKS = '''
"""What the scribe does with sales, by the name of the book; a test may do something else."""
import json
import os
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_INSERT = """
    INSERT INTO scribe.entry (workspace_id, book, thing, number)
    SELECT %(workspace)s, %(book)s, item->>'thing', (item->>'number')::integer
    FROM json_array_elements(%(items)s::json) AS item
"""

def write(book, events):
    """Enter sales into a book."""
    items = json.dumps([{"thing": event.thing, "number": event.number} for event in events])
    execute(_INSERT, {"workspace": current_workspace(), "book": book, "items": items})

ACTS = {}

def keep(book, events):
    """Do what the test wants, or keep the book."""
    return ACTS.get(book, write)(book, events)
'''

_SCRIBE = """
from scribe import books
from scribe.contract import Booked
from scribe.models import metadata
from meishi.sdk.plugin import Migrations, Schemas, hookimpl, on
from scribe.subscribing import SUBSCRIPTIONS
from bazaar.contract import Returned, Sold

def keeper(book):
    def keep(events):
        return books.keep(book, events)
    return keep

@hookimpl
def schemas():
    return Schemas(db=metadata)

@hookimpl
def migrations():
    return Migrations("scribe.migrations.versions")

@hookimpl
def event_types():
    return [Booked]

@hookimpl
def event_handlers():
    return [
        on(event, keeper(name), subscription=subscription)
        for name, subscription in SUBSCRIPTIONS.items()
        for event in (Sold, Returned)
    ]
"""

_SUBSCRIBING = """
from meishi.sdk.plugin import ReplayPolicy, RetryPolicy, Subscription

SUBSCRIPTIONS = {
    "main": Subscription(retry=RetryPolicy(attempts=3), limit_seconds=5),
}
"""

Act = Callable[[str, Sequence[Any]], object]


def write_packages(packages: PluginPackages, *, subscribing: str = _SUBSCRIBING) -> None:
    """Write both plugins; `subscribing` is the module that declares the scribe's subscriptions."""
    packages.add(
        BAZAAR,
        plugin=_BAZAAR,
        files={"contract.py": _BAZAAR_CONTRACT},
        events={"emits": ["bazaar.sold.v1", "bazaar.returned.v1"]},
    )
    packages.add(
        SCRIBE,
        plugin=_SCRIBE,
        files={
            "contract.py": _SCRIBE_CONTRACT,
            "models.py": _SCRIBE_MODELS,
            "books.py": _SCRIBE_BOOKS,
            "subscribing.py": subscribing,
            "migrations/__init__.py": "",
            "migrations/versions/__init__.py": "",
            "migrations/versions/0001.py": _SCRIBE_REVISION,
        },
        requires={BAZAAR: "*"},
        events={
            "emits": ["scribe.booked.v1"],
            "consumes": ["bazaar.sold.v1", "bazaar.returned.v1"],
        },
    )


def sold(thing: str, number: int) -> Any:
    """Return the event of a sale."""
    return import_module("bazaar.contract").Sold(thing=thing, number=number)


def returned(thing: str, number: int) -> Any:
    """Return the event that something came back."""
    return import_module("bazaar.contract").Returned(thing=thing, number=number)


def booked(thing: str, number: int) -> Any:
    """Return the event that something is in the books."""
    return import_module("scribe.contract").Booked(thing=thing, number=number)


def write(book: str, events: Sequence[Any]) -> None:
    """Enter sales into a book, as the scribe does."""
    import_module("scribe.books").write(book, events)


@contextmanager
def keeping(act: Act, book: str = "main") -> Iterator[None]:
    """Have the scribe do something else with a book."""
    acts: dict[str, Act] = import_module("scribe.books").ACTS
    acts[book] = act
    try:
        yield
    finally:
        del acts[book]
