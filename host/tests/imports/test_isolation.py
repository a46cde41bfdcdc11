"""Importers that misbehave: their own imports fail, by name, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO

import pytest

from meishi.imports.answers import MAX_REJECTS
from meishi.imports.calling import MOST_TRIES
from meishi.remote.errors import RemoteCallError
from meishi.remote.line import NoAnswer
from meishi.sdk.contract import DomainError
from meishi.sdk.database import execute
from meishi.sdk.plugin import ImportChunk, ImportPreview, ImportTask, RejectedItem
from meishi.testing.jobs import JobRuns

from .conftest import Granary, in_one_piece
from .granary import acting

FILE = b"rye\noats\nwheat\n"
NAMED = "The importer 'sacks' of the module 'granary' "


class Mouldy(DomainError):
    """The granary cannot take it."""

    code = "mouldy"
    title = "Mouldy"
    status = 422


def raising(error: BaseException) -> Callable[..., Any]:
    """Return something that raises an error."""

    def act(*_: object) -> None:
        raise error

    return act


def failing(*_: object) -> ImportChunk:
    """Undo the transaction, and say nothing of it."""
    with suppress(Exception):
        execute("SELECT 1 / 0")
    return ImportChunk(following=3)


FAILURES: dict[str, tuple[Callable[..., Any], str]] = {
    "raises": (raising(RuntimeError("secret 4711")), "the operators of this deployment can see"),
    "leaves": (raising(SystemExit(3)), "the operators of this deployment can see"),
    "declared": (raising(Mouldy("The rye is wet.")), "The rye is wet."),
    "swallows": (failing, "the operators of this deployment can see"),
    "kind": (lambda *_: "done", "`run` returned a str, not an ImportChunk."),
    "stands": (lambda *_: ImportChunk(following=0), "`run` began at octet 0 and wants to go on"),
    "beyond": (lambda *_: ImportChunk(following=99), "`run` began at octet 0 and wants to go on"),
    "negative": (lambda *_: ImportChunk(following=3, created=-1), "`run` returned a negative"),
    "state": (lambda *_: ImportChunk(following=3, state="x" * 16_385), "`run` returned a state"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_an_importer_that_fails_is_named_and_leaves_nothing(
    granary: Granary, run: JobRuns, name: str
) -> None:
    """It is not tried again by itself: no repetition would cure it. What it wrote is undone."""
    import_id = granary.upload(FILE)
    operation = granary.start(import_id, mapping={"Sack": "name"})
    act, said = FAILURES[name]
    with acting("run", act):
        runs = run(failures=True)
    assert [item.fate for item in runs] == ["failed"]
    error = granary.operation(operation)["error"]
    assert error["type"] == "urn:meishi:problem:importer-failed"
    assert error["detail"].startswith(f"{NAMED}failed: {said}")
    assert "4711" not in error["detail"]
    assert granary.names() == []
    granary.start(import_id)
    run()
    assert granary.names() == ["rye", "oats", "wheat"]


@pytest.mark.parametrize("found", [None, "rows", ImportPreview(columns=(1,), rows=())])  # type: ignore[arg-type]
def test_a_preview_that_is_none_is_told_by_name(
    granary: Granary, run: JobRuns, found: object
) -> None:
    """The file stays, and nothing is shown of it."""
    import_id = granary.upload(FILE)
    operation = granary.start(import_id, "preview")
    with acting("preview", lambda _file: found or 7):
        run(failures=True)
    assert granary.operation(operation)["error"]["detail"].startswith(f"{NAMED}failed: ")
    assert granary.shown(import_id)["preview"] is None


@in_one_piece
def test_an_importer_that_never_comes_back_is_given_up_by_name(
    granary: Granary, run: JobRuns
) -> None:
    """Whoever ends the process each time ends no more of them after some; others go on."""

    def end_process(task: ImportTask, _file: BinaryIO) -> None:
        if task.mapping["Sack"] == "mark":
            raise KeyboardInterrupt

    bad, good = granary.upload(FILE), granary.upload(FILE)
    operation = granary.start(bad, mapping={"Sack": "mark"})
    granary.start(good, mapping={"Sack": "name"})
    with acting("run", end_process):
        runs = run(failures=True)
    fates = [item.fate for item in runs if str(item.operation) == operation]
    assert fates == ["again"] * MOST_TRIES + ["failed"]
    detail = granary.operation(operation)["error"]["detail"]
    assert detail.startswith(f"{NAMED}did not come back 3 times: it took longer than 60 s")
    assert granary.names() == ["rye", "oats", "wheat"]


def test_what_passes_is_tried_again_and_blames_nobody(granary: Granary, run: JobRuns) -> None:
    """Two that wanted the same rows are no fault of the importer."""
    times: list[int] = []

    def collide(*_: object) -> None:
        times.append(1)
        if len(times) <= MOST_TRIES + 1:
            execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$")

    import_id = granary.upload(b"rye\n")
    operation = granary.start(import_id, mapping={"Sack": "name"})
    with acting("run", collide):
        run(failures=True)
    assert granary.operation(operation)["state"] == "succeeded"
    assert granary.names() == ["rye"]


def test_a_service_that_an_importer_needs_and_that_is_away_is_waited_for(
    granary: Granary, run: JobRuns
) -> None:
    """Nobody is blamed for it, and nothing of the chunk is kept."""
    times: list[int] = []

    def need(*_: object) -> None:
        times.append(1)
        if len(times) <= MOST_TRIES + 1:
            gone = NoAnswer("it cannot be reached", happened=False, again=True)
            raise RemoteCallError("miller", "grind", gone.reason, may_have_happened=False) from gone

    import_id = granary.upload(b"rye\n")
    operation = granary.start(import_id, mapping={"Sack": "name"})
    with acting("run", need):
        run(failures=True)
    assert granary.operation(operation)["state"] == "succeeded"
    assert granary.names() == ["rye"]


@in_one_piece
def test_one_that_ends_the_process_as_it_is_asked_is_not_asked_again(
    granary: Granary, run: JobRuns
) -> None:
    """The next one has its turn all the same."""
    import_id = granary.upload(FILE, importer=None)
    operation = granary.start(import_id, "preview")
    with acting("detect", raising(KeyboardInterrupt())):
        run(failures=True)
    found = granary.operation(operation)
    assert found["error"]["type"] == "urn:meishi:problem:importer-not-found"


def test_an_importer_sees_its_own_tables_alone(granary: Granary, run: JobRuns) -> None:
    """It runs under the role of its plugin, also right after it has read of the file."""
    roles: list[str] = []

    def look(_task: object, file: BinaryIO) -> None:
        file.seek(0)
        file.read()
        roles.extend(execute("SELECT current_user::text")[0])
        execute("SELECT count(*) FROM meishi_imports.import_piece")

    import_id = granary.upload(FILE)
    operation = granary.start(import_id, mapping={"Sack": "name"})
    with acting("run", look):
        run(failures=True)
    assert roles == [granary.plugin_host.roles.run("granary")]
    assert granary.operation(operation)["state"] == "failed"


def test_many_rejects_are_counted_and_the_first_are_kept(granary: Granary, run: JobRuns) -> None:
    """With texts that can be stored, page by page."""

    def reject(task: ImportTask, _file: BinaryIO) -> ImportChunk:
        items = tuple(
            RejectedItem(position=task.items + number, code="wet", message="\0wet \ud800" * 200)
            for number in range(1, 701)
        )
        return ImportChunk(
            following=None if task.items else 4, rejected=items, state=f"behind {task.items + 700}"
        )

    import_id = granary.upload(b"rye\n" * 400)
    granary.start(import_id, mapping={"Sack": "name"})
    with acting("run", reject):
        run()
    assert granary.shown(import_id)["counts"]["rejected"] == 1400
    assert granary.rows("SELECT count(*) FROM meishi_imports.import_reject") == [(MAX_REJECTS,)]
    first = granary.ask("GET", f"/{import_id}/rejects", query_string={"limit": 2}).json
    assert first is not None
    assert [item["position"] for item in first["items"]] == [1, 2]
    following = granary.ask("GET", f"/{import_id}/rejects?after={first['next_after']}").json
    assert following is not None
    assert following["items"][0]["position"] == 3


def test_a_preview_is_cut_to_what_is_shown(granary: Granary, run: JobRuns) -> None:
    """However much an importer returns."""
    large = ImportPreview(columns=("x" * 999,) * 999, rows=(("y" * 999,) * 999,) * 99)
    import_id = granary.upload(FILE)
    granary.start(import_id, "preview")
    with acting("preview", lambda _file: replace(large)):
        run()
    shown = granary.shown(import_id)["preview"]
    assert (len(shown["columns"]), len(shown["columns"][0])) == (200, 200)
    assert (len(shown["rows"]), len(shown["rows"][0]), len(shown["rows"][0][0])) == (20, 200, 200)
