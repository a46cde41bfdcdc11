"""Imports: files come in, are looked into, and taken in chunk by chunk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from meishi.sdk.plugin import ImportChunk
from meishi.testing.jobs import JobRuns

from .conftest import Granary, in_one_piece
from .granary import LINES, acting

FILE = b"rye\noats\n\nwheat\nbarley\n"
NAMES = ["rye", "oats", "wheat", "barley"]


def test_a_file_is_taken_in_chunk_by_chunk(granary: Granary, run: JobRuns) -> None:
    """Each chunk is kept with how far it came; what was rejected is told with its place."""
    seen: list[tuple[int, float]] = []

    def look(_task: object, _file: object) -> None:
        seen.append((len(granary.names()), granary.shown(import_id)["progress"]))

    import_id = granary.upload(FILE)
    operation = granary.start(import_id, mapping={"Sack": "name"})
    with acting("run", look):
        runs = run()
    assert granary.names() == NAMES
    assert [(count, round(progress, 2)) for count, progress in seen] == [
        (0, 0.0), (2, round(9 / 23, 2)), (3, round(16 / 23, 2)),
    ]  # fmt: skip
    assert [item.job for item in runs] == ["granary.import-sacks"]
    found = granary.operation(operation)
    assert (found["state"], found["subject"]) == ("succeeded", f"/api/v1/imports/{import_id}")
    assert found["result"] == {
        "created": 4, "updated": 0, "unchanged": 0, "rejected": 1, "dry_run": False,
    }  # fmt: skip
    shown = granary.shown(import_id)
    assert (shown["state"], shown["progress"], shown["counts"]["items"]) == ("completed", 1.0, 5)
    rejects = granary.ask("GET", f"/{import_id}/rejects").json
    assert rejects == {
        "items": [{"position": 3, "code": "no-name", "message": "No name."}],
        "next_after": None,
    }


def test_a_preview_shows_what_is_in_a_file_and_stores_nothing(
    granary: Granary, run: JobRuns
) -> None:
    """Columns, first rows, what they can become, and what is to be mended."""
    import_id = granary.upload(b"rye\nmice\n")
    assert granary.shown(import_id)["preview"] is None
    granary.start(import_id, "preview")
    run()
    assert granary.shown(import_id)["preview"] == {
        "columns": ["Sack"],
        "rows": [["rye"], ["mice"]],
        "fields": [{"name": "name", "title": "Name"}, {"name": "mark", "title": "Mark"}],
        "mapping": {"Sack": "name"},
        "total": 2,
        "problems": ["Mice!"],
    }
    assert granary.names() == []


def test_a_run_takes_the_mapping_of_the_preview_or_another(granary: Granary, run: JobRuns) -> None:
    """What the caller says is before what was proposed."""
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "name"), ({"mapping": {"Sack": "mark"}}, "mark"),
    ]  # fmt: skip
    for chosen, field in cases:
        import_id = granary.upload(b"rye\n")
        granary.start(import_id, "preview")
        run()
        granary.start(import_id, **chosen)
        run()
        assert granary.sacks("field")[-1] == (field,)


def test_a_dry_run_tells_what_would_come_of_it_and_stores_nothing(
    granary: Granary, run: JobRuns
) -> None:
    """What the importer writes is undone; then the file can be taken in all the same."""
    import_id = granary.upload(FILE)
    granary.start(import_id, mapping={"Sack": "name"}, dry_run=True)
    run()
    shown = granary.shown(import_id)
    assert (shown["state"], shown["counts"]["created"]) == ("tried", 4)
    assert granary.names() == []
    granary.start(import_id)
    run()
    assert granary.names() == NAMES
    assert granary.shown(import_id)["counts"]["rejected"] == 1


@in_one_piece
def test_what_is_killed_goes_on_where_it_was(granary: Granary, run: JobRuns) -> None:
    """Whatever ends a worker in a chunk: no sack comes in twice, and none is lost."""
    killed: list[int] = []

    def die(task: object, _file: object) -> None:
        if len(granary.names()) == 2 and len(killed) < 2:
            killed.append(1)
            raise KeyboardInterrupt

    import_id = granary.upload(FILE)
    operation = granary.start(import_id, mapping={"Sack": "name"})
    with acting("run", die):
        runs = run(failures=True)
    assert [item.fate for item in runs] == ["again", "again", "succeeded"]
    assert granary.names() == NAMES
    assert granary.operation(operation)["state"] == "succeeded"


def test_a_cancelled_import_keeps_what_came_in_and_can_go_on(
    granary: Granary, run: JobRuns
) -> None:
    """It stops between two chunks; another run goes on behind them."""

    def cancel(_task: object, _file: object) -> None:
        granary.client.post(
            f"/api/v1/operations/{operation}/cancel", headers=granary.workspace.headers
        )

    import_id = granary.upload(FILE)
    operation = granary.start(import_id, mapping={"Sack": "name"})
    with acting("run", cancel):
        run()
    assert granary.operation(operation)["state"] == "cancelled"
    assert granary.names() == ["rye", "oats"]
    assert granary.start(import_id) != operation
    run()
    assert granary.names() == NAMES


def test_a_run_that_is_asked_for_again_is_the_one_under_way(granary: Granary, run: JobRuns) -> None:
    """And nothing else is done with the file meanwhile, or once it is taken in."""
    import_id = granary.upload(FILE)
    operation = granary.start(import_id, mapping={"Sack": "name"})
    assert granary.start(import_id, mapping={"Sack": "name"}) == operation
    for place, body in (("/run", {"dry_run": True}), ("/preview", None)):
        answer = granary.ask("POST", f"/{import_id}{place}", json=body)
        assert (answer.status_code, answer.json and answer.json["type"]) == (
            409, "urn:meishi:problem:import-under-way",
        )  # fmt: skip
    run()
    for place, body in (("/run", {}), ("/preview", None)):
        answer = granary.ask("POST", f"/{import_id}{place}", json=body)
        assert (answer.status_code, answer.json and answer.json["type"]) == (
            409, "urn:meishi:problem:import-begun",
        )  # fmt: skip


def test_half_an_import_does_not_go_on_with_another_mapping(granary: Granary, run: JobRuns) -> None:
    """What came in would not go together with what comes."""
    import_id = granary.upload(FILE)
    granary.start(import_id, mapping={"Sack": "name"})

    def fail_late(_task: object, _file: object) -> None:
        if granary.names():
            raise RuntimeError

    with acting("run", fail_late):
        run(failures=True)
    answer = granary.ask("POST", f"/{import_id}/run", json={"mapping": {"Sack": "mark"}})
    assert answer.status_code == 409
    granary.start(import_id)
    run()
    assert granary.names() == NAMES


def test_who_reads_a_file_is_found_out_by_those_who_take_its_kind(
    granary: Granary, run: JobRuns
) -> None:
    """One that fails, or says no, is passed over; the first that says yes looks into it."""
    import_id = granary.upload(b"SACKS\nrye\n", importer=None)
    assert granary.shown(import_id)["importer"] is None
    assert granary.ask("POST", f"/{import_id}/run", json={}).status_code == 409
    operation = granary.start(import_id, "preview")
    run()
    shown = granary.shown(import_id)
    assert (shown["importer"], shown["plugin"]) == ("sacks", "granary")
    assert shown["preview"]["rows"] == [["SACKS"], ["rye"]]
    assert granary.operation(operation)["result"] == {
        "importer": "sacks", "operation_id": shown["operation_id"],
    }  # fmt: skip


def test_a_file_that_nobody_reads_says_so(granary: Granary, run: JobRuns) -> None:
    """Its operation fails, and the file can be given an importer by a new upload."""
    import_id = granary.upload(b"rye\n", importer=None)
    operation = granary.start(import_id, "preview")
    run(failures=True)
    found = granary.operation(operation)
    assert found["error"]["type"] == "urn:meishi:problem:importer-not-found"


def test_the_only_importer_for_a_kind_of_file_is_meant(granary: Granary) -> None:
    """By the media type, or by the end of the name."""
    for media_type, name in (("text/x-single", "x"), ("text/plain", "Some.SINGLE")):
        answer = granary.ask(
            "POST", data=b"x", content_type=media_type, query_string={"name": name}
        )
        assert answer.json is not None
        assert answer.json["importer"] == "single"


@pytest.mark.parametrize(
    ("content", "query", "status", "problem"),
    [
        (b"x", {"importer": "nobody"}, 404, "importer-not-found"),
        (b"x" * 41, {"importer": "single"}, 413, "file-too-large"),
        (b"x" * 3_000_001, {}, 413, "file-too-large"),
        (b"", {"importer": "single"}, 422, "empty-file"),
        (b"x", {"importer": "locked"}, 403, "forbidden"),
    ],
)
def test_an_upload_that_cannot_become_an_import_leaves_nothing(
    granary: Granary, content: bytes, query: dict[str, str], status: int, problem: str
) -> None:
    """The problem says why, and no row and no octet is kept."""
    answer = granary.ask("POST", data=content, content_type=LINES, query_string=query)
    assert answer.json is not None
    assert (answer.status_code, answer.json["type"]) == (status, f"urn:meishi:problem:{problem}")
    assert granary.rows("SELECT count(*) FROM meishi_imports.file_import") == [(0,)]
    assert granary.rows("SELECT count(*) FROM meishi_imports.import_piece") == [(0,)]


def test_a_file_of_a_kind_that_nobody_takes_is_refused(granary: Granary) -> None:
    """It is named, so that one can send it under another type."""
    answer = granary.ask("POST", data=b"x", content_type="image/png")
    assert answer.status_code == 404
    assert "image/png" in answer.text


def test_an_importer_needs_its_permission(granary: Granary) -> None:
    """Who lacks it sees neither the importer nor what it reads."""
    import_id = granary.upload(FILE)
    answer = granary.ask("GET", "/importers").json
    assert answer is not None
    assert {item["name"] for item in answer["items"]} == {
        "barrels", "crates", "sacks", "single", "meal",
    }  # fmt: skip
    few = granary.only("imports.use", "mill.grind")
    listed = granary.ask("GET", "/importers", headers=few).json
    assert listed is not None
    assert [item["name"] for item in listed["items"]] == ["meal"]
    seen = granary.ask("GET", headers=few).json
    assert seen is not None
    assert seen["items"] == []
    for method, place in (
        ("GET", ""), ("DELETE", ""), ("POST", "/preview"), ("POST", "/run"), ("GET", "/rejects"),
    ):  # fmt: skip
        body: dict[str, Any] = {"json": {}} if place == "/run" else {}
        refused = granary.ask(method, f"/{import_id}{place}", headers=few, **body)
        assert refused.status_code == 403, place
        assert "granary.fill" in refused.text


def test_a_module_that_is_off_keeps_its_imports_standing(granary: Granary, run: JobRuns) -> None:
    """Its importers are not there, what was begun waits, and goes on when it is on again."""
    import_id = granary.upload(FILE)
    operation = granary.start(import_id, mapping={"Sack": "name"})
    granary.switch(on=False)
    assert run() == []
    answer = granary.ask("GET", f"/{import_id}")
    assert answer.json is not None
    assert (answer.status_code, answer.json["type"]) == (
        404, "urn:meishi:problem:plugin-disabled",
    )  # fmt: skip
    offered = granary.ask("GET", "/importers").json
    assert offered is not None
    assert [item["name"] for item in offered["items"]] == ["meal"]
    assert granary.operation(operation)["state"] == "waiting"
    granary.switch(on=True)
    granary.admin.execute("UPDATE meishi_jobs.procrastinate_jobs SET scheduled_at = now()")
    run()
    assert granary.names() == NAMES


def test_what_is_deleted_stops_and_leaves_no_file(granary: Granary, run: JobRuns) -> None:
    """Also while a chunk is being taken in: what it stores goes with it."""

    def delete(_task: object, _file: object) -> ImportChunk:
        assert granary.ask("DELETE", f"/{import_id}").status_code == 204
        return ImportChunk(following=9, state="behind 2", created=2)

    import_id = granary.upload(FILE)
    granary.start(import_id, mapping={"Sack": "name"})
    with acting("run", delete):
        run(failures=True)
    assert granary.names() == []
    assert granary.ask("GET", f"/{import_id}").status_code == 404
    assert granary.rows("SELECT count(*) FROM meishi_imports.import_piece") == [(0,)]


def test_a_chunk_of_what_is_gone_stores_nothing(granary: Granary, run: JobRuns) -> None:
    """The night in which an import goes may come while it runs; nobody has cancelled it."""

    def forget(_task: object, _file: object) -> ImportChunk:
        granary.admin.execute("DELETE FROM meishi_imports.file_import")
        return ImportChunk(following=9, state="behind 2", created=2)

    import_id = granary.upload(FILE)
    operation = granary.start(import_id, mapping={"Sack": "name"})
    with acting("run", forget):
        run(failures=True)
    assert granary.names() == []
    error = granary.operation(operation)["error"]
    assert error["type"] == "urn:meishi:problem:file-import-not-found"


def test_a_complete_import_keeps_no_file_and_no_preview(granary: Granary, run: JobRuns) -> None:
    """What is not needed any more is not there to be seen."""
    import_id = granary.upload(FILE)
    granary.start(import_id, "preview")
    run()
    granary.start(import_id)
    run()
    assert granary.rows("SELECT count(*) FROM meishi_imports.import_piece") == [(0,)]
    assert granary.shown(import_id)["preview"] is None


def test_imports_go_after_two_weeks(granary: Granary, run: JobRuns) -> None:
    """With their files; younger ones stay."""
    old, young = granary.upload(FILE), granary.upload(FILE)
    granary.admin.execute(
        "UPDATE meishi_imports.file_import SET created_at = now() - interval '15 days'"
        " WHERE id = %s",
        [UUID(old)],
    )
    night = granary.host.clock().replace(hour=3, minute=27)
    run(at=night)
    assert granary.ask("GET", f"/{old}").status_code == 404
    assert granary.shown(young)["size"] == len(FILE)


def test_lists_go_page_by_page(granary: Granary) -> None:
    """Newest first, each once."""
    ids = [granary.upload(FILE) for _ in range(3)]
    first = granary.ask("GET", query_string={"limit": 2}).json
    assert first is not None
    rest = granary.ask("GET", query_string={"after": first["next_after"]}).json
    assert rest is not None
    found = [item["id"] for item in (*first["items"], *rest["items"])]
    assert (found, rest["next_after"]) == (ids[::-1], None)


def test_a_large_file_is_read_across_its_pieces(granary: Granary, run: JobRuns) -> None:
    """What stands where two pieces meet is as it was sent."""
    content = b"".join(b"%07d " % number for number in range(300_000))
    seen: list[bytes] = []

    def read(_task: object, file: object) -> object:
        file.seek(0)  # type: ignore[attr-defined]
        seen.append(file.read())  # type: ignore[attr-defined]
        return ImportChunk(following=None)

    import_id = granary.upload(content)
    granary.start(import_id, mapping={"Sack": "name"})
    with acting("run", read):
        run()
    assert seen == [content]
