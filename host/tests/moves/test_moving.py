"""A move takes everything along, or changes nothing."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from traceback import format_exception
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection

from meishi.jobs.requests import JobRequested
from meishi.moves.directions import BackToMain, ToService
from meishi.moves.move import Brought, Limits, Move, MoveReport
from meishi.moves.refusals import MoveFailed, MoveRefused
from meishi.moves.side import Side
from meishi.switches.models import DB_SCHEMA
from meishi.switches.places import StoredPlace, read_places
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Pair

URL = "https://larder.example.com"
LIMITS = Limits(settle=20, pause=30)

#: A handler that stands at the newest tick, with two events of one key parked.
HANDLER = """
    WITH newest AS (SELECT max(id) AS id FROM meishi_events.tick), s AS (
        INSERT INTO meishi_events.subscription (name, plugin, types, slots, state)
        VALUES ('larder.all', 'larder', '{shop.opened.v1}', 1, 'live')
    ), c AS (INSERT INTO meishi_events.cursor (subscription, slot) VALUES ('larder.all', 0)), p AS (
        INSERT INTO meishi_events.progress (subscription, slot, seq, tick, upto, pos)
        SELECT 'larder.all', 0, 1, id, id, 0 FROM newest
    )
    INSERT INTO meishi_events.parked (subscription, pos, slot, event_id, type, key, event, state)
    SELECT 'larder.all', pos, 0, uuidv7(), 'shop.opened.v1', 'k', '{}', state
    FROM (VALUES (7, 'dead'), (9, 'held')) AS item (pos, state)
"""

JOB = """
    WITH job AS (
        INSERT INTO meishi_jobs.procrastinate_jobs (queue_name, task_name, args)
        VALUES ('larder.default', 'larder.clean', '{}') RETURNING id
    ), operation AS (
        INSERT INTO meishi_operations.operation (workspace_id, id, kind, state, done,
            cancel_requested, attempts, created_at, version)
        VALUES (%(w)s, %(operation)s, 'larder.clean', 'waiting', 0, false, 0, now(), 1)
    )
    INSERT INTO meishi_jobs.run (job_id, operation, workspace, attempt, failures)
    SELECT id, %(operation)s, %(w)s, 2, 1 FROM job
"""

#: A file whose import by the larder waits, and the job that does it.
IMPORT = """
    WITH job AS (
        INSERT INTO meishi_jobs.procrastinate_jobs (queue_name, task_name, args)
        VALUES ('larder.default', 'larder.import-jars',
            jsonb_build_object('operation', %(operation)s::uuid)) RETURNING id
    ), operation AS (
        INSERT INTO meishi_operations.operation (workspace_id, id, kind, state, done,
            cancel_requested, attempts, created_at, version)
        VALUES (%(w)s, %(operation)s, 'larder.import-jars', 'waiting', 0, false, 0, now(), 1)
    ), file AS (
        INSERT INTO meishi_imports.file_import (workspace_id, id, media_type, plugin, importer,
            asked, state, size, mapping, dry_run, next_offset, next_state, created, updated,
            unchanged, rejected, tries, operation_id, created_at)
        VALUES (%(w)s, uuidv7(), 'text/x-jars', 'larder', 'jars', '{}', 'running', 9, '{}', false,
            0, '', 0, 0, 0, 0, 0, %(operation)s, now())
    )
    INSERT INTO meishi_jobs.run (job_id, operation, workspace, attempt, failures)
    SELECT id, %(operation)s, %(w)s, 2, 1 FROM job
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken(ToService):
    """A way on which something goes wrong at the last moment."""

    def hand_over(self, brought: Brought) -> None:
        """Fail when all is copied."""
        raise MoveFailed("It failed.")


def there(pair: Pair, kind: type[ToService] = ToService, limits: Limits = LIMITS) -> Move:
    """Return the move to the service."""
    way = kind(
        plugin="larder", url=URL, main=pair.main, service=pair.service, signer=pair.host.signer
    )
    return Move(pair.main, way, limits)


def back(pair: Pair, limits: Limits = LIMITS) -> MoveReport:
    """Move back, where the service has said nothing."""
    way = BackToMain(
        plugin="larder",
        main=pair.main,
        service=pair.service,
        signer=pair.host.signer,
        follow=lambda: None,
    )
    return Move(pair.main, way, limits).run()


def put(pair: Pair, shared: WorkspaceUnderTest, *names: str) -> None:
    """Put something into the larder, as whoever uses the main deployment."""
    from larder.contract import Larder  # type: ignore[import-not-found]

    for name in names:
        with shared.host.scope(workspace=shared.id):
            pair.host.calls.get(Larder).put(name)


