"""Imports of a plugin that is a service: the file stays here, and nothing comes in twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from meishi.clock import utc_now
from meishi.context import current_scope, substitute_scope
from meishi.imports.across import KeptFiles
from meishi.imports.calling import MOST_TRIES
from meishi.imports.jobs import KEPT_DAYS
from meishi.imports.records import FileImportNotFound
from meishi.remote import answers
from meishi.remote.clocks import DeploymentClock
from meishi.remote.way import Ways
from meishi.sdk.context import service
from meishi.testing.fixtures import found_workspace
from meishi.testing.jobs import JobRuns
from meishi.testing.sessions import IN_TRANSACTION
from meishi.testing.split import Split

from ..wires import Deed, Wire, Wsgi, away, dead, lost, saying, through
from .conftest import Granary
from .granary import acting

CLOCK = DeploymentClock(utc_now, follows=False)

FILE = b"rye\noats\nwheat\nbarley\nspelt\n"
NAMES = ["rye", "oats", "wheat", "barley", "spelt"]
CHOSEN: dict[str, Any] = {"mapping": {"Sack": "name"}}

WireTo = Callable[[str], Wire]


@pytest.fixture(autouse=True)
def patient(granary_apart: Granary, monkeypatch: pytest.MonkeyPatch) -> None:
    """The main deployment's clock for pauses runs fast: nobody is left alone for long."""
    ticks = count()
    monkeypatch.setattr(granary_apart.host, "ways", Ways(CLOCK, elapsed=lambda: float(next(ticks))))


@pytest.fixture
def to_service(granary_split: Split, monkeypatch: pytest.MonkeyPatch) -> WireTo:
    """Put a wire before the service."""

    def wire(word: str) -> Wire:
        found = Wire(granary_split.service.app.wsgi_app, word)
        monkeypatch.setattr(granary_split.service.app, "wsgi_app", found)
        return found

    return wire


@pytest.fixture
def to_main(granary_split: Split, monkeypatch: pytest.MonkeyPatch) -> WireTo:
    """Put a wire before the main deployment."""

    def wire(word: str) -> Wire:
        found = Wire(granary_split.main.app.wsgi_app, word)
        monkeypatch.setattr(granary_split.main.app, "wsgi_app", found)
        return found

    return wire


@contextmanager
def refusing_progress(granary: Granary) -> Iterator[None]:
    """Let the main deployment's database refuse that a chunk was taken in."""
    table = "meishi_imports.file_import"
    granary.admin.execute(f"ALTER TABLE {table} ADD CONSTRAINT refuse CHECK (created = 0)".encode())
    try:
        yield
    finally:
        granary.admin.execute(f"ALTER TABLE {table} DROP CONSTRAINT refuse".encode())


def sent(granary: Granary) -> list[int | None]:
    """Return the chunks of which it is not known whether they were taken in."""
    return [row[0] for row in granary.rows("SELECT sent FROM meishi_imports.file_import")]


def test_a_file_comes_in_while_the_service_is_away_and_waits_for_it(
    granary_apart: Granary, run_apart: JobRuns, to_service: WireTo
) -> None:
    """Nothing is lost, nobody is blamed, and it goes on as soon as somebody is there."""
    wire = to_service("PlacedImporters")
    import_id = granary_apart.upload(FILE)
    operation = granary_apart.start(import_id, **CHOSEN)

    def back(inside: Wsgi, environ: Any, start_response: Any) -> Iterable[bytes]:
        if wire.met > 2 * MOST_TRIES:
            wire.deed = through
        return away(inside, environ, start_response)

    wire.deed = back
    runs = run_apart(failures=True)
    assert {item.fate for item in runs} == {"again", "succeeded"}
    assert granary_apart.operation(operation)["state"] == "succeeded"
    assert granary_apart.names() == NAMES


def test_a_service_that_stays_away_is_told_and_the_import_can_go_on(
    granary_apart: Granary, run_apart: JobRuns, to_service: WireTo
) -> None:
    """In words for people; the file is still there."""
    wire = to_service("PlacedImporters")
    wire.deed = away
    import_id = granary_apart.upload(FILE)
    operation = granary_apart.start(import_id, "preview")
    run_apart(failures=True)
    error = granary_apart.operation(operation)["error"]
    assert error["type"] == "urn:meishi:problem:plugin-unavailable"
    assert (
        error["detail"] == "The service of granary does not answer as it should; try again later."
    )
    wire.deed = None
    granary_apart.start(import_id, "preview")
    run_apart()
    assert granary_apart.shown(import_id)["preview"]["rows"][0] == ["rye"]
    granary_apart.start(import_id)
    run_apart()
    assert granary_apart.names() == NAMES


