"""A small plugin with accounts that are numbered at every entry, and a record of what it heard.

Each event of an account carries the number that the account has just got, under the lock of its
row: an account's number says how many events about it were committed, and in which order.
"""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import dedent

from meishi.testing.packages import PluginPackages

LEDGER = "bench_ledger"

#: Subscriptions, whose handlers are given one event at a time, and as many as there are.
SINGLE, BATCH = "single", "batch"

#: Event types: what both hear, and what is for one of them alone.
ENTRY, SINGLE_ENTRY, BATCH_ENTRY = "EntryMade", "SingleEntryMade", "BatchEntryMade"

_EVENT = '''

    @dataclass(frozen=True, slots=True, kw_only=True)
    class {name}(Event):
        """An account got its next number."""

        event_type: ClassVar[str] = "{type}"
        subject: ClassVar[str] = "account"

        account: UUID
        number: int
'''
_CONTRACT = '''
    """What happens to accounts."""
    from dataclasses import dataclass
    from typing import ClassVar
    from uuid import UUID
    from meishi.sdk.contract import Event
'''
#: The types of the events.
TYPES = {
    ENTRY: "ledger.entry.v1",
    SINGLE_ENTRY: "ledger.single_entry.v1",
    BATCH_ENTRY: "ledger.batch_entry.v1",
}
_MODELS = '''
    """Accounts, and what was heard about them."""
    from sqlalchemy import (
        BigInteger, Column, DateTime, Identity, PrimaryKeyConstraint, Table, Text, Uuid, text,
    )
    from meishi.sdk.database import plugin_metadata

    metadata = plugin_metadata("bench_ledger")
    account = Table(
        "account",
        metadata,
        Column("workspace_id", Uuid, nullable=False),
        Column("id", Uuid, nullable=False),
        Column("number", BigInteger, nullable=False, server_default=text("0")),
        Column("title", Text, nullable=False, server_default=text("''")),
        PrimaryKeyConstraint("workspace_id", "id"),
    )
    handled = Table(
        "handled",
        metadata,
        Column("workspace_id", Uuid, nullable=False),
        Column("id", BigInteger, Identity(always=True), nullable=False),
        Column("subscription", Text, nullable=False),
        Column("account", Uuid, nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("handled_at", DateTime(timezone=True), nullable=False,
               server_default=text("clock_timestamp()")),
        PrimaryKeyConstraint("workspace_id", "id"),
    )
'''
#: The columns of what was heard; the peer's table has the same.
HANDLED = """
    id bigint GENERATED ALWAYS AS IDENTITY, subscription text NOT NULL, account uuid NOT NULL,
    number bigint NOT NULL, handled_at timestamptz NOT NULL DEFAULT clock_timestamp()
"""
_REVISION = '''
    """Both tables."""
    from alembic import op

    revision = "bench_ledger_0001"
    down_revision = None


    def upgrade() -> None:
        op.execute("""
            CREATE TABLE bench_ledger.account (
                workspace_id uuid NOT NULL, id uuid NOT NULL, number bigint NOT NULL DEFAULT 0,
                title text NOT NULL DEFAULT '',
                CONSTRAINT account_pkey PRIMARY KEY (workspace_id, id)
            ) WITH (fillfactor = 50)
        """)
        op.execute("""
            CREATE TABLE bench_ledger.handled (
                workspace_id uuid NOT NULL, {columns},
                CONSTRAINT handled_pkey PRIMARY KEY (workspace_id, id)
            )
        """)


    def downgrade() -> None:
        op.execute("DROP TABLE bench_ledger.account, bench_ledger.handled")
'''
_REPOSITORY = '''
    """Its statements."""
    from collections.abc import Sequence
    from uuid import UUID
    from meishi.sdk.context import current_workspace
    from meishi.sdk.database import execute

    _NUMBER = (
        "UPDATE bench_ledger.account SET number = number + 1 "
        "WHERE workspace_id = %(workspace)s AND id = %(id)s RETURNING number"
    )
    _TITLE = (
        "UPDATE bench_ledger.account SET title = %(title)s, number = number + 1 "
        "WHERE workspace_id = %(workspace)s AND id = %(id)s RETURNING number"
    )
    _HEARD = (
        "INSERT INTO bench_ledger.handled (workspace_id, subscription, account, number) "
        "SELECT %(workspace)s, %(subscription)s, account, number "
        "FROM unnest(%(accounts)s::uuid[], %(numbers)s::bigint[]) AS heard (account, number)"
    )
    _HEARD_ONE = (
        "INSERT INTO bench_ledger.handled (workspace_id, subscription, account, number) "
        "VALUES (%(workspace)s, %(subscription)s, %(account)s, %(number)s)"
    )


    def next_number(account: UUID) -> int:
        """Give an account its next number; its row stays locked until the end."""
        rows = execute(_NUMBER, {"workspace": current_workspace(), "id": account})
        return int(rows[0][0])


    def entitle(account: UUID, title: str) -> int:
        """Change a title, and return the account's next number."""
        values = {"workspace": current_workspace(), "id": account, "title": title}
        return int(execute(_TITLE, values)[0][0])


    def note(subscription: str, accounts: Sequence[UUID], numbers: Sequence[int]) -> None:
        """Record what was heard, in order."""
        values = {"workspace": current_workspace(), "subscription": subscription}
        if len(accounts) == 1:
            execute(_HEARD_ONE, values | {"account": accounts[0], "number": numbers[0]})
        else:
            execute(_HEARD, values | {"accounts": list(accounts), "numbers": list(numbers)})
'''
_SUBSCRIBERS = '''
    """What is done with entries: they are noted, or nothing."""
    from collections.abc import Sequence
    from bench_ledger import repository
    from bench_ledger.contract import EntryMade


    def on_single(events: Sequence[EntryMade]) -> None:
        note("single", events)


    def on_batch(events: Sequence[EntryMade]) -> None:
        note("batch", events)


    def note(subscription: str, events: Sequence[EntryMade]) -> None:
        accounts = [event.account for event in events]
        repository.note(subscription, accounts, [event.number for event in events])


    def look_on(events: Sequence[EntryMade]) -> None:
        """Take no notice."""
'''
_ROUTES = '''
    """One change, told and untold."""
    from uuid import UUID
    from flask import Response, jsonify, request
    from flask.views import MethodView
    from bench_ledger import repository
    from bench_ledger.contract import EntryMade
    from meishi.sdk.context import publish
    from meishi.sdk.http import Blueprint

    blueprint = Blueprint("bench_ledger", description="Changes to measure.")


    @blueprint.route("/<any(told, untold):how>/<uuid:account>")
    class Account(MethodView):
        @blueprint.requires("write")
        @blueprint.unconditional("The bench asks for no version.")
        def patch(self, how: str, account: UUID) -> Response:
            title = str(request.get_json()["title"])
            number = repository.entitle(account, title)
            if how == "told":
                publish(EntryMade(account=account, number=number))
            return jsonify({"id": account, "title": title})
'''
_PLUGIN = '''
    """Hooks."""
    from bench_ledger.contract import BatchEntryMade, EntryMade, SingleEntryMade
    from bench_ledger.models import metadata
    from bench_ledger.subscribers import look_on, on_batch, on_single
    from meishi.sdk.plugin import (
        Migrations, Permission, Role, Schemas, Subscription, hookimpl, on,
    )


    @hookimpl
    def schemas():
        return Schemas(db=metadata)


    @hookimpl
    def migrations():
        return Migrations("bench_ledger.migrations.versions")


    @hookimpl
    def permissions():
        return [Permission(name="write", title="Write", roles=tuple(Role))]


    @hookimpl
    def event_types():
        return [EntryMade, SingleEntryMade, BatchEntryMade]


    @hookimpl
    def routes():
        from bench_ledger.routes import blueprint

        return [blueprint]


    @hookimpl
    def event_handlers():
'''


def add_ledger(packages: PluginPackages, subscriptions: str, heard: Iterable[str]) -> None:
    """Write the package; `subscriptions` is the body of `event_handlers`, which hears `heard`."""
    packages.add(
        LEDGER,
        files=_files(subscriptions),
        api_prefix="ledger",
        events={"emits": list(TYPES.values()), "consumes": [TYPES[name] for name in heard]},
    )


def _files(subscriptions: str) -> dict[str, str]:
    contract = dedent(_CONTRACT) + "".join(
        dedent(_EVENT).format(name=name, type=kind) for name, kind in TYPES.items()
    )
    return {
        "contract.py": contract,
        "models.py": dedent(_MODELS),
        "repository.py": dedent(_REPOSITORY),
        "subscribers.py": dedent(_SUBSCRIBERS),
        "routes.py": dedent(_ROUTES),
        "plugin.py": dedent(_PLUGIN) + subscriptions,
        "migrations/__init__.py": "",
        "migrations/versions/__init__.py": "",
        "migrations/versions/0001_tables.py": dedent(_REVISION).format(columns=HANDLED.strip()),
    }