def names(connection: Connection[Any]) -> list[str]:
    """Return what is in a larder."""
    rows = connection.execute("SELECT name FROM larder.item ORDER BY name")
    return [row[0] for row in rows]


def stored(pair: Pair) -> StoredPlace | None:
    """Return what is stored of where the larder is."""
    with pair.host.within(DB_SCHEMA) as scope:
        return read_places(scope.work).get("larder")


def test_it_is_there_and_nothing_is_left_behind(pair: Pair, shared: WorkspaceUnderTest) -> None:
    """And comes back with what it has over there."""
    put(pair, shared, "bread", "salt")
    report = there(pair).run()
    assert {item.table: item.rows for item in report.tables} == {"item": 2, "remark": 0}
    assert stored(pair) == StoredPlace(url=URL)
    with pair.main.connected() as main, pair.service.connected() as service:
        assert (names(main), names(service)) == ([], ["bread", "salt"])
        service.execute(
            "INSERT INTO larder.item (workspace_id, name) VALUES (%s, 'oil')", (shared.id,)
        )
        service.commit()
    assert back(pair).url is None
    assert stored(pair) is None
    with pair.main.connected() as main, pair.service.connected() as service:
        assert (names(main), names(service)) == (["bread", "oil", "salt"], [])
    put(pair, shared, "tea")
    there(pair).run()
    with pair.service.connected() as service:
        assert names(service) == ["bread", "oil", "salt", "tea"]


def test_handlers_and_jobs_go_on_over_there(pair: Pair, shared: WorkspaceUnderTest) -> None:
    """What is parked stands before all that comes, in its order; a job has been tried as often."""
    operation = uuid4()
    with pair.main.connected() as main:
        main.execute(HANDLER.encode())
        main.execute(JOB.encode(), {"w": shared.id, "operation": operation})
        main.commit()
    report = there(pair).run()
    assert (report.parked, report.jobs) == (2, 1)
    with pair.main.connected() as main, pair.service.connected() as service:
        parked = service.execute("SELECT state, pos < 0 FROM meishi_events.parked ORDER BY pos")
        assert parked.fetchall() == [("dead", True), ("held", True)]
        run = service.execute(
            "SELECT j.task_name, r.operation, r.attempt, r.failures, o.state"
            " FROM meishi_jobs.procrastinate_jobs AS j"
            " JOIN meishi_jobs.run AS r ON r.job_id = j.id"
            " JOIN meishi_operations.operation AS o ON o.id = r.operation"
        )
        assert run.fetchall() == [("larder.clean", operation, 2, 1, "waiting")]
        for table in (
            "meishi_events.subscription WHERE plugin = 'larder'",
            "meishi_jobs.procrastinate_jobs",
            "meishi_operations.operation",
        ):
            assert main.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)


def test_imports_wait_where_their_files_are(pair: Pair, shared: WorkspaceUnderTest) -> None:
    """There and back; and what the service has done of them is known here afterwards."""
    operation, key = uuid4(), uuid4()
    with pair.main.connected() as main:
        main.execute(IMPORT.encode(), {"w": shared.id, "operation": operation})
        main.commit()
    assert there(pair).run().jobs == 0
    with pair.service.connected() as service:
        assert counted(service, "meishi_jobs.procrastinate_jobs") == 0
        assert counted(service, "meishi_operations.operation") == 0
        service.execute(
            "INSERT INTO meishi_remote.answer (key, call, document) VALUES (%s, 'x', 'y')", (key,)
        )
        service.commit()
    for _ in range(2):
        with pair.main.connected() as main:
            waiting = main.execute(
                "SELECT j.task_name, j.status, r.operation FROM meishi_jobs.procrastinate_jobs AS j"
                " JOIN meishi_jobs.run AS r ON r.job_id = j.id"
            ).fetchall()
            assert waiting == [("larder.import-jars", "todo", operation)]
            assert counted(main, "meishi_operations.operation") == 1
        if stored(pair) is not None:
            back(pair)
    with pair.main.connected() as main:
        assert main.execute("SELECT key, call, document FROM meishi_remote.answer").fetchall() == [
            (key, "x", b"y")
        ]


def counted(connection: Connection[Any], table: str) -> int:
    """Return how many rows a table has."""
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def ask(pair: Pair, shared: WorkspaceUnderTest, operation: UUID) -> None:
    """Have a job of the larder asked for."""
    request = JobRequested(
        operation_id=operation,
        job="larder.clean",
        queue="larder.default",
        lock=None,
        priority=0,
        arguments="{}",
    )
    with shared.host.scope(workspace=shared.id, plugin="meishi_jobs"):
        pair.host.publish([request])


def test_a_job_that_went_along_before_is_not_waited_for(
    pair: Pair, shared: WorkspaceUnderTest
) -> None:
    """It was asked for a moment ago, and is done on the other side by now."""
    ask(pair, shared, uuid4())
    there(pair).run()