def test_a_chunk_whose_answer_is_lost_is_taken_in_once(
    granary_apart: Granary, run_apart: JobRuns, to_service: WireTo
) -> None:
    """However often it is asked for, also by the next attempt at the job."""
    wire = to_service("PlacedImporters/run")

    def lost_for_a_while(inside: Wsgi, environ: Any, start_response: Any) -> Iterable[bytes]:
        deed = lost if wire.met <= 4 or wire.met % 3 else through
        return deed(inside, environ, start_response)

    wire.deed = lost_for_a_while
    import_id = granary_apart.upload(FILE)
    operation = granary_apart.start(import_id, **CHOSEN)
    run_apart(failures=True)
    assert wire.met > 6
    assert granary_apart.operation(operation)["state"] == "succeeded"
    assert granary_apart.names() == NAMES
    assert granary_apart.shown(import_id)["counts"]["created"] == len(NAMES)


def test_what_the_service_has_done_and_nobody_here_knows_is_not_done_again(
    granary_apart: Granary, run_apart: JobRuns
) -> None:
    """Nor done otherwise: until it is known, the import goes on as it was begun, or not at all."""
    import_id = granary_apart.upload(FILE)
    granary_apart.start(import_id, **CHOSEN)
    with refusing_progress(granary_apart):
        run_apart(failures=True)
    assert granary_apart.names() == ["rye", "oats"]
    shown = granary_apart.shown(import_id)
    assert (shown["state"], shown["progress"], sent(granary_apart)) == ("uploaded", 0.0, [0])
    granary_apart.start(import_id, "preview")
    with acting("preview", lambda _file: "nothing"):
        run_apart(failures=True)
    for other in ({"mapping": {"Sack": "mark"}}, {**CHOSEN, "dry_run": True}):
        refused = granary_apart.ask("POST", f"/{import_id}/run", json=other)
        assert refused.status_code == 409
        assert refused.get_json()["type"] == "urn:meishi:problem:import-begun"
    granary_apart.start(import_id)
    run_apart()
    assert granary_apart.names() == NAMES
    assert granary_apart.shown(import_id)["counts"]["created"] == len(NAMES)
    assert sent(granary_apart) == [None]


def test_what_a_service_has_done_is_known_for_as_long_as_a_file_waits() -> None:
    """The night in which an old one is forgotten comes up to a day later."""
    assert answers.KEPT_DAYS >= KEPT_DAYS + 1


def test_a_chunk_that_was_refused_leaves_every_choice(
    granary_apart: Granary, run_apart: JobRuns
) -> None:
    """What the service says it has not done binds nobody."""

    def fail(_task: object, _file: object) -> None:
        raise RuntimeError

    import_id = granary_apart.upload(FILE)
    granary_apart.start(import_id, **CHOSEN)
    with acting("run", fail):
        run_apart(failures=True)
    assert sent(granary_apart) == [None]
    granary_apart.start(import_id, mapping={"Sack": "mark"})
    run_apart()
    assert granary_apart.sacks("name, field") == [(name, "mark") for name in NAMES]


def test_who_comes_back_too_late_settles_nothing_for_others(
    granary_apart: Granary, run_apart: JobRuns
) -> None:
    """The chunk was taken in, though the run that had it sent has no say any more."""
    import_id = granary_apart.upload(FILE)
    granary_apart.start(import_id, **CHOSEN)

    def begin_another(_task: object, _file: object) -> None:
        granary_apart.admin.execute("UPDATE meishi_imports.file_import SET run = gen_random_uuid()")

    with acting("run", begin_another):
        run_apart(failures=True)
    assert granary_apart.names() == ["rye", "oats"]
    assert sent(granary_apart) == [0]
    refused = granary_apart.ask("POST", f"/{import_id}/run", json={"mapping": {"Sack": "mark"}})
    assert refused.get_json()["type"] == "urn:meishi:problem:import-begun"
    granary_apart.start(import_id)
    run_apart()
    assert granary_apart.sacks("name, field") == [(name, "name") for name in NAMES]


def test_a_chunk_that_is_tried_again_and_again_is_tried_each_time(
    granary_apart: Granary, run_apart: JobRuns
) -> None:
    """What a dry run came to yesterday is no answer today."""
    import_id = granary_apart.upload(FILE)
    seen: list[int] = []
    with acting("run", lambda task, _file: seen.append(task.offset)):
        for _ in range(2):
            granary_apart.start(import_id, dry_run=True, **CHOSEN)
            run_apart()
    assert seen == [0, 9, 22] * 2
    assert granary_apart.names() == []
    assert sent(granary_apart) == [None]


def test_an_importer_that_ends_its_service_each_time_is_given_up_by_name(
    granary_apart: Granary, run_apart: JobRuns, to_service: WireTo
) -> None:
    """Others go on; what a proxy answers while nobody is there does not count."""
    import_id = granary_apart.upload(FILE)
    operation = granary_apart.start(import_id, **CHOSEN)
    to_service("PlacedImporters/run").deed = dead
    runs = run_apart(failures=True)
    assert [item.fate for item in runs] == ["again"] * MOST_TRIES + ["failed"]
    detail = granary_apart.operation(operation)["error"]["detail"]
    assert detail.startswith(
        "The importer 'sacks' of the module 'granary' did not come back 3 times"
    )
    assert granary_apart.names() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"following": 4711}', "`run` began at octet 0 and wants to go on at 4711."),
        (b'{"following": 5, "created": -7}', "`run` returned a negative number."),
    ],
)
def test_an_answer_that_makes_no_sense_is_told_by_name(
    granary_apart: Granary, run_apart: JobRuns, to_service: WireTo, content: bytes, said: str
) -> None:
    """Nothing of it is kept."""
    wire = to_service("PlacedImporters/run")
    wire.deed = saying("200 OK", content, ("Content-Type", "application/json"))
    import_id = granary_apart.upload(FILE)
    operation = granary_apart.start(import_id, **CHOSEN)
    run_apart(failures=True)
    error = granary_apart.operation(operation)["error"]
    assert error["detail"] == f"The importer 'sacks' of the module 'granary' failed: {said}"
    assert granary_apart.shown(import_id)["counts"]["items"] == 0