def test_a_job_that_is_on_its_way_is_waited_for(pair: Pair, shared: WorkspaceUnderTest) -> None:
    """It would be left behind in a queue that nobody looks at."""
    operation = uuid4()
    with pair.main.connected() as main:
        main.execute(JOB.encode(), {"w": shared.id, "operation": operation})
        main.execute("DELETE FROM meishi_jobs.procrastinate_jobs")
        main.commit()
    ask(pair, shared, operation)
    with pytest.raises(MoveFailed, match="begun was not over within the pause"):
        there(pair, limits=Limits(settle=20, pause=3)).run()


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy(ToService):
    """A way on which a worker that has heard of nothing takes a job at the last moment."""

    def is_heard(self) -> bool:
        """Take it."""
        with self.main.connected() as worker:
            worker.execute("UPDATE meishi_jobs.procrastinate_jobs SET status = 'doing'")
            worker.commit()
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Late(ToService):
    """A way on which a job comes when those that wait are known."""

    def hand_over(self, brought: Brought) -> None:
        """Have it come."""
        with self.main.connected() as late:
            late.execute(
                "INSERT INTO meishi_jobs.procrastinate_jobs (queue_name, task_name, args)"
                " VALUES ('larder.default', 'larder.late', '{}')"
            )
            late.commit()
        ToService.hand_over(self, brought)


def test_a_job_that_somebody_takes_meanwhile_is_not_left_behind(
    pair: Pair, shared: WorkspaceUnderTest
) -> None:
    """The move is given up, and the job is done where it was."""
    with pair.main.connected() as main:
        main.execute(JOB.encode(), {"w": shared.id, "operation": uuid4()})
        main.commit()
    with pytest.raises(MoveFailed, match="A job of larder was begun meanwhile"):
        there(pair, Busy).run()
    assert stored(pair) is None


def test_a_job_that_comes_too_late_is_not_deleted(pair: Pair, shared: WorkspaceUnderTest) -> None:
    """Only what is on the other side is."""
    with pair.main.connected() as main:
        main.execute(JOB.encode(), {"w": shared.id, "operation": uuid4()})
        main.commit()
    assert there(pair, Late).run().jobs == 1
    with pair.main.connected() as main:
        left = main.execute("SELECT task_name FROM meishi_jobs.procrastinate_jobs")
        assert left.fetchall() == [("larder.late",)]


def test_what_fails_at_the_last_moment_changes_nothing(
    pair: Pair, shared: WorkspaceUnderTest
) -> None:
    """The plugin goes on where it was, handlers too; the service has nothing."""
    put(pair, shared, "bread")
    with pair.main.connected() as main:
        main.execute(HANDLER.encode())
        main.commit()
    with pytest.raises(MoveFailed, match="It failed"):
        there(pair, Broken).run()
    assert stored(pair) is None
    with pair.main.connected() as main, pair.service.connected() as service:
        assert (names(main), names(service)) == (["bread"], [])
        barrier = "SELECT barrier FROM meishi_events.subscription WHERE plugin = 'larder'"
        assert main.execute(barrier).fetchall() == [(None,)]
    pair.host.places.refresh()
    put(pair, shared, "salt")
    there(pair).run()


#: Whoever says in the main deployment that a plugin is elsewhere fails.
UNSAID = """
    CREATE FUNCTION meishi_plugins.fail() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE 'no'; END $$;
    CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON meishi_plugins.place
        FOR EACH ROW WHEN (NEW.url IS NOT NULL) EXECUTE FUNCTION meishi_plugins.fail()
"""


def test_what_is_left_between_two_commits_is_replaced(
    pair: Pair, shared: WorkspaceUnderTest
) -> None:
    """Rows, handlers and jobs of the attempt are in nobody's way."""
    put(pair, shared, "bread")
    with pair.main.connected() as main:
        main.execute(HANDLER.encode())
        main.execute(JOB.encode(), {"w": shared.id, "operation": uuid4()})
        main.execute(UNSAID.encode())
        main.commit()
    with pytest.raises(MoveFailed, match="The move was given up: no"):
        there(pair).run()
    assert stored(pair) is None
    with pair.main.connected() as main, pair.service.connected() as service:
        assert (names(main), names(service)) == (["bread"], ["bread"])
        main.execute("DROP FUNCTION meishi_plugins.fail CASCADE")
        main.commit()
    report = there(pair).run()
    assert (report.parked, report.jobs) == (2, 1)
    with pair.service.connected() as service:
        assert names(service) == ["bread"]
        for table, number in (
            ("meishi_events.cursor", 1),
            ("meishi_events.progress", 1),
            ("meishi_events.parked", 2),
            ("meishi_jobs.procrastinate_jobs", 1),
            ("meishi_jobs.run", 1),
        ):
            found = service.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            assert found == (number,), table