def test_who_cannot_be_asked_whether_they_read_a_file_is_asked_later(
    granary_apart: Granary, run_apart: JobRuns, to_service: WireTo
) -> None:
    """The file is not given up because a service was away for a moment."""
    wire = to_service("PlacedImporters/detect")

    def away_at_first(inside: Wsgi, environ: Any, start_response: Any) -> Iterable[bytes]:
        deed = away if wire.met <= 4 else through
        return deed(inside, environ, start_response)

    wire.deed = away_at_first
    import_id = granary_apart.upload(b"SACKS\nrye\n", importer=None)
    granary_apart.start(import_id, "preview")
    run_apart(failures=True)
    shown = granary_apart.shown(import_id)
    assert (shown["importer"], shown["preview"]["total"]) == ("sacks", 2)


@pytest.mark.parametrize(
    "deed", [away, dead, saying("200 OK", b'""', ("Content-Type", "text/html"))]
)
def test_a_file_that_cannot_be_read_for_a_while_is_not_taken_for_a_short_one(
    granary_apart: Granary, run_apart: JobRuns, to_main: WireTo, deed: Deed
) -> None:
    """The chunk is undone and done anew, whatever the importer makes of it."""
    wire = to_main("KeptFiles/read")
    wire.deed = deed
    import_id = granary_apart.upload(FILE)
    operation = granary_apart.start(import_id, **CHOSEN)
    # The service asks no more after some failures, and its clock is the real one.
    run_apart(failures=True)
    assert granary_apart.names() == []
    assert granary_apart.operation(operation)["state"] == "failed"
    assert granary_apart.shown(import_id)["state"] == "uploaded"
    wire.deed = None
    granary_apart.plugin_host.ways.close()
    granary_apart.start(import_id)
    run_apart()
    assert granary_apart.names() == NAMES


def test_a_service_reads_the_files_of_its_own_plugin_alone(granary_apart: Granary) -> None:
    """In the workspace where they are, and no more of them than there is."""
    ours = UUID(granary_apart.upload(FILE))
    unknown = UUID(granary_apart.upload(b"SACKS", importer=None))
    with granary_apart.workspace.acting_as("meishi_imports"):
        files = service(KeptFiles)
        with substitute_scope(replace(current_scope(), asked_by=frozenset({"granary"}))):
            assert files.read(ours, 4, 9) == FILE[4:13]
            assert files.read(ours, 4, 2**40) == FILE[4:]
            assert files.read(ours, len(FILE) + 7, 9) == b""
            assert files.read(ours, -3, -3) == b""
            with pytest.raises(FileImportNotFound):
                files.read(unknown, 0, 9)
        with (
            substitute_scope(replace(current_scope(), asked_by=frozenset({"mill"}))),
            pytest.raises(FileImportNotFound),
        ):
            files.read(ours, 0, 9)
    other = found_workspace(granary_apart.host, "two")
    with other.acting_as("meishi_imports"), pytest.raises(FileImportNotFound):
        service(KeptFiles).read(ours, 0, 9)


def test_files_stay_where_they_came_in(granary_apart: Granary, run_apart: JobRuns) -> None:
    """The service keeps nothing of them, and no operation is its own."""
    import_id = granary_apart.upload(FILE)
    granary_apart.start(import_id, "preview")
    run_apart()
    for table in ("meishi_imports.file_import", "meishi_imports.import_piece"):
        counted = granary_apart.plugin_admin.execute(f"SELECT count(*) FROM {table}".encode())
        assert counted.fetchone() == (0,)
    assert granary_apart.rows("SELECT count(*) FROM meishi_imports.import_piece") == [(1,)]


def test_nothing_is_held_of_the_database_while_the_service_is_at_work(
    granary_apart: Granary, run_apart: JobRuns
) -> None:
    """However long that takes, no transaction of the main deployment is open for it."""
    opened: list[Any] = []
    import_id = granary_apart.upload(b"SACKS\nrye\noats\n", importer=None)
    granary_apart.start(import_id, "preview")
    with (
        acting("detect", lambda _head: opened.extend(granary_apart.rows(IN_TRANSACTION))),
        acting("preview", lambda _file: opened.extend(granary_apart.rows(IN_TRANSACTION))),
    ):
        run_apart(failures=True)
    granary_apart.start(import_id, **CHOSEN)
    with acting("run", lambda _task, _file: opened.extend(granary_apart.rows(IN_TRANSACTION))):
        run_apart()
    assert opened == [(0,)] * 4