#: Whoever says in the main deployment that a plugin is back is held up for longer than the pause.
SLOW = """
    CREATE FUNCTION meishi_plugins.wait() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_sleep(10); RETURN OLD; END $$;
    CREATE TRIGGER wait BEFORE DELETE ON meishi_plugins.place
        FOR EACH ROW EXECUTE FUNCTION meishi_plugins.wait()
"""


def test_nothing_is_decided_once_the_pause_is_over(pair: Pair, shared: WorkspaceUnderTest) -> None:
    """By then the service works again, and what it stores would be lost."""
    put(pair, shared, "bread")
    there(pair).run()
    with pair.main.connected() as main:
        main.execute(SLOW.encode())
        main.commit()
    with pytest.raises(MoveFailed, match="The move was given up"):
        back(pair, Limits(settle=20, pause=4))
    assert stored(pair) == StoredPlace(url=URL)
    with pair.main.connected() as main, pair.service.connected() as service:
        assert (names(main), names(service)) == ([], ["bread"])


def test_tables_that_were_upgraded_meanwhile_are_not_taken_for_the_same(
    pair: Pair, shared: WorkspaceUnderTest
) -> None:
    """What is in a column that nobody knew of would be left behind."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Upgraded(ToService):
        """A way on which somebody upgrades the main deployment."""

        def still(self) -> AbstractContextManager[None]:
            """Apply a revision once all is copied."""
            with self.main.connected() as main:
                main.execute("ALTER TABLE larder.item ADD COLUMN shelf text DEFAULT 'top'")
                main.commit()
            return nullcontext()

    put(pair, shared, "bread")
    with pytest.raises((MoveFailed, MoveRefused), match="not the same on both sides"):
        there(pair, Upgraded).run()
    assert stored(pair) is None


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("a:secret@nowhere", "address of the database of the service is none"),
        ("postgresql://a:secret@b:port/c", "address of the database of the service is none"),
        ("postgresql://a:secret@b/c?colour=red", "address of the database of the service is none"),
        ("postgresql://a:secret@127.0.0.1:1/c", "cannot reach the database of the service: conn"),
    ],
)
def test_a_database_that_cannot_be_reached_is_named(url: str, message: str) -> None:
    """In one line, without the password."""
    with pytest.raises(MoveRefused, match=message) as caught, Side("the service", url).connected():
        pass
    shown = "".join(format_exception(caught.value))
    assert "secret" not in f"{caught.value.message} {caught.value.hint} {shown}"


def test_rows_that_came_over_otherwise_are_noticed(pair: Pair, shared: WorkspaceUnderTest) -> None:
    """Then nothing is decided."""
    put(pair, shared, "bread")
    with pair.service.connected() as service:
        service.execute(
            "CREATE FUNCTION larder.spoil() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN NEW.name := 'mould'; RETURN NEW; END $$;"
            " CREATE TRIGGER spoil BEFORE INSERT ON larder.item"
            " FOR EACH ROW EXECUTE FUNCTION larder.spoil();"
            " ALTER TABLE larder.item ENABLE ALWAYS TRIGGER spoil"
        )
        service.commit()
    with pytest.raises(MoveFailed, match="item came over with 1 of 1 rows, or others"):
        there(pair).run()
    assert stored(pair) is None


def test_a_service_that_has_rows_of_its_own_keeps_them(
    pair: Pair, shared: WorkspaceUnderTest
) -> None:
    """They are no leftovers of a move."""
    with pair.service.connected() as service:
        service.execute(
            "INSERT INTO larder.item (workspace_id, name) VALUES (%s, 'own')", (shared.id,)
        )
        service.commit()
        with pytest.raises(MoveRefused, match=r"rows of its own in larder\.item"):
            there(pair).run()
        assert names(service) == ["own"]


def test_sides_at_other_revisions_do_not_fit(pair: Pair) -> None:
    """It is said which part, and where both are."""
    with pair.service.connected() as service:
        service.execute("UPDATE larder.alembic_version SET version_num = 'larder_0002'")
        service.commit()
    with pytest.raises(MoveRefused, match="larder are at larder_0001 on one side, and at larder_0"):
        there(pair).run()


def test_a_handler_that_is_paused_cannot_go_on_elsewhere(pair: Pair) -> None:
    """Somebody has decided about it, and its place is nobody else's business."""
    with pair.main.connected() as main:
        main.execute(HANDLER.encode())
        main.execute("UPDATE meishi_events.subscription SET state = 'paused'")
        main.commit()
    with pytest.raises(MoveRefused, match=r"larder\.all cannot be moved now: it is paused"):
        there(pair).run()
